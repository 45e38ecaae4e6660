"""What signing asks of verification."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from app.verification.guards import personally_signed
from app.verification.model import (
    Conclusion,
    Coverage,
    FileReport,
    Indication,
    Reason,
    RevocationReport,
    SignatureReport,
)
from app.verification.policy import Policy

POLICY = Policy.load()


class Told:
    """A verifier whose report is given."""

    policy = POLICY

    def __init__(self, *codes: str, **changes: Any) -> None:
        reasons = [Reason(code, "", "") for code in codes]
        values: dict[str, Any] = {
            "name": "1",
            "conclusion": Conclusion.INDETERMINATE if codes else Conclusion.VALID,
            "indication": Indication.INDETERMINATE,
            "sub_indication": "TRY_LATER" if codes else None,
            "reasons": reasons,
            "signer": "Nguyễn Văn An",
            "organization": "",
            "issuer": "",
            "certificate": None,
            "claimed_time": None,
            "timestamp_time": None,
            "level": "B",
            "coverage": Coverage.WHOLE,
            "uncovered": [],
            "changes": [],
            "revocation": RevocationReport("unknown", "none"),
            "kind": "person",
            **changes,
        }
        signature = SignatureReport(**values)
        self._report = FileReport("x.pdf", None, "pdf", signature.conclusion, "", "", [], [signature], 0.0)

    def verify(self, path: Path) -> FileReport:
        return self._report


@pytest.mark.parametrize(
    ("codes", "changes", "expected"),
    [
        ((), {}, True),
        ((), {"kind": "organization"}, False),
        ((), {"coverage": Coverage.PARTIAL}, False),
        (("revocation-unknown",), {}, True),
        (("revocation-outdated", "issuer-revocation-unknown", "timestamp-revocation-unknown"), {}, True),
        (("revocation-unknown", "timestamp-untrusted"), {}, False),
        (("revocation-unknown", "weak-key-unproven"), {}, False),
        (("certificate-expired",), {}, False),
        (("chain-root-unknown",), {}, False),
        ((), {"conclusion": Conclusion.INVALID}, False),
    ],
)
def test_the_seal_waits_for_a_person_whose_only_open_question_is_revocation(
    codes: tuple[str, ...], changes: dict[str, Any], expected: bool
) -> None:
    verifier: Any = Told(*codes, **changes)
    assert personally_signed(verifier, Path("x.pdf")) is expected
