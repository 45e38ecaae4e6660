"""Nguồn tin cậy, as the IT officer does it."""

from __future__ import annotations

from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import Any

import msgspec
import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from app.bundle.store import BundleStore
from app.office import Office
from app.settings import BundleSettings, Settings, load
from app.system import here
from app.trust import words
from app.trust.anchors import Origin
from app.trust.shipped import Domain
from app.verification.model import Conclusion
from tests.demo.office import DemoOffice
from tests.ui.person import Person
from tests.unit.test_bundles import SIGNER, packed, signed
from ui.pages.trust import TrustPage
from ui.preferences import Preferences
from ui.widgets.authority_row import AuthorityRow, fingerprint
from ui.window import MainWindow


@pytest.fixture
def page(person: Person, window: MainWindow) -> TrustPage:
    window.show_page("trust")
    made = window.pages["trust"]
    assert isinstance(made, TrustPage)
    person.waits_until(lambda: bool(made.rows))
    return made


def row_of(page: TrustPage, origin: Origin, domain: Domain) -> AuthorityRow:
    return next(row for row in page.rows if (row.authority.origin, row.authority.domain) == (origin, domain))


def test_it_is_reached_from_the_settings_and_leads_back(person: Person, window: MainWindow) -> None:
    window.show_page("settings")
    window.pages["settings"].findChild(object, "settingsTrust").click()  # type: ignore[union-attr, attr-defined]
    assert window.current_page == "trust"
    assert window._buttons["settings"].isChecked()
    window.pages["trust"].findChild(object, "trustBack").click()  # type: ignore[union-attr, attr-defined]
    assert window.current_page == "settings"


def test_both_domains_are_listed_with_their_fingerprints(person: Person, page: TrustPage) -> None:
    domains = {row.authority.domain for row in page.rows}
    assert {Domain.GOVERNMENT, Domain.PUBLIC, Domain.OFFICE} <= domains
    row = row_of(page, Origin.SHIPPED, Domain.GOVERNMENT)
    person.qtbot.mouseClick(row.fold.button, Qt.MouseButton.LeftButton)
    told = person.reads(row)
    assert fingerprint(row.authority.sha256) in told
    assert row.authority.source in told


def test_no_line_of_a_source_is_cut(page: TrustPage, window: MainWindow, person: Person) -> None:
    for width in (1024, 1440):
        window.resize(width, 800)
        person.qtbot.wait(50)
        lines = [line for row in page.rows for line in row.findChildren(QLabel) if line.wordWrap() and line.isVisible()]
        assert lines
        person.waits_until(
            lambda lines=lines: all(line.height() >= line.heightForWidth(line.width()) for line in lines)
        )


def test_a_source_is_turned_off_and_the_way_back_is_offered(
    person: Person, page: TrustPage, signing_office: Office
) -> None:
    row = row_of(page, Origin.SHIPPED, Domain.PUBLIC)
    sha256 = row.authority.sha256
    person.qtbot.mouseClick(row.switch, Qt.MouseButton.LeftButton)
    person.waits_until(lambda: not state(page, sha256))
    assert sha256 not in {item.sha256 for item in signing_office.anchors.authorities() if item.enabled}
    undo = page.told.findChildren(type(row.switch))[0]
    person.qtbot.mouseClick(undo, Qt.MouseButton.LeftButton)
    person.waits_until(lambda: state(page, sha256))


def state(page: TrustPage, sha256: str) -> bool:
    return any(row.authority.sha256 == sha256 and row.authority.enabled for row in page.rows)


def test_a_turned_off_root_counts_for_the_next_file(
    person: Person, window: MainWindow, page: TrustPage, signed_documents: list[Path]
) -> None:
    window.open_files(signed_documents[:1])
    assert person.waits_for_card(signed_documents[0]).report.conclusion is Conclusion.VALID
    window.show_page("trust")
    root = row_of(page, Origin.SETTINGS, Domain.OFFICE)
    person.qtbot.mouseClick(root.switch, Qt.MouseButton.LeftButton)
    person.waits_until(page.told.isVisible)
    window.open_files(signed_documents[:1])
    person.waits_until(lambda: person.checking.reports[0].conclusion is Conclusion.INDETERMINATE)
    card = person.waits_for_card(signed_documents[0])
    person.qtbot.mouseClick(card.see_trust, Qt.MouseButton.LeftButton)
    assert window.current_page == "trust"


def test_a_root_is_trusted_only_after_its_fingerprint_was_compared(
    person: Person, page: TrustPage, office: DemoOffice, signing_office: Office
) -> None:
    file = office.pki.stranger_root_certificate
    page.offer_anchor(file)
    person.waits_until(page.offer.isVisible)
    [found] = signing_office.anchors.preview(file)
    assert fingerprint(found.sha256) in person.reads(page.offer)
    assert words.state(found) not in person.reads(page.offer)
    assert not page.offer.trust.isEnabled()
    page.offer.compared.setChecked(True)
    person.qtbot.mouseClick(page.offer.trust, Qt.MouseButton.LeftButton)
    person.waits_until(lambda: state(page, found.sha256))
    assert not page.offer.isVisible()
    added = next(row for row in page.rows if row.authority.sha256 == found.sha256)
    person.qtbot.mouseClick(added.remove, Qt.MouseButton.LeftButton)
    person.waits_until(lambda: not state(page, found.sha256))


def test_a_file_that_is_no_certificate_is_refused_with_its_reason(
    person: Person, page: TrustPage, tmp_path: Path
) -> None:
    wrong = tmp_path / "ảnh.cer"
    wrong.write_bytes(b"\x89PNG no certificate")
    page.offer_anchor(wrong)
    person.waits_until(page.told.isVisible)
    assert not page.offer.isVisible()
    assert "[" in page.told.notice.whole_text()


