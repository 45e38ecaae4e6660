"""Sentences of what is found in XML signatures and their ZIP containers: code → sentence, hint, severity.

Severities: ``fail`` the signature cannot be believed; ``indeterminate`` it cannot be judged; ``warn`` and ``info`` it
holds, with something to read; ``ignore`` a fact that only the level counts.
"""

from __future__ import annotations

from typing import Final, Literal

from app.i18n import N_
from app.verification.hints import GENUINE

Severity = Literal["fail", "indeterminate", "warn", "info", "ignore"]

_SHOWN: Final = N_("Do not use this document. Ask the signer for a copy signed as a whole.")
_SIGN_AGAIN: Final = N_("Ask the signer to sign the document again with an up-to-date program.")
_NOTHING: Final = N_("Nothing needs to be done.")
_ANOTHER_WAY: Final = N_("Check it with the program it was made with, or ask the signer for a signed PDF.")

REASONS: Final[dict[str, tuple[str, str, Severity]]] = {
    # The signature's markup.
    "xmldsig-markup": (N_("The signature is not built as it has to be ({detail})."), GENUINE, "fail"),
    "xmldsig-comment": (
        N_("Comments were put into the signature, which programs read in different ways."),
        GENUINE,
        "fail",
    ),
    "xmldsig-duplicate-id": (
        N_("Two places in the document bear the same name ({id}), so it is not clear which was signed."),
        GENUINE,
        "fail",
    ),
    "xmldsig-reference": (N_("The signature points to something that it must not sign ({uri})."), GENUINE, "fail"),
    "xmldsig-object-not-signed": (N_("The signature carries data that nobody signed ({id})."), GENUINE, "fail"),
    "xmldsig-canonicalization": (
        N_("The signature uses a form of XML that is not checked here ({algorithm})."),
        _SIGN_AGAIN,
        "indeterminate",
    ),
    "xmldsig-signature-algorithm": (
        N_("The signature uses an algorithm that is not checked here ({algorithm})."),
        _SIGN_AGAIN,
        "indeterminate",
    ),
    "xmldsig-digest-algorithm": (
        N_("The signature uses a digest that is not checked here ({algorithm})."),
        _SIGN_AGAIN,
        "indeterminate",
    ),
    "xmldsig-transform": (
        N_("The signature alters what it signs in a way that is not allowed ({algorithm})."),
        GENUINE,
        "fail",
    ),
    "xmldsig-manifest": (
        N_("The signature signs by way of a list (Manifest), which is not checked here."),
        _ANOTHER_WAY,
        "indeterminate",
    ),
    "xmldsig-countersignature": (
        N_("The signature carries further signatures over it (countersignatures), which are not checked here."),
        _NOTHING,
        "info",
    ),
    "xmldsig-property-unchecked": (
        N_("The signature carries a time stamp of an older kind ({name}), which is not checked here."),
        _NOTHING,
        "info",
    ),
    "xmldsig-content-not-xml": (
        N_("What is signed as XML ({name}) is not the plain XML that it has to be."),
        GENUINE,
        "indeterminate",
    ),
    "xmldsig-too-complex": (
        N_("The part {name} holds more tags than can be checked here."),
        _ANOTHER_WAY,
        "indeterminate",
    ),
    # Certificate and value.
    "xmldsig-no-certificate": (N_("The signature carries no certificate."), _SIGN_AGAIN, "indeterminate"),
    "xmldsig-certificate-unreadable": (N_("The certificate in the signature is damaged."), GENUINE, "fail"),
    "xmldsig-certificate-mismatch": (
        N_("The certificate in the signature is not the one that was signed with it; it was exchanged."),
        GENUINE,
        "fail",
    ),
    "xmldsig-certificate-not-named": (
        N_("The signature does not name its certificate among what it signs, as older kinds leave it out."),
        _NOTHING,
        "ignore",
    ),
    "xmldsig-name-beside": (
        N_("Beside the certificate stands a name that is not the one in it and that nobody signed: {name}"),
        N_("Go by the signer named here, not by the name that other programs show; ask the signer for a new copy."),
        "indeterminate",
    ),
    "xmldsig-signature-value": (
        N_("The signature does not fit the certificate: one of them was changed."),
        GENUINE,
        "fail",
    ),
    "xmldsig-properties-changed": (
        N_("What the signature states of itself was changed after signing ({id})."),
        GENUINE,
        "fail",
    ),
    # Files of a container.
    "container-part-changed": (N_("{name} was changed after signing."), GENUINE, "fail"),
    "container-part-missing": (N_("{name} was removed after signing."), GENUINE, "fail"),
    "container-part-too-large": (
        N_("The part {name} of the document is too large to be checked here."),
        _ANOTHER_WAY,
        "indeterminate",
    ),
    "container-comment": (
        N_("Comments stand in the part {name}, which the signature does not cover and programs read differently."),
        GENUINE,
        "fail",
    ),
    "container-uncovered": (
        N_("The signature does not cover {count} parts of the document: {names}"),
        _SHOWN,
        "fail",
    ),
    "container-stray-bytes": (
        N_("The file holds {count} bytes that belong to no part of the document."),
        _SHOWN,
        "fail",
    ),
}
