"""The managed file of systems that have no registry: a ``settings.toml`` with one more key, ``locked``."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Literal

from app.system.interface import Managed, ManagedUnreadable


def read_managed(path: Path) -> Managed | None:
    """What the file says; None where there is none.

    :raises ManagedUnreadable: it may not be read, is no TOML, or its ``locked`` is neither names nor true.
    """
    try:
        values = tomllib.loads(path.read_text(encoding="utf-8"))
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        raise ManagedUnreadable(origin=path, detail=error.strerror or str(error)) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ManagedUnreadable(origin=path, detail=str(error)) from error
    return Managed(str(path), values, _locked(values.pop("locked", []), path), path.absolute().parent)


def _locked(stated: object, path: Path) -> tuple[str, ...] | Literal[True]:
    if stated is True:
        return True
    if stated is False:
        return ()
    if not isinstance(stated, list) or not all(isinstance(name, str) for name in stated):
        raise ManagedUnreadable(origin=path, detail="`locked` is neither true nor a list of names")
    return tuple(stated)
