"""Imports a little at a time, so that the window is not held up by a page's many modules at once."""

from __future__ import annotations

import dis
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from importlib import import_module
from importlib.machinery import ModuleSpec
from importlib.util import find_spec
from types import CodeType

#: Packages of the program; what others import among themselves is left to them.
_OWN = frozenset({"ui", "app", "pkcs11_bridge"})


class Imports:
    """A module and all that it imports, what is needed first coming first. What is missing is passed over: whoever
    imports it for use learns of it, or does without it.

    :param name: of the module.
    """

    def __init__(self, name: str) -> None:
        self._left = _in_order(name, set())

    def go_on(self, seconds: float) -> bool:
        """Import for about so long.

        :return: whether all is imported.
        """
        until = time.perf_counter() + seconds
        for name in self._left:
            with suppress(ImportError):
                import_module(name)
            if time.perf_counter() > until:
                return False
        return True


def _in_order(name: str, seen: set[str]) -> Iterator[str]:
    """Names of modules not imported yet. Each is to be imported as soon as it is named: only then the modules in a
    package can be found."""
    if name in seen or name in sys.modules:
        return
    seen.add(name)
    if package := name.rpartition(".")[0]:
        yield from _in_order(package, seen)
    if name.partition(".")[0] in _OWN:
        for needed in _imported_by(name):
            yield from _in_order(needed, seen)
    yield name


def _imported_by(name: str) -> Iterator[str]:
    """What a module imports while it is itself imported: neither in its functions, nor for type checkers alone."""
    spec = _spec(name)
    code: CodeType | None = getattr(spec and spec.loader, "get_code", lambda _name: None)(name)
    if code is None:
        return
    imported, for_checkers, skip_to = "", False, 0
    for step in dis.get_instructions(code):
        if step.offset < skip_to:
            continue
        if step.opname == "IMPORT_NAME":
            imported = str(step.argval)
            yield imported
        elif step.opname == "IMPORT_FROM" and hasattr(sys.modules.get(imported), "__path__"):
            part = f"{imported}.{step.argval}"
            if imported.partition(".")[0] in _OWN and _spec(part) is not None:
                yield part
        elif for_checkers and step.opname.startswith("POP_JUMP"):
            skip_to = int(step.argval)
        for_checkers = step.opname.startswith("LOAD") and step.argval == "TYPE_CHECKING"


def _spec(name: str) -> ModuleSpec | None:
    """Where a module is; None where it is missing."""
    try:
        return find_spec(name)
    except ImportError:
        return None
