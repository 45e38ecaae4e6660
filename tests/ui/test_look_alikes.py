"""Two tokens that look alike are told apart by nickname, and by serial number where they have none."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from pytestqt.qtbot import QtBot

from app.signing.keys import Registered, keys_of
from tests.custody_office import token
from tests.demo.pki import Pki
from ui.tokens import Plugged
from ui.widgets.key_choice import KeyChoice


def _plugged(pki: Pki, nicknames: Mapping[str, str], serials: Sequence[str] = ("A1", "A2")) -> Plugged:
    tokens = tuple(token(pki, ["seal"], serial=serial) for serial in serials)
    keys = keys_of(tokens, registered=lambda serial: Registered(nicknames.get(serial, "")))
    return Plugged(tokens, tuple(keys))


def test_names_of_tokens(pki: Pki) -> None:
    def names(plugged: Plugged) -> list[str]:
        return [plugged.name(found) for found in plugged.tokens]

    assert names(_plugged(pki, {})) == ["VGCA · A1", "VGCA · A2"]
    assert names(_plugged(pki, {"A1": "Dấu một", "A2": "Dấu hai"})) == ["Dấu một", "Dấu hai"]
    assert names(_plugged(pki, {"A1": "Dấu", "A2": "Dấu"})) == ["Dấu · A1", "Dấu · A2"]
    assert names(_plugged(pki, {}, ["A1"])) == ["VGCA"]


def test_the_keys_to_choose_from_are_told_apart(qtbot: QtBot, pki: Pki) -> None:
    choice = KeyChoice()
    qtbot.addWidget(choice)
    for nicknames, words in (({}, ("A1", "A2")), ({"A1": "Dấu một", "A2": "Dấu hai"}, ("Dấu một", "Dấu hai"))):
        choice.show_tokens(_plugged(pki, nicknames))
        texts = [choice.box.itemText(at) for at in range(choice.box.count())]
        assert len(set(texts)) == 2
        assert all(word in text for word, text in zip(words, texts, strict=True))
