"""The one sentence on a file: whom it names, and how it tells why."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

import msgspec
import pytest

from app.i18n import set_language
from app.verification import brief
from app.verification.model import Conclusion, Coverage, Indication, Reason, RevocationReport, SignatureReport
from app.verification.policy import Policy
from app.verification.sentences import summary, what_next

VALID, WARNING, INVALID, OPEN = Conclusion.VALID, Conclusion.WARNING, Conclusion.INVALID, Conclusion.INDETERMINATE
NAMES = ("Nguyễn Văn An", "Trần Thị Bình", "Lê Văn Cường", "Phạm Thị Dung", "Hoàng Văn Em")
POLICY = Policy.load()


@pytest.fixture(autouse=True)
def _english() -> None:
    set_language("en")


def reason(code: str, **data: str) -> Reason:
    return POLICY.sentence(code, data).reason()


def changed() -> Reason:
    return reason("ooxml-part-changed", name="/word/document.xml")


def signature(signer: str, conclusion: Conclusion, *reasons: Reason) -> SignatureReport:
    values: dict[str, Any] = {
        "name": "1",
        "indication": Indication.TOTAL_PASSED,
        "sub_indication": None,
        "organization": "",
        "issuer": "",
        "certificate": None,
        "claimed_time": None,
        "timestamp_time": None,
        "level": "B",
        "coverage": Coverage.WHOLE,
        "uncovered": [],
        "changes": [],
        "revocation": RevocationReport("good", "ocsp"),
    }
    return SignatureReport(signer=signer, conclusion=conclusion, reasons=list(reasons), **values)


def told(bad: Sequence[int], among: int) -> str:
    """The sentence on a file with so many signatures, some of which are broken."""
    signatures = [
        signature(NAMES[number], INVALID, changed()) if number in bad else signature(NAMES[number], VALID)
        for number in range(among)
    ]
    return summary(INVALID, signatures, [])


def test_the_only_broken_one_is_named_among_all() -> None:
    assert told([1], 2).startswith(
        "Of the signatures of Nguyễn Văn An and Trần Thị Bình, that of Trần Thị Bình is not valid: the content was"
    )


def test_all_broken_ones_are_named() -> None:
    assert "those of Nguyễn Văn An and Lê Văn Cường are not valid:" in told([0, 2], 3)
    assert told([0, 1], 2).startswith("The signatures of Nguyễn Văn An and Trần Thị Bình are not valid:")


def test_more_than_three_are_counted() -> None:
    sentence = told(range(5), 5)
    assert sentence.startswith(
        "The signatures of Nguyễn Văn An, Trần Thị Bình, Lê Văn Cường and 2 further signatures are not valid:"
    )
    assert "Phạm Thị Dung" not in sentence
    assert "and 1 further signature, those of" in told([0, 1], 4)


def test_different_causes_are_all_told() -> None:
    revoked = reason("revoked", when="2026-06-12T02:05:00+00:00")
    signatures = [signature(NAMES[0], INVALID, changed()), signature(NAMES[1], INVALID, revoked)]
    sentence = summary(INVALID, signatures, [])
    causes = sentence.partition("are not valid: ")[2].split("; ")
    assert len(causes) == 2
    assert "changed" in causes[0]
    assert "revoked" in causes[1]
    assert sentence.count(".") == 1


@pytest.mark.parametrize("code", brief._SENTENCES)
def test_technical_names_of_parts_stay_in_the_reasons(code: str) -> None:
    names = dict.fromkeys(("name", "names", "parts", "id", "count"), "/word/document.xml")
    full = reason(code, **names)
    assert "/word/document.xml" in full.message
    sentence = summary(INVALID, [signature(NAMES[0], INVALID, full)], [])
    assert "/word" not in sentence
    assert "()" not in sentence
    assert "{" not in sentence


def test_a_good_file_names_all_its_signers() -> None:
    signatures = [signature(name, VALID) for name in NAMES]
    assert all(name in summary(VALID, signatures, []) for name in NAMES)


def test_a_time_that_only_the_signer_states_is_told_as_such() -> None:
    time = dt.datetime(2026, 6, 12, 2, 5, tzinfo=dt.UTC)
    claimed = msgspec.structs.replace(signature(NAMES[0], VALID), claimed_time=time)
    assert "on 12/06/2026 09:05 (as the signer states);" in summary(VALID, [claimed], [])
    stamped = msgspec.structs.replace(claimed, timestamp_time=time)
    assert "on 12/06/2026 09:05;" in summary(VALID, [stamped], [])
    several = summary(VALID, [claimed, stamped], [])
    assert several.count("09:05") == 2
    assert several.count("as the signer states") == 1
    set_language("vi")
    assert summary(VALID, [claimed, stamped], []) == (
        "Văn bản có chữ ký của Nguyễn Văn An (ký lúc 09:05 ngày 12/06/2026 theo người ký ghi) và Nguyễn Văn An "
        "(ký lúc 09:05 ngày 12/06/2026); còn nguyên vẹn; các chứng thư đều hợp lệ."
    )


def test_no_time_is_told_in_whole_words() -> None:
    set_language("vi")
    assert summary(VALID, [signature(NAMES[0], VALID)], []) == (
        "Văn bản do Nguyễn Văn An ký (không rõ thời điểm), còn nguyên vẹn; chứng thư hợp lệ."
    )


@pytest.mark.parametrize(("kind", "whose"), [("person", "người này"), ("organization", "cơ quan này")])
def test_a_name_that_nobody_vouches_for_is_not_told_as_a_fact(kind: str, whose: str) -> None:
    unknown = reason("chain-root-unknown", name="RootCA mẫu")
    doubtful = msgspec.structs.replace(signature(NAMES[0], OPEN, unknown), kind=kind)
    set_language("vi")
    sentence = summary(OPEN, [doubtful], [])
    assert sentence.startswith(f"Chữ ký ghi tên Nguyễn Văn An, chưa xác nhận được là của {whose}: ")
    both = summary(OPEN, [doubtful, signature(NAMES[1], VALID)], [])
    assert both.startswith(
        "Trong các chữ ký ghi tên Nguyễn Văn An và Trần Thị Bình, chưa xác nhận được chữ ký ghi tên Nguyễn Văn An: "
    )
    assert "Văn bản do" not in summary(OPEN, [doubtful, doubtful], [])


def test_a_name_that_is_proven_is_told_where_only_the_file_is_in_doubt() -> None:
    named_otherwise = reason("format-other-than-named", suffix=".docx", format="pdf")
    assert summary(OPEN, [signature(NAMES[0], VALID)], [named_otherwise]).startswith("Signed by Nguyễn Văn An ")


def test_names_keep_their_capitals_after_a_colon() -> None:
    for code in ("chain-root-unknown", "chain-not-a-ca"):
        sentence = summary(OPEN, [signature(NAMES[0], OPEN, reason(code, name="RootCA mẫu"))], [])
        assert ": RootCA mẫu " in sentence
    assert ": the content was" in told([0], 1)


def test_signatures_of_one_name_are_told_apart_by_their_place() -> None:
    twice = [signature(NAMES[0], VALID), signature(NAMES[0], INVALID, changed())]
    set_language("vi")
    assert summary(INVALID, twice, []).startswith("Trong 2 chữ ký, chữ ký thứ 2 (Nguyễn Văn An) không hợp lệ: ")
    both = summary(INVALID, [twice[1], twice[1]], [])
    assert both.startswith("Các chữ ký của Nguyễn Văn An đều không hợp lệ: ")


def test_every_verdict_has_a_next_step() -> None:
    set_language("vi")
    assert what_next(VALID, [signature(NAMES[0], VALID)], []) == "Có thể tiếp nhận văn bản này."
    assert what_next(Conclusion.UNSIGNED, [], []).startswith("Chưa nên tiếp nhận như văn bản điện tử đã ký")
