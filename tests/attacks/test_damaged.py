"""Files damaged at random: the examiners answer for any bytes, and a changed content is never called genuine."""

from __future__ import annotations

import random
from collections.abc import Callable
from pathlib import Path

import pytest

from app.verification import asic, cms, odf, ooxml, xml
from app.verification.model import DocumentFacts
from tests import cades_levels
from tests.attacks.asic import SIMPLE, cades, xades
from tests.attacks.cms import OpenSsl
from tests.attacks.ooxml import make_victim
from tests.attacks.xml import LETTER, SIGNING_TIME
from tests.demo.pki import Pki
from tests.office_signing import contents
from tests.xml_signing import C14N, ENVELOPED, Wish, complete, container, sign_odf, template, write_odt

_ROUNDS = 150
_SPECIAL = (b"", b"<", b">", b'"', b"&", b"\0", b"\x80", b"\xff", b"<!-- -->", b"]]>", b"PK\x03\x04", b"0\x80")

Examiner = Callable[[Path], DocumentFacts]


def _damaged(data: bytes, chance: random.Random) -> bytes:
    """A copy with one to three places overwritten, cut, doubled or filled with what parsers mind."""
    changed = bytearray(data)
    for _ in range(chance.randint(1, 3)):
        start = chance.randrange(len(changed))
        end = min(len(changed), start + chance.choice((1, 1, 2, 16, 200)))
        match chance.randrange(4):
            case 0:
                changed[start:end] = chance.randbytes(end - start)
            case 1:
                changed[start:end] = b""
            case 2:
                changed[start:start] = changed[start:end]
            case _:
                changed[start : start + 1] = chance.choice(_SPECIAL)
        changed = changed or bytearray(b" ")
    return bytes(changed)


def _xml_file(pki: Pki, folder: Path) -> Path:
    wish = Wish(pki.credential("leader"), [("", (ENVELOPED, C14N)), ("#when", ())], objects=SIGNING_TIME)
    (folder / "a.xml").write_bytes(complete(LETTER.replace("{0}", template(wish)).encode(), wish))
    return folder / "a.xml"


def _cms_file(pki: Pki, folder: Path) -> Path:
    (folder / "letter.txt").write_bytes(b"Noi dung van ban " * 20)
    options = ("-stream", "-nodetach", "-cades", "-outform", "DER")
    return OpenSsl(pki, folder).sign(folder / "letter.txt", folder / "signed.p7m", *options)


def _raised_file(pki: Pki, folder: Path) -> Path:
    """A CAdES signature with all evidence and an archive time stamp."""
    signature = cades_levels.signed(b"mot", pki.credential("leader"), "LTA", pki)
    return container({"mimetype": SIMPLE, "a.txt": b"mot", "META-INF/signature.p7s": signature}, folder / "a.asics")


_CASES: dict[str, tuple[Callable[[Pki, Path], Path], Examiner]] = {
    "xml": (_xml_file, xml.examine),
    "cms": (_cms_file, cms.examine),
    "odf": (
        lambda pki, folder: sign_odf(write_odt(folder / "a", "Báo cáo"), folder / "b.odt", pki.credential("leader")),
        odf.examine,
    ),
    "xades": (lambda pki, folder: xades(folder / "a.asice", pki.credential("second")), asic.examine),
    "ooxml": (lambda pki, folder: make_victim(pki, folder).signed, ooxml.examine),
    "raised": (_raised_file, asic.examine),
    "cades": (lambda pki, folder: cades(folder / "a.asice", pki.credential("second")), asic.examine),
}


@pytest.mark.parametrize("kind", _CASES)
def test_any_bytes_get_an_answer(pki: Pki, tmp_path: Path, kind: str) -> None:
    make, examine = _CASES[kind]
    genuine = make(pki, tmp_path).read_bytes()
    chance = random.Random(kind)
    file = tmp_path / f"damaged.{kind}"
    for _ in range(_ROUNDS):
        file.write_bytes(_damaged(genuine, chance))
        assert examine(file).format


@pytest.mark.parametrize("kind", ["odf", "xades", "cades", "ooxml", "raised"])
def test_any_part_of_a_container_gets_an_answer(pki: Pki, tmp_path: Path, kind: str) -> None:
    """The archive is sound, so that the damage reaches the parsers behind it."""
    make, examine = _CASES[kind]
    entries = contents(make(pki, tmp_path))
    chance = random.Random(kind)
    for _ in range(_ROUNDS):
        name = chance.choice(list(entries))
        damaged = _damaged(entries[name] or b" ", chance)
        facts = examine(container(entries | {name: damaged}, tmp_path / "damaged.zip"))
        if damaged != entries[name] and not name.endswith((".xml", ".p7s", ".rels", ".sigs", ".jpeg")):
            assert not facts.readable or not any(one.intact and not one.problems for one in facts.signatures), name
