"""A report for other programs: the XML of ETSI TS 119 102-2 V1.2.1, one ``SignatureValidationReport`` a signature.

It is made from the :class:`~app.verification.model.FileReport` alone, so that it cannot say anything else than the
command does (docs/decisions/0008-reports.md). Section numbers are those of the standard.
"""

from __future__ import annotations

import base64
import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import quote

from lxml import etree

from app.documents.printable import plain
from app.verification import words
from app.verification.model import CertificateReport, Conclusion, FileReport, Indication, Reason, SignatureReport
from app.verification.report import Occasion

REPORT: Final = "http://uri.etsi.org/19102/v1.2.1#"
_XMLDSIG: Final = "http://www.w3.org/2000/09/xmldsig#"
_SHA256: Final = "http://www.w3.org/2001/04/xmlenc#sha256"

_PREFIXES: Final = {"vr": REPORT, "ds": _XMLDSIG}

#: Section 4.3.4.2.
_MAIN: Final = {
    Indication.TOTAL_PASSED: "urn:etsi:019102:mainindication:total-passed",
    Indication.TOTAL_FAILED: "urn:etsi:019102:mainindication:total-failed",
    Indication.INDETERMINATE: "urn:etsi:019102:mainindication:indeterminate",
}
_SUB: Final = "urn:etsi:019102:subindication:"
#: Section 4.3.3: the process of EN 319 102-1 that the evidence of a level feeds.
_PROCESSES: Final = {"LTA": "LTA", "LT": "LTVM", "T": "LTVM"}
_PROCESS: Final = "urn:etsi:019102:validationprocess:"
#: Section 4.4.4.
_OBJECT: Final = "urn:etsi:019102:validationObject:"
#: Section 4.4.6: what a time rests on; ours were all derived by this validation.
_PROVEN_HERE: Final = "urn:etsi:019102:poetype:validation"

#: Types of the program's own entries among the additional data (section 4.3.12.7).
OWN: Final = "urn:x-antin:"

#: What the file as a whole adds where no signature by itself has the file's conclusion.
_OF_THE_FILE: Final = {
    Conclusion.INVALID: (Indication.TOTAL_FAILED, "FORMAT_FAILURE"),
    Conclusion.INDETERMINATE: (Indication.INDETERMINATE, "SIG_CONSTRAINTS_FAILURE"),
}


def render(reports: Sequence[FileReport], occasion: Occasion) -> bytes:
    """The document. A file without a signature, or that cannot be read, has an indeterminate entry that says so."""
    objects = _Objects()
    root = _vr("ValidationReport", *(entry for report in reports for entry in _entries(report, occasion, objects)))
    if not len(root):
        root.append(_vr("SignatureValidationReport", _status((Indication.INDETERMINATE, None), [])))
    if objects.elements:
        root.append(_vr("SignatureValidationObjects", *objects.elements))
    rendered: bytes = etree.tostring(root, xml_declaration=True, encoding="UTF-8", pretty_print=True)
    return rendered


@dataclass
class _Objects:
    """The files and certificates that entries refer to, each once."""

    elements: list[etree._Element] = field(default_factory=list)
    known: dict[str, str] = field(default_factory=dict)

    def file(self, report: FileReport) -> str | None:
        """The Id of a file; None where its digest is not known."""
        if report.sha256 is None:
            return None
        address = _address(report.path)
        return self._add(f"file {address}", "signedData", "F", _digest(report.sha256), _vr("URI", address))

    def certificate(self, certificate: CertificateReport) -> str:
        return self._add(certificate.sha256, "certificate", "C", _digest(certificate.sha256))

    def _add(self, key: str, kind: str, letter: str, *representation: etree._Element) -> str:
        if key not in self.known:
            self.known[key] = f"{letter}{len(self.known) + 1}"
            made = _vr(
                "ValidationObject",
                _vr("ObjectType", _OBJECT + kind),
                _vr("ValidationObjectRepresentation", *representation),
            )
            made.set("id", self.known[key])
            self.elements.append(made)
        return self.known[key]


def _entries(report: FileReport, occasion: Occasion, objects: _Objects) -> list[etree._Element]:
    file = objects.file(report)
    if not report.signatures:
        found = _OF_THE_FILE.get(report.conclusion, (Indication.INDETERMINATE, None))
        return [_vr("SignatureValidationReport", _status(found, _data(report, None), file))]
    return [_entry(report, signature, occasion, objects, file) for signature in report.signatures]


def _entry(
    report: FileReport, signature: SignatureReport, occasion: Occasion, objects: _Objects, file: str | None
) -> etree._Element:
    """Section 4.3.1, in its order."""
    entry = _vr(
        "SignatureValidationReport",
        _vr(
            "SignatureIdentifier",
            _vr("HashOnly", "false"),
            _vr("DocHashOnly", "false"),
            _vr("DAIdentifier", _text(signature.name)),
        ),
        _times(signature, occasion),
    )
    if attributes := _attributes(signature):
        entry.append(_vr("SignatureAttributes", *attributes))
    if signature.certificate is not None:
        who = _text(", ".join(dict.fromkeys(filter(None, (signature.signer, signature.organization)))))
        certificate = _vr("SignerCertificate", VOReference=objects.certificate(signature.certificate))
        entry.append(_vr("SignerInformation", certificate, _vr("Signer", who)))
    process = _PROCESS + _PROCESSES.get(signature.level.rpartition("-")[2], "Basic")
    entry.append(_vr("SignatureValidationProcess", _vr("SignatureValidationProcessID", process)))
    entry.append(_status(_indication(report, signature), _data(report, signature), file))
    return entry


