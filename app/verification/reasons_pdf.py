"""Sentences of what the examiner of PDF finds: code → sentence, hint, severity.

The severity is what a code means where the policy file says nothing of it.
"""

from __future__ import annotations

from typing import Final

from app.i18n import N_

_GENUINE: Final = N_("Do not rely on this file. Ask the signer for the file as it was signed.")
_ANOTHER: Final = N_("Ask the sender for another copy of the file, and check that one.")
_ELSEWHERE: Final = N_(
    "It may look different elsewhere. Compare it with the document that the signer sent, or ask for one without this."
)
_COMPARE: Final = N_("Compare the document with how it was when signed; only that version counts.")

REASONS: Final[dict[str, tuple[str, str, str]]] = {
    # The file.
    "pdf-damaged": (N_("The PDF is damaged or incomplete and cannot be read."), _ANOTHER, "fail"),
    "pdf-encrypted": (
        N_("The PDF is protected by a password and cannot be checked."),
        N_("Ask the sender for the file without password protection; a copy saved by yourself loses the signature."),
        "fail",
    ),
    "pdf-too-complex": (
        N_("The PDF has more form fields or signatures than any document needs and was not read."),
        _ANOTHER,
        "fail",
    ),
    "pdf-signature-removed": (
        N_("The file bore a signature that was taken out of it later."),
        _GENUINE,
        "warn",
    ),
    # What makes it look otherwise elsewhere.
    "pdf-active-content": (
        N_("the document holds scripts or actions that run by themselves and can change what is shown."),
        _ELSEWHERE,
        "warn",
    ),
    "pdf-dynamic-form": (
        N_("the document holds a dynamic form (XFA), which some programs show instead of the signed pages."),
        _ELSEWHERE,
        "warn",
    ),
    "pdf-portfolio": (
        N_("the document is a collection of files, of which some programs show one instead of the pages."),
        _ELSEWHERE,
        "warn",
    ),
    "pdf-external-content": (
        N_("the document shows content from outside the file, which is not signed."),
        _ELSEWHERE,
        "warn",
    ),
    "pdf-shown-differently": (
        N_("the document shows other content on paper than on screen, or by size, language or user."),
        _ELSEWHERE,
        "warn",
    ),
    "pdf-active-unknown": (
        N_("the document is too large to look through for content that changes by itself."),
        _ELSEWHERE,
        "warn",
    ),
    # What a signature covers.
    "pdf-signature-incomplete": (N_("the signature lacks the data that make it one."), _GENUINE, "fail"),
    "pdf-signature-malformed": (N_("the signature is not written as it has to be."), _GENUINE, "fail"),
    "pdf-signature-shared": (N_("one signature is shown as if it were several."), _GENUINE, "fail"),
    "pdf-signature-replaced": (N_("the signature was replaced after signing."), _GENUINE, "fail"),
    "pdf-contents-malformed": (
        N_("the signature value stands in the file in a way that hides something."),
        _GENUINE,
        "fail",
    ),
    "pdf-contents-padding": (N_("something is hidden behind the signature value."), _GENUINE, "fail"),
    "pdf-byterange-malformed": (N_("the signature does not say properly what it covers."), _GENUINE, "fail"),
    "pdf-byterange-start": (N_("the signature does not cover the beginning of the file."), _GENUINE, "fail"),
    "pdf-byterange-gap": (N_("the signature leaves out a part of the file."), _GENUINE, "fail"),
    "pdf-byterange-end": (N_("the signature covers more than there is: the file was cut."), _GENUINE, "fail"),
    "pdf-byterange-not-revision": (
        N_("the signature does not cover a whole version of the document."),
        _GENUINE,
        "fail",
    ),
    "pdf-objects-outside": (
        N_("parts of the signed document lie outside of what the signature covers."),
        _GENUINE,
        "fail",
    ),
    "pdf-subfilter-unknown": (
        N_("the signature is of a kind that this program does not check ({kind})."),
        N_("Check it with the program it was made with, or ask for a PAdES signature."),
        "indeterminate",
    ),
    # What came after.
    "pdf-octets-appended": (N_("something was appended to the file after signing."), _GENUINE, "fail"),
    "pdf-object-unlisted": (N_("something was hidden in the file after signing."), _GENUINE, "fail"),
    "pdf-object-twice": (
        N_("the file gives two places for one and the same part, so that programs may show different documents."),
        _GENUINE,
        "fail",
    ),
    "pdf-object-defined-twice": (
        N_("the file holds a second version of a part, which some programs may show instead of the first."),
        N_("Ask the signer whether the document is what was meant, and for one made by another program."),
        "indeterminate",
    ),
    "pdf-annotation-may-cover": (
        N_("comments were added after signing that can cover or imitate what was signed."),
        _COMPARE,
        "indeterminate",
    ),
    "pdf-signature-may-cover": (
        N_("the picture of a signature added later covers so much of a page that it can hide what was signed."),
        _COMPARE,
        "indeterminate",
    ),
    "pdf-field-may-cover": (
        N_("a form field that covers a large part of a page was filled in later and can hide what was signed."),
        _COMPARE,
        "indeterminate",
    ),
    "pdf-field-draws": (
        N_("a form field that was filled in later shows more than written text, such as a picture."),
        _COMPARE,
        "indeterminate",
    ),
    "pdf-calculated-field-changed": (
        N_("a form field that nobody may fill in and that is calculated from others was changed later."),
        N_("Calculate its value again from the other fields; the signed version shows what it was when signed."),
        "indeterminate",
    ),
    "pdf-filled-field-changed": (
        N_("a form field that was filled in when this was signed was changed later."),
        _COMPARE,
        "indeterminate",
    ),
    "pdf-later-signature-broken": (N_("a signature added later does not hold."), _GENUINE, "fail"),
    "pdf-changes-unreadable": (
        N_("the file was changed after signing in a way that cannot be read."),
        _GENUINE,
        "fail",
    ),
    "pdf-changes-not-compared": (
        N_("the file was added to after signing, and it is too large to compare what was signed with what is shown."),
        N_("Ask the sender for the file as it was signed."),
        "indeterminate",
    ),
}
