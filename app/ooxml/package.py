"""An Office package as the standard defines it: parts, their content types, their relationships."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from app.documents.strict_zip import Entry, Limits, StrictZip
from app.documents.zip_errors import NotZip
from app.errors import from_os_error
from app.ooxml import names, relationships, vocabulary
from app.ooxml.content_types import ContentTypeList
from app.ooxml.errors import (
    LegacyOffice,
    NotOffice,
    OfficeEncrypted,
    PartDuplicate,
    PartName,
    RelationshipsDamaged,
    SignatureOrigin,
    TooManySignatures,
)
from app.ooxml.relationships import Relationship, RelationshipsPart

#: Most signatures looked at in one package, and their most bytes together.
SIGNATURES_LIMIT: Final = 32
SIGNATURES_SIZE_LIMIT: Final = 16 << 20
_CONTENT_TYPES_LIMIT: Final = 8 << 20
_METADATA_SIZE_LIMIT: Final = 8 << 20
_COMPOUND_FILE: Final = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


@dataclass(frozen=True)
class Part:
    """A part. ``content_type`` is empty where the package gives it none, so that it belongs to no document."""

    name: str
    entry: Entry
    content_type: str


@dataclass(frozen=True)
class Origin:
    """The entry point to the signatures.

    :ivar relationship: the package relationship that leads to it.
    :ivar signatures: the signature parts it leads to, in the order of their relationships.
    """

    part: Part
    relationship: Relationship
    signatures: tuple[Part, ...]

    @property
    def infrastructure(self) -> frozenset[str]:
        """Keys of the parts that lead to signatures and are never signed."""
        own = (self.part.name, names.relationships_of(self.part.name), *(part.name for part in self.signatures))
        return frozenset(map(names.key, own))


class Package:
    """An opened package; a context manager.

    :ivar parts: by key (:func:`app.ooxml.names.key`), in the order of the archive.
    :ivar relationships: the relationships parts, by key of the part itself.
    """

    def __init__(self, path: Path, limits: Limits | None = None) -> None:
        """Open a package and read its content types and relationships.

        :raises app.documents.zip_errors.ArchiveRejected: a subclass says why it is not read.
        :raises app.errors.AntinError: the file is missing or cannot be read.
        """
        _refuse_compound_file(path)
        self.archive = StrictZip(path, limits)
        try:
            if names.CONTENT_TYPES not in self.archive.entries:
                raise NotOffice()
            self.content_types = ContentTypeList(
                self.archive.read(self.archive.entries[names.CONTENT_TYPES], _CONTENT_TYPES_LIMIT)
            )
            self.parts = self._read_parts()
            self.relationships = self._read_relationships()
        except BaseException:
            self.archive.close()
            raise
        self._digests: dict[tuple[str, str], bytes] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        self.archive.close()

    def part(self, name: str) -> Part | None:
        """The part of that name or an equivalent one."""
        return self.parts.get(names.key(name))

    def relationships_from(self, source: str) -> RelationshipsPart:
        """The relationships of a part (or of ``/``); empty where there are none."""
        name = names.relationships_of(source)
        return self.relationships.get(names.key(name)) or RelationshipsPart(name, source, ())

    def read(self, part: Part, limit: int) -> bytes:
        """The content of a part; see :meth:`app.documents.strict_zip.StrictZip.read`."""
        return self.archive.read(part.entry, limit)

    def digest(self, part: Part, hash_name: str) -> bytes:
        """The digest of a part's content, computed once for each hash."""
        at = names.key(part.name), hash_name
        if at not in self._digests:
            self._digests[at] = self.archive.digest(part.entry, hash_name)
        return self._digests[at]

    def main_parts(self) -> list[str | None]:
        """The targets of all officeDocument relationships of the package; a sound document has exactly one."""
        package = self.relationships_from(names.PACKAGE)
        return [
            package.target(relationship)
            for relationship in package.relationships
            if relationship.type.lower() in vocabulary.OFFICE_DOCUMENT_RELATIONSHIPS
        ]

    def fits_ending(self, suffix: str) -> bool:
        """Whether the package has one main part, of the content type that a file name ending stands for.

        Endings that no Office program claims say nothing and fit.
        """
        mains = self.main_parts()
        if len(mains) != 1 or mains[0] is None:
            return False
        main = self.part(mains[0])
        if main is None or main.content_type not in vocabulary.MAIN_TYPES.values():
            return False
        suffix = suffix.lower()
        return main.content_type == vocabulary.MAIN_TYPES.get(suffix, main.content_type) and (
            suffix not in vocabulary.FOREIGN_ENDINGS
        )

    def origin(self) -> Origin | None:
        """The origin of the signatures, found by relationship, never by name (29500-2, section 10.4.2).

        :raises SignatureOrigin: there are several, or one that leads nowhere.
        :raises TooManySignatures: it leads to more than :data:`SIGNATURES_LIMIT`, or to larger ones.
        """
        package = self.relationships_from(names.PACKAGE)
        found = [one for one in package.relationships if one.type == vocabulary.ORIGIN_RELATIONSHIP]
        if not found:
            return None
        if len(found) > 1:
            raise SignatureOrigin(detail="several origins")
        target = package.target(found[0])
        part = self.part(target) if target else None
        if part is None or part.content_type != vocabulary.ORIGIN_TYPE:
            raise SignatureOrigin(detail="the origin is missing or of a wrong type")
        signatures = self._signatures(self.relationships_from(part.name))
        return Origin(part, found[0], signatures)

    def _signatures(self, leading: RelationshipsPart) -> tuple[Part, ...]:
        found: dict[str, Part] = {}
        for relationship in leading.relationships:
            if relationship.type != vocabulary.SIGNATURE_RELATIONSHIP:
                continue
            target = leading.target(relationship)
            part = self.part(target) if target else None
            if part is None:
                raise SignatureOrigin(detail=f"the signature {relationship.target} is missing")
            if names.key(part.name) in found:
                raise SignatureOrigin(detail=f"the signature {part.name} is named twice")
            found[names.key(part.name)] = part
        size = sum(part.entry.size for part in found.values())
        if len(found) > SIGNATURES_LIMIT or size > SIGNATURES_SIZE_LIMIT:
            raise TooManySignatures(limit=SIGNATURES_LIMIT)
        return tuple(found.values())

    def _read_parts(self) -> dict[str, Part]:
        parts: dict[str, Part] = {}
        for entry in self.archive.entries.values():
            if entry.is_directory or entry.name == names.CONTENT_TYPES:
                continue
            name = names.from_item(entry.name)
            if name is None or names.is_piece(entry.name) or entry.name.lower() == names.CONTENT_TYPES.lower():
                raise PartName(name=entry.name)
            if names.key(name) in parts:
                raise PartDuplicate(name=name)
            parts[names.key(name)] = Part(name, entry, self.content_types.of(name) or "")
        for key in parts:
            folder = key.rpartition("/")[0]
            while folder:
                if folder in parts:
                    raise PartName(name=parts[folder].name)
                folder = folder.rpartition("/")[0]
        return parts

    def _read_relationships(self) -> dict[str, RelationshipsPart]:
        found: dict[str, RelationshipsPart] = {}
        room = relationships.SIZE_LIMIT
        for key, part in self.parts.items():
            source = names.source_of(part.name)
            if source is None:
                continue
            if part.content_type != relationships.CONTENT_TYPE or names.source_of(source) is not None:
                raise RelationshipsDamaged(name=part.name, detail="content type")
            data = self.archive.read(part.entry, room)
            room -= len(data)
            found[key] = relationships.read(data, part.name, source)
        return found


