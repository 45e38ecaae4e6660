"""One file that is to be signed: what is known of it, what a person decided for it, what has become of it."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from app.documents.formats import Format
from app.documents.model import DocumentInfo
from app.errors import ErrorInfo
from app.i18n import N_, _
from app.preflight.model import Finding, Preflight, Severity
from app.signing.corrections import belongs_to, corrected, parted
from app.signing.errors import SourceNotAsSeen
from app.signing.model import Act, Mark, SignOptions, SignResult, Status
from ui import wording
from ui.theme import Tone

_STAGES = {
    "waiting": N_("Waiting"),
    "reading": N_("Reading…"),
    "asking": N_("Waits for you"),
    "signing": N_("The token is signing…"),
    "verifying": N_("Checking the signature made…"),
    "filing": N_("Filing…"),
}

#: Why a file is not signed, as short as a row of the list is; the whole sentence stands in the place of its pages.
_REFUSALS = {
    "file-missing": N_("Is gone: is not signed"),
    "file-not-readable": N_("Cannot be read: is not signed"),
    "folder-given": N_("Is a folder: is not signed"),
    "unsupported-format": N_("Not what its name says: is not signed"),
    "signed-content-missing": N_("The document it signs is missing"),
    "signature-file-unfit": N_("Takes no further signature"),
    "opc-encrypted": N_("Needs a password: is not signed"),
    "pdf-encrypted": N_("Needs a password: is not signed"),
    "pdf-damaged": N_("Is damaged: is not signed"),
    "pdf-forbids-signing": N_("Takes no further signature"),
    "pdf-dynamic-form": N_("Is a dynamic form: is not signed"),
    "document-not-read": N_("Too heavy to read: is not signed"),
}

#: Options that correct what was read, by the field of what was read.
_CORRECTABLE = {"type": "document_type", "number": "number", "symbol": "symbol", "date": "date", "summary": "summary"}

#: Formats of which a PDF can be made first.
OFFICE_FORMATS = frozenset({Format.OOXML, Format.ODF, Format.LEGACY_OFFICE})
#: Formats that bear their signatures themselves; a file of another one gets a container or a signature file.
BEARING_FORMATS = frozenset({Format.PDF, Format.OOXML, Format.ODF, Format.ENCRYPTED_OFFICE, Format.CMS})


@dataclass(eq=False)
class Entry:
    """One file to sign.

    :ivar read: what was read from it; None until then.
    :ivar info: the same with corrections; equal to ``read`` where there are none.
    :ivar seen: SHA-256 of the file as it was read and shown; empty until then.
    :ivar problem: why it could not be read, or cannot be signed by its kind.
    :ivar stage: of the run under way; empty outside one.
    :ivar act: of this file where it is another than the others'.
    :ivar mark: the visible mark where a person moved it.
    :ivar place: page from zero on which the mark is proposed; None where that is not known or there is none.
    :ivar looked: what preflight found; None until then.
    :ivar looked_as: whether preflight took it for a scan to be copied, and for what a PDF is made of.
    :ivar accepts: codes of findings and questions that a person has answered with yes.
    :ivar arrival: number under which it is registered as an incoming document.
    :ivar pdf: the PDF made of it for looking at, where one is to be signed in its place.
    :ivar before: the options that an earlier, interrupted run had for it.
    """

    path: Path
    read: DocumentInfo | None = None
    info: DocumentInfo | None = None
    seen: str = ""
    problem: ErrorInfo | None = None
    stage: str = ""
    act: Act | None = None
    mark: Mark | None = None
    place: int | None = None
    looked: Preflight | None = None
    looked_as: tuple[bool, bool] = (False, False)
    accepts: frozenset[str] = frozenset()
    arrival: str = ""
    pdf: Path | None = None
    before: SignOptions | None = None
    result: SignResult | None = None

    @property
    def findings(self) -> Sequence[Finding]:
        """Of preflight, the gravest first."""
        return self.looked.findings if self.looked is not None else ()

    @property
    def format(self) -> Format | None:
        """Of its content; None while that is not known."""
        return Format(self.looked.format) if self.looked is not None else None

    @property
    def signed(self) -> bool:
        return self.result is not None and self.result.status is Status.SIGNED

    @property
    def stale(self) -> bool:
        """Whether the run refused it because it is not what was shown any more."""
        error = self.result.error if self.result is not None else None
        return error is not None and error.code == SourceNotAsSeen.code

    @property
    def has_options(self) -> bool:
        """Whether it was shown, or a person changed what was read of it, its act or where its mark stands."""
        changed = self.info != self.read or self.mark is not None or self.act is not None
        return changed or bool(self.accepts or self.arrival or self.seen)

    @property
    def numbered(self) -> str:
        """Number and symbol, else the type."""
        if self.info is None:
            return ""
        number = "/".join(filter(None, (self.info.number, self.info.symbol)))
        return number or self.info.type or ""

    @property
    def asks(self) -> frozenset[str]:
        """Codes of the findings that a person has to answer."""
        return frozenset(one.code for one in self.findings if one.severity is Severity.ASK)

    @property
    def to_look_at(self) -> list[Finding]:
        """The findings that stop it, or that a person has not answered."""
        return [
            one
            for one in self.findings
            if one.severity is Severity.STOP or (one.severity is Severity.ASK and one.code not in self.accepts)
        ]

    @property
    def refusal(self) -> str:
        """Why it is not signed whatever is chosen; empty where it is, or where that is not known yet."""
        if self.problem is not None:
            return _(_REFUSALS[self.problem.code]) if self.problem.code in _REFUSALS else self.problem.message
        if self.info is not None and self.info.secrecy:
            return _("Bears the mark “{secrecy}”: is not signed here").format(secrecy=self.info.secrecy)
        return next((one.message for one in self.findings if one.severity is Severity.STOP), "")

    def lacks_number(self, act: Act) -> bool:
        """Whether it cannot be issued yet (Decree 30/2020, articles 14 and 15), or is attached to a document whose
        number and symbol are not known.

        :param act: of the files that have none of their own.
        """
        if self.info is None or self.path.suffix.lower() != ".pdf":
            return False
        act = self.act or act
        return (act is Act.ISSUE and not self.info.number) or (act is Act.ATTACHMENT and not all(self._belongs_to()))

    def _belongs_to(self) -> tuple[str, str]:
        """Number and symbol of the document that it is attached to."""
        options = self.own_options(SignOptions(act=self.act or Act.ATTACHMENT))
        return belongs_to(corrected(self.read or DocumentInfo(), options))

    def row_number(self, act: Act) -> str:
        """The number that is typed in its row: that of its arrival where it is an incoming one, number and symbol of
        the document that it is attached to, else its own."""
        if (self.act or act) is Act.INCOMING:
            return self.arrival
        if (self.act or act) is Act.ATTACHMENT and self.info is not None:
            return "/".join(filter(None, self._belongs_to()))
        return (self.info.number or "") if self.info is not None else ""

    def type_row_number(self, act: Act, number: str) -> None:
        """Take the number typed in its row; see :meth:`row_number`."""
        if (self.act or act) is Act.INCOMING:
            self.arrival = number
        elif self.info is not None:
            number, symbol = parted(number)
            self.info = dataclasses.replace(self.info, number=number or None, symbol=symbol or self.info.symbol)

    def forget_mark(self) -> None:
        """Its mark is another one now: the place chosen for the one before is void."""
        self.mark = self.place = None

    def own_options(self, options: SignOptions) -> SignOptions:
        """The options of this file: those of the run with what a person decided for it alone."""
        corrections = {
            option: getattr(self.info, name)
            for name, option in _CORRECTABLE.items()
            if getattr(self.info, name, None) != getattr(self.read, name, None)
        }
        act = self.act or options.act
        if act is not options.act:  # the mark chosen is that of the others' act
            options = dataclasses.replace(options, visible=True, mark_image=None, mark_template="", qr=False)
        return dataclasses.replace(
            options,
            act=act,
            mark=self.mark,
            seen=self.seen,
            accepts=tuple(sorted(self.accepts)),
            arrival_number=self.arrival if act is Act.INCOMING else "",
            **corrections,
        )

    def take_before(self) -> None:
        """Decide again what was decided for it in the run that was interrupted."""
        options = self.before
        if options is None or self.info is None:
            return
        given = {name: getattr(options, option) for name, option in _CORRECTABLE.items()}
        self.info = dataclasses.replace(
            self.info, **{name: value for name, value in given.items() if value is not None}
        )
        self.mark = options.mark
        self.arrival = options.arrival_number
        self.accepts = frozenset(options.accepts)

    def state(self, act: Act) -> str:
        """What is to be said of it now.

        :param act: of the files that have none of their own.
        """
        if self.result is not None:
            word = wording.RESULTS[self.result.status].word
            return f"{word}: {self.result.error.message}" if self.result.error is not None else word
        if self.stage:
            return _(_STAGES[self.stage])
        if self.refusal:
            return self.refusal
        if self.info is None:
            return _("Reading…")
        if self.lacks_number(act):
            if (self.act or act) is Act.ATTACHMENT:
                return _("Attached to which document? Press F2 and type its number and symbol: 12/QĐ-UBND")
            return _("Has no number yet: press F2 and type it")
        if self.to_look_at:
            return self.to_look_at[0].message
        return self._where()

    def picture(self, act: Act) -> tuple[str, Tone]:
        """Icon and tone of its row."""
        if self.result is not None:
            sign = wording.RESULTS[self.result.status]
            return sign.icon, sign.tone
        if self.stage and self.stage != "waiting":
            return "pen-line", "accent"
        if self.refusal or self.to_look_at or self.lacks_number(act):
            return "triangle-alert", "caution"
        return "file-text", "neutral"

    def _where(self) -> str:
        if self.mark is not None and self.mark.page >= 0:
            return _("Ready · mark placed by hand on page {n}").format(n=self.mark.page + 1)
        if self.place is not None and self.place >= 0:
            return _("Ready · mark on page {n}").format(n=self.place + 1)
        return _("Ready")
