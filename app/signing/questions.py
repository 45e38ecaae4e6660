"""What a person is asked about a document before it is signed, and before any PIN is.

Each question is an error that a person's yes turns away (``SignOptions.accepts`` has its code): the certificate is not
that of whom the document names; the document is of a kind that the office keeps on paper; its signatures would be lost.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from app.documents.reading import Reading
from app.documents.text import fold
from app.errors import AntinError
from app.i18n import N_
from app.signing.agency_names import same_agency
from app.signing.keys import SigningKey
from app.signing.model import Act
from app.signing.placement import is_named


class SignerDiffers(AntinError):
    """Carries ``path``, ``named``, whom the document names, and ``holder`` of the certificate."""

    code = "signer-differs"
    message_id = N_("{path} is to be signed by {named}, but the certificate is that of {holder}.")
    hint_id = N_(
        "Choose the token of the one who is named. If it is right so, agree to it (in a terminal: "
        "“--signer-differs-ok”)."
    )


class AgencyDiffers(AntinError):
    """Carries ``path``, ``named``, the agency that issues the document, and ``agency`` of the certificate."""

    code = "agency-differs"
    message_id = N_("{path} is issued by {named}, but the certificate is that of {agency}.")
    hint_id = N_(
        "Choose the token of that agency. If it is right so, agree to it (in a terminal: “--signer-differs-ok”)."
    )


class StaysOnPaper(AntinError):
    """Carries ``path`` and ``kind``, as the settings name it."""

    code = "stays-on-paper"
    message_id = N_("{path} is of a kind that this office keeps on paper ({kind}).")
    hint_id = N_(
        "Have it signed by hand. If an electronic copy is wanted, agree to it (in a terminal: “--paper-kind-ok”)."
    )


class SignaturesLost(AntinError):
    """The document is to be turned into PDF. Carries ``path``."""

    code = "signatures-lost"
    message_id = N_("{path} bears signatures; the PDF made of it will not.")
    hint_id = N_(
        "Sign the document itself, so that they stay. If the PDF is wanted all the same, agree to it (in a terminal: "
        "“--signatures-lost-ok”)."
    )


def questions(
    path: object, act: Act, key: SigningKey, reading: Reading, paper_kinds: Sequence[str]
) -> Iterator[AntinError]:
    """What should be asked before a document is signed; nothing where all fits.

    :param path: as messages name the file.
    :param paper_kinds: names of kinds of documents, as their headings have them.
    """
    if act in (Act.APPROVE, Act.ISSUE):
        yield from _signer(path, act, key, reading)
    kind = next((kind for kind in paper_kinds if _is_of_kind(reading, kind)), None)
    if kind is not None and act is not Act.INCOMING:
        yield StaysOnPaper(path=path, kind=kind)


def _signer(path: object, act: Act, key: SigningKey, reading: Reading) -> Iterator[AntinError]:
    """Of a person, the name below a block; of an agency, the name in the head. A document that names nobody, such as a
    scan, cannot be compared."""
    if act is Act.APPROVE:
        written = [block.name.text for block in reading.blocks if block.name is not None]
        named = written or ([reading.info.signer_name] if reading.info.signer_name else [])
        if named and not any(is_named(name, key.holder) for name in named):
            yield SignerDiffers(path=path, named=", ".join(named), holder=key.holder)
    issuer, agency = reading.info.issuer, key.organization
    if issuer and agency and not same_agency(issuer, agency) and not same_agency(issuer, key.holder):
        yield AgencyDiffers(path=path, named=issuer, agency=agency)


def _is_of_kind(reading: Reading, kind: str) -> bool:
    wanted = fold(kind)
    told = [*reading.headings, reading.info.type or ""]
    return bool(wanted) and any(f"{fold(text)} ".startswith(f"{wanted} ") for text in told)
