"""Changes in words: of what the examiners name, and of what the comparison of pages shows."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from app.i18n import N_, _
from app.verification.changes.model import Comparison, GaveUp, PageChange, PageKind, Region
from app.verification.model import Change

#: A part that the signature leaves out.
UNSIGNED: Final = "part-unsigned"

#: By kind; ``{what}`` is a name from the file. Kinds that are not here tell ``what`` alone.
_CHANGES: Final = {
    "signature-added": N_("signed again in the field “{what}”"),
    "timestamp-added": N_("a time stamp was added over the document"),
    "evidence-added": N_("evidence for later checks was added"),
    "form-filled": N_("the form field “{what}” was filled in"),
    "field-changed": N_("the form field “{what}” was altered"),
    "field-added": N_("a form field was added: “{what}”"),
    "action-added": N_("something that acts by itself was added at “{what}”"),
    "annotation-added": N_("a note or mark was laid over the page ({what})"),
    "annotation-changed": N_("a note or mark was altered ({what})"),
    "annotation-removed": N_("a note or mark was taken away ({what})"),
    "metadata-changed": N_("a property of the file was altered ({what})"),
    "octets-appended": N_("something was appended to the file that belongs to no revision of it"),
    "part-changed": N_("altered: {what}"),
    "part-removed": N_("taken out: {what}"),
    "part-retyped": N_("declared to be of another kind: {what}"),
    "links-changed": N_("links altered: {what}"),
    UNSIGNED: N_("not signed: {what}"),
}

#: Keys of a PDF as people know them; ISO 32000-2, 7.7.2, 7.7.3 and 12.7.3.
_PLACES: Final = {
    "/Contents": N_("what is drawn on the page"),
    "/Page": N_("the page itself"),
    "/Resources": N_("fonts and pictures of the page"),
    "/Font": N_("a font"),
    "/FontFile": N_("a font"),
    "/FontFile2": N_("a font"),
    "/FontFile3": N_("a font"),
    "/FontDescriptor": N_("a font"),
    "/ToUnicode": N_("a font"),
    "/XObject": N_("a picture or drawing"),
    "/AP": N_("the look of a field or mark"),
    "/N": N_("the look of a field or mark"),
    "/MediaBox": N_("the size of the page"),
    "/CropBox": N_("the part of the page that is shown"),
    "/Rotate": N_("the way the page is turned"),
    "/Kids": N_("the pages or their order"),
    "/Count": N_("the number of pages"),
    "/Pages": N_("the pages or their order"),
    "/Root": N_("the structure of the document"),
    "/OCProperties": N_("layers that can be switched on and off"),
    "/Names": N_("embedded files, scripts or named places"),
    "/EmbeddedFiles": N_("embedded files"),
    "/JavaScript": N_("a script"),
    "/OpenAction": N_("what happens when the document is opened"),
    "/AA": N_("what happens when the document is opened"),
    "/Annots": N_("notes, marks and fields on the page"),
    "/AcroForm /Fields": N_("the list of form fields"),
    "/AcroForm": N_("the form"),
    "/AcroForm /NeedAppearances": N_("the look of the form fields"),
    "/AcroForm /DA": N_("the look of the form fields"),
    "/AcroForm /DR": N_("the look of the form fields"),
    "/AcroForm /XFA": N_("a dynamic form"),
    "/NeedsRendering": N_("a dynamic form"),
    "/UserUnit": N_("the size of the page"),
    "/Group": N_("how the page is painted"),
    "/Collection": N_("embedded files"),
    "/Dests": N_("named places in the document"),
    "/Outlines": N_("bookmarks"),
    "/ViewerPreferences": N_("how programs show the document"),
    "/PageLabels": N_("the page numbers shown"),
    "/MarkInfo": N_("the structure read out to the blind"),
    "/StructTreeRoot": N_("the structure read out to the blind"),
    "/Perms": N_("what the certification permits"),
    "/Metadata": N_("title, author and such"),
    "/Title": N_("the title"),
    "/Author": N_("the author"),
}

#: Kinds that come from comparing pages.
_SEEN: Final = frozenset(map(str, PageKind))

_GAVE_UP: Final = {
    GaveUp.PAGES: N_("Only the first {pages} pages were compared at once; turn to a later page to compare it."),
    GaveUp.TIME: N_(
        "The comparison took too long and was ended before the last page. The verdict does not depend on it."
    ),
    GaveUp.CANCELLED: N_("The comparison was stopped before the last page."),
    GaveUp.NOT_SHOWN: N_(
        "A page cannot be drawn, or takes too much time or memory; the comparison was ended there. "
        "The verdict does not depend on it."
    ),
}


def told(change: Change) -> str:
    """A change that an examiner named, without its page."""
    place = _PLACES.get(change.what)
    if place is not None and change.kind in ("content-changed", "metadata-changed"):
        return _("{place} was altered").format(place=_(place))
    if change.who:
        return _("a signature or seal of {who} was added").format(who=change.who)
    if change.value:
        return _("the form field “{what}” was filled in: “{value}”").format(what=change.what, value=change.value)
    sentence = _CHANGES.get(change.kind)
    if sentence is not None:
        return _(sentence).format(what=change.what)
    if change.kind == "content-changed":
        return _("the inside of the document was altered ({what})").format(what=change.what)
    return change.what


def changes_told(changes: Sequence[Change]) -> list[str]:
    """Changes that the examiner named, each sentence once with the pages it holds for; those seen by comparing pages
    are left out."""
    pages: dict[str, list[int]] = {}
    for change in changes:
        if change.kind not in _SEEN:
            pages.setdefault(told(change), []).extend([change.page] if change.page else [])
    return [
        _("page {page}: {what}").format(page=", ".join(map(str, dict.fromkeys(numbers))), what=what)
        if numbers
        else what
        for what, numbers in pages.items()
    ]


def changed(changes: Sequence[Change]) -> list[str]:
    """All changes in the order of interest: what is seen on pages, then what was altered inside; of parts that were
    only left unsigned nothing."""
    seen = [_("page {page}: {what}").format(page=change.page, what=change.what) for change in _on_pages(changes)]
    return seen + changes_told([change for change in changes if change.kind != UNSIGNED])


def _on_pages(changes: Sequence[Change]) -> list[Change]:
    return [change for change in changes if change.kind in _SEEN and change.page]


def page_told(change: PageChange) -> str:
    """What became of a page, in one line without its number; of several places the first ones."""
    match change.kind:
        case PageKind.ADDED:
            return _("the page was added")
        case PageKind.REMOVED:
            return _("the page was taken out")
        case PageKind.MOVED:
            return _("the page stood at place {n} when it was signed").format(n=(change.before or 0) + 1)
        case PageKind.CHANGED if change.resized:
            return _("the page has another size or is turned")
    return "; ".join(region_told(change.kind, region) for region in change.regions)


def region_told(kind: PageKind, region: Region, changes: Sequence[Change] = ()) -> str:
    """What differs in one place of a page.

    :param changes: of the signature that is looked at; they say whose a further signature is.
    """
    if added := [change for change in changes if change.who and change.what == region.field]:
        return told(added[0])
    before, after = region.before, region.after
    if kind is PageKind.HIDDEN_TEXT:
        return _("the page looks the same here, but holds other words: “{after}” instead of “{before}”").format(
            after=after or "–", before=before or "–"
        )
    if before and after:
        return _("“{after}” instead of “{before}”").format(after=after, before=before)
    if before:
        return _("“{before}” was taken out").format(before=before)
    if after:
        return _("“{after}” was put in").format(after=after)
    return _("a picture, mark or the form of the writing differs")


def gave_up_told(comparison: Comparison) -> str:
    """Why not everything was compared; empty where it was."""
    if comparison.gave_up is None:
        return ""
    return _(_GAVE_UP[comparison.gave_up]).format(pages=len(comparison.pairs))
