"""Time stamps (RFC 3161): reading tokens, and asking a server for one."""

from __future__ import annotations

import datetime as dt
import os
from collections.abc import Sequence
from dataclasses import dataclass

from app.trust import der
from app.trust.algorithms import HASH_OIDS, AlgorithmUnknown, digest, hash_of
from app.trust.certificate import Oids, read_certificate
from app.trust.cms import TST_INFO, DigestOf, read_signed_data
from app.trust.der import DerError
from app.trust.errors import TimestampRefused, TimestampUnavailable, TimestampUntrustworthy
from app.trust.model import Problem, TimestampFacts, problem

#: A token or answer larger than this is refused; real ones have three to fifteen kilobytes.
MAX_SIZE = 1024 * 1024

_EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)


@dataclass(frozen=True)
class _Info:
    """The TSTInfo of a token (RFC 3161, 2.4.2)."""

    hash_name: str
    imprint: bytes
    time: dt.datetime
    nonce: int | None


def read_timestamp(token: bytes, *, message: bytes | DigestOf, certificates: Sequence[bytes] = ()) -> TimestampFacts:
    """Read and verify a TimeStampToken.

    :param token: DER of the token.
    :param message: the octets it should stamp, or a function that gives their digest by hash name.
    :param certificates: DER of further certificates among which the authority's may be.
    :return: facts; no input raises. A token that cannot be read has the time 1970-01-01 and is not intact.
    """
    if len(token) > MAX_SIZE:
        return _unreadable(problem("timestamp-malformed", detail="size"))
    facts = read_signed_data(token, digest_of=None, certificates=certificates, stamped=False)
    if facts.content is None or facts.content_type != TST_INFO:
        return _unreadable(*facts.problems, problem("timestamp-malformed", detail="content"))
    problems = [found for found in facts.problems if found.code != "cms-no-signing-certificate"]
    try:
        info = _read_info(facts.content)
    except AlgorithmUnknown as error:
        return _unreadable(*problems, problem("algorithm-unknown", algorithm=str(error)))
    except DerError as error:
        return _unreadable(*problems, problem("timestamp-malformed", detail=str(error)))
    intact = facts.intact
    actual = message(info.hash_name) if callable(message) else digest(info.hash_name, message)
    if actual != info.imprint:
        problems.append(problem("timestamp-imprint-differs"))
        intact = False
    if facts.intact and not facts.signing_certificate:
        problems.append(problem("timestamp-no-signing-certificate"))
        intact = False
    if facts.certificate is not None and (fault := _purpose_fault(facts.certificate)):
        problems.append(fault)
        intact = False
    return TimestampFacts(
        time=info.time,
        intact=intact,
        certificate=facts.certificate,
        certificates=facts.certificates,
        digest_algorithm=info.hash_name,
        signature_hash=facts.signature_algorithm.rpartition("-")[2],
        problems=tuple(problems),
    )


def _unreadable(*problems: Problem) -> TimestampFacts:
    return TimestampFacts(time=_EPOCH, intact=False, certificate=None, digest_algorithm="", problems=problems)


def _read_info(content: bytes) -> _Info:
    fields = der.read(content).fields()
    if fields.next(der.INTEGER).integer() != 1:
        raise DerError("version")
    fields.next(der.OID)
    imprint = fields.next(der.SEQUENCE).fields()
    hash_name, value = hash_of(imprint.next(der.SEQUENCE)), imprint.next().octets()
    imprint.end()
    fields.next(der.INTEGER)
    time = fields.next(der.GENERALIZED_TIME).time()
    fields.optional(der.SEQUENCE)
    ordering = fields.optional(der.BOOLEAN)
    if ordering:
        ordering.boolean()
    nonce = fields.optional(der.INTEGER)
    fields.optional(der.context(0))
    extensions = fields.optional(der.context(1))
    fields.end()
    if extensions is not None:
        for item in extensions.children():
            part = item.fields()
            part.next(der.OID)
            critical = part.optional(der.BOOLEAN)
            if critical and critical.boolean():
                raise DerError("critical extension")
    return _Info(hash_name, value, time, nonce.integer() if nonce else None)


