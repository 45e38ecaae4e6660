"""Every error a person can meet has a code, a sentence and a hint, in both languages."""

from __future__ import annotations

import errno
import importlib
import pkgutil
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import app
from app import i18n
from app.errors import AntinError, describe
from pkcs11_bridge import errors as bridge
from pkcs11_bridge.errors import BridgeError


def _narrower(kind: type[Exception]) -> Iterator[type[Exception]]:
    yield kind
    for further in kind.__subclasses__():
        yield from _narrower(further)


@pytest.fixture(scope="module")
def all_errors() -> list[type[AntinError]]:
    for module in pkgutil.walk_packages(app.__path__, "app."):
        if "migrations" not in module.name and not module.name.endswith("__main__"):
            importlib.import_module(module.name)
    return [kind for kind in _narrower(AntinError) if issubclass(kind, AntinError)]


def test_each_has_code_sentence_and_hint_of_its_own(all_errors: list[type[AntinError]]) -> None:
    assert len(all_errors) > 30
    for kind in all_errors:
        assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", kind.code), kind
        assert len(kind.message_id) > 10, kind
        assert len(kind.hint_id) > 10 or kind.hint_id == "{hint}", kind
        bases = [base for base in kind.__mro__[1:] if issubclass(base, AntinError)]
        assert all(kind.code != base.code for base in bases) or kind.__name__ == "InternalError", kind


def test_each_error_of_a_token_is_said_in_both_languages() -> None:
    for kind in _narrower(BridgeError):
        error = kind()
        i18n.set_language("en")
        english = describe(error)
        i18n.set_language("vi")
        vietnamese = describe(error)
        assert english.code == vietnamese.code
        assert english.message != vietnamese.message, kind
        assert english.hint != vietnamese.hint, kind
        if kind not in (BridgeError, bridge.PinError, bridge.ModuleError):
            assert english.message != describe(BridgeError()).message


@pytest.mark.parametrize(
    ("number", "code"),
    [
        (errno.ENOSPC, "disk-full"),
        (errno.EIO, "disk-failing"),
        (errno.ESTALE, "disk-failing"),
        (errno.ENOENT, "file-missing"),
        (errno.EACCES, "file-not-readable"),
        (errno.EROFS, "target-not-writable"),
        (errno.EBUSY, "file-in-use"),
    ],
)
def test_what_the_system_says_is_translated(number: int, code: str) -> None:
    told = describe(OSError(number, "words of the system", str(Path("a") / "b.pdf")))
    assert told.code == code
    assert "b.pdf" in told.message


def test_a_connection_is_no_disk() -> None:
    assert describe(ConnectionResetError(errno.ECONNRESET, "words of the system")).code == "internal"


def test_anything_else_is_internal_and_named() -> None:
    told = describe(KeyError("x"))
    assert told.code == "internal"
    assert "KeyError" in told.message
