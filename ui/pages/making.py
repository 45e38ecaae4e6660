"""Makes the window's pages, each importing what it needs when it is first wanted: the window does not wait for all."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from app.office import Office
from ui.pages.page import Page
from ui.preferences import Preferences
from ui.tokens import TokenWatch

if TYPE_CHECKING:
    from ui.first_run.page import FirstRunPage
    from ui.pages.doctor import DoctorPage
    from ui.pages.settings import SettingsPage

#: The module of each page, by the page's name.
MODULES: Final = {
    "sign": "ui.pages.sign",
    "verify": "ui.pages.verify",
    "archive": "ui.pages.archive",
    "tokens": "ui.pages.tokens",
    "journal": "ui.pages.journal",
    "settings": "ui.pages.settings",
    "trust": "ui.pages.trust",
    "doctor": "ui.pages.doctor",
    "first-run": "ui.first_run.page",
}


class PageMaker:
    """One method a page.

    :param tokens: what is plugged in, for the pages that show it.
    """

    def __init__(self, office: Office, tokens: TokenWatch, preferences: Preferences) -> None:
        self._office, self._tokens, self._preferences = office, tokens, preferences

    def sign(self) -> Page:
        from ui.pages.sign import SignPage

        return SignPage(self._office, self._tokens)

    def verify(self) -> Page:
        from ui.pages.verify import VerifyPage

        return VerifyPage(self._office)

    def archive(self) -> Page:
        from ui.pages.archive import ArchivePage

        return ArchivePage(self._office)

    def tokens(self) -> Page:
        from ui.pages.tokens import TokensPage

        return TokensPage(self._office, self._tokens)

    def journal(self) -> Page:
        from ui.pages.journal import JournalPage

        return JournalPage(self._office)

    def settings(self) -> SettingsPage:
        from ui.pages.settings import SettingsPage

        return SettingsPage(self._office, self._preferences)

    def trust(self) -> Page:
        from ui.pages.trust import TrustPage

        return TrustPage(self._office, self._preferences)

    def doctor(self) -> DoctorPage:
        from ui.pages.doctor import DoctorPage

        return DoctorPage(self._office)

    def first_run(self) -> FirstRunPage:
        from ui.first_run.page import FirstRunPage

        return FirstRunPage(self._office, self._tokens, self._preferences)
