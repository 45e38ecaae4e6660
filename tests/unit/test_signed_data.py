"""A SignedData taken apart and put together again."""

from __future__ import annotations

import hashlib
import random
from pathlib import Path

import pytest

from app.errors import AntinError
from app.signing import cades, cms_levels
from app.signing.container_errors import SignatureFileUnfit
from app.signing.gathering import Gathering
from app.signing.model import Level
from app.signing.raising import Means
from app.trust import der
from app.trust.cms import read_signed_data
from app.trust.der import DerError
from app.trust.signed_data import SignedData
from tests.cades_levels import signed
from tests.demo.pki import Pki

CONTENT = "Quyết định".encode()


@pytest.mark.parametrize("attached", [False, True])
def test_nothing_changes_on_the_way_and_back(pki: Pki, attached: bool) -> None:
    data = signed(CONTENT, pki.credential("leader"), "LTA", pki, attached=attached)
    found = SignedData.read(data)
    assert found.written() == data
    assert found.content == (CONTENT if attached else None)
    assert len(found.signers) == 1


def test_evidence_of_other_kinds_raises_the_version_and_is_read_again(pki: Pki) -> None:
    data = SignedData.read(signed(CONTENT, pki.credential("leader"), "B", pki))
    answer = der.encode(der.SEQUENCE, der.encode(der.ENUMERATED, b"\0"))
    more = data.with_evidence([pki.certificate("root")], [pki.crl("root")], [answer]).written()
    assert (data.version, SignedData.read(more).version) == (1, 5)
    facts = read_signed_data(more, digest_of=lambda _name: hashlib.sha256(CONTENT).digest())
    assert facts.intact
    assert (facts.embedded_crls, facts.embedded_ocsps) == ((pki.crl("root"),), (answer,))


def test_damaged_signature_files_end_in_an_error_of_the_house(pki: Pki, tmp_path: Path) -> None:
    whole = signed(CONTENT, pki.credential("leader"), "LT", pki, attached=True)
    chance = random.Random(4)
    means = Means(Level.T, Gathering(lambda *_: pytest.fail("asked")), None)
    path = tmp_path / "a.p7m"
    for _round in range(300):
        data = bytearray(whole)
        for _change in range(chance.randint(1, 6)):
            data[chance.randrange(len(data))] = chance.randrange(256)
        path.write_bytes(data[: chance.choice((len(data), chance.randrange(len(data))))])
        for attempt in (lambda: cades.read(path), lambda: cms_levels.raise_level(path, means)):
            try:
                attempt()
            except AntinError:
                continue


def test_what_is_no_signed_data_is_told(tmp_path: Path) -> None:
    for octets in (b"", b"0\0", b"0\x80", bytes(40)):
        with pytest.raises(DerError):
            SignedData.read(octets)
        (tmp_path / "a.p7s").write_bytes(octets)
        with pytest.raises(SignatureFileUnfit):
            cades.read(tmp_path / "a.p7s")