def _indication(report: FileReport, signature: SignatureReport) -> tuple[Indication, str | None]:
    """The signature's own, unless what is wrong with the file as a whole is worse."""
    alone = any(known.conclusion is report.conclusion for known in report.signatures)
    if not alone and signature.indication is Indication.TOTAL_PASSED and report.conclusion in _OF_THE_FILE:
        return _OF_THE_FILE[report.conclusion]
    return signature.indication, signature.sub_indication


def _times(signature: SignatureReport, occasion: Occasion) -> etree._Element:
    """Section 4.3.6. Without proof of an earlier one the best time is that of the validation (EN 319 102-1, 5.5.4)."""
    now = occasion.as_of or occasion.at
    best = signature.proven_time or now
    return _vr(
        "ValidationTimeInfo",
        _vr("ValidationTime", _time(now)),
        _vr("BestSignatureTime", _vr("POETime", _time(best)), _vr("TypeOfProof", _PROVEN_HERE)),
    )


def _attributes(signature: SignatureReport) -> list[etree._Element]:
    """Section 4.3.8: the times that the signature states."""
    found = []
    if signature.claimed_time is not None:
        found.append(_vr("SigningTime", _vr("Time", _time(signature.claimed_time))))
    if signature.timestamp_time is not None:
        found.append(_vr("SignatureTimeStamp", _vr("TimeStampValue", _time(signature.timestamp_time))))
    return found


def _status(
    found: tuple[Indication, str | None], data: Sequence[tuple[str, str]], file: str | None = None
) -> etree._Element:
    """Section 4.3.4: indications, the file they are about, and in words what they rest on."""
    main, sub = found
    status = _vr("SignatureValidationStatus", _vr("MainIndication", _MAIN[main]))
    if sub:
        status.append(_vr("SubIndication", _SUB + sub))
    associated = _vr("AssociatedValidationReportData")
    if file is not None:
        associated.append(_vr("RelatedValidationObject", VOReference=file))
    if data:
        entries = (_vr("ReportData", _vr("Type", OWN + kind), _vr("Value", _text(value))) for kind, value in data)
        associated.append(_vr("AdditionalValidationReportData", *entries))
    if len(associated):
        status.append(associated)
    return status


def _data(report: FileReport, signature: SignatureReport | None) -> list[tuple[str, str]]:
    """The program's own words: what a person would read of the file and the signature."""
    found = [("path", report.path), ("conclusion", str(report.conclusion)), ("summary", report.summary)]
    reasons: list[Reason] = list(report.reasons)
    if signature is not None:
        found += [
            ("signature-conclusion", str(signature.conclusion)),
            ("coverage", str(signature.coverage)),
            ("revocation", f"{signature.revocation.status} {signature.revocation.source}"),
            *(("change", words.change(change)) for change in signature.changes),
            *(("uncovered", name) for name in signature.uncovered),
        ]
        reasons += signature.reasons
    return [*found, *((f"reason:{reason.code}", f"{reason.message} {reason.hint}".strip()) for reason in reasons)]


def _vr(tag: str, *content: etree._Element | str, **attributes: str) -> etree._Element:
    return _element(f"{{{REPORT}}}{tag}", content, attributes)


def _ds(tag: str, *content: str, **attributes: str) -> etree._Element:
    return _element(f"{{{_XMLDSIG}}}{tag}", content, attributes)


def _element(name: str, content: Iterable[etree._Element | str], attributes: dict[str, str]) -> etree._Element:
    """An element of children, or of one text."""
    made = etree.Element(name, attributes, nsmap=_PREFIXES)
    for part in content:
        if isinstance(part, str):
            made.text = part
        else:
            made.append(part)
    return made


def _digest(sha256: str) -> etree._Element:
    value = base64.b64encode(bytes.fromhex(sha256)).decode()
    return _vr("DigestAlgAndValue", _ds("DigestMethod", Algorithm=_SHA256), _ds("DigestValue", value))


def _address(path: str) -> str:
    """A path as a relative or absolute URI reference (RFC 3986, section 2.1); octets that are no Unicode stay."""
    try:
        return quote(path.encode("utf-8", "surrogateescape"))
    except UnicodeEncodeError:  # a name of Windows with half a character
        return quote(path.encode("utf-8", "surrogatepass"))


def _time(moment: dt.datetime) -> str:
    return moment.astimezone(dt.UTC).replace(microsecond=0).isoformat().replace("+00:00", "Z")


def _text(text: str) -> str:
    """Without what XML cannot hold (XML 1.0, section 2.2)."""
    return plain(text).replace("\ufffe", "\ufffd").replace("\uffff", "\ufffd")
