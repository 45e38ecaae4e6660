"""Whether a document may be signed with a key, by rules that never bend and questions that a person answers."""

from __future__ import annotations

import filecmp
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from app.documents.reading import Reading
from app.signing.errors import DocumentNotRead, NotAgencyKey, NotPersonalKey, OrderViolated, SecretDocument
from app.signing.keys import SigningKey
from app.signing.model import Act, SignOptions
from app.signing.questions import questions
from app.signing.services import Services
from app.signing.signer_check import SignerStatus

_AGENCY_ACTS: Final = {Act.ISSUE, Act.ATTACHMENT, Act.COPY, Act.INCOMING}


@dataclass(frozen=True)
class Rules:
    """The rules for one file: secrecy; who may sign what; the seal only after a personal signature (Decree 30/2020,
    article 32).

    :ivar source: the file, as errors name it.
    """

    services: Services
    options: SignOptions
    key: SigningKey
    source: Path

    def check(self, document: Path, reading: Reading) -> SignerStatus:
        """Refuse what is not to be signed.

        :param document: what is signed: the source, or the PDF made of it.
        :param reading: what it says of itself, with the person's corrections.
        :return: what is known of the signer's certificate, which may sign.
        :raises SignerRevoked, SignerExpired, SignerPurposeWrong, KeyNotAllowed, HashNotAllowed: it may not.
        :raises DocumentNotRead: the document was given up before its secrecy was known.
        :raises SecretDocument, NotAgencyKey, NotPersonalKey, OrderViolated: a rule is against it.
        :raises AntinError: a question of :mod:`app.signing.questions` that nobody answered, or what
            ``Services.check_earlier`` has against its earlier signatures.
        """
        options, key = self.options, self.key
        signer = self.services.check_signer(key.certificate.der, options.algorithm or key.algorithm)
        if reading.gave_up:
            raise DocumentNotRead(path=self.source)
        if reading.info.secrecy:
            raise SecretDocument(path=self.source, secrecy=reading.info.secrecy)
        if key.kind == "person" and (options.act in _AGENCY_ACTS or self._shows_seal()):
            raise NotAgencyKey(holder=key.holder)
        if options.act == Act.APPROVE and key.kind == "organization":
            raise NotPersonalKey(holder=key.holder)
        for question in questions(self.source, options.act, key, reading, self.services.paper_kinds):
            if question.code not in options.accepts:
                raise question
        self.check_order(document)
        once = options.act in (Act.APPROVE, Act.ISSUE)
        self.services.check_earlier(document, key.certificate.der, once=once)
        return signer

    def check_order(self, document: Path) -> None:
        """The seal follows the signature, but on copies, attachments and incoming documents (article 32, clause 2).

        Asked of the source before the token signs, and of the signed copy, which nobody else writes to, after it.

        :raises OrderViolated: nobody has signed it.
        """
        act = self.options.act
        sealing = act == Act.ISSUE or (act == Act.PLAIN and self.key.kind == "organization")
        if sealing and not self.services.personally_signed(document):
            raise OrderViolated(path=self.source)

    def _shows_seal(self) -> bool:
        """Whether the picture named for the mark is that of the agency's seal."""
        picture, seal = self.options.mark_image, self.services.agency.seal_image
        if picture is None or not seal:
            return False
        try:
            return filecmp.cmp(picture, seal, shallow=False)
        except OSError:  # one is not there; what is said of it belongs to the mark
            return False
