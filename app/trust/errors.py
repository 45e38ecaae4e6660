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
