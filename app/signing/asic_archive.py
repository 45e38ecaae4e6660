"""Time stamps over ASiC-E containers whose signatures are CAdES: their level LTA (ETSI EN 319 162-1, section 4.4.4 and
annex A.7).

A time stamp is over a list of all files of the container, signatures with their evidence and earlier stamps included.
What it lists is never changed again, but for what proves the newest stamp when the next one is to cover it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from app.documents.asic import ARCHIVE_LIST, ContainerFiles, free_name
from app.documents.strict_zip import StrictZip
from app.errors import AntinError
from app.signing.asic_lists import STAMP_TYPE, written_list
from app.signing.errors import ContainerSealed, EvidenceMissing
from app.signing.gathering import authorities
from app.signing.model import Level
from app.signing.raising import HASH, Means, Outcome
from app.trust.ber import to_der
from app.trust.der import DerError
from app.trust.holder import holder
from app.trust.signed_data import SignedData
from app.trust.timestamps import MAX_SIZE, read_timestamp
from app.xmldsig.asic_manifest import read_manifest
from app.xmldsig.bounded import parse_bounded
from app.xmldsig.fault import SignatureFault

_LIST_LIMIT: Final = 8 << 20


def stamped(
    archive: StrictZip, files: ContainerFiles, changed: Mapping[str, bytes], means: Means
) -> Mapping[str, bytes]:
    """Put a first time stamp over a container.

    :param changed: contents that entries will have, by name; all signatures in them are at level LT.
    :return: those, the list and the stamp.
    :raises TimestamperMissing, app.trust.errors.TimestampUnavailable: no stamp can be had.
    """
    listed = [*files.data, *files.lists, *files.xades, *files.cades]
    name = free_name(archive.entries, "META-INF/timestamp{:03d}.tst".format)
    return {**changed, **_stamp(archive, listed, changed, name, "", means)}


def renewed(path: Path, archive: StrictZip, files: ContainerFiles, means: Means) -> tuple[Mapping[str, bytes], Outcome]:
    """Put a further time stamp over a container that has one, and what proves that one into it.

    The list of the earlier stamp takes a numbered name, so that the newest has the one that readers look for.

    :param path: of the container, for errors.
    :return: new contents by name, none where nothing could be had, and what was reached.
    :raises ContainerSealed: the time stamps in it are none of this kind, or less is wanted than what they prove.
    """
    if means.wanted != Level.LTA or ARCHIVE_LIST not in files.evidence:
        raise ContainerSealed(path=path, name=files.evidence[0])
    octets = archive.read(archive.entries[ARCHIVE_LIST], _LIST_LIMIT)
    try:
        newest = read_manifest(parse_bounded(octets, ARCHIVE_LIST), ARCHIVE_LIST).signature
    except SignatureFault as fault:
        raise ContainerSealed(path=path, name=ARCHIVE_LIST) from fault
    if newest not in files.evidence:
        raise ContainerSealed(path=path, name=ARCHIVE_LIST)
    earlier = free_name(archive.entries, "META-INF/ASiCArchiveManifest{:03d}.xml".format)
    name = free_name(archive.entries, "META-INF/timestamp{:03d}.tst".format)
    evidence = [one for one in files.evidence if one not in (ARCHIVE_LIST, newest)]
    try:
        proven = _with_proof(path, newest, archive.read(archive.entries[newest], MAX_SIZE), means)
        changed = {newest: proven, earlier: octets}
        listed = [*files.data, *files.lists, *files.xades, *files.cades, *evidence, newest, earlier]
        return {**changed, **_stamp(archive, listed, changed, name, earlier, means)}, Outcome(Level.LTA, changed=True)
    except ContainerSealed:
        raise
    except AntinError as error:
        return {}, Outcome(Level.LTA, (error,))


def _stamp(
    archive: StrictZip, listed: list[str], changed: Mapping[str, bytes], name: str, before: str, means: Means
) -> Mapping[str, bytes]:
    digests = {
        one: hashlib.new(HASH, changed[one]).digest() if one in changed else archive.digest(archive.entries[one], HASH)
        for one in listed
    }
    manifest = written_list(name, STAMP_TYPE, digests, HASH, before=before)
    return {ARCHIVE_LIST: manifest, name: means.token(hashlib.new(HASH, manifest).digest())}


def _with_proof(path: Path, name: str, token: bytes, means: Means) -> bytes:
    """A time stamp with certificates and revocation information of its authority inside.

    :raises EvidenceMissing: what can be had does not suffice, or makes the stamp larger than readers take.
    """
    stamp = read_timestamp(token, message=lambda _name: b"")
    if stamp.certificate is None:
        raise ContainerSealed(path=path, name=name)
    evidence = means.gathering.evidence(authorities([stamp]))
    try:
        signed = SignedData.read(to_der(token))
    except DerError as error:
        raise ContainerSealed(path=path, name=name) from error
    proven = signed.with_evidence(evidence.certificates, evidence.crls, evidence.ocsps).written()
    if len(proven) > MAX_SIZE:
        raise EvidenceMissing(holder=holder(stamp.certificate).name, why="timestamp-too-large")
    return proven
