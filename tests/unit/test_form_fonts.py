"""Fonts that a form gains after a signature."""

from __future__ import annotations

import pytest
from pyhanko.pdf_utils.generic import DictionaryObject, NameObject, TextStringObject

from app.verification.pdf_fields import gains_unused_fonts


def fonts(**named: str) -> DictionaryObject:
    return DictionaryObject({NameObject(f"/{name}"): NameObject(f"/{font}") for name, font in named.items()})


def written_in(appearance: str) -> DictionaryObject:
    return DictionaryObject({NameObject("/DA"): TextStringObject(appearance)})


FORM = written_in("/Helv 0 Tf 0 g ")


@pytest.mark.parametrize(
    ("after", "field", "allowed"),
    [
        (fonts(Helv="Helvetica", Myriad="MyriadPro"), "/Helv 12 Tf", True),
        (fonts(Helv="Courier"), "/Helv 12 Tf", False),
        (fonts(Myriad="MyriadPro"), "/Helv 12 Tf", False),
        (fonts(Helv="Helvetica", Myriad="MyriadPro"), "/Myriad 12 Tf", False),
        (fonts(Helv="Helvetica", Myriad="MyriadPro"), "/My#72iad 12 Tf", False),
    ],
    ids=["one that nothing uses", "another by the same name", "one less", "one that a field names", "by other letters"],
)
def test_fonts_of_a_form(after: DictionaryObject, field: str, allowed: bool) -> None:
    assert gains_unused_fonts(fonts(Helv="Helvetica"), after, [FORM, written_in(field)]) is allowed
