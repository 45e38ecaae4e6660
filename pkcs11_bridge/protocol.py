"""What crosses the pipe between the client and the child process of a vendor module.

One message is a *frame*: four octets, the body's length as an unsigned big-endian number, and the body, one
MessagePack map. The member ``kind`` of the map tells the message, the others are its fields; members that are not
known are ignored, members with a default may be missing. Nothing in it belongs to one programming language or word
size, so a helper built for another word size can answer the same protocol.

The client speaks first: :class:`Hello`, answered by :class:`Welcome` once the module is loaded. From then on every
request is answered by exactly one reply with the request's ``id``, in the order of the requests. A child that cannot
do what is asked answers :class:`Failed`. A child that gets an end of file ends itself.

Times are seconds, octet strings MessagePack ``bin``. A PIN is UTF-8 and crosses only inside :class:`LogIn`,
:class:`Sign` and :class:`ChangePin`; whoever reads or writes such a frame overwrites its buffer afterwards.
"""

from __future__ import annotations

import struct
from enum import StrEnum
from typing import Literal, Protocol

import msgspec

#: Raised by one whenever an older peer would misunderstand a newer one.
PROTOCOL_VERSION = 1

#: Octets to be signed in one request (CMS signed attributes or canonical SignedInfo), at most.
MAX_DATA = 64 * 1024

#: A PIN in one request, in octets, at most; more than any token takes.
MAX_PIN = 1024

#: Body of a request, at most: the data and room for the fields around it.
MAX_REQUEST = MAX_DATA + 4096

#: Body of a reply, at most: enough for the certificates of many tokens.
MAX_REPLY = 8 * 1024 * 1024

_HEADER = struct.Struct(">I")
HEADER_SIZE = _HEADER.size


class PinState(StrEnum):
    """What the token's flags say of its PIN (PKCS#11 v2.40, CK_TOKEN_INFO flags)."""

    OK = "ok"
    LOW = "low"
    FINAL_TRY = "final-try"
    LOCKED = "locked"
    NOT_SET = "not-set"


class SignatureAlgorithm(StrEnum):
    """A signature algorithm with its hash."""

    RSA_SHA256 = "rsa-sha256"
    RSA_SHA384 = "rsa-sha384"
    RSA_SHA512 = "rsa-sha512"
    RSA_PSS_SHA256 = "rsa-pss-sha256"
    RSA_PSS_SHA384 = "rsa-pss-sha384"
    RSA_PSS_SHA512 = "rsa-pss-sha512"
    ECDSA_SHA256 = "ecdsa-sha256"
    ECDSA_SHA384 = "ecdsa-sha384"
    ECDSA_SHA512 = "ecdsa-sha512"

    @property
    def hash_name(self) -> str:
        """The hashlib name: ``sha256``, ``sha384`` or ``sha512``."""
        return self.rsplit("-", 1)[1]


class TokenCertificate(msgspec.Struct, frozen=True):
    """A certificate on a token, readable without a PIN.

    :ivar id: CKA_ID, shared with the certificate's private key.
    :ivar der: the X.509 certificate.
    """

    id: bytes
    label: str
    der: bytes


class TokenInfo(msgspec.Struct, frozen=True):
    """A token as one look found it.

    :ivar module: path of the module's file.
    :ivar slot: the module's slot number; may differ after the token was pulled out and plugged in.
    :ivar mechanisms: PKCS#11 names such as ``CKM_SHA256_RSA_PKCS``, sorted; hexadecimal where unknown.
    :ivar min_pin_len: length in octets that the token states; 0 where it states none.
    :ivar max_pin_len: length in octets that the token states; 0 where it states none.
    :ivar problem: why mechanisms or certificates could not be read; empty where they were.
    """

    module: str
    slot: int
    label: str
    serial: str
    model: str
    manufacturer: str
    pin_state: PinState
    protected_authentication_path: bool
    mechanisms: list[str]
    certificates: list[TokenCertificate]
    min_pin_len: int
    max_pin_len: int
    problem: str = ""


class TokenEvent(msgspec.Struct, frozen=True):
    """A change that a subscriber is told; ``slot``, ``serial`` and ``label`` are empty for ``module-failed``."""

    kind: Literal["inserted", "removed", "module-failed"]
    module: str
    slot: int = -1
    serial: str = ""
    label: str = ""


class PresentToken(msgspec.Struct, frozen=True):
    """A token in a slot, without the costly details."""

    slot: int
    serial: str
    label: str


# Requests. Those about one token name its slot and serial number; the child finds the token by the serial number
# where the slot holds another one by now.


class Request(msgspec.Struct, tag_field="kind"):
    """Base of all requests."""

    id: int


class TokenRequest(Request):
    """Base of the requests about one token."""

    slot: int
    serial: str


class Hello(Request, tag="hello"):
    """Load the module."""

    protocol: int = PROTOCOL_VERSION


class ListTokens(Request, tag="list-tokens"):
    """Every token with its certificates → :class:`Tokens`."""


class ListPresent(Request, tag="list-present"):
    """Which tokens are in, cheaply → :class:`Present`."""


class ReadPinState(TokenRequest, tag="pin-state"):
    """→ :class:`PinStateRead`."""


class LogIn(TokenRequest, tag="log-in"):
    """Log the user in → :class:`Done`; nothing happens if that is done already.

    :ivar pin: None: the token asks by its own means (protected authentication path).
    :ivar allow_final_try: the person agreed to use the last try.
    """

    pin: bytearray | None = None
    allow_final_try: bool = False


