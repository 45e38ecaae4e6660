"""All forgeries and all genuine files of the tests, in one list."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

from app.verification.model import Conclusion
from tests.attacks import asic, cms, genuine, odf, ooxml, ooxml_properties, pdf, xml
from tests.attacks.model import Attack, Genuine, Sample, Workshop


def samples() -> list[Sample]:
    """The forgeries format by format, then the genuine files."""
    found: list[Sample] = [*_pdf_attacks()]
    for module in (ooxml, ooxml_properties, odf, asic, cms, xml):
        found += module.ATTACKS
    found += _pdf_genuine()
    for module in (ooxml, ooxml_properties, genuine):
        found += module.GENUINE
    return found


def _pdf_attacks() -> Iterator[Attack]:
    for name, make in pdf.ATTACKS.items():
        yield Attack("pdf", name, _written(make), pdf.VERDICTS[name], pdf.EXPECTED[name])


def _pdf_genuine() -> Iterator[Genuine]:
    for name, make in pdf.GENUINE.items():
        verdict = Conclusion.WARNING if name in pdf.WARNED else Conclusion.VALID
        yield Genuine("pdf", name, _written(make), verdict, pdf.WARNED.get(name, ""))


def _written(make: Callable[[], bytes]) -> Callable[[Workshop, Path], Path]:
    def write(workshop: Workshop, folder: Path) -> Path:
        (folder / "file.pdf").write_bytes(make())
        return folder / "file.pdf"

    return write
