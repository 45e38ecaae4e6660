"""What each finding means, how grave it is, and whether a repaired copy is free of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from app.i18n import N_, _
from app.preflight.model import Finding, Found, Severity

_SAVE_PDF: Final = N_("Print the document to PDF again and sign that file.")
_FIX_COPY: Final = N_(
    "Have it removed on a copy (in a terminal: “antin preflight --fix”), look at the copy and sign that one."
)
_FREEZE: Final = N_(
    "Have what is shown now fixed on a copy (in a terminal: “antin preflight --fix”), look at the copy and sign "
    "that one."
)
_REBUILD: Final = N_(
    "Have the structure rebuilt on a copy (in a terminal: “antin preflight --fix”), look at the copy and sign that one."
)
_FINAL_COPY: Final = N_("Settle it in the Office program, save, and sign the clean file.")
_AS_PDF: Final = N_("Put the content into the document itself, or sign it as PDF.")
_KNOW: Final = N_("Sign it if it is meant to be so.")


@dataclass(frozen=True)
class _Rule:
    severity: Severity
    message_id: str
    hint_id: str
    mendable: bool = False


_RULES: Final = {
    # Any format
    "damaged": _Rule(
        Severity.STOP,
        N_("The file is damaged or not built as it should be ({detail})."),
        N_("Open it in the program that made it, save it under a new name and sign that copy."),
    ),
    "not-examined": _Rule(
        Severity.ASK,
        N_("A part is too large or too heavy to be looked through ({names}); what it does is not known."),
        N_("Look at the document in another program before you sign it."),
    ),
    "old-fonts": _Rule(
        Severity.WARN,
        N_("It uses fonts of an old Vietnamese encoding ({names}): elsewhere the text is unreadable or not found."),
        N_("Convert the text to Unicode (TCVN 6909:2001), as Decree 30/2020 asks, and sign that file."),
    ),
    # PDF
    "pdf-password": _Rule(
        Severity.STOP,
        N_("The file is protected by a password and cannot be signed."),
        N_("Open it with the password, save it without protection and sign that file."),
    ),
    "pdf-restricted": _Rule(
        Severity.WARN,
        N_("The file is encrypted against changes; some programs will not show signatures added to it."),
        N_("Ask for a file without protection if the recipients cannot check the signature."),
    ),
    "pdf-forbids-signing": _Rule(
        Severity.STOP,
        N_("The author certified the file with the order that nothing more may be added, not even a signature."),
        N_("Ask the author for a version that allows further signatures."),
    ),
    "pdf-dynamic-form": _Rule(
        Severity.STOP,
        N_("The file is a dynamic form: what is shown is made by the viewer and is not in the pages that get signed."),
        N_("Fill it in, print it to PDF and sign that file."),
    ),
    "pdf-xfa": _Rule(
        Severity.ASK,
        N_("The form holds a second description of its content (XFA), which some programs show instead of the pages."),
        _FIX_COPY,
        mendable=True,
    ),
    "pdf-open-fields": _Rule(
        Severity.WARN,
        N_("It has form fields that can still be filled ({count}: {names}); the signature locks them as they are now."),
        N_("Fill in what belongs there before you sign. What is filled in later breaks the signature."),
    ),
    "pdf-javascript": _Rule(
        Severity.ASK,
        N_("The file holds scripts ({count}) that can change what is shown after signing."),
        _FIX_COPY,
        mendable=True,
    ),
    "pdf-form-scripts": _Rule(
        Severity.ASK,
        N_("Form fields act by themselves ({count}): their values can change when the file is opened."),
        _FIX_COPY,
        mendable=True,
    ),
    "pdf-actions": _Rule(
        Severity.ASK,
        N_("The file starts actions that lead outside of it or change what is shown: {names}."),
        _FIX_COPY,
        mendable=True,
    ),
    "pdf-structure": _Rule(
        Severity.ASK,
        N_("The structure of the file is damaged; programs repair it each in their own way ({detail})."),
        _REBUILD,
        mendable=True,
    ),
    "pdf-hybrid": _Rule(
        Severity.ASK,
        N_("The file has two tables of contents for old and new programs, which may show different things."),
        _REBUILD,
        mendable=True,
    ),
    "pdf-unreadable": _Rule(
        Severity.ASK,
        N_("The file could not be looked through ({detail})."),
        _SAVE_PDF,
    ),
    "pdf-external-content": _Rule(
        Severity.ASK,
        N_("The pages show content that lies in other files ({names}); the signature does not protect it."),
        _SAVE_PDF,
    ),
    "pdf-layers": _Rule(
        Severity.WARN,
        N_("The file has layers that can be switched on and off ({names}); readers may see different pages."),
        _SAVE_PDF,
    ),
    "pdf-multimedia": _Rule(
        Severity.WARN,
        N_("The file holds sound, film or three-dimensional content ({names})."),
        _KNOW,
    ),
    "pdf-embedded-files": _Rule(
        Severity.WARN,
        N_("Other files are attached inside ({names}); the signature covers them too."),
        N_("Open them before signing; remove what does not belong to the document."),
    ),
    "pdf-comments": _Rule(
        Severity.WARN,
        N_("There are comments or drawings over the pages ({count})."),
        N_("Remove them in a PDF program, or sign it if they belong to the document."),
    ),
    "pdf-fonts-missing": _Rule(
        Severity.WARN,
        N_("Fonts are not embedded ({names}): elsewhere letters may look different or be missing."),
        N_("Save it as PDF again with fonts embedded (PDF/A), and sign that file."),
    ),
    "pdf-a": _Rule(
        Severity.INFO,
        N_("The file says that it is PDF/A-{level}; this was not checked."),
        _KNOW,
    ),
    # Copies from a scan (Decree 30/2020, appendix I, part II, I)
    "scan-version": _Rule(
        Severity.WARN,
        N_("The scan is PDF {version}; a copy from paper has to be PDF 1.4 or later."),
        N_("Scan the paper again with current settings: colour, at least 200 dpi, 100 %."),
    ),
    "scan-resolution": _Rule(
        Severity.WARN,
        N_("Pages {names} were scanned with less than 200 dots an inch."),
        N_("Scan the paper again with at least 200 dpi."),
    ),
    "scan-colour": _Rule(
        Severity.WARN,
        N_("Pages {names} were scanned without colour, so that the red of the seal is lost."),
        N_("Scan the paper again in colour."),
    ),
    "scan-scale": _Rule(
        Severity.WARN,
        N_("Pages {names} are not of the size of the paper: the scan is not at 100 %."),
        N_("Scan the paper again at 100 %."),
    ),
    # Office and OpenDocument
    "office-encrypted": _Rule(
        Severity.STOP,
        N_("The file is protected by a password and cannot be signed."),
        N_("Open it with the password, save it without protection and sign that file."),
    ),
    "legacy-office": _Rule(
        Severity.ASK,
        N_("The file is of the old Office kind (.doc, .xls, .ppt), which is not looked through for macros or links."),
        N_("Save it as .docx, .xlsx or .pptx, or as PDF, and sign that file."),
    ),
    "macros": _Rule(
        Severity.ASK,
        N_("The file holds macros: programs that can change what is shown."),
        N_("Save it without macros (.docx, .xlsx, .pptx) and sign that file."),
    ),
    "controls": _Rule(
        Severity.ASK,
        N_("The file holds ActiveX controls ({count}), which are programs of their own."),
        _AS_PDF,
    ),
    "tracked-changes": _Rule(
        Severity.ASK,
        N_("There are tracked changes ({count}): readers see the text with or without them."),
        N_("Accept or reject them in the Office program, save, and sign that file."),
    ),
    "comments": _Rule(
        Severity.WARN,
        N_("There are comments ({count}), which everybody who gets the file can read."),
        _FINAL_COPY,
    ),
    "hidden-content": _Rule(
        Severity.WARN,
        N_("The file has hidden text, sheets or slides ({names}); they are signed too."),
        N_("Show or remove what is hidden, save, and sign that file."),
    ),
    "changing-fields": _Rule(
        Severity.ASK,
        N_("Fields change when the file is opened ({names}): later it shows something else than was signed."),
        _FREEZE,
        mendable=True,
    ),
    "linked-fields": _Rule(
        Severity.ASK,
        N_("Fields fetch their content from other files ({names})."),
        _FREEZE,
        mendable=True,
    ),
    "changing-formulas": _Rule(
        Severity.ASK,
        N_("Formulas give another result each time ({names})."),
        _FREEZE,
        mendable=True,
    ),
    "template": _Rule(
        Severity.ASK,
        N_("The document loads a template from elsewhere ({names}), which can change it."),
        _FIX_COPY,
        mendable=True,
    ),
    "external-content": _Rule(
        Severity.ASK,
        N_("The document shows content from elsewhere ({names}); the signature does not protect it."),
        _AS_PDF,
    ),
    "data-connections": _Rule(
        Severity.ASK,
        N_("The workbook fetches data from elsewhere ({names})."),
        N_("Break the links in the Office program (Data → Edit Links), save, and sign that file."),
    ),
    "embedded-objects": _Rule(
        Severity.WARN,
        N_("Other documents are embedded ({names}); the signature covers them too."),
        N_("Open them before signing; remove what does not belong to the document."),
    ),
}

_ORDER: Final = list(Severity)


def findings(found: list[Found], *, signed: bool) -> list[Finding]:
    """What a person is told of the facts, the gravest first, in the current language.

    :param signed: the file bears signatures, so that nothing in it is mendable.
    """
    told = [_finding(one, signed) for one in found]
    return sorted(told, key=lambda finding: _ORDER.index(finding.severity))


def mendable_codes() -> frozenset[str]:
    """Codes of what a repaired copy is free of."""
    return frozenset(code for code, rule in _RULES.items() if rule.mendable)


def _finding(found: Found, signed: bool) -> Finding:
    rule = _RULES[found.code]
    return Finding(
        found.code,
        rule.severity,
        _(rule.message_id).format(**found.data),
        _(rule.hint_id).format(**found.data),
        rule.mendable and not signed,
    )
