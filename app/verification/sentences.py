"""Sentences a person reads: reasons, and the summary of a file in one sentence."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from app.i18n import N_, _, ngettext
from app.times import local
from app.verification.brief import told_briefly
from app.verification.model import Conclusion, Reason, SignatureReport
from app.verification.reasons import reasons_of


@dataclass(frozen=True)
class Sentence:
    """A code in words."""

    code: str
    message: str
    hint: str

    @classmethod
    def of(cls, code: str, message_id: str, hint_id: str, data: Mapping[str, str]) -> Sentence:
        """Translate and fill in; a placeholder without data stays empty, times become local ones."""
        values = defaultdict(str, {name: _told(value) for name, value in data.items()})
        message, hint = _(message_id).format_map(values), _(hint_id).format_map(values)
        return cls(code, message[:1].upper() + message[1:], hint)

    def reason(self) -> Reason:
        return Reason(self.code, self.message, self.hint)


def _told(value: str) -> str:
    """A value as told: ISO 8601 times in Vietnamese time, anything else as it is."""
    if len(value) >= 19 and value[4:5] == "-" and value[10:11] == "T":
        try:
            return moment(dt.datetime.fromisoformat(value))
        except ValueError:
            return value
    return value


def moment(time: dt.datetime) -> str:
    """Day and time as told in an office: ``12/06/2026 09:05``, in Vietnamese ``09:05 ngày 12/06/2026``."""
    told = local(time)
    return _("{day} {time}").format(day=f"{told:%d/%m/%Y}", time=f"{told:%H:%M}")


_ONE = {
    Conclusion.VALID: N_("Signed by {who} {when}; unchanged since, and the certificate was valid."),
    Conclusion.WARNING: N_("Signed by {who} {when}; unchanged and valid, with a note: {reason}"),
    Conclusion.INDETERMINATE: N_("Signed by {who} {when}, but there is not enough evidence to conclude: {reason}"),
    Conclusion.INVALID: N_("The signature of {who} is not valid: {reason}"),
}
_SEVERAL = {
    Conclusion.VALID: N_("Signed by {who}; unchanged since, and the certificates were valid."),
    Conclusion.WARNING: N_("Signed by {who}; unchanged and valid, with a note: {reason}"),
    Conclusion.INDETERMINATE: N_("Signed by {who}, but there is not enough evidence to conclude: {reason}"),
    Conclusion.INVALID: N_("Of the signatures of {all}, that of {who} is not valid: {reason}"),
}
_SEVERAL_INVALID = N_("Of the signatures of {all}, those of {who} are not valid: {reason}")
_ALL_INVALID = N_("The signatures of {who} are not valid: {reason}")
_NUMBERED_INVALID = N_("Of {n} signatures, {who} is not valid: {reason}")

#: A name is only what the file says while nobody vouches for it.
_UNPROVEN_PERSON = N_("The signature names {who}; that it is this person's is not confirmed: {reason}")
_UNPROVEN_OFFICE = N_("The signature names {who}; that it is this organization's is not confirmed: {reason}")
_ALL_UNPROVEN = N_("The signatures name {who}; that they are theirs is not confirmed: {reason}")
_SEVERAL_UNPROVEN = N_("Of the signatures naming {all}, those naming {who} are not confirmed: {reason}")

#: Names told of signatures that are not valid, and of those they stand among; the others are counted.
_MOST_NAMES = 3


def who(signature: SignatureReport) -> str:
    """Whose signature it is, as told on the telephone."""
    if not signature.signer:
        return signature.organization or _("an unknown signer")
    if signature.organization and signature.organization != signature.signer:
        return _("{person} ({organization})").format(person=signature.signer, organization=signature.organization)
    return signature.signer


def summary(conclusion: Conclusion, signatures: Sequence[SignatureReport], reasons: Sequence[Reason]) -> str:
    """One sentence on a file.

    :param signatures: the signers', time stamps of the document left out.
    :param reasons: the document's own.
    """
    if conclusion is Conclusion.UNSIGNED:
        return _("This file bears no digital signature.")
    if conclusion is Conclusion.UNREADABLE:
        return _("The file cannot be checked: {reason}").format(reason=_first(reasons))
    guilty = [signature for signature in signatures if signature.conclusion is conclusion]
    if not signatures or (not guilty and conclusion is Conclusion.INVALID):
        return _("The file is not valid: {reason}").format(reason=_first(reasons))
    if guilty and conclusion is Conclusion.INDETERMINATE:
        return _unproven(signatures, guilty, reasons)
    if len(signatures) == 1:
        reason = _first([*signatures[0].reasons, *reasons] if guilty else reasons)
        return _(_ONE[conclusion]).format(who=who(signatures[0]), when=_when(signatures[0]), reason=reason)
    if conclusion is Conclusion.INVALID:
        return _invalid(signatures, guilty, reasons)
    reason = _first([*guilty[0].reasons, *reasons] if guilty else reasons)
    return _(_SEVERAL[conclusion]).format(who=_listed([_dated(signature) for signature in signatures]), reason=reason)


def _unproven(
    signatures: Sequence[SignatureReport], guilty: Sequence[SignatureReport], reasons: Sequence[Reason]
) -> str:
    """Names as the file states them, with why they are not confirmed."""
    if len(guilty) < len(signatures):
        sentence = _SEVERAL_UNPROVEN
    elif len(guilty) > 1:
        sentence = _ALL_UNPROVEN
    else:
        sentence = _UNPROVEN_OFFICE if guilty[0].kind == "organization" else _UNPROVEN_PERSON
    return _(sentence).format(who=_some(guilty), all=_some(signatures), reason=_causes(guilty, reasons))


def _invalid(
    signatures: Sequence[SignatureReport], guilty: Sequence[SignatureReport], reasons: Sequence[Reason]
) -> str:
    """Of several signatures all that are not valid, so that none passes for a good one, with the reason of each."""
    reason = _causes(guilty, reasons)
    if len(guilty) == len(signatures):
        return _(_ALL_INVALID).format(who=_some(guilty), reason=reason)
    if len({who(signature) for signature in signatures}) < len(signatures):
        return _(_NUMBERED_INVALID).format(n=len(signatures), who=_numbered(signatures, guilty), reason=reason)
    sentence = _SEVERAL_INVALID if len(guilty) > 1 else _SEVERAL[Conclusion.INVALID]
    return _(sentence).format(who=_some(guilty), all=_some(signatures), reason=reason)


def _causes(guilty: Sequence[SignatureReport], reasons: Sequence[Reason]) -> str:
    """Why of the first signatures, each cause once."""
    causes = [*dict.fromkeys(_first([*signature.reasons, *reasons]) for signature in guilty[:_MOST_NAMES])]
    return "; ".join([*(cause.removesuffix(".") for cause in causes[:-1]), causes[-1]])


def _numbered(signatures: Sequence[SignatureReport], guilty: Sequence[SignatureReport]) -> str:
    """Signatures told apart by their place, where names do not."""
    places = [number for number, signature in enumerate(signatures, 1) if signature in guilty]
    return _counted(
        [_("number {n} ({who})").format(n=number, who=who(signatures[number - 1])) for number in places[:_MOST_NAMES]],
        len(places),
    )


def _some(signatures: Sequence[SignatureReport]) -> str:
    """The first names, each once; the signatures of others are counted."""
    names = [who(signature) for signature in signatures]
    first = [*dict.fromkeys(names)][:_MOST_NAMES]
    return _counted(first, len(first) + sum(name not in first for name in names))


def _counted(names: Sequence[str], among: int) -> str:
    """Names, and how many signatures there are beside them.

    :param among: all of them.
    """
    left = among - len(names)
    if not left:
        return _listed(names)
    more = ngettext("{n} further signature", "{n} further signatures", left).format(n=left)
    return _("{several} and {last}").format(several=", ".join(names), last=more)


def _first(reasons: Sequence[Reason]) -> str:
    """The first reason, to stand after a colon."""
    if not reasons:
        return ""
    message = told_briefly(reasons[0])
    if message is reasons[0].message and _begins_with_a_name(reasons[0].code):
        return message
    return message[:1].lower() + message[1:] if message[1:2].islower() or message[1:2] == " " else message


def _begins_with_a_name(code: str) -> bool:
    """Whether the sentence of a reason does, or may."""
    known = reasons_of(code)
    return known is None or _(known[0]).startswith("{name}")


def _when(signature: SignatureReport) -> str:
    """The time of the time stamp, or the one that the signer states, told as such."""
    if signature.timestamp_time is not None:
        return _("on {time}").format(time=moment(signature.timestamp_time))
    if signature.claimed_time is not None:
        return _("on {time} (as the signer states)").format(time=moment(signature.claimed_time))
    return _("(at an unknown time)")


def _dated(signature: SignatureReport) -> str:
    """Whose signature it is and of when, in one pair of brackets."""
    if signature.timestamp_time is not None:
        when = _("on {time}").format(time=moment(signature.timestamp_time))
    elif signature.claimed_time is not None:
        when = _("on {time} as the signer states").format(time=moment(signature.claimed_time))
    else:
        return who(signature)
    organization = signature.organization if signature.organization != signature.signer else ""
    name = signature.signer or organization or _("an unknown signer")
    inside = ", ".join(filter(None, (organization if signature.signer else "", _("signed {when}").format(when=when))))
    return _("{person} ({organization})").format(person=name, organization=inside)


def _listed(names: Sequence[str]) -> str:
    if len(names) < 2:
        return "".join(names)
    return _("{several} and {last}").format(several=", ".join(names[:-1]), last=names[-1])


def what_next(conclusion: Conclusion, signatures: Sequence[SignatureReport], reasons: Sequence[Reason]) -> str:
    """What to do now: the hint of the reason that decided."""
    if conclusion is Conclusion.VALID:
        return _("You can accept this document.")
    if conclusion is Conclusion.UNSIGNED:
        return _(
            "Do not accept it as a signed electronic document yet; if it should be signed, ask for the signed file."
        )
    deciding = [
        reason for signature in signatures if signature.conclusion is conclusion for reason in signature.reasons
    ]
    return next((reason.hint for reason in [*deciding, *reasons] if reason.hint), "")
