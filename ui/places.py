"""The pages of the window, each made when first needed."""

from __future__ import annotations

from collections.abc import Callable, Container, Iterator, Mapping

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QStackedWidget

from ui.importing import Imports
from ui.pages.page import Kept, Page

#: Between two pages made ahead of time, and between two turns of imports for one, in milliseconds, so that the window
#: stays awake; and about how long such a turn takes, in seconds.
_PAUSE, _SHORT_PAUSE, _TURN = 120, 20, 0.008


class Pages(QStackedWidget):
    """Shows one page of several by name.

    :param makers: make the pages, by name, in the order of the places.
    :param kept: what pages of these names had at hand; see :meth:`kept`.
    :param seldom: pages that are not made ahead.
    """

    def __init__(
        self,
        makers: Mapping[str, Callable[[], Page]],
        kept: Mapping[str, Kept] | None = None,
        *,
        seldom: Container[str] = (),
        modules: Mapping[str, str] | None = None,
    ) -> None:
        """
        :param modules: that making the pages imports, by the pages' names.
        """
        super().__init__()
        self._makers = dict(makers)
        self._imports = {name: Imports(module) for name, module in (modules or {}).items()}
        self._made: dict[str, Page] = {}
        self._kept = dict(kept or {})
        self._seldom = seldom
        self._ahead = QTimer(self)
        self._ahead.setInterval(_PAUSE)
        self._ahead.timeout.connect(self._make_one)

    @property
    def made(self) -> list[Page]:
        """The pages that exist so far."""
        return list(self._made.values())

    @property
    def shown(self) -> str:
        """Name of the page shown."""
        return next(name for name, page in self._made.items() if page is self.currentWidget())

    def page(self, name: str) -> Page:
        """A page, made now where it was not yet.

        :raises KeyError: there is none of that name.
        """
        if name not in self._made:
            page = self._made[name] = self._makers[name]()
            page.setObjectName(name)
            self.addWidget(page)
            if (kept := self._kept.pop(name, None)) is not None:
                page.take_over(kept)
        return self._made[name]

    def show_page(self, name: str) -> Page:
        """Show a page."""
        page = self.page(name)
        self.setCurrentWidget(page)
        return page

    def kept(self) -> dict[str, Kept]:
        """What the pages have at hand, to be taken over by pages of another look or language."""
        return {**self._kept, **{name: page.keep() for name, page in self._made.items()}}

    def make_ahead(self) -> None:
        """From now on make the pages not asked for yet, one after the other while nothing happens."""
        self._ahead.start()

    def stop(self) -> None:
        """Make no further page; end the work of all."""
        self._ahead.stop()
        for page in self._made.values():
            page.stop()

    def _make_one(self) -> None:
        if any(page.busy for page in self._made.values()):
            return
        name = next((name for name in self._makers if name not in self._made and name not in self._seldom), None)
        if name is None:
            self._ahead.stop()
        elif self._is_imported(name):
            self._ahead.setInterval(_PAUSE)
            self.page(name)
        else:
            self._ahead.setInterval(_SHORT_PAUSE)

    def _is_imported(self, name: str) -> bool:
        """Whether what a page needs is imported; a part of it is now where it was not."""
        if name in self._imports and not self._imports[name].go_on(_TURN):
            return False
        self._imports.pop(name, None)
        return True


class PagesByName(Mapping[str, Page]):
    """The pages as a mapping, in the order of the places; looking one up makes it."""

    def __init__(self, pages: Pages, names: tuple[str, ...]) -> None:
        self._pages, self._names = pages, names

    def __getitem__(self, name: str) -> Page:
        return self._pages.page(name)

    def __iter__(self) -> Iterator[str]:
        return iter(self._names)

    def __len__(self) -> int:
        return len(self._names)
