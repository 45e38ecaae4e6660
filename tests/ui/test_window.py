"""The window as a whole: places, names, languages, themes, the line about tokens."""

from __future__ import annotations

import subprocess
import sys
from functools import cached_property, partial
from pathlib import Path

import msgspec
import pytest
from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QAbstractScrollArea,
    QAbstractSpinBox,
    QApplication,
    QComboBox,
    QLabel,
    QLineEdit,
    QPlainTextEdit,
    QProgressBar,
    QTableView,
    QWidget,
)
from pytestqt.qtbot import QtBot

from app import i18n
from app.data_folder import DataFolderNotWritable
from app.office import Office
from app.settings import Settings
from tests.ui.person import Person
from ui import app as entry
from ui import theme
from ui.app import open_window
from ui.pages.archive import ArchivePage
from ui.pages.journal import JournalPage
from ui.pages.page import Page
from ui.pages.settings import SettingsPage
from ui.pages.tokens import TokensPage
from ui.pages.trust import TrustPage
from ui.places import Pages
from ui.status_line import StatusLine
from ui.window import MainWindow

_CONTROLS = (
    QAbstractButton,
    QAbstractSpinBox,
    QComboBox,
    QLineEdit,
    QPlainTextEdit,
    QAbstractItemView,
    QProgressBar,
)


def _inside(widget: QWidget) -> bool:
    """Whether it is a part that Qt makes inside another control: the line of a combo box or a date, the heading of a
    table."""
    parent = widget.parentWidget()
    while parent is not None:
        if isinstance(parent, QAbstractSpinBox | QComboBox | QLineEdit | QTableView) or type(parent).__name__ in (
            "QComboBoxPrivateContainer",
        ):
            return True
        parent = parent.parentWidget()
    return False


def _nameless(window: QWidget) -> list[str]:
    found = []
    for widget in window.findChildren(QWidget):
        control = isinstance(widget, _CONTROLS) or (
            isinstance(widget, QAbstractScrollArea) and widget.focusPolicy() != Qt.FocusPolicy.NoFocus
        )
        if control and not _inside(widget) and not widget.accessibleName().strip():
            found.append(f"{type(widget).__name__} {widget.objectName()} in {widget.parentWidget()}")
    return found


@pytest.mark.parametrize("language", ["vi", "en"])
def test_every_control_of_every_page_has_a_name(
    person: Person, window: MainWindow, documents: dict[str, Path], language: i18n.Language
) -> None:
    window._language_chosen(language)
    person.puts_files_to_sign(*documents.values())
    window.open_files([documents["xlsx"], documents["pptx"]])
    person.waits_for_reports(2)
    card = person.waits_for_card(documents["xlsx"])
    card.about.unfold(True)
    for name in window.pages:
        window.show_page(name)
        person.qtbot.wait(50)
    trust = window.pages["trust"]
    assert isinstance(trust, TrustPage)
    person.waits_until(lambda: bool(trust.rows))
    trust.rows[0].fold.unfold(True)
    archive, tokens = window.pages["archive"], window.pages["tokens"]
    assert isinstance(archive, ArchivePage) and isinstance(tokens, TokensPage)
    for maker in (archive, tokens.side):  # panels that are made when they are first wanted
        late = [name for name, member in vars(type(maker)).items() if isinstance(member, cached_property)]
        assert late and all(getattr(maker, name) is not None for name in late)
    assert tokens.handover.isHidden()
    assert _nameless(window) == []


def test_a_nameless_control_would_be_found(window: MainWindow) -> None:
    QLineEdit(window.pages["sign"])
    assert len(_nameless(window)) == 1


def test_ctrl_and_a_number_go_to_the_places_in_order(person: Person, window: MainWindow) -> None:
    for number, name in enumerate(("sign", "verify", "archive", "tokens", "journal", "settings"), start=1):
        person.presses(Qt.Key(Qt.Key.Key_0 + number), Qt.KeyboardModifier.ControlModifier)
        assert window.current_page == name
        assert window.pages[name].isVisible()


@pytest.mark.parametrize("name", ["sign", "verify", "archive", "tokens", "journal", "settings", "trust"])
def test_every_enabled_control_of_a_page_is_reached_by_tab(person: Person, window: MainWindow, name: str) -> None:
    window.show_page(name)
    person.qtbot.wait(100)
    page = window.pages[name]
    reached = set()
    window.setFocus()
    for _step in range(80):
        person.presses(Qt.Key.Key_Tab)
        reached.add(QApplication.focusWidget())
    missed = [
        widget.accessibleName()
        for widget in page.findChildren(QWidget)
        if isinstance(widget, _CONTROLS)
        and widget.isVisible()
        and widget.isEnabled()
        and widget.focusPolicy() & Qt.FocusPolicy.TabFocus
        and not _inside(widget)
        and widget not in reached
    ]
    assert missed == []


