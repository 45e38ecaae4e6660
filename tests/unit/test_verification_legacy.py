"""Office files before 2007 are named for what they are, with or without a signature in them."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.trust.path import TrustEvaluator
from app.trust.store import TrustStore
from app.verification.engine import Verifier
from app.verification.model import Conclusion
from app.verification.policy import Policy
from tests.unit.test_documents_formats import compound


@pytest.mark.parametrize(
    ("streams", "code"),
    [
        (("Root Entry", "WordDocument"), "format-legacy-office"),
        (("Root Entry", "WordDocument", "_xmlsignatures"), "legacy-signature-unchecked"),
        (("Root Entry", "Workbook", "_signatures"), "legacy-signature-unchecked"),
    ],
)
def test_what_is_told(tmp_path: Path, streams: tuple[str, ...], code: str) -> None:
    file = tmp_path / "van-ban.doc"
    file.write_bytes(compound(*streams))
    report = Verifier(TrustEvaluator(TrustStore(tuple), None), Policy.load()).verify(file)
    assert (report.conclusion, report.format) == (Conclusion.UNREADABLE, "legacy-office")
    assert report.reasons[0].code == code
