"""The root of the PDF samples and its revocation list, as files that the verifier is given."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding

from tests import pdf_samples as samples


def revocation_list() -> bytes:
    """DER of a fresh and empty list of the root."""
    key, root = samples._root()
    now = dt.datetime.now(dt.UTC).replace(microsecond=0)
    builder = x509.CertificateRevocationListBuilder().issuer_name(root.subject).last_update(now)
    revoked = builder.next_update(now + dt.timedelta(days=7)).sign(key, hashes.SHA256())
    return revoked.public_bytes(Encoding.DER)


def write(folder: Path) -> tuple[Path, Path]:
    """The files ``root.pem`` and ``root.crl`` in a folder; the list is fresh and empty."""
    (folder / "root.pem").write_bytes(samples._root()[1].public_bytes(Encoding.PEM))
    (folder / "root.crl").write_bytes(revocation_list())
    return folder / "root.pem", folder / "root.crl"
