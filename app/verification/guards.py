"""What signing asks of verification: is the fresh signature good, has the competent person signed."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from app.documents.formats import Format, detect
from app.errors import AntinError
from app.i18n import N_, _
from app.verification.model import Conclusion, Coverage, DocumentFacts

if TYPE_CHECKING:
    from app.verification.engine import Verifier

_COVERING = (Coverage.WHOLE, Coverage.WHOLE_EXCEPT_METADATA)


class SignatureNotConfirmed(AntinError):
    """The program's own verifier does not find the fresh signature in the file, intact and covering it."""

    code = "self-check-failed"
    message_id = N_("The signature was made but did not pass the check that follows: {why}")
    hint_id = N_("Nothing was filed and the original is untouched. Save the document anew and sign that file.")


def confirm(path: Path, certificate: bytes) -> None:
    """Raise unless the file bears an intact signature of the certificate that covers the whole of it.

    :param certificate: DER of the signer's certificate.
    :raises SignatureNotConfirmed: with the codes of what was found.
    """
    facts = _examine(path)
    own = [signature for signature in facts.signatures if signature.certificate == certificate]
    if any(signature.intact and signature.supported and signature.coverage in _COVERING for signature in own):
        return
    problems = [*facts.problems, *(problem for signature in own for problem in signature.problems)]
    why = ", ".join(dict.fromkeys(problem.code for problem in problems)) or _("it is not in the file")
    raise SignatureNotConfirmed(why=why)


def _examine(path: Path) -> DocumentFacts:
    if detect(path) is Format.PDF:
        from app.verification import pdf

        return pdf.examine(path)
    from app.verification import ooxml

    return ooxml.examine(path)


def personally_signed(verifier: Verifier, path: Path) -> bool:
    """Whether a person's signature stands in the file that is intact, covers the document and leads to a trusted root
    (Decree 30/2020, article 32, clause 2), and nothing else in it is invalid. Revocation that cannot be checked now
    does not hinder."""
    report = verifier.verify(path)
    return report.conclusion is not Conclusion.INVALID and any(
        signature.kind == "person"
        and (
            signature.conclusion in (Conclusion.VALID, Conclusion.WARNING)
            or (signature.conclusion is Conclusion.INDETERMINATE and signature.sub_indication == "TRY_LATER")
        )
        and signature.coverage is not Coverage.PARTIAL
        for signature in report.signatures
    )