@dataclass(frozen=True)
class Metadata:
    """What a Microsoft Office signature leaves uncovered (reference/ooxml-signatures, section 5.3).

    :ivar ids: Ids of package relationships.
    :ivar parts: keys of the parts they lead to.
    :ivar core: keys of the core properties among them.
    """

    ids: frozenset[str] = frozenset()
    parts: frozenset[str] = frozenset()
    core: frozenset[str] = frozenset()


def metadata_of(package: Package) -> Metadata:
    """The package-level properties and thumbnail.

    Only what cannot be anything else counts: one relationship a kind, a target of the expected content type that has no
    relationships of its own and that no other relationship leads to.
    """
    leading = package.relationships_from(names.PACKAGE)
    targeted: dict[str, int] = {}
    for part in package.relationships.values():
        for relationship in part.relationships:
            target = part.target(relationship)
            if target is not None:
                targeted[names.key(target)] = targeted.get(names.key(target), 0) + 1
    kinds: dict[str, list[Relationship]] = {}
    for relationship in leading.relationships:
        kind = vocabulary.METADATA_RELATIONSHIPS.get(relationship.type.lower())
        if kind is not None:
            kinds.setdefault(kind, []).append(relationship)
    found = Metadata()
    for kind, of_kind in kinds.items():
        target = leading.target(of_kind[0])
        metadata_part = package.part(target) if target else None
        if len(of_kind) != 1 or metadata_part is None:
            continue
        key = names.key(metadata_part.name)
        if (
            metadata_part.content_type not in vocabulary.METADATA_TYPES[kind]
            or package.relationships_from(metadata_part.name).relationships
            or targeted[key] != 1
            or metadata_part.entry.size > _METADATA_SIZE_LIMIT
        ):
            continue
        found = replace(
            found,
            ids=found.ids | {of_kind[0].id},
            parts=found.parts | {key},
            core=found.core | ({key} if kind == vocabulary.CORE_PROPERTIES else frozenset()),
        )
    return found


def _refuse_compound_file(path: Path) -> None:
    """Tell password-protected and old Office files, which are compound files (MS-CFB), from damaged ones."""
    try:
        with path.open("rb") as file:
            header = file.read(512)
            if not header:
                raise NotZip()
            if not header.startswith(_COMPOUND_FILE):
                return
            sector_size = 1 << min(int.from_bytes(header[0x1E:0x20], "little"), 12)
            file.seek((int.from_bytes(header[0x30:0x34], "little") + 1) * sector_size)
            directory = file.read(4096)
    except OSError as error:
        raise from_os_error(error, path) from error
    if "EncryptedPackage".encode("utf-16-le") in directory:
        raise OfficeEncrypted()
    raise LegacyOffice()
