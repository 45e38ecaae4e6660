"""What signing asks of verification: is the fresh signature good, has the competent person signed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING

import msgspec

from app.documents.formats import Format, detect
from app.documents.hashing import KnownBeginning, hashed_meanwhile, sha256_file
from app.errors import AntinError
from app.i18n import N_, _
from app.trust.errors import CertificateUnreadable
from app.trust.holder import holder, settled_kind
from app.verification.model import Conclusion, Coverage, DocumentFacts, SignatureFacts, SignatureReport
from app.verification.policy import Policy, Severity

if TYPE_CHECKING:
    from app.documents.pdf_signatures import SignatureValue
    from app.verification.engine import Verifier

#: Doubts that end when the authority's servers or lists can be asked.
_REVOCATION_OPEN = {"revocation-unknown", "revocation-outdated", "issuer-revocation-unknown"}

#: SubFilters of PDF (ISO 32000-2, table 255; ETSI EN 319 142-1).
_DETACHED = ("adbe.pkcs7.detached", "ETSI.CAdES.detached")
_TIME_STAMP = "ETSI.RFC3161"

_COVERING = (Coverage.WHOLE, Coverage.WHOLE_EXCEPT_METADATA)


class SignatureNotConfirmed(AntinError):
    """The program's own verifier does not find the fresh signature in the file, intact and covering it."""

    code = "self-check-failed"
    message_id = N_("The signature was made but did not pass the check that follows: {why}")
    hint_id = N_("Nothing was filed and the original is untouched. Save the document anew and sign that file.")


class EarlierSignatureBroken(AntinError):
    """A further signature would lend its weight to a document that no longer is what was signed."""

    code = "earlier-signature-broken"
    message_id = N_("{path} was changed after somebody signed it ({signers}); it was not signed again.")
    hint_id = N_("Ask for the document as it was signed, and sign that one.")


class AlreadySigned(AntinError):
    code = "already-signed"
    message_id = N_("{path} bears the signature of {holder} already.")
    hint_id = N_("Nothing more is to be done with it; check the file to see its signatures.")


def check_earlier(path: Path, certificate: bytes, *, once: bool) -> None:
    """Raise where a document's own signatures speak against signing it.

    :param certificate: DER of the one who is about to sign.
    :param once: a second signature of that certificate makes no sense.
    :raises EarlierSignatureBroken: a signature in it does not hold any more.
    :raises AlreadySigned: that certificate has signed the document as it stands.
    """
    signatures = [signature for signature in _examine(path).signatures if not signature.document_timestamp]
    broken = [
        signature
        for signature in signatures
        if signature.supported and not (signature.intact and signature.changes_allowed)
    ]
    if broken:
        raise EarlierSignatureBroken(path=path, signers=", ".join(_holders(broken)))
    if once and any(signature.certificate == certificate for signature in signatures):
        raise AlreadySigned(path=path, holder=holder(certificate).name)


def signers(path: Path, values: Sequence[SignatureValue] | None = None) -> list[str]:
    """Whose signatures a file bears, in order, each once.

    :param values: its signatures, where they are known; those that leave a doubt are looked for in the file.
    """
    named = None if values is None else _named(values)
    if named is not None:
        return named
    return _holders([signature for signature in _examine(path).signatures if not signature.document_timestamp])


def _named(values: Sequence[SignatureValue]) -> list[str] | None:
    """Who made the signatures of a PDF; None where one of them does not say so by a certificate of its own."""
    from app.trust import der
    from app.trust.cms import read_signed_data

    names = []
    for value in values:
        if value.kind == _TIME_STAMP:
            continue
        if value.kind not in _DETACHED:
            return None
        try:
            content, _padding = der.read_prefix(value.contents)
            read = read_signed_data(content.raw, digest_of=lambda _name: b"", stamped=False)
            names.append(holder(read.certificate or b"").name)
        except (der.DerError, CertificateUnreadable):
            return None
    return list(dict.fromkeys(names))


