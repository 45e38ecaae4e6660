"""From BER to DER: only lengths and pieces are put right."""

from __future__ import annotations

import pytest

from app.trust import der
from app.trust.ber import to_der
from app.trust.der import DerError


def test_der_stays_as_it_is() -> None:
    data = der.encode(der.SEQUENCE, der.encode(der.OCTET_STRING, b"x" * 300) + der.encode_integer(5))
    assert to_der(data) == data


def test_pieces_become_one() -> None:
    pieces = b"\x24\x80" + b"\x04\x01a" + b"\x24\x80\x04\x02bc\x00\x00" + b"\x04\x00" + b"\x00\x00"
    assert to_der(b"\x30\x80" + pieces + b"\x00\x00") == b"\x30\x05\x04\x03abc"


def test_what_needs_no_change_keeps_its_octets() -> None:
    """A length that is not minimal stays, so that nothing signed is ever rewritten; the reader then refuses it."""
    odd = b"\x30\x81\x03\x02\x01\x05"
    assert to_der(b"\x30\x80" + odd + b"\x00\x00") == b"\x30\x06" + odd
    with pytest.raises(DerError):
        der.read(to_der(b"\x30\x80" + odd + b"\x00\x00")).children()


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\x30",
        b"\x30\x80",
        b"\x30\x80\x02\x01\x05",
        b"\x04\x80\x00\x00",
        b"\x30\x80\x00\x00\x00",
        b"\x30\x05\x02\x01\x05",
        b"\x30\x85\x00\x00\x00\x00\x01\x00",
        b"\x3f\x81\x01\x00",
        b"\x24\x80\x02\x01\x05\x00\x00",
        b"\x30\x80" * 40 + b"\x00\x00" * 40,
    ],
)
def test_what_is_no_ber_is_refused(data: bytes) -> None:
    with pytest.raises(DerError):
        to_der(data)
