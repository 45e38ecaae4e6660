"""Reading settings: the command line, before what IT staff set, before the user's file, before the defaults."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path, PureWindowsPath
from typing import Any

import msgspec

from app import bounded_toml
from app.decoding import decodable
from app.errors import from_os_error
from app.settings.contradictions import check_contradictions
from app.settings.definitions import Definition, definitions, names_below, value_of
from app.settings.errors import ManagedInvalid, SettingLocked, SettingsInvalid
from app.settings.model import Origin, Settings
from app.system import Managed, System, here

_FILLED_IN = ("data_dir", "base", "origins", "locked", "overruled")
_DATA_DIR = "data_dir"
#: A bundle brings roots, a policy and drivers: where one of these is locked, so is who may sign bundles.
_BROUGHT_BY_BUNDLES = frozenset({"trust.roots", "trust.own_anchors", "trust.policy", "tokens.modules"})


def default_data_dir() -> Path:
    """The user's data folder: as IT staff say, else that of the system, such as ``~/.local/share/antin``.

    :raises ManagedInvalid, app.system.ManagedUnreadable: what IT staff set cannot be used.
    """
    return _data_dir(None, _Layer.of(here().managed(), here()), here())[0]


def load(data_dir: Path | None = None, file: Path | None = None, *, system: System | None = None) -> Settings:
    """Read the settings.

    :param data_dir: where the program keeps everything; as IT staff say, else the system's default without it.
    :param file: another settings file than ``data_dir/settings.toml``; it must exist.
    :param system: another than the one this program runs on.
    :raises SettingsInvalid: a value of a wrong type, an unknown name, or no TOML.
    :raises ManagedInvalid, ManagedContradiction, app.system.ManagedUnreadable: what IT staff set cannot be used.
    :raises SettingLocked: ``data_dir`` or ``file`` ask for something else than IT staff locked.
    """
    system = system or here()
    layer = _Layer.of(system.managed(), system)
    data_dir, data_origin = _data_dir(data_dir, layer, system)
    path = file or data_dir / "settings.toml"
    own = _own(path, must_exist=file is not None)
    stated = _flat(own)
    overruled = tuple(name for name in stated if name in layer.decided)
    if file is not None:
        _refuse_overruling(file, stated, layer)
    origins = {name: Origin("user", str(path)) for name in stated if name not in layer.decided}
    origins |= {name: Origin("managed", layer.origin) for name in sorted(layer.decided)}
    if data_origin is not None:
        origins[_DATA_DIR] = data_origin
    merged = _merged({name: value for name, value in stated.items() if name not in layer.decided}, layer)
    settings = _converted(merged, own, path)
    settings = msgspec.structs.replace(
        settings,
        data_dir=data_dir,
        base=path.absolute().parent,
        origins={name: origin for name, origin in origins.items() if name in definitions() or name == _DATA_DIR},
        locked=layer.locked,
        overruled=overruled,
    )
    check_contradictions(settings, layer.origin)
    agency = settings.agency
    pictures = {
        name: str(settings.resolve(value))
        for name in ("seal_image", "signature_image")
        if (value := getattr(agency, name))
    }
    return msgspec.structs.replace(settings, agency=msgspec.structs.replace(agency, **pictures))


def refuse_if_locked(settings: Settings, name: str, asked: str) -> None:
    """Refuse what would put another value in the place of a locked one.

    :param asked: what asks for it, such as the option of a command.
    :raises SettingLocked: the setting is locked.
    """
    if name in settings.locked:
        raise SettingLocked(name=name, origin=settings.origin(name).where, asked=asked)


class _Layer:
    """What IT staff set, checked.

    :ivar values: by the settings' names, paths made absolute.
    :ivar locked: names of settings. A setting that is locked and not set has its default value for ever.
    :ivar decided: names that the user's file says nothing about: those set and those locked.
    """

    def __init__(self, origin: str, values: Mapping[str, Any], locked: frozenset[str], data_dir: str = "") -> None:
        self.origin, self.values, self.locked, self.data_dir = origin, values, locked, data_dir
        self.decided = frozenset(values) | (locked - {_DATA_DIR})

    @classmethod
    def of(cls, managed: Managed | None, system: System) -> _Layer:
        """:raises ManagedInvalid: a name is unknown, a value of a wrong type, or a path relative to nothing."""
        if managed is None:
            return cls("", {}, frozenset())
        origin, raw = managed.origin, dict(managed.values)
        data_dir = raw.pop(_DATA_DIR, "")
        if not isinstance(data_dir, str):
            raise ManagedInvalid(origin=origin, detail=f"`{_DATA_DIR}` is no text")
        for name in _FILLED_IN:
            if name in raw:
                raise ManagedInvalid(origin=origin, detail=f"`{name}` cannot be set")
        try:
            typed = msgspec.convert(raw, decodable(Settings), strict=not managed.as_text)
        except msgspec.ValidationError as error:
            raise ManagedInvalid(origin=origin, detail=str(error)) from error
        values = {name: _anchored(definitions()[name], value_of(typed, name), managed) for name in _flat(raw)}
        try:
            _check_database(typed.database.url)
        except ValueError as error:
            raise ManagedInvalid(origin=origin, detail=f"`database.url`: {error}") from error
        locked = _with_implied(_locked(managed, [*values, *([_DATA_DIR] if data_dir else [])]))
        if _DATA_DIR in locked and not data_dir:
            raise ManagedInvalid(origin=origin, detail=f"`locked`: `{_DATA_DIR}` is not set")
        if data_dir:
            data_dir = _of_this_user(data_dir, origin, system)
        return cls(origin, values, locked, data_dir)


def _of_this_user(data_dir: str, origin: str, system: System) -> str:
    """The folder with the account's name in it.

    :raises ManagedInvalid: it is no absolute path, or somebody else has made it: what settings and ledger it holds
        would be theirs.
    """
    named = data_dir.replace("{user}", system.user_name())
    if not _is_absolute(named):
        raise ManagedInvalid(origin=origin, detail=f"`{_DATA_DIR}`: {named} is no absolute path")
    if named != data_dir and (owner := system.stranger_of(Path(named))):
        raise ManagedInvalid(origin=origin, detail=f"`{_DATA_DIR}`: {named} belongs to {owner}")
    return named


def _locked(managed: Managed, stated: list[str]) -> frozenset[str]:
    if managed.locked is True:
        return frozenset(stated)
    found: set[str] = set()
    for name in managed.locked:
        names = [name] if name == _DATA_DIR else names_below(name)
        if not names:
            raise ManagedInvalid(origin=managed.origin, detail=f"`locked`: there is no setting {name}")
        found.update(names)
    return frozenset(found)


def _with_implied(locked: frozenset[str]) -> frozenset[str]:
    """Locks, with those without which a user could go round them."""
    return locked.union(names_below("bundle")) if locked & _BROUGHT_BY_BUNDLES else locked


def _anchored(definition: Definition, value: Any, managed: Managed) -> Any:
    """A value with its paths absolute, since the user's file lies in another folder."""
    if not definition.is_path:
        return value

    def anchored(path: str) -> str:
        if not path or path.startswith("~") or _is_absolute(path):
            return path
        if managed.base is None:
            raise ManagedInvalid(origin=managed.origin, detail=f"`{definition.name}`: {path} is no absolute path")
        return str(managed.base / path)

    return anchored(value) if isinstance(value, str) else [anchored(item) for item in value]


