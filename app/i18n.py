"""Words on screen: one gettext catalogue for window, commands and reports.

Message ids are the English sentences; Vietnamese is the default language and stands in
``resources/locale/vi/LC_MESSAGES/antin.po``. Look-ups happen when a sentence is shown, not when a
module is imported, so the language can change while the program runs.
"""

from __future__ import annotations

import gettext as _gettext
from typing import Literal

from app.paths import RESOURCES

Language = Literal["vi", "en"]

_language: Language = "vi"
_translations: _gettext.NullTranslations | None = None


def set_language(language: Language) -> None:
    """Choose the language of every sentence shown from now on."""
    global _language, _translations
    _language, _translations = language, None


def current_language() -> Language:
    return _language


def _catalogue() -> _gettext.NullTranslations:
    global _translations
    if _translations is None:
        if _language == "en":
            _translations = _gettext.NullTranslations()
        else:
            _translations = _gettext.translation("antin", RESOURCES / "locale", [_language], fallback=True)
    return _translations


def _(message: str) -> str:
    """The sentence in the current language."""
    return _catalogue().gettext(message) if message else ""


def pgettext(context: str, message: str) -> str:
    return _catalogue().pgettext(context, message)


def ngettext(singular: str, plural: str, n: int) -> str:
    return _catalogue().ngettext(singular, plural, n)


def N_(message: str) -> str:  # noqa: N802 - gettext's own name
    """Mark a sentence for the catalogue without looking it up yet."""
    return message
