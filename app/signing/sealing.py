"""The ledger sealed at the end of a signing session: the token, still open, signs its head once.

So that a ledger whose tail was cut or that was written anew is found by anybody who has the certificate's root. What
goes wrong here is entered in the ledger and harms nothing else: the files are signed and filed.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Any, Protocol

from app.errors import AntinError, describe
from app.signing.keys import SigningKey
from app.signing.model import Timestamper
from app.signing.pdf_cms import CmsDraft
from app.times import now
from pkcs11_bridge.protocol import SignatureAlgorithm


class SealedLedger(Protocol):
    """The part of the ledger that is used here."""

    def head(self) -> Any: ...
    def seal(self, over: Any, cms: str, **data: object) -> object: ...
    def append(self, kind: str, /, **data: object) -> object: ...


class OpenToken(Protocol):
    """The part of a token session that is used here."""

    def needs_pin_each_time(self, key_id: bytes) -> bool: ...
    def sign(
        self, key_id: bytes, data: bytes, algorithm: SignatureAlgorithm, *, pin: bytearray | None = None
    ) -> bytes: ...


class LedgerSealing:
    """Seals a ledger.

    :param content: what is signed of a head.
    :param chain: DER of the issuers known for a certificate.
    """

    def __init__(
        self,
        ledger: SealedLedger,
        content: Callable[[Any], bytes],
        chain: Callable[[bytes], Sequence[bytes]],
    ) -> None:
        self._ledger = ledger
        self._content = content
        self._chain = chain

    def seal(
        self,
        token: OpenToken,
        key: SigningKey,
        algorithm: SignatureAlgorithm,
        *,
        stopped: BaseException | None,
        timestamper: Timestamper | None,
    ) -> None:
        """Have the token sign the head, once, and enter that; no PIN is asked. Where that cannot be, the ledger gets
        an entry ``unsealed`` with the reason's code: ``pin-each-time`` where the token wants its PIN for every
        signature. Never raises what the token, the ledger or the time-stamp server may.

        :param stopped: what ended the session before its time; the token is left alone then.
        :param timestamper: of the seal; a server that does not answer leaves it without a time stamp.
        """
        told = {"signer": key.holder, "certificate": key.sha256, "token": key.token.serial}
        try:
            if stopped is not None:
                raise stopped
            if token.needs_pin_each_time(key.certificate.id):
                self._ledger.append("unsealed", reason="pin-each-time", **told)
                return
            head = self._ledger.head()
            cms, stamped = self._signed(token, key, algorithm, self._content(head), timestamper)
            self._ledger.seal(head, base64.b64encode(cms).decode(), stamped=stamped, **told)
        except Exception as error:
            with suppress(AntinError):  # a ledger that cannot be written may be the cause
                self._ledger.append("unsealed", reason=describe(error).code, **told)

    def _signed(
        self,
        token: OpenToken,
        key: SigningKey,
        algorithm: SignatureAlgorithm,
        content: bytes,
        timestamper: Timestamper | None,
    ) -> tuple[bytes, bool]:
        """DER of the CMS, and whether it has a time stamp."""
        certificate, hash_name = key.certificate.der, algorithm.hash_name
        digest = hashlib.new(hash_name, content).digest()
        draft = CmsDraft(digest, certificate, self._chain(certificate), algorithm, now())
        value = draft.cms_value(token.sign(key.certificate.id, draft.to_be_signed, algorithm))
        stamp = None
        if timestamper is not None:
            with suppress(AntinError):
                stamp = timestamper.token(hashlib.new(hash_name, value).digest(), hash_name)
        return draft.assemble(value, stamp), stamp is not None