def _is_absolute(path: str) -> bool:
    return Path(path).is_absolute() or PureWindowsPath(path).is_absolute()


def _data_dir(wanted: Path | None, layer: _Layer, system: System) -> tuple[Path, Origin | None]:
    """Where the program keeps everything, and who said so.

    :raises SettingLocked: another folder is wanted than the locked one.
    """
    decided = Path(layer.data_dir) if layer.data_dir else system.data_dir()
    if wanted is None or wanted.absolute() == decided.absolute():
        return decided.absolute(), Origin("managed", layer.origin) if layer.data_dir else None
    if _DATA_DIR in layer.locked:
        raise SettingLocked(name=_DATA_DIR, origin=layer.origin, asked=f"--data-dir {wanted}")
    return wanted.absolute(), Origin("command", "--data-dir")


def _own(path: Path, *, must_exist: bool) -> dict[str, Any]:
    """The user's file as it is written."""
    raw: dict[str, Any] = {}
    if must_exist or path.exists():
        try:
            raw = bounded_toml.load(path)
        except OSError as error:
            raise from_os_error(error, path) from error
        except ValueError as error:
            raise SettingsInvalid(path=path, detail=str(error)) from error
    for name in _FILLED_IN:
        if name in raw:
            raise SettingsInvalid(path=path, detail=f"`{name}` cannot be set here")
    return raw


def _refuse_overruling(file: Path, stated: Mapping[str, Any], layer: _Layer) -> None:
    """Refuse a file named on the command line that would set a locked value otherwise."""
    for name in sorted(stated.keys() & layer.locked):
        if stated[name] != layer.values.get(name, definitions()[name].default if name in definitions() else None):
            raise SettingLocked(name=name, origin=layer.origin, asked=f"--settings {file}")


def _flat(raw: Mapping[str, Any]) -> dict[str, Any]:
    """The leaves by name. What is no table of a section, or not known, stays under its own name."""
    sections = {definition.section for definition in definitions().values()} - {""}
    found: dict[str, Any] = {}
    for name, value in raw.items():
        if name in sections and isinstance(value, Mapping):
            found.update({f"{name}.{key}": inner for key, inner in value.items()})
        else:
            found[name] = value
    return found


def _merged(stated: Mapping[str, Any], layer: _Layer) -> dict[str, Any]:
    raw: dict[str, Any] = {}
    for name, value in {**stated, **layer.values}.items():
        section, _, key = name.rpartition(".")
        if not section:
            raw[key] = value
        elif isinstance(below := raw.setdefault(section, {}), dict):
            below[key] = value
    return raw


def _converted(merged: Mapping[str, Any], own: Mapping[str, Any], path: Path) -> Settings:
    """:raises SettingsInvalid: the user's file is at fault; what IT staff set was checked before."""
    try:
        msgspec.convert(own, decodable(Settings))
        settings = msgspec.convert(merged, decodable(Settings))
    except msgspec.ValidationError as error:
        raise SettingsInvalid(path=path, detail=str(error)) from error
    try:
        _check_database(settings.database.url)
    except ValueError as error:
        raise SettingsInvalid(path=path, detail=f"`database.url`: {error}") from error
    return settings


def _check_database(url: str) -> None:
    """:raises ValueError: it names no database, or holds a password."""
    if url:
        from app.storage import address

        address.check(url)
