"""Every sentence of the code stands in Vietnamese, with the same placeholders."""

from __future__ import annotations

import re
import unicodedata
from pathlib import Path

import pytest
from babel.messages import extract, pofile
from babel.messages.catalog import Catalog

from app import i18n
from app.paths import RESOURCES

ROOT = RESOURCES.parent
_KEYWORDS = {"_": None, "N_": None, "ngettext": (1, 2), "pgettext": ((1, "c"), 2)}
_PLACEHOLDER = re.compile(r"\{([a-z_]*)[^}]*\}")


@pytest.fixture(scope="module")
def catalogue() -> Catalog:
    with (RESOURCES / "locale/vi/LC_MESSAGES/antin.po").open("rb") as stream:
        return pofile.read_po(stream, locale="vi")


def _sentences() -> list[tuple[str, str | None, str]]:
    """Message id, context and where it stands."""
    found = []
    for package in ("app", "pkcs11_bridge", "ui"):
        for path in sorted((ROOT / package).rglob("*.py")):
            with path.open("rb") as stream:
                for line, message, _comments, context in extract.extract("python", stream, _KEYWORDS):
                    first = message[0] if isinstance(message, tuple) else message
                    found.append((first, context, f"{path.relative_to(ROOT)}:{line}"))
    return found


def test_the_code_has_sentences() -> None:
    assert len(_sentences()) > 200


def test_every_sentence_has_a_translation(catalogue: Catalog) -> None:
    missing = []
    for message, context, where in _sentences():
        entry = catalogue.get(message, context)
        if entry is None or entry.fuzzy or not (entry.string if isinstance(entry.string, str) else all(entry.string)):
            missing.append(f"{where}: {message}")
    assert not missing, "\n".join(missing)


def test_placeholders_are_those_of_the_sentence(catalogue: Catalog) -> None:
    for entry in catalogue:
        if not entry.id:
            continue
        wanted = entry.id[-1] if isinstance(entry.id, tuple) else entry.id
        given = entry.string[0] if isinstance(entry.string, tuple) else entry.string
        if not given:  # of click's own words, those nobody meets
            continue
        assert set(_PLACEHOLDER.findall(given)) == set(_PLACEHOLDER.findall(wanted)), entry.id


def test_translations_are_composed_vietnamese(catalogue: Catalog) -> None:
    """Letters with marks are single code points, and most sentences bear some: they are no leftovers of English."""
    strings = [entry.string if isinstance(entry.string, str) else entry.string[0] for entry in catalogue if entry.id]
    assert all(string == unicodedata.normalize("NFC", string) for string in strings)
    plain = [string for string in strings if len(string) > 25 and string.isascii()]
    assert not plain


def test_language_changes_while_running() -> None:
    sentence = "No token is plugged in."
    i18n.set_language("vi")
    vietnamese = i18n._(sentence)
    i18n.set_language("en")
    assert i18n._(sentence) == sentence != vietnamese
    assert i18n.current_language() == "en"


def test_the_compiled_catalogue_is_that_of_the_source() -> None:
    folder: Path = RESOURCES / "locale/vi/LC_MESSAGES"
    assert (folder / "antin.mo").stat().st_mtime >= (folder / "antin.po").stat().st_mtime
