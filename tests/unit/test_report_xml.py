"""The XML report of ETSI TS 119 102-2: read back by another program's bindings of the schema; never another verdict."""

from __future__ import annotations

import datetime as dt
from itertools import product
from pathlib import Path
from typing import Any

import hypothesis
import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree
from pyhanko.generated.etsi.ts_11910202 import ValidationReport
from xsdata.formats.dataclass.parsers import XmlParser

from app.verification.model import Change, Conclusion, FileReport, Indication, Reason
from app.verification.report import save
from app.verification.report_xml import OWN, REPORT, render
from tests.unit.test_reports import AT, HOSTILE, OCCASION, SHA256, file, refused, signature

PASSED, FAILED, OPEN = (
    f"urn:etsi:019102:mainindication:{name}" for name in ("total-passed", "total-failed", "indeterminate")
)


def _read(*reports: FileReport) -> Any:
    """The report as the bindings see it; they refuse what the schema does not know."""
    return XmlParser().from_bytes(render(reports, OCCASION), ValidationReport)


def _own(entry: Any, kind: str) -> list[str]:
    [associated] = entry.signature_validation_status.associated_validation_report_data
    [data] = associated.additional_validation_report_data and [associated.additional_validation_report_data]
    return [str(item.value) for item in data.report_data if item.type_value.startswith(OWN + kind)]


def test_a_signature_is_told_in_the_terms_of_the_standard() -> None:
    proven = AT - dt.timedelta(hours=3)
    [entry] = _read(file(Conclusion.VALID, signature(proven_time=proven))).signature_validation_report
    assert entry.signature_identifier.daidentifier == "Signature1"
    assert entry.signature_validation_status.main_indication == PASSED
    assert entry.signature_validation_status.sub_indication == ()
    times = entry.validation_time_info
    assert times.validation_time.to_datetime() == AT
    assert times.best_signature_time.poetime.to_datetime() == proven
    assert entry.signature_attributes.signing_time[0].time.to_datetime() == proven
    assert entry.signature_attributes.signature_time_stamp[0].time_stamp_value.to_datetime() == proven
    assert entry.signer_information.signer == "Nguyễn Văn An, Ủy ban nhân dân xã Phong Điền"
    assert entry.signature_validation_process.signature_validation_process_id.endswith(":LTVM")


def test_files_and_certificates_are_objects_that_entries_refer_to() -> None:
    other = file(Conclusion.VALID, signature(), path="b.pdf")
    read = _read(file(Conclusion.VALID, signature(), signature()), other)
    objects = {item.id: item for item in read.signature_validation_objects.validation_object}
    kinds = sorted(item.object_type.rpartition(":")[2] for item in objects.values())
    assert kinds == ["certificate", "signedData", "signedData"]
    for entry, path in zip(read.signature_validation_report, ["văn bản đến/", "văn bản đến/", "b.pdf"], strict=True):
        [associated] = entry.signature_validation_status.associated_validation_report_data
        [reference] = associated.related_validation_object
        document = objects[reference.voreference[0]].validation_object_representation
        assert document.digest_alg_and_value.digest_value.value.hex() == SHA256
        assert _own(entry, "path")[0].startswith(path)
        assert objects[entry.signer_information.signer_certificate.voreference[0]].object_type.endswith("certificate")


def test_a_failure_says_why_and_what_was_changed() -> None:
    [entry] = _read(refused()).signature_validation_report
    status = entry.signature_validation_status
    assert status.main_indication == FAILED
    assert status.sub_indication == ("urn:etsi:019102:subindication:HASH_FAILURE",)
    assert _own(entry, "change") == ["trang 2: chữ bị thay"]
    assert _own(entry, "reason:changed-after-signing")[0].startswith("Nội dung đã bị sửa")


@pytest.mark.parametrize("conclusion", [Conclusion.UNSIGNED, Conclusion.UNREADABLE, Conclusion.INVALID])
def test_a_file_without_a_signature_to_tell_of_is_not_left_out(conclusion: Conclusion) -> None:
    report = file(conclusion, reasons=[Reason("pdf-damaged", "Tệp bị hỏng.", "")], sha256=None)
    read = _read(report, file(Conclusion.VALID, signature()))
    first, second = read.signature_validation_report
    assert first.signature_identifier is None
    expected = FAILED if conclusion is Conclusion.INVALID else OPEN
    assert first.signature_validation_status.main_indication == expected
    assert _own(first, "conclusion") == [str(conclusion)]
    assert _own(first, "reason:pdf-damaged") == ["Tệp bị hỏng."]
    assert second.signature_validation_status.main_indication == PASSED


_INDICATIONS = {
    Conclusion.VALID: Indication.TOTAL_PASSED,
    Conclusion.WARNING: Indication.TOTAL_PASSED,
    Conclusion.INDETERMINATE: Indication.INDETERMINATE,
    Conclusion.INVALID: Indication.TOTAL_FAILED,
}


@pytest.mark.parametrize(("whole", "one", "other"), [*product(_INDICATIONS, repeat=3)])
def test_no_entry_passes_that_the_file_does_not(whole: Conclusion, one: Conclusion, other: Conclusion) -> None:
    """A file is never better than its worst signature, but may be worse than all of them."""
    order = list(_INDICATIONS)
    if order.index(whole) < max(order.index(one), order.index(other)):
        whole = max(one, other, key=order.index)
    signatures = [signature(found, indication=_INDICATIONS[found]) for found in (one, other)]
    entries = _read(file(whole, *signatures)).signature_validation_report
    told = [entry.signature_validation_status.main_indication for entry in entries]
    for found, indication in zip((one, other), told, strict=True):
        assert indication == PASSED or whole not in (Conclusion.VALID, Conclusion.WARNING)
        assert indication != PASSED or found in (Conclusion.VALID, Conclusion.WARNING)
    if whole in (Conclusion.INVALID, Conclusion.INDETERMINATE):
        assert any(indication != PASSED for indication in told)


def test_nothing_was_checked() -> None:
    [entry] = _read().signature_validation_report
    assert entry.signature_validation_status.main_indication == OPEN


@given(st.text(max_size=40), st.text(st.characters(max_codepoint=0xFFFF), max_size=40))
@hypothesis.settings(max_examples=60)
def test_any_name_can_be_written(name: str, other: str) -> None:
    bad = signature(name=name, signer=other, reasons=[Reason("x", name, other)], changes=[Change("x", name)])
    document = etree.fromstring(render([file(Conclusion.INVALID, bad, path=other, summary=name)], OCCASION))
    assert document.tag == f"{{{REPORT}}}ValidationReport"


def test_hostile_names_stay_text(tmp_path: Path) -> None:
    bad = signature(name=HOSTILE, signer=f"<!ENTITY x>&lt;\udcff\ud800\x00{HOSTILE}")
    path = tmp_path / "bao-cao.xml"
    save(path, [file(Conclusion.VALID, bad, path=f"thư mục/\udcff{HOSTILE}")], OCCASION)
    read = XmlParser().from_bytes(path.read_bytes(), ValidationReport)
    [entry] = read.signature_validation_report
    assert "<b>" in entry.signature_identifier.daidentifier
    assert "<!ENTITY x>&lt;" in entry.signer_information.signer