def test_the_status_line_tells_whose_tokens_are_in(person: Person, window: MainWindow) -> None:
    line = window.findChild(StatusLine)
    assert isinstance(line, StatusLine)
    person.waits_until(lambda: "Nguyễn Văn An" in line.button.text())
    assert "Phong Điền" in line.button.text()
    person.qtbot.mouseClick(line.button, Qt.MouseButton.LeftButton)
    assert window.current_page == "tokens"


def test_without_a_token_the_window_says_so_and_what_to_do(qtbot: QtBot, settings: Settings) -> None:
    bare = msgspec.structs.replace(settings, tokens=msgspec.structs.replace(settings.tokens, modules=[]))
    with Office(bare) as office:
        window = open_window(office)
        line = window.findChild(StatusLine)
        assert isinstance(line, StatusLine)
        with i18n_language("vi"):
            qtbot.waitUntil(lambda: window.tokens.plugged is not None, timeout=20_000)
            assert line.button.text() == i18n._("No token is plugged in")
        window.show_page("tokens")
        words = [label.text() for label in window.pages["tokens"].findChildren(QLabel) if label.isVisible()]
        assert i18n._("No token is plugged in. Plug one in; it appears here within two seconds.") in words
        window.close()
        window.deleteLater()


class i18n_language:  # noqa: N801 - reads like a word of the test
    def __init__(self, language: i18n.Language) -> None:
        self._language = language

    def __enter__(self) -> None:
        i18n.set_language(self._language)

    def __exit__(self, *exc: object) -> None:
        i18n.set_language("vi")


def test_the_language_changes_at_once_and_is_remembered(
    person: Person, window: MainWindow, documents: dict[str, Path], signing_office: Office
) -> None:
    person.puts_files_to_sign(documents["xlsx"])
    window.show_page("settings")
    settings = window.pages["settings"]
    assert isinstance(settings, SettingsPage)
    settings.language.setCurrentIndex(settings.language.findData("en"))
    settings.language.activated.emit(settings.language.currentIndex())
    person.waits_until(lambda: window._buttons["verify"].text() == "Check")
    assert window.current_page == "settings"
    assert window.pages["sign"].files() == [documents["xlsx"]]
    assert "language=en" in (signing_office.settings.data_dir / "window.ini").read_text()


def test_light_and_dark_change_at_once(window: MainWindow) -> None:
    def shade() -> int:
        return window.grab().toImage().pixelColor(600, 20).lightness()

    window._theme_chosen("dark")
    assert theme.current() is theme.DARK
    assert shade() < 60
    window._theme_chosen("light")
    assert shade() > 200


def test_another_look_keeps_what_was_found_and_another_language_finds_it_anew(
    person: Person, window: MainWindow, documents: dict[str, Path], signing_office: Office
) -> None:
    window.open_files([documents["xlsx"], documents["pptx"]])
    before = person.waits_for_reports(2)
    window._theme_chosen("dark")
    assert person.checking.reports == before
    assert not person.checking.busy
    window._language_chosen("en")
    after = person.waits_for_reports(2)
    assert {report.path for report in after} == {report.path for report in before}
    assert after[0].summary != before[0].summary


def test_another_look_makes_pages_anew_when_they_are_shown(person: Person, window: MainWindow) -> None:
    """A style sheet set on all the widgets there are would take ten times as long as making them anew."""
    before = {name: window.pages[name] for name in window.pages}
    for name in before:
        window.show_page(name)
    window._theme_chosen("dark")
    assert all(window.pages[name] is not page for name, page in before.items())


def test_no_part_of_a_page_is_a_window_of_its_own_for_a_moment(
    person: Person, window: MainWindow, documents: dict[str, Path]
) -> None:
    """A part shown before it has its place flashes as a window and takes the keyboard away."""

    class Windows(QObject):
        def eventFilter(self, watched: QObject, event: QEvent) -> bool:
            if event.type() == QEvent.Type.Show and isinstance(watched, QWidget) and watched.isWindow():
                shown.append(f"{type(watched).__name__} {watched.accessibleName()}")
            return False

    shown: list[str] = []
    watcher = Windows()
    application = QApplication.instance()
    assert application is not None
    application.installEventFilter(watcher)
    try:
        window._theme_chosen("dark")
        person.puts_files_to_sign(documents["quyet_dinh_pdf"])
        window.open_files([documents["xlsx"], documents["quyet_dinh_pdf"]])
        person.waits_for_reports(2)
        person.waits_for_card(documents["xlsx"])
        for name in window.pages:
            window.show_page(name)
            person.qtbot.wait(50)
    finally:
        application.removeEventFilter(watcher)
    assert shown == []


