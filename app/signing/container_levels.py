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
from app.signing import cms_levels, xades_levels
from app.signing.archive_copy import exchange
from app.signing.errors import ContainerSealed, LevelNotOffered, SignatureNotUnderstood
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
    outcome = Outcome()
    replaced: dict[str, bytes] = {}
    with StrictZip(path) as archive:
        for name, raise_file in _signature_files(path, archive, format).items():
            raised, one = raise_file(means)
            outcome.add(one)
            if one.changed:
                replaced[name] = raised
        if replaced:
            exchange(archive, path, replaced)
    return outcome.level, list(outcome.notes)


def _signature_files(path: Path, archive: StrictZip, format: Format) -> Mapping[str, _Raise]:
    if format is Format.ODF:
        return {SIGNATURES: partial(_raise_xades, archive, SIGNATURES)} if SIGNATURES in archive.entries else {}
    files = asic.sort_files(name for name, entry in archive.entries.items() if not entry.is_directory)
    if files.evidence:
        raise ContainerSealed(path=path, name=files.evidence[0])
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


def _raise_cades(archive: StrictZip, name: str, files: asic.ContainerFiles, means: Means) -> tuple[bytes, Outcome]:
    """In containers of lists, LTA is a matter of the container (EN 319 162-1, section 4.4.4); it is not made here."""
    data = archive.read(archive.entries[name], _SIZE_LIMIT)
    beyond = means.wanted == Level.LTA and (bool(files.lists) or len(files.data) != 1)
    raised, outcome = cms_levels.raise_all(
        data,
        means.to(Level.LT) if beyond else means,
        lambda hash_name: archive.digest(archive.entries[files.data[0]], hash_name),
    )
    if beyond and outcome.level == Level.LT:
        outcome.note(LevelNotOffered(reached=Level.LT.value, wanted=Level.LTA.value))
    return raised, outcome
