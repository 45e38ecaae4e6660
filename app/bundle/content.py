"""What is in a bundle: a ZIP with a manifest that names every other file in it by its SHA-256."""

from __future__ import annotations

import datetime as dt
import hashlib
import io
import zipfile
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any, Literal

import msgspec

from app.bundle.errors import BundleContentWrong, BundleDamaged
from app.decoding import decodable
from app.documents.strict_zip import Limits, StrictZip
from app.documents.zip_errors import ArchiveRejected
from app.trust.bundled import Bundled
from app.trust.certificate import read_certificate
from app.trust.crl import read_crl
from app.trust.der import DerError
from app.trust.shipped import Domain

_MANIFEST = "manifest.json"
_LIMITS = Limits(entries=4096, size=256 << 20, directory=2 << 20, ratio=50, ratio_from=32 << 20)
_MANIFEST_LIMIT = 4 << 20
_FILE_LIMIT = 64 << 20
#: 1 January 1980: the same content gives the same octets.
_DATE = (1980, 1, 1, 0, 0, 0)

Kind = Literal["anchor", "intermediate", "crl", "policy", "modules"]


_Fingerprint = Annotated[str, msgspec.Meta(pattern="^[0-9a-f]{64}$")]


class Member(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """A file of the ZIP.

    :ivar domain: for whom an anchor vouches.
    """

    name: str
    kind: Kind
    sha256: _Fingerprint
    domain: Domain = Domain.OFFICE


class Manifest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """``manifest.json``.

    :ivar number: of this bundle; of two the higher one counts.
    :ivar made: aware; when it was made, by the clock of the computer that made it.
    :ivar office: who made it, in words.
    :ivar distrusted: SHA-256 of authorities that count nowhere, in hexadecimal.
    """

    format: Literal[1]
    number: Annotated[int, msgspec.Meta(ge=1, le=(1 << 53) - 1)]
    made: Annotated[dt.datetime, msgspec.Meta(tz=True)]
    office: str
    files: list[Member]
    distrusted: list[_Fingerprint] = []


@dataclass(frozen=True)
class Content:
    """What a bundle brings.

    :ivar anchors: DER of self-signed roots with their domains; ``intermediates``, ``crls``: DER.
    :ivar distrusted: SHA-256 of authorities from which trust is taken.
    :ivar policy: a policy file, ``modules`` a list of modules; empty where the bundle has none.
    """

    number: int
    made: dt.datetime
    office: str = ""
    anchors: Mapping[bytes, Domain] = field(default_factory=dict)
    intermediates: tuple[bytes, ...] = ()
    crls: tuple[bytes, ...] = ()
    policy: str = ""
    modules: str = ""
    distrusted: frozenset[str] = frozenset()

    def bundled(self, source: str) -> Bundled:
        """For the stores of trust.

        :param source: where it comes from, in words.
        """
        return Bundled(self.anchors, self.intermediates, self.crls, self.distrusted, self.made, source)

    def next_list_due(self) -> dt.datetime | None:
        """When the first of its revocation lists is to be followed by another; None where none says."""
        promised = [read_crl(der).next_update for der in self.crls]
        return min((time for time in promised if time is not None), default=None)


def pack(content: Content, *, check: Callable[[Content], None]) -> bytes:
    """The ZIP of a content.

    :param check: as for :func:`unpack`.
    :raises BundleContentWrong: something in it is not what it has to be.
    """
    members, octets = [], {}
    found: Mapping[Kind, Iterable[bytes]] = {
        "anchor": content.anchors,
        "intermediate": content.intermediates,
        "crl": content.crls,
    }
    for kind, several in found.items():
        for der in sorted(set(several)):
            name = f"{kind}s/{hashlib.sha256(der).hexdigest()[:32]}.der"
            members.append(_member(name, kind, der, content.anchors.get(der, Domain.OFFICE)))
            octets[name] = der
    for kind, name, text in (("policy", "policy.toml", content.policy), ("modules", "modules.toml", content.modules)):
        if text:
            members.append(_member(name, kind, text.encode()))
            octets[name] = text.encode()
    manifest = Manifest(1, content.number, content.made, content.office, members, sorted(content.distrusted))
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as file:
        for name, data in {_MANIFEST: msgspec.json.format(msgspec.json.encode(manifest)), **octets}.items():
            file.writestr(zipfile.ZipInfo(name, _DATE), data, zipfile.ZIP_DEFLATED)
    unpack(packed.getvalue(), Path(_MANIFEST), check=check)
    return packed.getvalue()


def _member(name: str, kind: Any, data: bytes, domain: Domain = Domain.OFFICE) -> Member:
    return Member(name, kind, hashlib.sha256(data).hexdigest(), domain)


def unpack(octets: bytes, path: Path, *, check: Callable[[Content], None]) -> Content:
    """Read a ZIP whole; every file in it has to be named, alike and what it is said to be.

    :param path: of the bundle, for messages.
    :param check: raises ``ValueError`` where policy or module list cannot be used.
    :raises BundleDamaged: the ZIP or its manifest is at fault.
    :raises BundleContentWrong: a file in it is.
    """
    try:
        with StrictZip(path, _LIMITS, file=io.BytesIO(octets)) as archive:
            if archive.stray_bytes:
                raise BundleDamaged(path=path, detail="octets that belong to no file")
            files = {name: archive.read(entry, _FILE_LIMIT) for name, entry in archive.entries.items()}
    except ArchiveRejected as error:
        raise BundleDamaged(path=path, detail=error.message) from error
    manifest = _manifest(files.pop(_MANIFEST, b""), path)
    if (names := {member.name for member in manifest.files}) != files.keys() or len(names) != len(manifest.files):
        odd = sorted(names ^ files.keys()) or ["?"]
        raise BundleDamaged(path=path, detail=f"{odd[0]} is not both in the manifest and in the file, once")
    for member in manifest.files:
        if hashlib.sha256(files[member.name]).hexdigest() != member.sha256:
            raise BundleDamaged(path=path, detail=f"{member.name} is not the file of the manifest")
        _check_member(member, files[member.name], path)

    def of(kind: Kind) -> Iterable[bytes]:
        return (files[member.name] for member in manifest.files if member.kind == kind)

    content = Content(
        manifest.number,
        manifest.made,
        manifest.office,
        {files[member.name]: member.domain for member in manifest.files if member.kind == "anchor"},
        tuple(of("intermediate")),
        tuple(of("crl")),
        _text(of("policy"), "policy.toml", path),
        _text(of("modules"), "modules.toml", path),
        frozenset(manifest.distrusted),
    )
    try:
        check(content)
    except ValueError as error:
        raise BundleContentWrong(path=path, name="policy.toml, modules.toml", detail=str(error)) from error
    return content


def _manifest(data: bytes, path: Path) -> Manifest:
    if not data or len(data) > _MANIFEST_LIMIT:
        raise BundleDamaged(path=path, detail=_MANIFEST)
    try:
        found: Manifest = msgspec.json.decode(data, type=decodable(Manifest))
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise BundleDamaged(path=path, detail=f"{_MANIFEST}: {error}") from error
    return found


def _check_member(member: Member, data: bytes, path: Path) -> None:
    """:raises BundleContentWrong: the file is not of its kind."""
    from app.trust.anchors import is_authority, is_root

    try:
        if member.kind == "crl":
            read_crl(data)
        elif member.kind in ("anchor", "intermediate"):
            certificate = read_certificate(data)
            if member.kind == "anchor" and not (is_authority(certificate) and is_root(certificate)):
                raise BundleContentWrong(path=path, name=member.name, detail="no authority's self-signed root")
    except DerError as error:
        raise BundleContentWrong(path=path, name=member.name, detail=str(error)) from error


def _text(found: Iterable[bytes], name: str, path: Path) -> str:
    texts = list(found)
    if len(texts) > 1:
        raise BundleDamaged(path=path, detail=f"two of {name}")
    try:
        return texts[0].decode() if texts else ""
    except UnicodeDecodeError as error:
        raise BundleContentWrong(path=path, name=name, detail=str(error)) from error
