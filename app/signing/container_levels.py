"""Raising the signatures of OpenDocument packages and ASiC containers (ETSI EN 319 132-1, EN 319 122-1, EN 319 162-1).

Only the files with the signatures change; what is signed keeps its octets.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import partial
from pathlib import Path
from typing import Final

from lxml import etree

from app.documents import asic
from app.documents.formats import Format
from app.documents.strict_zip import StrictZip
from app.errors import AntinError
from app.signing import asic_archive, cms_levels, xades_levels
from app.signing.archive_copy import exchange
from app.signing.errors import LevelNotOffered, SignatureNotUnderstood
from app.signing.model import Level
from app.signing.odf import SIGNATURES
from app.signing.raising import Means, Outcome
from app.xmldsig.bounded import parse_bounded
from app.xmldsig.canonical import Canonicalization
from app.xmldsig.fault import SignatureFault
from app.xmldsig.files import ReferencedFiles
from app.xmldsig.signature import SIGNATURE, Reference

_SIZE_LIMIT: Final = 8 << 20

#: The new content of a file with signatures, and what was reached.
_Raise = Callable[[Means], tuple[bytes, Outcome]]


def raise_level(path: Path, format: Format, means: Means) -> tuple[Level, list[Exception]]:
    """Raise all signatures of a container, or those of one signer.

    :param path: exchanged for the raised container; as it was where nothing was added.
    :param format: ODF or ASICE.
    :return: the level of the signature that has the least, and why it is not the one wanted.
    :raises app.documents.zip_errors.ArchiveRejected: it is no sound container.
    :raises ContainerSealed, SignatureNotUnderstood, app.signing.errors.SignatureWithoutProperties: nothing can be
        added.
    :raises AntinError: it cannot be read or written.
    """
    with StrictZip(path) as archive:
        contents, outcome = _raised(path, archive, format, means)
        if contents:
            exchange(archive, path, contents)
    return outcome.level, list(outcome.notes)


def _raised(path: Path, archive: StrictZip, format: Format, means: Means) -> tuple[Mapping[str, bytes], Outcome]:
    """New contents of entries by name, none where nothing was added, and what was reached."""
    files = asic.sort_files(name for name, entry in archive.entries.items() if not entry.is_directory)
    if format is Format.ASICE and files.evidence:
        return asic_archive.renewed(path, archive, files, means)
    outcome = Outcome()
    contents: dict[str, bytes] = {}
    for name, raise_file in _signature_files(archive, format, files).items():
        raised, one = raise_file(means)
        outcome.add(one)
        if one.changed:
            contents[name] = raised
    if format is Format.ASICE and _is_of_lists(files) and means.wanted == Level.LTA and outcome.level == Level.LT:
        return _stamped(archive, files, contents, outcome, means)
    return contents, outcome


def _stamped(
    archive: StrictZip, files: asic.ContainerFiles, contents: dict[str, bytes], outcome: Outcome, means: Means
) -> tuple[Mapping[str, bytes], Outcome]:
    """With the time stamp over the whole container. It ends all signing in it, so that it is not made right after one
    signature but when the level of all is raised."""
    if means.certificate is not None:
        outcome.note(LevelNotOffered(reached=Level.LT.value, wanted=Level.LTA.value))
        return contents, outcome
    try:
        return asic_archive.stamped(archive, files, contents, means), Outcome(Level.LTA, outcome.notes, changed=True)
    except AntinError as error:
        outcome.note(error)
        return contents, outcome


def _signature_files(archive: StrictZip, format: Format, files: asic.ContainerFiles) -> Mapping[str, _Raise]:
    if format is Format.ODF:
        return {SIGNATURES: partial(_raise_xades, archive, SIGNATURES)} if SIGNATURES in archive.entries else {}
    return {
        **{name: partial(_raise_xades, archive, name) for name in files.xades},
        **{name: partial(_raise_cades, archive, name, files) for name in files.cades},
    }


def _raise_xades(archive: StrictZip, name: str, means: Means) -> tuple[bytes, Outcome]:
    try:
        root = parse_bounded(archive.read(archive.entries[name], _SIZE_LIMIT), name)
    except SignatureFault as fault:
        raise SignatureNotUnderstood(name=name, why=fault.code) from fault
    files = ReferencedFiles(archive)

    def content_of(reference: Reference, _: Canonicalization) -> Iterable[bytes | memoryview]:
        return files.content(reference)

    elements = [root] if root.tag == SIGNATURE else [child for child in root if child.tag == SIGNATURE]
    outcome = xades_levels.raise_all(root, elements, means, content_of)
    written: bytes = etree.tostring(root.getroottree(), encoding="UTF-8", xml_declaration=True)
    return written, outcome


def _is_of_lists(files: asic.ContainerFiles) -> bool:
    """Whether its CAdES signatures are over lists, so that LTA is a matter of the container (EN 319 162-1, section
    4.4.4)."""
    return bool(files.cades) and (bool(files.lists) or len(files.data) != 1)


def _raise_cades(archive: StrictZip, name: str, files: asic.ContainerFiles, means: Means) -> tuple[bytes, Outcome]:
    data = archive.read(archive.entries[name], _SIZE_LIMIT)
    return cms_levels.raise_all(
        data,
        means.to(Level.LT) if means.wanted == Level.LTA and _is_of_lists(files) else means,
        lambda hash_name: archive.digest(archive.entries[files.data[0]], hash_name),
    )
