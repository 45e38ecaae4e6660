"""Errors of trust material and of time-stamp servers."""

from __future__ import annotations

from app.errors import AntinError
from app.i18n import N_


class NoCertificateFile(AntinError):
    """Carries ``path``."""

    code = "trust-not-a-certificate"
    message_id = N_("{path} holds no certificate.")
    hint_id = N_("Give a certificate as PEM or DER (.pem, .crt, .cer).")


class NoCrlFile(AntinError):
    """Carries ``path``."""

    code = "trust-not-a-crl"
    message_id = N_("{path} holds no certificate revocation list.")
    hint_id = N_("Give a revocation list as PEM or DER (.crl), downloaded from the certificate authority.")


class CertificateUnreadable(AntinError):
    """Carries ``detail``."""

    code = "certificate-unreadable"
    message_id = N_("The certificate cannot be read: {detail}")
    hint_id = N_("Ask the issuer of the certificate for a correct one.")


class TimestampUnavailable(AntinError):
    """No usable time stamp came. Carries ``url`` and ``detail``."""

    code = "timestamp-unavailable"
    message_id = N_("The time-stamp server {url} gave no time stamp: {detail}")
    hint_id = N_("Check the network and the server's address, or sign without a time stamp. Nothing was lost.")


class TimestampRefused(TimestampUnavailable):
    """The server answered and said no (RFC 3161, PKIStatus). Carries ``url`` and ``detail``."""

    code = "timestamp-refused"
    message_id = N_("The time-stamp server {url} refused: {detail}")
    hint_id = N_("Ask the operator of the server whether this workstation may use it. Nothing was lost.")


class TimestampUntrustworthy(TimestampUnavailable):
    """The server's answer does not belong to the request or does not hold. Carries ``url`` and ``detail``."""

    code = "timestamp-untrustworthy"
    message_id = N_("The answer of the time-stamp server {url} does not hold: {detail}")
    hint_id = N_("Do not use this server before its operator has explained this. Nothing was lost.")


class ShippedAnchorsDamaged(AntinError):
    """Carries ``path``."""

    code = "trust-shipped-damaged"
    message_id = N_("A trusted root that comes with the program is missing or was exchanged: {path}")
    hint_id = N_("Do not check signatures with this copy of the program. Install it again from its own source.")


class OwnAnchorsDamaged(AntinError):
    """Carries ``path``."""

    code = "trust-own-damaged"
    message_id = N_("What this office decided about a root cannot be read: {path}")
    hint_id = N_("Delete that file and decide again with “antin trust”, or put back a backup.")


class AnchorUnknown(AntinError):
    """Carries ``fingerprint``."""

    code = "trust-anchor-unknown"
    message_id = N_("No certificate authority has the fingerprint {fingerprint}.")
    hint_id = N_("Take it from “antin trust list --all”; at least its first eight digits are needed.")


class AnchorAmbiguous(AntinError):
    """Carries ``fingerprint`` and ``names``."""

    code = "trust-anchor-ambiguous"
    message_id = N_("The fingerprint {fingerprint} fits several: {names}")
    hint_id = N_("Give more of its digits.")


class AnchorKnown(AntinError):
    """Carries ``path``."""

    code = "trust-anchor-known"
    message_id = N_("{path} is trusted already.")
    hint_id = N_("You need not do anything.")


class AnchorNotAuthority(AntinError):
    """Carries ``path`` and ``name``."""

    code = "trust-not-an-authority"
    message_id = N_("The certificate of {name} in {path} is no certificate authority's.")
    hint_id = N_("Trust the root above it instead; a signer's own certificate is never trusted by itself.")


class AnchorFingerprintDiffers(AntinError):
    """Carries ``path`` and ``sha256``."""

    code = "trust-fingerprint-differs"
    message_id = N_("{path} is not the certificate meant: its SHA-256 is {sha256}.")
    hint_id = N_("Get the file again from its owner, and the fingerprint by another way. Nothing was added.")


class AnchorOfSettings(AntinError):
    """Carries ``name`` and ``path``."""

    code = "trust-anchor-of-settings"
    message_id = N_("{name} is trusted by the settings ({path}) and cannot be removed here.")
    hint_id = N_("Take it out of the settings file (trust.roots or trust.intermediates), or disable it.")


class AnchorsNotDecidedHere(AntinError):
    """Carries ``origin``, who set it so."""

    code = "trust-not-decided-here"
    message_id = N_("Which authorities are trusted is not decided at this workstation ({origin}).")
    hint_id = N_("Ask IT staff, who decide it in the settings or by a trust bundle. Nothing was changed.")


class CrlIssuerUnknown(AntinError):
    """Carries ``path`` and ``issuer``."""

    code = "trust-crl-issuer-unknown"
    message_id = N_("The revocation list in {path} is not signed by an authority known here ({issuer}).")
    hint_id = N_("Download it again from the authority itself, or add that authority's certificate first.")


class CrlNotUsable(AntinError):
    """Carries ``path``."""

    code = "trust-crl-not-usable"
    message_id = N_("The revocation list in {path} speaks for a part of its authority's certificates only.")
    hint_id = N_("Download the complete list from the authority.")


class CrlFromFuture(AntinError):
    """Carries ``path`` and ``time``."""

    code = "trust-crl-from-future"
    message_id = N_("The revocation list in {path} is dated in the future ({time}).")
    hint_id = N_("Check the clock of this computer, then import it again.")


class TrustUpdateOffline(AntinError):
    code = "trust-update-offline"
    message_id = N_("Revocation lists are not fetched, because this office works offline.")
    hint_id = N_("Repeat with --online where there is a network, or import a list with “antin trust import-crl”.")
