"""Nguồn tin cậy: which roots are trusted, revocation lists and bundle at hand, and whether the network is asked."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import groupby
from pathlib import Path

from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import QCheckBox, QVBoxLayout, QWidget

from app.bundle.store import Bundle, Taken
from app.errors import describe
from app.i18n import _
from app.office import Office
from app.trust import words
from app.trust.anchors import Authority, Origin, Role
from app.trust.kept_lists import KeptList, Outcome, Update
from app.trust.shipped import Domain
from ui import choosing
from ui.pages.page import Page
from ui.preferences import Preferences
from ui.theme import UNIT
from ui.widgets.anchor_offer import AnchorOffer
from ui.widgets.authority_row import AuthorityRow
from ui.widgets.basic import Card, Header, button, clear, label, rule
from ui.widgets.bundle_card import BundleCard
from ui.widgets.card_column import CardColumn
from ui.widgets.kept_lists_card import KeptListsCard
from ui.widgets.managed_card import lock, lock_line
from ui.widgets.told import Offer, Told
from ui.work import Job, Pool

#: What a domain is for, under its name.
_MEANINGS: dict[Domain, Callable[[], str]] = {
    Domain.GOVERNMENT: lambda: _("Official signatures of agencies of the Party and the State."),
    Domain.PUBLIC: lambda: _("Signatures of citizens and enterprises, by licensed providers."),
    Domain.OFFICE: lambda: _("Added on this computer or named in the settings file."),
}


@dataclass(frozen=True)
class _Known:
    authorities: list[Authority]
    lists: list[KeptList]
    bundle: Bundle | None


class TrustPage(Page):
    """Whom this office trusts."""

    def __init__(self, office: Office, preferences: Preferences) -> None:
        super().__init__(office)
        self._preferences = preferences
        self._pool = Pool(1, self)
        self._updating = Pool(1, self)
        self.rows: list[AuthorityRow] = []
        self._back = button(
            _("Back to &Settings"), "arrow-left", role="quiet", clicked=lambda: self.handed_over.emit("settings", [])
        )
        self._back.setObjectName("trustBack")
        self.add_button = button(_("&Add a source…"), "plus", clicked=self._choose_anchor)
        self.add_button.setObjectName("trustAdd")
        self.told = Told()
        self.offer = AnchorOffer()
        self.offer.hide()
        self.offer.accepted.connect(self._add)
        self.offer.dropped.connect(self._drop_offer)
        self.lists = KeptListsCard()
        self.lists.update_asked.connect(self.update_lists)
        self.lists.stop_asked.connect(self._stop_updating)
        self.lists.import_asked.connect(self._choose_list)
        signers = office.settings.bundle
        self.bundle = BundleCard(signers_named=bool(signers.signers or signers.authorities))
        self.bundle.import_asked.connect(self._choose_bundle)
        self.bundle.accepted.connect(self._take_bundle)
        self.bundle.dropped.connect(self.bundle.import_button.setFocus)

        network = Card()
        self.online = QCheckBox(_("Ask over the &network whether certificates were revoked"))
        self.online.setObjectName("trustOnline")
        self.online.setAccessibleName(self.online.text().replace("&", ""))
        self.online.setChecked(office.online)
        self.online.clicked.connect(self._switch_network)
        self._online_means = label(role="soft")
        network.body.addWidget(label(_("Network"), "heading"))
        network.body.addWidget(self.online, 0, Qt.AlignmentFlag.AlignLeft)
        network.body.addWidget(self._online_means)
        lock(self.online, office.settings, "network.online")
        network.body.addWidget(lock_line(office.settings, "network.online"))
        if not office.settings.trust.own_anchors:
            self.add_button.setEnabled(False)
            self.add_button.setToolTip(_("IT staff decide which authorities are trusted here."))

        self._cards = QWidget()
        self._domains = QVBoxLayout(self._cards)
        self._domains.setContentsMargins(0, 0, 0, 0)
        self._domains.setSpacing(UNIT * 2)

        self._scroll = CardColumn(_("Trusted sources"), (self.offer, network, self._cards, self.lists, self.bundle))
        layout = QVBoxLayout(self)
        layout.setContentsMargins(UNIT * 3, UNIT * 3, UNIT * 3, UNIT * 2)
        layout.setSpacing(UNIT * 2)
        layout.addWidget(Header(_("Trusted sources"), buttons=(self._back, self.add_button)))
        layout.addWidget(self.told)
        layout.addWidget(self._scroll, 1)
        self._tell_network()

    def entered(self) -> None:
        """Read anew: the command line may have changed something."""
        self.refresh()

    @property
    def busy(self) -> str:
        return _("Revocation lists are being fetched.") if self._updating.unfinished else ""

    def cancel(self) -> None:
        self._stop_updating()

    def stop(self) -> None:
        self._updating.close()
        self._pool.close()

    def refresh(self) -> None:
        """Show what is trusted and at hand now."""

        def read(_job: Job[_Known]) -> _Known:
            bundle = self.office.bundles(read_only=True).current()
            if bundle != self.office.bundle:
                self.office.renew_trust()
            anchors = self.office.anchors.authorities(issuers=True, removed=True)
            shown = [item for item in anchors if item.role is Role.ANCHOR or item.origin is not Origin.SHIPPED]
            return _Known(shown, self.office.kept_lists.entries(), bundle)

        self._pool.start(read, done=self._show, failed=self._fail)

    # Roots

    def offer_anchor(self, path: Path) -> None:
        """Show what is in a certificate file, to be compared before it is trusted."""
        self._pool.start(
            lambda _job: self.office.anchors.preview(path),
            done=lambda found: self._show_offer(path, found),
            failed=self._fail,
        )

    def _choose_anchor(self) -> None:
        filters = [_("Certificates (*.cer *.crt *.pem *.der *.p7b)")]
        if (path := choosing.one_to_open(self, _("Certificate of the source"), filters)) is not None:
            self.offer_anchor(path)

    def _show_offer(self, path: Path, found: list[Authority]) -> None:
        self.told.hide()
        self.offer.show_found(path, found)
        self._scroll.to_top()

    def _drop_offer(self) -> None:
        self.offer.hide()
        self.add_button.setFocus()

    def _add(self, path: Path, domain: Domain) -> None:
        def done(added: list[Authority]) -> None:
            self._drop_offer()
            names = ", ".join(authority.name for authority in added)
            self._changed(_("Now trusted: {names}").format(names=names), _("It counts from the next file checked."))

        self._pool.start(lambda _job: self.office.anchors.add(path, domain=domain), done=done, failed=self._fail)

    def _switch(self, authority: Authority, on: bool) -> None:
        change = self.office.anchors.enable if on else self.office.anchors.disable
        sentence = _("Used again: {name}") if on else _("Suspended: {name}")
        self._change(
            authority, change, sentence, back=self.office.anchors.disable if on else self.office.anchors.enable
        )

    def _remove(self, authority: Authority) -> None:
        back = self.office.anchors.enable if authority.origin is Origin.SHIPPED else None
        self._change(authority, self.office.anchors.remove, _("Removed: {name}"), back=back)

    def _change(
        self,
        authority: Authority,
        change: Callable[[str], Authority],
        sentence: str,
        back: Callable[[str], Authority] | None,
    ) -> None:
        """Make a change, tell it, and offer the way back where there is one."""

        def done(_changed: Authority) -> None:
            offers = []
            if back is not None:
                undo = partial(self._change, authority, back, _("As it was before: {name}"), None)
                offers.append((_("&Undo"), "rotate-ccw", undo))
            self._changed(sentence.format(name=authority.name), _("It counts from the next file checked."), offers)

        self._pool.start(lambda _job: change(authority.sha256), done=done, failed=self._fail)

    def _changed(self, sentence: str, hint: str, offers: Sequence[Offer] = ()) -> None:
        self.office.renew_trust()
        self.told.tell_done(sentence, hint, offers)
        self.refresh()

    # Revocation lists

    def update_lists(self) -> None:
        """Ask the authorities for their newest lists."""

        def fetch(job: Job[list[Update]]) -> list[Update]:
            updates: list[Update] = []
            for update in self.office.update_lists():
                updates.append(update)
                job.report(len(updates))
                if job.cancelled.is_set():
                    break
            return updates

        def done(updates: list[Update]) -> None:
            self.lists.show_updating(False)
            self.lists.tell_updates(updates)
            self.office.renew_trust()
            self.refresh()

        def failed(error: Exception) -> None:
            self.lists.show_updating(False)
            self.lists.tell_error(describe(error))

        self._updating.start(fetch, done=done, failed=failed, progress=self.lists.show_step)
        self.lists.show_updating(True)
        self.busy_changed.emit()

    def import_list(self, path: Path) -> None:
        """Take in the revocation lists of a file."""

        def done(taken: list[tuple[Outcome, KeptList]]) -> None:
            self.lists.tell_imported(taken)
            self.office.renew_trust()
            self.refresh()

        self._pool.start(
            lambda _job: self.office.kept_lists.import_file(path, self.office.trust.store),
            done=done,
            failed=lambda error: self.lists.tell_error(describe(error)),
        )

    def _stop_updating(self) -> None:
        self._updating.cancel_all()
        self.lists.show_updating(False)
        self.refresh()

    def _choose_list(self) -> None:
        filters = [_("Revocation lists (*.crl *.pem *.der)")]
        if (path := choosing.one_to_open(self, _("Revocation list"), filters)) is not None:
            self.import_list(path)

    # The trust bundle

    def offer_bundle(self, path: Path) -> None:
        """Show who signed a bundle and what taking it in would change."""

        def done(found: Taken) -> None:
            self.bundle.show_offer(path, found)
            QTimer.singleShot(0, self, lambda: self._scroll.ensureWidgetVisible(self.bundle.offer))

        self._pool.start(
            lambda _job: self.office.bundles(read_only=True).offered(path),
            done=done,
            failed=lambda error: self.bundle.tell_error(describe(error)),
        )

    def _choose_bundle(self) -> None:
        if (path := choosing.one_to_open(self, _("Trust bundle"), [_("Trust bundles (*.p7m)")])) is not None:
            self.offer_bundle(path)

    def _take_bundle(self, path: Path) -> None:
        def done(taken: Taken) -> None:
            self.bundle.tell_taken(taken)
            self.office.renew_trust()
            self.refresh()

        self._pool.start(
            lambda _job: self.office.bundles().take(path),
            done=done,
            failed=lambda error: self.bundle.tell_error(describe(error)),
        )

    # Network

    def _switch_network(self, on: bool) -> None:
        self.office.online = on
        self._preferences.online = on
        self._tell_network()

    def _tell_network(self) -> None:
        on = self.office.online
        self._online_means.setText(
            _("Only the addresses that the certificates themselves name are asked; nothing of the document is sent.")
            if on
            else _("Offline: only the lists below and what is inside the documents count.")
        )
        self.lists.update_button.setToolTip("" if on else _("Turn on the network first"))

    # What is known

    def _show(self, known: _Known) -> None:
        clear(self._domains)
        self.rows = []
        authorities = sorted(known.authorities, key=lambda item: list(Domain).index(item.domain))
        by_domain = {domain: list(items) for domain, items in groupby(authorities, key=lambda item: item.domain)}
        for domain in Domain:
            self._domains.addWidget(self._card(domain, by_domain.get(domain, [])))
        self.lists.show_lists(known.lists)
        self.bundle.show_current(known.bundle)

    def _card(self, domain: Domain, authorities: list[Authority]) -> Card:
        card = Card()
        card.body.addWidget(label(words.domain(domain), "heading"))
        card.body.addWidget(label(_MEANINGS[domain](), "soft"))
        if not authorities:
            card.body.addWidget(label(_("None"), "soft"))
        for authority in authorities:
            shown = AuthorityRow(authority, decided_here=self.office.settings.trust.own_anchors)
            shown.switched.connect(partial(self._switch, authority))
            shown.removal_asked.connect(partial(self._remove, authority))
            card.body.addWidget(rule())
            card.body.addWidget(shown)
            self.rows.append(shown)
        return card

    def _fail(self, error: Exception) -> None:
        self.told.tell_error(describe(error))
