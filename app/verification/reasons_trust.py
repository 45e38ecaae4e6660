"""Sentences of the facts about certificates, signatures and time: code → sentence, hint, severity.

The severity is what a code means where the policy file says nothing of it.
"""

from __future__ import annotations

from typing import Final

from app.i18n import N_
from app.verification.hints import CALL, GENUINE

_FAIL, _OPEN, _WARN, _NOTE, _IGNORE = "fail", "indeterminate", "warn", "note", "ignore"

_ASK_SENDER = N_("Ask the sender to sign the document anew with an up-to-date program.")
_ASK_ISSUER = N_("Ask the sender how this certificate was issued; do not rely on the signature before that is clear.")
_UPDATE = N_("Check the file with the newest version of the program, or ask the sender for another kind of signature.")
_EVIDENCE = N_("Connect to the network and check online, or let the IT officer add the authority's revocation list.")
_NO_STAMP = N_("Ask the sender for a file with a time stamp, or check with the issuing office that it signed then.")
_SIGN_ANEW = N_("Ask for the document signed anew with a certificate that is still valid.")
_NO_ACTION = N_("You need not do anything.")

REASONS: Final[dict[str, tuple[str, str, str]]] = {
    # The signature itself.
    "digest-mismatch": (N_("The content was changed after signing."), GENUINE, _FAIL),
    "signature-value-wrong": (N_("The signature was not made with the certificate's key."), GENUINE, _FAIL),
    "signature-broken": (N_("The signature does not hold."), GENUINE, _FAIL),
    "changed-after-signing": (N_("{what} changed after signing."), GENUINE, _FAIL),
    "coverage-partial": (N_("The signature does not cover all that the file shows."), GENUINE, _FAIL),
    "signature-unsupported": (N_("The signature is of a kind that this program does not check."), _UPDATE, _OPEN),
    "algorithm-unknown": (N_("The algorithm {algorithm} is not one that this program accepts."), _UPDATE, _OPEN),
    "cms-malformed": (
        N_("The signature is damaged or not encoded as the standard asks ({detail})."),
        _ASK_SENDER,
        _FAIL,
    ),
    "cms-too-large": (N_("The signature is too large to be one."), _ASK_SENDER, _FAIL),
    "cms-trailing-data": (N_("Octets stand after the end of the signature."), GENUINE, _FAIL),
    "cms-not-signed-data": (N_("What should be a signature is none."), _ASK_SENDER, _FAIL),
    "cms-signer-count": (N_("The signature names {count} signers where one is allowed."), GENUINE, _FAIL),
    "cms-content-inside": (N_("The signature carries a content of its own beside the document."), GENUINE, _FAIL),
    "cms-content-missing": (N_("The signature lacks the content that it signs."), _ASK_SENDER, _FAIL),
    "cms-content-type-differs": (N_("The signature names another type of content than it signs."), GENUINE, _FAIL),
    "cms-message-digest-missing": (N_("The signature does not name what it signs."), GENUINE, _FAIL),
    "cms-attribute-twice": (N_("The signature states the same thing twice."), GENUINE, _FAIL),
    "cms-attributes-missing": (N_("The signature lacks what binds it to its content."), GENUINE, _FAIL),
    "cms-attributes-as-content": (N_("The content is taken from another signature."), GENUINE, _FAIL),
    "cms-algorithms-differ": (N_("The signature names two different hash algorithms."), GENUINE, _FAIL),
    "cms-algorithm-protection-differs": (
        N_("The algorithms of the signature were exchanged after signing."),
        GENUINE,
        _FAIL,
    ),
    "cms-signing-certificate-differs": (
        N_("The certificate is not the one that the signer signed with."),
        GENUINE,
        _FAIL,
    ),
    "cms-signer-certificate-missing": (N_("The signer's certificate is not in the file."), _ASK_SENDER, _OPEN),
    "cms-too-many-certificates": (N_("The signature carries too many certificates to be checked."), _ASK_SENDER, _OPEN),
    "cms-too-many-timestamps": (N_("The signature carries too many time stamps to be checked."), _ASK_SENDER, _OPEN),
    "cms-no-signed-attributes": (
        N_("The signature is of an old kind that states neither time nor certificate."),
        _ASK_SENDER,
        _WARN,
    ),
    "cms-no-signing-certificate": (N_("The signature does not name its certificate."), _NO_ACTION, _NOTE),
    # The certificate and its path.
    "certificate-malformed": (N_("A certificate in the file is damaged."), _NO_ACTION, _OPEN),
    "certificate-missing": (N_("The signer's certificate is not in the file."), _ASK_SENDER, _OPEN),
    "certificate-purpose-wrong": (N_("The certificate of {name} is not for signing documents."), _ASK_ISSUER, _OPEN),
    "chain-root-unknown": (
        N_("{name} is not a trusted root on this computer."),
        N_(
            "If you know that authority, let the IT officer add its root certificate, but only after comparing the "
            "fingerprint with what its owner publishes; if not, do not rely on the signature."
        ),
        _OPEN,
    ),
    "chain-root-namesake": (
        N_("The root above the signer bears the name {name}, but it is not the trusted root of that name."),
        CALL,
        _OPEN,
    ),
    "chain-self-made": (
        N_("The signer made the certificate by himself; no certificate authority issued it."),
        CALL,
        _OPEN,
    ),
    "chain-distrusted": (
        N_("This office decided not to trust {name} any more, which leads to the signer."),
        N_("Do not rely on the signature. Ask the IT officer why that authority was disabled."),
        _OPEN,
    ),
    "chain-issuer-unknown": (
        N_("The certificate's issuer {name} is not known on this computer."),
        N_("Check online, or let the IT officer add the issuer's certificate."),
        _OPEN,
    ),
    "chain-signature-wrong": (
        N_("The certificate of {name} bears the name of {issuer}, who did not issue it; it looks forged."),
        CALL,
        _OPEN,
    ),
    "chain-not-a-ca": (N_("{name} issued a certificate without being an authority."), _ASK_ISSUER, _OPEN),
    "chain-key-usage": (N_("The key of {name} may not be used to issue certificates."), _ASK_ISSUER, _OPEN),
    "chain-path-length": (N_("{name} may not stand above other authorities."), _ASK_ISSUER, _OPEN),
    "chain-purpose": (N_("{name} may not issue certificates for this purpose."), _ASK_ISSUER, _OPEN),
    "chain-critical-extension": (
        N_("The certificate of {name} has a condition that this program does not know ({extension})."),
        _UPDATE,
        _OPEN,
    ),
    "chain-name-constraints": (N_("The issuer may not issue certificates to {name}."), _ASK_ISSUER, _OPEN),
    "chain-policy": (
        N_("The certificate of {name} was not issued under the policy its issuers ask for."),
        _ASK_ISSUER,
        _OPEN,
    ),
    "chain-malformed": (N_("A certificate between {name} and the root is damaged."), _ASK_ISSUER, _OPEN),
    "certificate-expired": (
        N_("The certificate ran out on {until}, and no time stamp proves that it was signed before."),
        _NO_STAMP,
        _OPEN,
    ),
    "certificate-expired-then": (
        N_("The certificate ran out on {until}, before the time of signing that the document states ({claimed})."),
        _SIGN_ANEW,
        _OPEN,
    ),
    "issuer-expired": (N_("The certificate of the authority {name} ran out on {until}."), _NO_STAMP, _OPEN),
    "certificate-not-yet-valid": (N_("The certificate is valid only from {since} on."), _ASK_ISSUER, _FAIL),
    "issuer-not-yet-valid": (
        N_("The certificate of the authority {name} is valid only from {since} on."),
        _ASK_ISSUER,
        _OPEN,
    ),
    # Revocation.
    "revoked": (N_("The certificate was revoked on {when}, before the signature."), _ASK_ISSUER, _FAIL),
    "revoked-unproven": (
        N_("The certificate was revoked on {when}, and no time stamp proves that it was signed before."),
        _NO_STAMP,
        _FAIL,
    ),
    "issuer-revoked": (N_("The certificate of the authority {name} was revoked on {when}."), _ASK_ISSUER, _FAIL),
    "revocation-unknown": (N_("It is not known whether the certificate was revoked."), _EVIDENCE, _OPEN),
    "revocation-outdated": (
        N_("What is known of the certificate's revocation is of {time} and counted until {until} only."),
        _EVIDENCE,
        _OPEN,
    ),
    "revocation-kept": (
        N_("The authority's server did not answer; what it said on {time} still counts."),
        _NO_ACTION,
        _NOTE,
    ),
    "issuer-revocation-unknown": (
        N_("It is not known whether the certificate of the authority {name} was revoked."),
        _EVIDENCE,
        _OPEN,
    ),
    # Algorithms.
    "weak-hash-old": (N_("The signature uses {hash}, which was common then and is no longer safe."), _NO_ACTION, _WARN),
    "weak-hash-unproven": (
        N_("The signature uses {hash}, which is no longer safe, and no time stamp proves that it is from before that."),
        _NO_STAMP,
        _OPEN,
    ),
    "weak-hash-new": (N_("The signature uses {hash}, which is no longer safe."), _ASK_SENDER, _FAIL),
    "weak-key-old": (N_("The signer's key {key} is shorter than is asked for today."), _NO_ACTION, _WARN),
    "weak-key-unproven": (
        N_("The signer's key {key} is too short for today, and no time stamp proves that it signed before that."),
        _NO_STAMP,
        _OPEN,
    ),
    "weak-key-new": (
        N_("The certificate's key is too short to be safe ({key})."),
        N_("Ask the signer to get a new certificate or token and to sign anew."),
        _FAIL,
    ),
    "weak-issuer-signature": (
        N_("A certificate between the signer and the root is signed with {hash}."),
        _NO_ACTION,
        _WARN,
    ),
    "weak-issuer-signature-new": (
        N_("A certificate between the signer and the root was lately signed with {hash}, which is no longer safe."),
        _ASK_ISSUER,
        _OPEN,
    ),
    "weak-issuer-key": (N_("The key {key} of the authority {name} is too short to be safe."), _ASK_ISSUER, _OPEN),
    "weak-evidence": (
        N_("The evidence on revocation is signed with {hash}, which was common then and is no longer safe."),
        _NO_ACTION,
        _NOTE,
    ),
    "weak-evidence-new": (
        N_("The evidence on revocation is signed with {hash}, which is no longer safe."),
        N_("Ask the certificate authority for evidence signed with a safe algorithm."),
        _OPEN,
    ),
    # Time.
    "timestamp-missing": (N_("The signature bears no time stamp."), _NO_ACTION, _IGNORE),
    "timestamp-not-intact": (
        N_("The time stamp does not hold; the time is only the one that the signer claims."),
        _NO_ACTION,
        _OPEN,
    ),
    "timestamp-later": (
        N_("The time stamp is later than the time that is judged; it proves nothing."),
        _NO_ACTION,
        _NOTE,
    ),
    "timestamp-untrusted": (
        N_("The time stamp comes from an authority that is not trusted here; it proves nothing."),
        N_("If you know that authority, let the IT officer add its root certificate."),
        _OPEN,
    ),
    "timestamp-expired": (
        N_("The certificate of the time stamp's authority ran out on {until}, and no later time stamp vouches for it."),
        _NO_STAMP,
        _WARN,
    ),
    "timestamp-revoked": (
        N_("The certificate of the time stamp's authority was revoked on {when}; its time is not relied on."),
        _NO_STAMP,
        _OPEN,
    ),
    "timestamp-weak": (
        N_("The time stamp uses {hash}, which is no longer safe; it proves nothing."),
        _NO_ACTION,
        _WARN,
    ),
    "timestamp-revocation-unknown": (
        N_("It is not known whether the time-stamp authority's certificate was revoked; its time is not relied on."),
        _EVIDENCE,
        _NOTE,
    ),
    "timestamp-revocation-then": (
        N_("The time-stamp authority's certificate was not revoked when it stamped; since then it was not checked."),
        N_("If that matters, connect to the network and check online."),
        _NOTE,
    ),
    "claimed-time-in-future": (
        N_("The signature claims a time in the future."),
        N_("Check the clock of this computer."),
        _WARN,
    ),
    "claimed-time-outside-certificate": (
        N_("The signature claims a time at which the certificate was not valid."),
        N_("Ask the signer to check the computer's clock and to sign anew."),
        _WARN,
    ),
    "claimed-time-after-timestamp": (
        N_("The signature claims a time after its own time stamp; the time stamp counts."),
        _NO_ACTION,
        _WARN,
    ),
    # The file.
    "format-not-supported": (
        N_("Signatures in this kind of file ({format}) cannot be checked yet."),
        N_("Check it with the program that made it, or ask the sender for a PDF or Office file."),
        _OPEN,
    ),
    "format-other-than-named": (
        N_("The file's name ends in {suffix}, but its content is of another kind ({format})."),
        N_("Ask the sender why, and open the file only with a program for what it really is."),
        _OPEN,
    ),
    "format-legacy-office": (
        N_("This is a format of Word, Excel and PowerPoint before 2007."),
        N_("Ask the sender for a PDF or a newer Office file."),
        _OPEN,
    ),
    "format-encrypted": (
        N_("The file is protected by a password."),
        N_("Remove the password in the program that made the file, then check again."),
        _OPEN,
    ),
    "format-unknown": (
        N_("This is no file of a kind that bears signatures."),
        N_("Check whether it is the right file and whether it was received whole."),
        _OPEN,
    ),
    "format-empty": (
        N_("The file is empty (0 bytes); it may not have been received completely."),
        N_("Receive or copy it again, or ask the sender to send it again."),
        _OPEN,
    ),
    "format-misnamed": (
        N_("The file's name ends in {suffix}, but it is no {kind} file."),
        N_("Ask the sender for the right file; do not open this one."),
        _OPEN,
    ),
    "format-packed": (
        N_("This is a packed file ({kind})."),
        N_("Unpack it and check the files in it."),
        _OPEN,
    ),
    "file-damaged": (
        N_("The file is damaged."),
        N_("Ask the sender to send it again."),
        _OPEN,
    ),
}
