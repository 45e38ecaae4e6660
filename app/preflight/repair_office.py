"""Copies of Office and OpenDocument files whose fields and formulas stand still at what they show, and that load no
template. Nothing else changes: other parts are copied as they lie in the file."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from lxml import etree

from app.documents.strict_zip import StrictZip
from app.documents.zip_writer import copy_archive
from app.ooxml import names, relationships
from app.ooxml.package import Package, Part
from app.preflight import formulas, odf
from app.preflight.markup import PART_LIMIT, attribute, local
from app.preflight.repair_pdf import Unmendable
from app.preflight.word_fields import freeze
from app.xmldsig.markup import parse

_CALCULATION_CHAIN = "calcchain"


def repair_ooxml(path: Path, out: Path) -> None:
    """Write the repaired copy of a Word or Excel file.

    :param out: a path that does not exist yet.
    :raises Unmendable: it bears a signature.
    :raises app.documents.zip_errors.ArchiveRejected: it is not sound.
    :raises app.errors.AntinError: it cannot be read, or the copy not be written.
    """
    with Package(path) as package:
        if package.origin() is not None:
            raise Unmendable
        changed: dict[str, bytes] = {}
        froze_formula = False
        for part in package.parts.values():
            if "wordprocessingml." in part.content_type or "ms-word." in part.content_type:
                _freeze_word(package, part, changed)
            elif part.content_type.endswith("spreadsheetml.worksheet+xml"):
                froze_formula = _freeze_sheet(package, part, changed) or froze_formula
        dropped = {part.entry.name for part in package.parts.values() if froze_formula and _is_chain(part)}
        _unlink(package, changed, drop_chain=froze_formula)
        _write(package.archive, out, changed, dropped)


def repair_odf(path: Path, out: Path) -> None:
    """Write the repaired copy of an OpenDocument file; parameters and errors as :func:`repair_ooxml`."""
    with StrictZip(path) as archive:
        if odf.SIGNATURES in archive.entries:
            raise Unmendable
        changed: dict[str, bytes] = {}
        for name, entry in archive.entries.items():
            if name.rpartition("/")[2] in odf.MARKUP and entry.size <= PART_LIMIT:
                root = parse(archive.read(entry, PART_LIMIT), name)
                if _fix_odf(root):
                    changed[name] = _written(root)
        _write(archive, out, changed, set())


def _write(archive: StrictZip, out: Path, changed: Mapping[str, bytes], dropped: set[str]) -> None:
    copy_archive(archive, out, replaced=changed, added={}, dropped=dropped)


def _written(root: Any) -> bytes:
    octets: bytes = etree.tostring(root.getroottree(), encoding="UTF-8", xml_declaration=True, standalone=True)
    return octets


def _freeze_word(package: Package, part: Part, changed: dict[str, bytes]) -> None:
    if part.entry.size > PART_LIMIT:
        return
    root = parse(package.read(part, PART_LIMIT), part.name)
    altered = freeze(root)
    for one in [one for one in root.iter() if local(one) in ("updateFields", "attachedTemplate")]:
        one.getparent().remove(one)
        altered = True
    if altered:
        changed[part.entry.name] = _written(root)


def _freeze_sheet(package: Package, part: Part, changed: dict[str, bytes]) -> bool:
    """Leave the values of changing formulas without the formulas; a formula shared by cells goes from all of them."""
    if part.entry.size > PART_LIMIT:
        return False
    root = parse(package.read(part, PART_LIMIT), part.name)
    every = [one for one in root.iter() if local(one) == "f"]
    moving = [one for one in every if formulas.changing(one.text or "")]
    shared = {attribute(one, "si") for one in moving if attribute(one, "t") == "shared"}
    for one in every:
        if one in moving or (attribute(one, "t") == "shared" and attribute(one, "si") in shared):
            one.getparent().remove(one)
    if moving:
        changed[part.entry.name] = _written(root)
    return bool(moving)


def _is_chain(part: Part) -> bool:
    return _CALCULATION_CHAIN in part.content_type.lower()


def _unlink(package: Package, changed: dict[str, bytes], *, drop_chain: bool) -> None:
    """Take out the ways to external templates, and to the order of calculation, which Excel makes anew."""
    for leading in package.relationships.values():
        kept = [
            one
            for one in leading.relationships
            if not (one.external and one.type.lower().endswith("/attachedtemplate"))
            and not (drop_chain and one.type.lower().endswith(f"/{_CALCULATION_CHAIN}"))
        ]
        if len(kept) != len(leading.relationships):
            part = package.part(leading.name)
            assert part is not None
            changed[part.entry.name] = relationships.written(kept)
    if drop_chain and any(_is_chain(part) for part in package.parts.values()):
        entry = package.archive.entries[names.CONTENT_TYPES]
        root = parse(package.archive.read(entry, PART_LIMIT), names.CONTENT_TYPES)
        for one in [one for one in root if _CALCULATION_CHAIN in (one.get("ContentType") or "").lower()]:
            root.remove(one)
        changed[names.CONTENT_TYPES] = _written(root)


def _fix_odf(root: Any) -> bool:
    altered = False
    for one in root.iter():
        if not isinstance(one.tag, str):
            continue
        if odf.is_moving(one):
            one.set(f"{odf.TEXT}fixed", "true")
            altered = True
        for key in [str(key) for key in one.attrib if str(key).endswith("}formula")]:
            if formulas.changing(str(one.get(key))):
                del one.attrib[key]
                altered = True
    return altered