class NeedsPinEachTime(TokenRequest, tag="needs-pin-each-time"):
    """CKA_ALWAYS_AUTHENTICATE of the private key → :class:`Answer`."""

    key_id: bytes


class Sign(TokenRequest, tag="sign"):
    """→ :class:`Signature`.

    :ivar data: the octets to be signed, not their hash.
    :ivar pin: for keys that want it each time; None: the token asks by its own means.
    """

    key_id: bytes
    data: bytes
    algorithm: SignatureAlgorithm
    pin: bytearray | None = None


class ChangePin(TokenRequest, tag="change-pin"):
    """→ :class:`Done`. None: the token asks by its own means.

    The PINs stand last: a field encoded after two of them lets the encoder move them and leave a copy behind.

    :ivar allow_final_try: as in :class:`LogIn`.
    """

    allow_final_try: bool = False
    old: bytearray | None = None
    new: bytearray | None = None


class LogOut(TokenRequest, tag="log-out"):
    """→ :class:`Done`; closes what was open on the token."""


AnyRequest = Hello | ListTokens | ListPresent | ReadPinState | LogIn | NeedsPinEachTime | Sign | ChangePin | LogOut


# Replies.


class Reply(msgspec.Struct, tag_field="kind"):
    """Base of all replies; ``id`` is the request's."""

    id: int


class Welcome(Reply, tag="welcome"):
    """The module is loaded.

    :ivar word_size: of the child, in bits.
    :ivar manufacturer: as the module says (CK_INFO).
    :ivar library: the module's description and version.
    """

    protocol: int
    word_size: int
    manufacturer: str
    library: str


class Tokens(Reply, tag="tokens"):
    tokens: list[TokenInfo]


class Present(Reply, tag="present"):
    tokens: list[PresentToken]


class PinStateRead(Reply, tag="pin-state"):
    pin_state: PinState


class Answer(Reply, tag="answer"):
    yes: bool


class Signature(Reply, tag="signature"):
    """``value``: RSA octets, or ECDSA ``r‖s`` of fixed length."""

    value: bytes


class Done(Reply, tag="done"):
    pass


class Failed(Reply, tag="failed"):
    """The request could not be done.

    :ivar code: ``code`` of a class in :mod:`pkcs11_bridge.errors`.
    :ivar pin_state: read after an error about the PIN.
    """

    code: str
    detail: str = ""
    pin_state: PinState | None = None


AnyReply = Welcome | Tokens | Present | PinStateRead | Answer | Signature | Done | Failed


class FrameError(Exception):
    """What came over the pipe is no frame or no message of this protocol."""


class FrameCut(FrameError):
    """The stream ended inside a frame, as when the other side crashes while it writes."""

    def __init__(self) -> None:
        super().__init__("the stream ended inside a frame")


class ReadableStream(Protocol):
    """An unbuffered binary stream, such as :class:`io.FileIO`."""

    def readinto(self, buffer: memoryview, /) -> int | None: ...


def _fill(stream: ReadableStream, view: memoryview) -> int:
    filled = 0
    while filled < len(view):
        count = stream.readinto(view[filled:])
        if not count:
            break
        filled += count
    return filled


def read_frame(stream: ReadableStream, limit: int) -> bytearray | None:
    """Read one frame's body; the buffer is the caller's to overwrite.

    :param limit: the longest body accepted, in octets; a longer one is not read.
    :return: None at a proper end of the stream.
    :raises FrameError: too long or empty.
    :raises FrameCut: the stream ended inside the frame.
    """
    header = bytearray(HEADER_SIZE)
    filled = _fill(stream, memoryview(header))
    if filled == 0:
        return None
    if filled < HEADER_SIZE:
        raise FrameCut
    (length,) = _HEADER.unpack(header)
    if not 0 < length <= limit:
        raise FrameError(f"a frame of {length} octets")
    body = bytearray(length)
    if _fill(stream, memoryview(body)) < length:
        wipe(body)
        raise FrameCut
    return body


def encode_frame(message: Request | Reply) -> bytearray:
    """One frame, header and body, in a buffer that the caller overwrites after use.

    The buffer gets its exact size before a PIN is written to it: growing or shrinking it would move it and leave a
    copy behind.
    """
    fields = {name: getattr(message, name) for name in message.__struct_fields__}
    blanks = {name: bytearray(len(field)) for name, field in fields.items() if isinstance(field, bytearray)}
    size = len(_ENCODER.encode(msgspec.structs.replace(message, **blanks) if blanks else message))
    buffer = bytearray(HEADER_SIZE + size)
    _ENCODER.encode_into(message, buffer, HEADER_SIZE)
    _HEADER.pack_into(buffer, 0, size)
    return buffer


def decode_request(body: bytearray) -> AnyRequest:
    """:raises FrameError: no request of this protocol."""
    try:
        return _REQUESTS.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise FrameError(str(error)) from None


def decode_reply(body: bytearray) -> AnyReply:
    """:raises FrameError: no reply of this protocol."""
    try:
        return _REPLIES.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise FrameError(str(error)) from None


def wipe(*buffers: bytearray | None) -> None:
    """Overwrite with zeros, in place."""
    for buffer in buffers:
        if buffer is not None:
            buffer[:] = bytes(len(buffer))


_ENCODER = msgspec.msgpack.Encoder()
_REQUESTS: msgspec.msgpack.Decoder[AnyRequest] = msgspec.msgpack.Decoder(AnyRequest)
_REPLIES: msgspec.msgpack.Decoder[AnyReply] = msgspec.msgpack.Decoder(AnyReply)
