"""What may leave the office in a file for support: only what is known to be harmless passes.

Nothing is searched for names or numbers. A value passes where it is a number, a truth value, or a word of the program's
own vocabulary; everything else is blacked out, whatever it is.
"""

from __future__ import annotations

import importlib
import importlib.util
import pkgutil
import platform
import re
import sys
from collections.abc import Collection, Iterator
from functools import lru_cache

#: Stands for what is not shown.
BLACK = "█████"

#: Third-party packages of the program, by the name under which they are imported.
LIBRARIES = (
    "PySide6",
    "alembic",
    "click",
    "cryptography",
    "keyring",
    "lxml",
    "msgspec",
    "openpyxl",
    "pikepdf",
    "pkcs11",
    "psycopg",
    "pyhanko",
    "pypdfium2",
    "rich",
    "shiboken6",
    "sqlalchemy",
    "typst",
)

_OWN = ("app", "pkcs11_bridge", "ui")
_VERSION = re.compile(r"\d{1,4}(\.\d{1,5}){0,3}((a|b|rc|\.dev|\.post)\d{1,3})?")
_SOURCE = re.compile(r"(?:^|[/\\])((?:app|pkcs11_bridge|ui)(?:[/\\][a-z_0-9]{1,60}){1,6})\.py[co]?$")
_PLACED = re.compile(r"((?:app|pkcs11_bridge|ui)(?:/[a-z_0-9]{1,60}){1,6}\.py|[A-Za-z0-9_]{1,40}):(\d{1,6})")


def word(text: object, known: Collection[str]) -> str:
    """The text where it is one of a vocabulary."""
    return text if isinstance(text, str) and text in known else BLACK


def version(text: object) -> str:
    """A version number, such as ``2.0.1`` or ``7.0rc1``."""
    return text if isinstance(text, str) and _VERSION.fullmatch(text) else BLACK


def kernel(release: str) -> str:
    """The numbers that a release of a system begins with: who built it may stand after them."""
    found = re.match(r"\d{1,4}(\.\d{1,5}){0,3}", release)
    return found.group() if found else BLACK


def system() -> dict[str, str]:
    """The operating system: its kind, its release without suffix, the processor."""
    return {
        "system": word(platform.system(), ("Linux", "Windows", "Darwin")),
        "release": kernel(platform.release()),
        "machine": word(platform.machine(), ("x86_64", "AMD64", "i386", "i686", "aarch64", "arm64", "ARM64")),
        "bits": "64" if sys.maxsize > 1 << 32 else "32",
    }


def driver(path: str) -> str:
    """The file name of a vendor's module that the shipped list or this system's OpenSC and SoftHSM know."""
    return word(re.split(r"[/\\]", path)[-1], drivers())


def place(file: str, line: int) -> str:
    """A line of a traceback: the file of the program below its folder, else no more than the library's name.

    :param file: as the interpreter names it, anywhere on this computer.
    :return: such as ``app/office.py:12`` or ``lxml:12``.
    """
    found = _SOURCE.search(file)
    if found is not None and _is_own(inside := re.sub(r"[/\\]", "/", found.group(1))):
        return f"{inside}.py:{line}"
    parts = re.split(r"[/\\]", file)
    library = next((part for part in reversed(parts) if part in LIBRARIES), "")
    if library:
        return f"{library}:{line}"
    name = parts[-1].rpartition(".py")[0]
    if name == "__init__":
        name = parts[-2]
    return f"{name}:{line}" if name in sys.stdlib_module_names else f"{BLACK}:{line}"


def placed(text: object) -> str:
    """A line that :func:`place` made and that was read again from a file."""
    found = _PLACED.fullmatch(text) if isinstance(text, str) else None
    if found is None:
        return BLACK
    name = found.group(1)
    if "/" in name:
        return found.group() if _is_own(name.removesuffix(".py")) else BLACK
    return found.group() if name in LIBRARIES or name in sys.stdlib_module_names else BLACK


@lru_cache(maxsize=1)
def error_codes() -> frozenset[str]:
    """The codes of the program's own errors."""
    from app.errors import AntinError
    from pkcs11_bridge.errors import BridgeError

    for package in ("app", *(f"app.{name}" for name in _packages())):
        for module in pkgutil.iter_modules(importlib.import_module(package).__path__, f"{package}."):
            if module.name.endswith("errors"):
                importlib.import_module(module.name)
    kinds = [kind for base in (AntinError, BridgeError) for kind in _all_kinds(base)]
    return frozenset(str(vars(kind).get("code", "")) for kind in kinds) | {
        "check-timeout",
        "no-display",
    }


@lru_cache(maxsize=1)
def error_names() -> frozenset[str]:
    """Names of the classes of errors: Python's own, the program's, and those of its libraries loaded by now."""
    return frozenset(
        kind.__name__
        for kind in _all_kinds(BaseException)
        if kind.__module__.partition(".")[0] in {"builtins", *_OWN, *LIBRARIES, *sys.stdlib_module_names}
    )


def _all_kinds(base: type[BaseException]) -> Iterator[type]:
    yield base
    for kind in type.__subclasses__(base):
        yield from _all_kinds(kind)


def _packages() -> list[str]:
    import app

    return [module.name for module in pkgutil.iter_modules(app.__path__) if module.ispkg and module.name != "cli"]


@lru_cache(maxsize=1024)
def _is_own(inside: str) -> bool:
    """Whether ``app/office`` or the like is a module of this program; its packages are imported to know."""
    try:
        return importlib.util.find_spec(inside.replace("/", ".")) is not None
    except (ImportError, ValueError):
        return False


@lru_cache(maxsize=1)
def drivers() -> frozenset[str]:
    """File names of the vendors' modules known."""
    from pkcs11_bridge.discovery import known_modules

    listed = [name for module in known_modules().module for name in (*module.windows, *module.linux, *module.macos)]
    return frozenset({re.split(r"[/\\]", name)[-1] for name in listed} | {"libsofthsm2.so", "opensc-pkcs11.so"})
