"""Frames and messages of the token bridge, without processes."""

from __future__ import annotations

import io

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pkcs11_bridge import errors, protocol
from pkcs11_bridge.protocol import (
    MAX_DATA,
    MAX_REQUEST,
    ChangePin,
    Done,
    Failed,
    FrameCut,
    FrameError,
    LogIn,
    PinState,
    Reply,
    Request,
    Sign,
    SignatureAlgorithm,
    decode_reply,
    decode_request,
    encode_frame,
    read_frame,
    wipe,
)


def _kinds(base: type[msgspec.Struct]) -> list[type[msgspec.Struct]]:
    return [it for it in vars(protocol).values() if isinstance(it, type) and issubclass(it, base) and it is not base]


def test_every_message_has_its_own_kind() -> None:
    for base in (Request, Reply):
        tags = [it.__struct_config__.tag for it in _kinds(base) if it is not protocol.TokenRequest]
        assert len(tags) == len(set(tags)) > 5
        assert all(isinstance(tag, str) for tag in tags)


def test_a_frame_as_another_language_would_write_it() -> None:
    """The wire form is fixed: a big-endian length and a MessagePack map with ``kind``."""
    frame = encode_frame(LogIn(7, 3, "A1", bytearray(b"1234"), True))
    body = bytes(frame[4:])
    assert int.from_bytes(frame[:4], "big") == len(body)
    assert msgspec.msgpack.decode(body) == {
        "kind": "log-in",
        "id": 7,
        "slot": 3,
        "serial": "A1",
        "pin": b"1234",
        "allow_final_try": True,
    }
    reply = msgspec.msgpack.encode({"kind": "failed", "id": 7, "code": "pin-locked", "pin_state": "locked", "new": 1})
    assert decode_reply(bytearray(reply)) == Failed(7, "pin-locked", "", PinState.LOCKED)


def test_the_largest_request_fits() -> None:
    pin = bytearray(b"9" * 255)
    request = Sign(2**31, 2**64 - 1, "S" * 16, b"i" * 255, bytes(MAX_DATA), SignatureAlgorithm.RSA_PSS_SHA512, pin)
    frame = encode_frame(request)
    body = read_frame(io.BytesIO(frame), MAX_REQUEST)
    assert body is not None
    assert decode_request(body) == request


@pytest.mark.parametrize("length", [4, 8, 255, 1024])
def test_the_buffer_of_a_pin_is_never_moved(monkeypatch: pytest.MonkeyPatch, length: int) -> None:
    """A buffer that grew or shrank while the PIN was in it would have left a copy where it was before."""
    lengths: list[tuple[int, int]] = []

    class Watched:
        def __init__(self) -> None:
            self._encoder = msgspec.msgpack.Encoder()
            self.encode = self._encoder.encode

        def encode_into(self, message: object, buffer: bytearray, offset: int) -> None:
            before = len(buffer)
            self._encoder.encode_into(message, buffer, offset)
            lengths.append((before, len(buffer)))

    monkeypatch.setattr(protocol, "_ENCODER", Watched())
    pins = bytearray(b"1" * length), bytearray(b"2" * length)
    for request in (
        LogIn(1, 2, "S", pins[0]),
        Sign(1, 2, "S", b"i", bytes(MAX_DATA), SignatureAlgorithm.RSA_SHA256, pins[0]),
        ChangePin(1, 2, "S", False, *pins),
    ):
        frame = encode_frame(request)
        assert pins[0] in frame
        assert lengths[-1][0] == lengths[-1][1] == len(frame)
        wipe(frame)
        assert not any(frame)
    assert pins[0] == b"1" * length


def test_a_decoded_pin_is_a_buffer_that_can_be_overwritten() -> None:
    request = decode_request(encode_frame(LogIn(1, 2, "S", bytearray(b"1234")))[4:])
    assert isinstance(request, LogIn)
    assert type(request.pin) is bytearray
    wipe(request.pin, None)
    assert request.pin == bytes(4)


def test_lengths() -> None:
    assert read_frame(io.BytesIO(b""), 10) is None
    assert read_frame(io.BytesIO(b"\0\0\0\x0a0123456789rest"), 10) == b"0123456789"
    with pytest.raises(FrameError, match="11 octets"):
        read_frame(io.BytesIO(b"\0\0\0\x0b0123456789x"), 10)
    with pytest.raises(FrameError, match="0 octets"):
        read_frame(io.BytesIO(b"\0\0\0\0"), 10)
    for cut in (b"\0", b"\0\0\0", b"\0\0\0\2a"):
        with pytest.raises(FrameCut):
            read_frame(io.BytesIO(cut), 10)


class _Dribble(io.RawIOBase):
    """A pipe that gives one octet at a time."""

    def __init__(self, octets: bytes) -> None:
        self._octets = octets

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        count = min(1, len(buffer), len(self._octets))
        buffer[:count], self._octets = self._octets[:count], self._octets[count:]
        return count


@given(st.binary(min_size=1, max_size=100))
def test_a_pipe_may_give_less_than_asked_for(body: bytes) -> None:
    assert read_frame(_Dribble(len(body).to_bytes(4, "big") + body), 100) == body


@given(st.binary(max_size=300))
def test_any_body_is_a_message_or_a_frame_error(body: bytes) -> None:
    for decode in (decode_request, decode_reply):
        try:
            message = decode(bytearray(body))
        except FrameError:
            continue
        assert isinstance(message, Request | Reply)


_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**64 - 1) | st.binary(max_size=9) | st.text(max_size=9),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=9), inner, max_size=3),
    max_leaves=5,
)


@given(
    kind=st.sampled_from([str(it.__struct_config__.tag) for it in _kinds(Request) + _kinds(Reply)]),
    fields=st.dictionaries(
        st.sampled_from(["id", "slot", "serial", "pin", "key_id", "data", "algorithm", "tokens", "code", "value"]),
        _VALUES,
    ),
)
def test_fields_of_wrong_types_are_frame_errors(kind: str, fields: dict[str, object]) -> None:
    body = bytearray(msgspec.msgpack.encode({"kind": kind, **fields}))
    for decode in (decode_request, decode_reply):
        try:
            message = decode(body)
        except FrameError:
            continue
        assert isinstance(message.id, int)


def test_error_codes_are_unique_and_known_to_the_words_on_screen() -> None:
    from app.errors import describe

    kinds = [it for it in vars(errors).values() if isinstance(it, type) and issubclass(it, errors.BridgeError)]
    concrete = [it for it in kinds if it not in (errors.PinError, errors.ModuleError)]
    assert len({it.code for it in concrete}) == len(concrete)
    fallback = describe(errors.BridgeError())
    for kind in concrete:
        if kind is not errors.BridgeError:
            assert describe(kind("detail")).message != fallback.message, kind


def test_hash_names() -> None:
    assert {it.hash_name for it in SignatureAlgorithm} == {"sha256", "sha384", "sha512"}
    assert Done(1) != Done(2)
