"""Tokens, people and a register for the tests of custody."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from app.custody.custody import Custody, Happening
from app.custody.handovers import Handed, Handover, Handovers
from app.custody.minutes import Agency
from app.custody.model import Event, Permission, Person
from app.custody.services import FileAway, Services
from app.custody.states import RULES
from app.storage.store import Store
from pkcs11_bridge.protocol import PinState, TokenCertificate, TokenInfo
from tests.demo.pki import Pki

CLERK = Person("Lê Thị Hoa", "Văn thư", "Văn phòng HĐND và UBND")
LEADER = Person("Nguyễn Văn An", "Chủ tịch", "UBND xã Phong Điền")
OTHER = Person("Trần Thị Bích Ngọc", "Công chức Văn hóa - Xã hội", "Phòng Văn hóa - Xã hội")
PERMISSION = Permission("15/QĐ-UBND", issuer="Chủ tịch UBND xã Phong Điền")


@dataclass
class Entries:
    """A ledger that remembers."""

    told: list[dict[str, Any]] = field(default_factory=list)

    def append(self, kind: str, /, **data: object) -> object:
        self.told.append({"kind": kind, **data})
        return None


def custody_of(store: Store) -> tuple[Custody, Entries]:
    entries = Entries()
    return Custody(lambda: store, entries.append), entries


def unused(*_given: object) -> Any:
    raise AssertionError("nothing is signed or filed")


def handovers_of(custody: Custody, file_away: FileAway = unused) -> Handovers:
    """Handovers without tokens; :param file_away: stands for the archive."""
    services = Services(
        unused, unused, file_away, lambda _content: None, custody._append, Agency("UBND xã Phong Điền"), unused
    )
    return Handovers(custody, custody._store, services)


def enter(custody: Custody, serial: str, happening: Happening) -> Event:
    """Enter an event; one that needs minutes by a handover whose token could not be asked for a proof."""
    if not RULES[happening.kind].minutes:
        return custody.record(serial, happening)
    handovers_of(custody).hand_over(
        Handover(
            happening.kind,
            [Handed(serial, unproven="Mã PIN đã bị khóa")],
            receiver=happening.receiver,
            giver=happening.giver,
            permission=happening.permission,
            due=happening.due,
            at=happening.at,
            reason=happening.reason,
        )
    )
    return custody.history(serial)[-1]


def token(pki: Pki, names: Sequence[str], serial: str = "5A7C01", label: str = "VGCA") -> TokenInfo:
    """A token with the certificates of these credentials of the demo office."""
    held = [TokenCertificate(bytes([index]), name, pki.certificate(name)) for index, name in enumerate(names)]
    return TokenInfo(
        module="/lib/module.so",
        slot=0,
        label=label,
        serial=serial,
        model="TokenME EVO",
        manufacturer="Bit4id",
        pin_state=PinState.OK,
        protected_authentication_path=False,
        mechanisms=[],
        certificates=held,
        min_pin_len=4,
        max_pin_len=16,
    )
