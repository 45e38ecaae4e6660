"""Why a bundle is not taken in, made or used."""

from __future__ import annotations

from app.errors import AntinError
from app.i18n import N_


class BundleDamaged(AntinError):
    """Carries ``path`` and ``detail``."""

    code = "bundle-damaged"
    message_id = N_("{path} is no whole trust bundle: {detail}")
    hint_id = N_("Copy it again from where IT staff put it. What was in use before is still in use.")


class BundleTooLarge(AntinError):
    """Carries ``path`` and ``limit`` in mebibytes."""

    code = "bundle-too-large"
    message_id = N_("{path} is larger than {limit} MiB and no trust bundle.")
    hint_id = N_("Copy it again from where IT staff put it. What was in use before is still in use.")


class BundleSignatureWrong(AntinError):
    """Its signature does not hold. Carries ``path`` and ``detail``."""

    code = "bundle-signature-wrong"
    message_id = N_("The signature of the trust bundle {path} does not hold: {detail}")
    hint_id = N_("Do not use this file; tell IT staff where it came from. What was in use before is still in use.")


class BundleSignerUnknown(AntinError):
    """Signed by somebody whom the settings do not name. Carries ``path``, ``signer`` and ``sha256``."""

    code = "bundle-signer-unknown"
    message_id = N_("The trust bundle {path} is signed by {signer}, who may not sign bundles here (SHA-256 {sha256}).")
    hint_id = N_("Ask IT staff whether bundle.signers in the settings is right. Nothing was changed.")


class BundleSignerUnnamed(AntinError):
    """Carries ``path``."""

    code = "bundle-signer-unnamed"
    message_id = N_("The settings do not say who signs trust bundles, so {path} cannot be used.")
    hint_id = N_("IT staff name the certificate in the settings: bundle.signers with its SHA-256.")


class BundleSignerExpired(AntinError):
    """Carries ``path``, ``signer`` and ``until``."""

    code = "bundle-signer-expired"
    message_id = N_("The certificate of {signer}, who signed the trust bundle {path}, is not valid now ({until}).")
    hint_id = N_("Ask IT staff for a bundle signed with a certificate in force, and look at this computer's clock.")


class BundleOlder(AntinError):
    """Carries ``path``, ``number`` and ``kept``."""

    code = "bundle-older"
    message_id = N_("The trust bundle {path} has number {number}; number {kept} is in use already.")
    hint_id = N_("Ask IT staff for the newest one. Nothing was changed.")


class BundleContentWrong(AntinError):
    """A file in a bundle, or for one, is not what it has to be. Carries ``path``, ``name`` and ``detail``."""

    code = "bundle-content-wrong"
    message_id = N_("{name} in the trust bundle {path} cannot be used: {detail}")
    hint_id = N_("IT staff have to make the bundle anew with the right file. What was in use before is still in use.")


class BundleKeyUnusable(AntinError):
    """Carries ``path``."""

    code = "bundle-key-unusable"
    message_id = N_("{path} is no private key that belongs to the certificate and can sign.")
    hint_id = N_("Give an RSA or EC key as PEM, its password with --password-file, and its own certificate.")


#: Codes for which a bundle that was taken in is of no more use.
UNUSABLE = frozenset(
    error.code
    for error in (
        BundleDamaged,
        BundleTooLarge,
        BundleSignatureWrong,
        BundleSignerUnknown,
        BundleSignerUnnamed,
        BundleContentWrong,
    )
)