def test_a_revocation_list_is_taken_in_and_a_wrong_file_is_not(
    person: Person, page: TrustPage, office: DemoOffice, tmp_path: Path
) -> None:
    wrong = tmp_path / "trống.crl"
    wrong.write_bytes(b"")
    page.import_list(wrong)
    person.waits_until(page.lists.notice.isVisible)
    assert page.lists.notice.property("tone") == "caution"
    right = tmp_path / "thu hồi.crl"
    right.write_bytes(office.pki.crl())
    page.import_list(right)
    person.waits_until(lambda: page.lists.notice.property("tone") == "good")
    person.waits_until(lambda: "CA mẫu phục vụ cơ quan nhà nước" in person.reads(page.lists._lists))


def test_an_update_tells_every_address_that_gave_nothing(
    person: Person, page: TrustPage, signing_office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    from app.trust.kept_lists import Outcome, Update

    steps = [Update("http://127.0.0.1:9/a.crl", Outcome.FAILED, detail="connection refused")]
    monkeypatch.setattr(signing_office, "update_lists", lambda: iter(steps))
    person.qtbot.mouseClick(page.lists.update_button, Qt.MouseButton.LeftButton)
    person.waits_until(page.lists.notice.isVisible)
    person.waits_until(lambda: "http://127.0.0.1:9/a.crl" in person.reads(page.lists))
    assert "connection refused" in person.reads(page.lists)
    assert page.lists.update_button.isEnabled()


def test_offline_nothing_is_fetched_and_the_choice_is_remembered(
    person: Person, page: TrustPage, signing_office: Office
) -> None:
    if not page.online.isChecked():
        page.online.click()
    page.online.click()
    assert signing_office.online is False
    assert Preferences(signing_office.settings.data_dir).online is False
    person.qtbot.mouseClick(page.lists.update_button, Qt.MouseButton.LeftButton)
    person.waits_until(page.lists.notice.isVisible)
    assert page.lists.notice.property("tone") == "caution"
    page.online.click()
    assert signing_office.online is True


# The trust bundle


@pytest.fixture
def bundle(tmp_path: Path) -> Callable[..., Path]:
    """Makes bundles that the settings let in, signed by a key of IT's."""

    def make(number: int, **more: Any) -> Path:
        made = signed(tmp_path, packed(number, **more))
        return made.rename(made.with_name(f"gói {number}.p7m"))

    return make


@pytest.fixture
def settings(settings: Settings) -> Settings:
    named = BundleSettings(signers=[sha256(SIGNER.der).hexdigest()])
    return msgspec.structs.replace(settings, bundle=named)


def told(page: TrustPage) -> str:
    return page.bundle.notice.whole_text()


def test_a_bundle_is_looked_at_before_it_is_taken_in(
    person: Person, page: TrustPage, bundle: Callable[..., Path], signing_office: Office
) -> None:
    sources = len(page.rows)
    page.offer_bundle(bundle(7))
    person.waits_until(page.bundle.offer.isVisible)
    read = person.reads(page.bundle.offer).replace("\u200b", "")
    assert "Nguyễn Quản Trị" in read and fingerprint(sha256(SIGNER.der).hexdigest()) in read
    assert "tin cậy thêm: CA cơ quan" in read
    assert "sudo antin bundle import --for-all '" in read and "gói 7.p7m" in read
    assert signing_office.bundle is None
    person.tabs_to("trustBundleTake")
    person.presses(Qt.Key.Key_Space)
    person.waits_until(lambda: len(page.rows) > sources)
    assert page.bundle.notice.property("tone") == "good" and "7" in told(page)
    assert not page.bundle.offer.isVisible()
    person.waits_until(lambda: "Nguyễn Quản Trị" in person.reads(page.bundle))
    assert signing_office.bundle is not None and signing_office.bundle.content.number == 7


def test_an_older_bundle_a_damaged_one_and_the_same_again_are_told(
    person: Person, page: TrustPage, bundle: Callable[..., Path], signing_office: Office
) -> None:
    newest = bundle(9)
    signing_office.bundles().take(newest)
    cut = newest.with_name("cụt.p7m")
    cut.write_bytes(newest.read_bytes()[:-200])
    for path, code in ((bundle(8), "bundle-older"), (cut, "bundle-damaged")):
        page.offer_bundle(path)
        person.waits_until(lambda code=code: f"[{code}]" in told(page))
        assert not page.bundle.offer.isVisible()
    page.offer_bundle(newest)
    person.waits_until(lambda: page.bundle.notice.property("tone") == "good")
    assert signing_office.ledger.verify().ok


def test_a_bundle_an_administrator_took_in_meanwhile_counts_when_the_page_is_opened_again(
    person: Person, window: MainWindow, page: TrustPage, bundle: Callable[..., Path], signing_office: Office
) -> None:
    assert signing_office.bundle is None
    BundleStore(signing_office.settings, here().machine_dir()).take(bundle(3))
    window.show_page("settings")
    window.show_page("trust")
    person.waits_until(lambda: any(row.authority.origin is Origin.BUNDLE for row in page.rows))
    assert signing_office.bundle is not None


def test_without_a_named_signer_no_bundle_is_asked_for(qtbot: QtBot, data_dir: Path) -> None:
    with Office(load(data_dir)) as office:
        card = TrustPage(office, Preferences(data_dir)).bundle
        assert not card.import_button.isEnabled()
        assert card.import_button.toolTip()
