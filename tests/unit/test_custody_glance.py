"""What signing sees of the register: nicknames, corrected kinds, in whose hands a token is."""

from __future__ import annotations

import datetime as dt
import subprocess
import sys
from pathlib import Path

import pytest

from app.custody.custody import Custody, Happening
from app.custody.glance import Glance
from app.custody.model import Kind
from app.custody.states import EventKind
from app.signing.errors import AmbiguousKey
from app.signing.keys import Registered, SigningKey, choose, keys_of
from app.storage.errors import StoreDamaged, StoreUnreachable
from app.storage.store import Store, open_store
from app.times import today
from tests.custody_office import CLERK, OTHER, PERMISSION, custody_of, enter, token
from tests.demo.pki import Pki


def glance(store: Store, folder: Path, custody: Custody) -> Glance:
    return Glance(folder, None if store.is_server else Path(store.name.removeprefix("sqlite:///")), lambda: custody)


def test_the_quick_look_finds_what_the_register_has(store: Store, pki: Pki, tmp_path: Path) -> None:
    custody, _entries = custody_of(store)
    quick = glance(store, tmp_path, custody)
    assert quick.look().device("A1").held.state == "unregistered"
    for serial in ("A-1", "A-2"):
        custody.register(token(pki, ["leader"], serial=serial))
    custody.describe("A-1", nickname="Dấu chính")
    corrected = custody.correct_kind("A-1", Kind.ORGANIZATION).certificates[0]
    enter(custody, "A-1", Happening(EventKind.RECEIVED, receiver=CLERK))
    enter(
        custody,
        "A-1",
        Happening(EventKind.LENT, receiver=OTHER, permission=PERMISSION, due=today() + dt.timedelta(9)),
    )
    enter(custody, "A-1", Happening(EventKind.LOST))
    custody.withdraw_last("A-1", "nhầm")
    look = quick.look()
    seen = look.device("a1")
    assert (seen.nickname, seen.held.state, seen.held.holder) == ("Dấu chính", "lent", OTHER)
    assert seen.kinds == look.kinds == {corrected.sha256: "organization"}
    assert look.device("A-2").held.state == "outside"
    enter(custody, "A-1", Happening(EventKind.LOST))
    assert quick.look().device("A-1").held.outside
    for serial in ("A-1", "A-2", "B-1"):
        by_register = custody.holder_at(serial, dt.datetime.now(dt.UTC))
        assert quick.look().device(serial).held == quick.held(serial) == by_register


def test_a_server_that_went_away_leaves_what_was_seen_last(postgresql_url: str, pki: Pki, tmp_path: Path) -> None:
    store = open_store(postgresql_url)
    custody, _entries = custody_of(store)
    custody.register(token(pki, ["seal"], serial="A1"))
    custody.describe("A1", nickname="Dấu chính")

    def gone() -> Custody:
        raise StoreUnreachable(detail="connection refused")

    never = Glance(tmp_path, None, gone).look()
    assert (never.device("A1").held.state, never.device("A1").nickname, never.kinds) == ("unknown", "", {})
    assert not list(tmp_path.glob("custody-seen*")), "what was never seen is not kept"
    Glance(tmp_path, None, lambda: custody).look()
    assert Glance(tmp_path, None, gone).look().device("A1").nickname == "Dấu chính"
    store.close()


def test_no_register_an_older_one_and_a_damaged_one(tmp_path: Path) -> None:
    def never() -> Custody:
        raise AssertionError

    file = tmp_path / "antin.sqlite"
    quick = Glance(tmp_path, file, never)
    assert quick.look().kinds == {} and not file.exists()
    file.write_bytes(b"")
    assert quick.look().device("A1").held.state == quick.held("A1").state == "unregistered"
    file.write_bytes(b"no database" * 500)
    with pytest.raises(StoreDamaged):
        quick.look()
    with pytest.raises(StoreDamaged):
        quick.held("A1")


def test_a_look_at_a_file_loads_no_sqlalchemy(tmp_path: Path) -> None:
    open_store(tmp_path / "antin.sqlite").close()
    code = (
        "import sys; from pathlib import Path; from app.custody.glance import Glance;"
        "Glance(Path(sys.argv[1]), Path(sys.argv[1]) / 'antin.sqlite', None).look();"
        "print('sqlalchemy' in sys.modules)"
    )
    run = subprocess.run([sys.executable, "-c", code, str(tmp_path)], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "False"


def _keys(pki: Pki) -> list[SigningKey]:
    named = {"A1": Registered("Dấu một"), "A2": Registered("Dấu hai", {})}
    tokens = [token(pki, ["seal"], serial=serial) for serial in ("A1", "A2", "A3")]
    return keys_of(tokens, registered=lambda serial: named.get(serial, Registered()))


def test_look_alike_tokens_are_told_apart_by_nickname_and_serial(pki: Pki) -> None:
    keys = _keys(pki)
    assert len({key.choice for key in keys}) == 3
    assert [key.token_name for key in keys] == ["Dấu một", "Dấu hai", "VGCA"]
    assert choose(keys, token="Dấu hai", certificate=None).token.serial == "A2"
    with pytest.raises(AmbiguousKey) as several:
        choose(keys, token="VGCA", certificate=None)
    assert "Dấu một" in several.value.message and "A3" in several.value.message


@pytest.mark.parametrize(("name", "looks"), [("leader", "person"), ("seal", "organization")])
def test_the_register_makes_seals_and_never_takes_one_away(pki: Pki, name: str, looks: str) -> None:
    (key,) = keys_of([token(pki, [name])])
    assert key.kind == looks
    for said, counts in (("organization", "organization"), ("person", looks)):
        registered = Registered(kinds={key.sha256: said})
        (corrected,) = keys_of([token(pki, [name])], registered=lambda serial, registered=registered: registered)  # type: ignore[misc]
        assert corrected.kind == counts
