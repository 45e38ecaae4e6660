"""Every setting that there is, told from :class:`app.settings.model.Settings`: what window, commands and templates of
policies go by."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final, Literal

import msgspec

from app.settings.model import Settings

Kind = Literal["text", "choice", "yes-no", "whole", "number", "list", "table"]

#: Filled in while reading, or for IT staff alone; no setting of a file.
_FILLED_IN = frozenset({"data_dir", "base", "origins", "locked", "overruled"})


@dataclass(frozen=True)
class Definition:
    """One setting.

    :ivar name: such as ``network.tsa_url``; ``section`` is empty for one that stands outside a section.
    :ivar default: its value where nobody sets it.
    :ivar choices: what a choice may be.
    :ivar least, most: of a number, where it is bounded; ``above`` instead of ``least`` where that itself is too little.
    :ivar is_path: its text, or each text of its list, is a path.
    """

    name: str
    kind: Kind
    default: Any
    choices: tuple[str, ...] = ()
    least: float | None = None
    above: float | None = None
    most: float | None = None
    is_path: bool = False

    @property
    def section(self) -> str:
        return self.name.rpartition(".")[0]

    @property
    def key(self) -> str:
        return self.name.rpartition(".")[2]


#: Where the program keeps everything: set by IT staff or on the command line, never in the user's file, which is in it.
DATA_DIR: Final = Definition("data_dir", "text", "", is_path=True)


@lru_cache(maxsize=1)
def definitions() -> Mapping[str, Definition]:
    """All settings by name, in the order of the sections."""
    return {definition.name: definition for definition in _of(Settings, "")}


def value_of(settings: Settings, name: str) -> Any:
    """The value of a setting by its name."""
    found: Any = settings
    for part in name.split("."):
        found = getattr(found, part)
    return found


def names_below(name: str) -> list[str]:
    """The settings of a section, or the one of that name; empty where there is neither."""
    return [known for known in definitions() if known == name or known.startswith(f"{name}.")]


def _of(struct: type[msgspec.Struct], section: str) -> Iterator[Definition]:
    for field in msgspec.structs.fields(struct):
        if not section and field.name in _FILLED_IN:
            continue
        name = f"{section}.{field.name}" if section else field.name
        if isinstance(field.type, type) and issubclass(field.type, msgspec.Struct):
            yield from _of(field.type, name)
        else:
            default = field.default if field.default is not msgspec.NODEFAULT else field.default_factory()
            yield _definition(name, msgspec.inspect.type_info(field.type), default)


def _definition(name: str, kind: msgspec.inspect.Type, default: Any) -> Definition:
    inner, is_path = _bare(kind)
    match inner:
        case msgspec.inspect.BoolType():
            return Definition(name, "yes-no", default)
        case msgspec.inspect.LiteralType(values):
            return Definition(name, "choice", default, tuple(map(str, values)))
        case msgspec.inspect.IntType():
            return Definition(name, "whole", default, least=inner.ge, above=inner.gt, most=inner.le)
        case msgspec.inspect.FloatType():
            return Definition(name, "number", default, least=inner.ge, above=inner.gt, most=inner.le)
        case msgspec.inspect.StrType():
            return Definition(name, "text", default, is_path=is_path)
        case msgspec.inspect.ListType(item_type=item) | msgspec.inspect.VarTupleType(item_type=item):
            return Definition(name, "list", default, is_path=_bare(item)[1])
        case msgspec.inspect.DictType():
            return Definition(name, "table", default)
    raise TypeError(f"{name}: no kind of setting for {inner}")


def _bare(kind: msgspec.inspect.Type) -> tuple[msgspec.inspect.Type, bool]:
    """A type without what is noted of it, and whether that says it is a path."""
    if isinstance(kind, msgspec.inspect.Metadata):
        return kind.type, bool((kind.extra or {}).get("path"))
    return kind, False
