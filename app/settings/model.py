"""The settings: what there is to set, each with its type and default."""

from __future__ import annotations

import re
from pathlib import Path
from string import Formatter
from typing import Annotated, Final, Literal

import msgspec

#: Marks a setting as a path, relative to the folder of the file that sets it.
PATH: Final = msgspec.Meta(extra={"path": True})
_PathText = Annotated[str, PATH]


class Origin(msgspec.Struct, frozen=True):
    """Where a value comes from.

    :ivar kind: ``default``, the ``user``'s file, ``managed`` by IT staff, the ``command`` line, or a trust ``bundle``
        that brings what nobody has set.
    :ivar where: the file, the key of the registry, or the option; empty for a default.
    """

    kind: Literal["default", "user", "managed", "command", "bundle"] = "default"
    where: str = ""


class AgencySettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The office itself. ``seal_diameter_mm`` is the real size of the seal's picture; the pictures are PNG files, made
    absolute against the settings file by :func:`load`. ``signature_holder`` is the name of the person whose signature
    ``signature_image`` shows; without it the picture is used where the document's block names the one who signs."""

    name: str = ""
    parent: str = ""
    place: str = ""
    seal_image: _PathText = ""
    seal_diameter_mm: float = 36.0
    signature_image: _PathText = ""
    signature_holder: str = ""


class TokenSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """PKCS#11 modules beside those of the shipped list; time limits in seconds. A run that waits ``idle_minutes`` for a
    person logs its token out; 0: never."""

    modules: list[_PathText] = []
    use_known_modules: bool = True
    call_timeout: float = 30.0
    sign_timeout: float = 120.0
    idle_minutes: Annotated[float, msgspec.Meta(ge=0)] = 5.0


class TrustSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Further anchors, chain material and CRL files (PEM or DER), and a policy file in the place of the shipped
    ``resources/policy.toml``; paths relative to the settings file. ``own_anchors`` False: what somebody at this
    workstation decides about authorities does not count, and is refused."""

    roots: list[_PathText] = []
    intermediates: list[_PathText] = []
    crls: list[_PathText] = []
    use_shipped_anchors: bool = True
    policy: _PathText = ""
    own_anchors: bool = True


class NetworkSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What may be contacted. ``online`` False: nothing but the time-stamp server of a signature that wants one.
    ``proxy`` is an address, or ``system`` for what the system names. ``issuer_hosts``: servers inside the own network
    (``host`` or ``host:port``) from which certificates of issuers may be fetched although nobody trusted names them."""

    online: bool = False
    tsa_url: str = ""
    tsa_timeout: float = 150.0
    fetch_timeout: float = 10.0
    proxy: str = ""
    issuer_hosts: list[str] = []


class SigningSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How documents are signed.

    :ivar paper_kinds: names of kinds of documents, as their headings have them, that stay on paper: whether to sign one
        all the same is asked.
    :ivar mark_templates: words of plain signatures' marks by a name of the office's choosing, with fields in braces.
    """

    level: Literal["B", "T", "LT", "LTA"] = "B"
    scope: Literal["office", "wide"] = "office"
    paper_kinds: tuple[str, ...] = ("Giấy chứng nhận quyền sử dụng đất",)
    mark_templates: dict[str, str] = {}


class VerificationSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Checking many files at once.

    :ivar workers: processes that check side by side; 0: as many as the computer has cores.
    :ivar file_seconds: after which one file is given up.
    :ivar worker_memory_mib: that one of these processes may take for itself, files mapped into it not counted.
    """

    workers: Annotated[int, msgspec.Meta(ge=0, le=64)] = 0
    file_seconds: Annotated[float, msgspec.Meta(gt=0)] = 120.0
    worker_memory_mib: Annotated[int, msgspec.Meta(ge=256)] = 1024


class DatabaseSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Where the index of the archive, the register of tokens and the shared ledger are kept.

    :ivar url: of a PostgreSQL database, ``postgresql://user@server/database``, for an office of many workstations;
        empty: a SQLite file in the data folder. Its password is in the system's keyring (``antin database password``)
        or where libpq looks for one, never here.
    """

    url: str = ""


_SHA256 = r"^[0-9A-Fa-f]{2}(?::?[0-9A-Fa-f]{2}){31}$"


class JournalSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The ledger.

    :ivar seal: the token signs the ledger's head once at the end of a signing session.
    :ivar seal_copies: folders, best on another disk or a share, that get copies of the seals; relative to the settings
        file.
    :ivar sealers: certificates whose seals count although the register of tokens does not have them: SHA-256 of each,
        hexadecimal, with or without colons.
    """

    seal: bool = True
    seal_copies: list[_PathText] = []
    sealers: list[Annotated[str, msgspec.Meta(pattern=_SHA256)]] = []


_FOLDER_FIELDS = frozenset({"year", "type", "month", "issuer"})
_NAME_FIELDS = frozenset({"number", "symbol", "summary", "type", "date", "issuer", "source"})


class ArchiveSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The tree of filed copies.

    :ivar issued, received: folders below the root, with ``/`` between them and ``{year}``, ``{type}``, ``{month}``,
        ``{issuer}`` in them; year and type have to be there.
    :ivar name: of a copy without extension, with ``{number}``, ``{symbol}``, ``{summary}``, ``{type}``, ``{date}``,
        ``{issuer}``, ``{source}``; parts between ``_`` that a document has nothing for are left out.
    :ivar unnumbered: the same for a document without a number; ``{source}`` is the name of the file it was made from.
    :ivar numbering: documents issued are numbered by type, or all in one series (Decree 30/2020, article 15).
    :ivar check_days: the window looks at every copy again after so many days, while nobody works at it; 0: never.
    :ivar doubtful_below: confidence (0 to 1) below which a field that was read is asked.
    """

    issued: str = "{year}/{type}"
    received: str = "Văn bản đến/{year}/{type}"
    name: str = "{number}_{symbol}_{summary}"
    unnumbered: str = "{source}"
    numbering: Literal["type", "office"] = "type"
    check_days: Annotated[int, msgspec.Meta(ge=0, le=3650)] = 30
    doubtful_below: Annotated[float, msgspec.Meta(ge=0, le=1)] = 0.75

    def __post_init__(self) -> None:
        for template in (self.issued, self.received):
            _check_template(template, _FOLDER_FIELDS, {"year", "type"})
            if any(part.strip(" .") in ("",) for part in template.split("/")) or re.search(r'[<>:"\\|?*]', template):
                raise ValueError(f"`{template}` does not name folders below the archive")
        for template in (self.name, self.unnumbered):
            _check_template(template, _NAME_FIELDS, set())
            if not template.strip(" .") or re.search(r'[<>:"/\\|?*]', template):
                raise ValueError(f"`{template}` does not name a file")
        if self.issued == self.received:
            raise ValueError("issued and received documents need folders of their own")


def _check_template(template: str, known: frozenset[str], needed: set[str]) -> None:
    fields = [
        (field, spec or conversion) for _, field, spec, conversion in Formatter().parse(template) if field is not None
    ]
    wrong = [field for field, formatted in fields if field not in known or formatted]
    if wrong:
        raise ValueError(f"`{template}`: `{{{wrong[0]}}}` is none of {', '.join(sorted(known))}")
    if missing := needed - {field for field, _ in fields}:
        raise ValueError(f"`{template}` has no {{{min(missing)}}}")


class UpdateSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """:ivar source: address or folder where IT staff put new versions. Shown by the doctor and the settings page; the
    program fetches nothing from there by itself."""

    source: str = ""


class BundleSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Who may sign bundles of trust material for workstations without internet (:mod:`app.bundle`).

    :ivar signers: SHA-256 of each certificate that may, in hexadecimal, with or without colons.
    :ivar authorities: certificate files; whoever has a certificate of one of these authorities may.
    """

    signers: list[Annotated[str, msgspec.Meta(pattern=_SHA256)]] = []
    authorities: list[_PathText] = []


class Settings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """All settings.

    :ivar data_dir: where the program keeps everything.
    :ivar base: folder of the user's settings file, against which its relative paths are meant.
    :ivar origins: where each value comes from, by its name such as ``network.tsa_url``; defaults are not in it.
    :ivar locked: names of the settings that only IT staff change.
    :ivar overruled: names of settings that the user's file sets in vain, because IT staff set them.

    The last five are filled in by :func:`app.settings.load`, never read from a file.
    """

    language: Literal["vi", "en"] = "vi"
    archive_root: _PathText = ""
    agency: AgencySettings = AgencySettings()
    tokens: TokenSettings = TokenSettings()
    trust: TrustSettings = TrustSettings()
    network: NetworkSettings = NetworkSettings()
    signing: SigningSettings = SigningSettings()
    verification: VerificationSettings = VerificationSettings()
    archive: ArchiveSettings = ArchiveSettings()
    database: DatabaseSettings = DatabaseSettings()
    journal: JournalSettings = JournalSettings()
    updates: UpdateSettings = UpdateSettings()
    bundle: BundleSettings = BundleSettings()
    data_dir: Path = Path()
    base: Path = Path()
    origins: dict[str, Origin] = {}
    locked: frozenset[str] = frozenset()
    overruled: tuple[str, ...] = ()

    @property
    def archive_dir(self) -> Path:
        """Root of the filed copies: as set, else ``Kho văn bản`` in the data folder."""
        return self.resolve(self.archive_root) if self.archive_root else self.data_dir / "Kho văn bản"

    def origin(self, name: str) -> Origin:
        """Where the value of a setting comes from."""
        return self.origins.get(name, Origin())

    def resolve(self, path: str) -> Path:
        """A path of the settings, relative ones against the folder of the settings file."""
        return (self.base / Path(path).expanduser()).absolute()