def _purpose_fault(certificate_der: bytes) -> Problem | None:
    """RFC 3161, 2.3: the only purpose of the authority's key is time stamping, and critically so."""
    try:
        certificate = read_certificate(certificate_der)
        extension = certificate.extensions.get(Oids.EXTENDED_KEY_USAGE)
        purposes = certificate.extended_key_usage
    except DerError as error:
        return problem("certificate-malformed", detail=str(error))
    if extension is None or purposes != (Oids.KP_TIME_STAMPING,) or not extension.critical:
        return problem("timestamp-purpose-wrong")
    return None


class HttpTimestamper:
    """A time-stamp server reached over HTTP (RFC 3161, 3.4)."""

    def __init__(self, url: str, *, timeout: float, proxy: str = "", retries: int = 1) -> None:
        """
        :param timeout: seconds for one try, from the first octet sent to the last received.
        :param proxy: address of an HTTP proxy, or empty.
        :param retries: further tries after the first where the server could not be reached.
        """
        self.url, self.timeout, self.proxy, self.retries = url, timeout, proxy, retries

    def token(self, imprint: bytes, hash_name: str) -> bytes:
        """The DER TimeStampToken over ``imprint``, verified for imprint, nonce and signature.

        :param imprint: digest of what is stamped.
        :param hash_name: its hash, such as ``sha256``.
        :raises TimestampUnavailable: no answer came; its subclasses: a refusal, an answer that does not hold.
        """
        nonce = int.from_bytes(os.urandom(8), "big") | 1
        answer = self._ask(_request(imprint, hash_name, nonce))
        try:
            token = self._token_of(answer)
            facts = read_timestamp(token, message=lambda name: imprint if name == hash_name else b"")
            content = read_signed_data(token, digest_of=None, stamped=False).content
            if not facts.intact or content is None:
                raise self._untrustworthy(facts.problems[0].code if facts.problems else "signature")
            if _read_info(content).nonce != nonce:
                raise self._untrustworthy("nonce")
        except DerError as error:
            raise self._untrustworthy(str(error)) from error
        return token

    def _untrustworthy(self, detail: str) -> TimestampUntrustworthy:
        return TimestampUntrustworthy(url=self.url, detail=detail)

    def _token_of(self, answer: bytes) -> bytes:
        """The token inside a TimeStampResp whose status grants it (RFC 3161, 2.4.2)."""
        fields = der.read(answer).fields()
        status = fields.next(der.SEQUENCE).fields()
        code = status.next(der.INTEGER).integer()
        if code not in (0, 1):
            text = status.optional(der.SEQUENCE)
            words = "; ".join(line.text() for line in text.children()) if text else f"PKIStatus {code}"
            raise TimestampRefused(url=self.url, detail=words[:300])
        return fields.next(der.SEQUENCE).raw

    def _ask(self, request: bytes) -> bytes:
        from app.trust.exchange import FetchFailed, post

        for attempt in range(self.retries + 1):
            try:
                return post(
                    self.url,
                    request,
                    content_type="application/timestamp-query",
                    accept="application/timestamp-reply",
                    timeout=self.timeout,
                    limit=MAX_SIZE,
                    proxy=self.proxy,
                )
            except FetchFailed as error:
                if attempt == self.retries or not error.may_retry:
                    raise TimestampUnavailable(url=self.url, detail=error.detail) from error
        raise TimestampUnavailable(url=self.url, detail="")


def _request(imprint: bytes, hash_name: str, nonce: int) -> bytes:
    """A TimeStampReq with nonce that asks for the authority's certificate."""
    algorithm = der.encode(der.SEQUENCE, der.encode_oid(HASH_OIDS[hash_name]) + der.encode(der.NULL, b""))
    message = der.encode(der.SEQUENCE, algorithm + der.encode(der.OCTET_STRING, imprint))
    wants_certificate = der.encode(der.BOOLEAN, b"\xff")
    return der.encode(der.SEQUENCE, der.encode_integer(1) + message + der.encode_integer(nonce) + wants_certificate)