def signatures_of(path: Path) -> tuple[SignatureFacts, ...]:
    """The facts of all signatures and document time stamps of a file."""
    return _examine(path).signatures


def _holders(signatures: Sequence[SignatureFacts]) -> list[str]:
    """Who signed, in order, each once."""
    names = []
    for signature in signatures:
        try:
            names.append(holder(signature.certificate or b"").name)
        except CertificateUnreadable:
            names.append(signature.name)
    return list(dict.fromkeys(names))


class Confirmation(msgspec.Struct, frozen=True):
    """What a file was that bears the signature looked for.

    :ivar signers: whose signatures it bears, in order.
    :ivar sha256: of the octets that were looked at, hexadecimal.
    """

    signers: list[str]
    sha256: str


def confirm(path: Path, certificate: bytes, known: KnownBeginning | None = None) -> Confirmation:
    """Raise unless the file bears an intact signature of the certificate that covers the whole of it.

    :param certificate: DER of the signer's certificate. :param known: of the file; its beginning is not read
        again where that still holds.
    :raises SignatureNotConfirmed: with the codes of what was found.
    :raises OSError: the file cannot be read.
    """
    facts, sha256 = _examined_and_hashed(path, known)
    own = [signature for signature in facts.signatures if signature.certificate == certificate]
    if any(signature.intact and signature.supported and signature.coverage in _COVERING for signature in own):
        signed = [signature for signature in facts.signatures if not signature.document_timestamp]
        return Confirmation(_holders(signed), sha256)
    problems = [*facts.problems, *(problem for signature in own for problem in signature.problems)]
    why = ", ".join(dict.fromkeys(problem.code for problem in problems)) or _("it is not in the file")
    raise SignatureNotConfirmed(why=why)


def _examined_and_hashed(path: Path, known: KnownBeginning | None) -> tuple[DocumentFacts, str]:
    """The facts of a file and its SHA-256, which those of a PDF bring along."""
    if detect(path) is Format.PDF:
        from app.verification.pdf import examine_written

        facts = examine_written(path, known)
        return facts, facts.sha256 or sha256_file(path)
    with hashed_meanwhile(path) as sha256:
        return _examine(path), sha256()


def _examine(path: Path) -> DocumentFacts:
    """The facts of a file; none of a kind of file that bears no signatures."""
    from app.verification.engine import examiner

    found = detect(path)
    examine = examiner(found)
    return DocumentFacts(str(found)) if examine is None else examine(path)


def personally_signed(verifier: Verifier, path: Path, kinds: Mapping[str, str] = MappingProxyType({})) -> bool:
    """Whether a person's signature stands in the file that is intact, covers the document and leads to a trusted root
    (Decree 30/2020, article 32, clause 2), and nothing else in it is invalid. Revocation that cannot be checked now
    does not hinder; any other doubt does.

    :param kinds: ``person`` or ``organization`` by the SHA-256 of certificates that are not what they look like.
    """
    report = verifier.verify(path)
    return report.conclusion is not Conclusion.INVALID and any(
        _kind(signature, kinds) == "person"
        and (
            signature.conclusion in (Conclusion.VALID, Conclusion.WARNING)
            or (
                signature.conclusion is Conclusion.INDETERMINATE
                and _only_revocation_is_open(signature, verifier.policy)
            )
        )
        and signature.coverage is not Coverage.PARTIAL
        for signature in report.signatures
    )


def _kind(signature: SignatureReport, kinds: Mapping[str, str]) -> str:
    certificate = signature.certificate
    return signature.kind if certificate is None else settled_kind(signature.kind, kinds.get(certificate.sha256))


def _only_revocation_is_open(signature: SignatureReport, policy: Policy) -> bool:
    decisive = {
        reason.code for reason in signature.reasons if policy.severity(reason.code) >= Severity.INDETERMINATE
    }  # fmt: skip
    return bool(decisive) and decisive <= _REVOCATION_OPEN