def test_pages_are_made_ahead_while_nothing_happens(person: Person, window: MainWindow) -> None:
    person.waits_until(lambda: {page.objectName() for page in window._stack.made} == {*window.pages} - {"first-run"})


def test_no_page_is_made_ahead_while_one_is_at_work(qtbot: QtBot, signing_office: Office) -> None:
    work = "Đang ký"

    class AtWork(Page):
        @property
        def busy(self) -> str:
            return work

    makers = {"first": AtWork, "second": Page, "third": Page}
    pages = Pages({name: partial(maker, signing_office) for name, maker in makers.items()}, seldom={"third"})
    qtbot.addWidget(pages)
    pages.show_page("first")
    pages._make_one()
    assert [page.objectName() for page in pages.made] == ["first"]
    work = ""
    for _time in range(3):
        pages._make_one()
    assert [page.objectName() for page in pages.made] == ["first", "second"]


def test_the_journal_lists_what_was_done_and_finds_a_changed_entry(
    person: Person, window: MainWindow, documents: dict[str, Path], signing_office: Office
) -> None:
    window.open_files([documents["xlsx"]])
    person.waits_for_reports(1)
    window.show_page("journal")
    page = window.pages["journal"]
    assert isinstance(page, JournalPage)
    person.waits_until(lambda: page.rows.rowCount() == 1)
    person.qtbot.mouseClick(page._check, Qt.MouseButton.LeftButton)
    person.waits_until(lambda: page.notice.property("tone") == "good")
    ledger = signing_office.ledger.path
    ledger.write_text(ledger.read_text(encoding="utf-8").replace("unsigned", "valid"), encoding="utf-8")
    person.qtbot.mouseClick(page._check, Qt.MouseButton.LeftButton)
    person.waits_until(lambda: page.notice.property("tone") == "bad")


def test_what_was_filed_is_found_without_accents(
    person: Person, window: MainWindow, signing_office: Office, documents: dict[str, Path]
) -> None:
    copied = documents["quyet_dinh_pdf"]
    signing_office.archive.add(copied, signing_office.read(copied))
    window.show_page("archive")
    page = window.pages["archive"]
    person.waits_until(lambda: page.list.found.rowCount() == 1)  # type: ignore[attr-defined]
    page.query.setFocus()  # type: ignore[attr-defined]
    person.types("phe duyet")
    person.waits_until(lambda: "1" in page.desk.count.text())  # type: ignore[attr-defined]
    person.types(" khongdau")
    person.waits_until(lambda: page.list.found.rowCount() == 0)  # type: ignore[attr-defined]
    assert page.query.isVisible()  # type: ignore[attr-defined]


@pytest.mark.parametrize("size", [(1280, 720), (1920, 1080)])
def test_pages_fit_the_window(
    person: Person, window: MainWindow, documents: dict[str, Path], size: tuple[int, int]
) -> None:
    window.resize(*size)
    person.puts_files_to_sign(documents["quyet_dinh_pdf"])
    for name, page in window.pages.items():
        window.show_page(name)
        person.qtbot.wait(20)
        assert (page.minimumSizeHint().width(), page.minimumSizeHint().height()) <= (page.width(), page.height()), name
    assert (window.width(), window.height()) == size


def test_the_program_opens_and_closes_without_a_word_on_standard_error(settings: Settings, tmp_path: Path) -> None:
    """The process as the desktop starts it; Qt's warnings and Python's would stand on standard error."""
    code = (
        "import sys; from pathlib import Path; from PySide6.QtCore import QTimer; from app.settings import load; "
        "from ui.app import application, run; application(); "
        "QTimer.singleShot(1500, lambda: [w.close() for w in application().topLevelWidgets()]); "
        f"sys.exit(run(lambda: load(Path({str(settings.data_dir)!r}))))"
    )
    done = subprocess.run([sys.executable, "-X", "dev", "-c", code], capture_output=True, text=True, timeout=60)
    said = [line for line in done.stderr.splitlines() if "propagateSizeHints" not in line]
    assert (done.returncode, said) == (0, [])


def test_a_data_folder_that_cannot_be_made_is_told_and_ends_the_program(
    qapp: object, settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("no folder")
    without = msgspec.structs.replace(settings, data_dir=tmp_path / "file" / "data")
    told: list[Exception] = []
    monkeypatch.setattr(entry, "_tell", told.append)
    monkeypatch.setattr(sys, "excepthook", sys.excepthook)
    with pytest.raises(DataFolderNotWritable):
        entry.run(lambda: without)
    assert [type(error) for error in told] == [DataFolderNotWritable]
