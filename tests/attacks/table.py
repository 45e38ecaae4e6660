"""All forgeries and all genuine files of the tests, in one list."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

from app.verification.model import Conclusion
from tests.attacks import asic, cms, odf, ooxml, pdf, xml
from tests.attacks.model import Attack, Genuine, Sample, Workshop


def samples() -> list[Sample]:
    """The forgeries format by format, then the genuine files."""
    found: list[Sample] = [*_pdf_attacks()]
    for module in (ooxml, odf, asic, cms, xml):
        found += module.ATTACKS
    found += _pdf_genuine()
    for module in (ooxml,):
        found += module.GENUINE
    return found


#: Verdicts on forged PDF files other than ``invalid``.
_PDF_VERDICTS = {
    "prefixed": Conclusion.UNREADABLE,
    "stripped-signature": Conclusion.UNSIGNED,
    "unknown-kind": Conclusion.INDETERMINATE,
}
#: Sound in themselves, but no longer accepted by the policy where they are new.
_PDF_OUTDATED = {"sha1-inside": "weak-hash-new"}


def _pdf_attacks() -> Iterator[Attack]:
    for name, make in pdf.ATTACKS.items():
        verdict = _PDF_VERDICTS.get(name, Conclusion.INVALID)
        yield Attack("pdf", name, _written(make), verdict, pdf.EXPECTED[name])
    for name, code in _PDF_OUTDATED.items():
        yield Attack("pdf", name, _written(pdf.GENUINE[name]), Conclusion.INVALID, code)


def _pdf_genuine() -> Iterator[Genuine]:
    for name, make in pdf.GENUINE.items():
        if name not in _PDF_OUTDATED:
            yield Genuine("pdf", name, _written(make), Conclusion.VALID)


def _written(make: Callable[[], bytes]) -> Callable[[Workshop, Path], Path]:
    def write(workshop: Workshop, folder: Path) -> Path:
        (folder / "file.pdf").write_bytes(make())
        return folder / "file.pdf"

    return write
