"""Colours that can be read."""

from __future__ import annotations

import colorsys
import re
from pathlib import Path

import pytest

from ui import theme


@pytest.mark.parametrize("shown", [theme.LIGHT, theme.DARK], ids=["light", "dark"])
@pytest.mark.parametrize(("text", "ground"), theme.TEXT_PAIRS)
def test_text_stands_out_from_its_ground(shown: theme.Theme, text: str, ground: str) -> None:
    assert theme.contrast(getattr(shown, text), getattr(shown, ground)) >= 4.5


@pytest.mark.parametrize("shown", [theme.LIGHT, theme.DARK], ids=["light", "dark"])
@pytest.mark.parametrize("ground", ["surface", "ground"])
def test_outlines_of_controls_and_focus_can_be_seen(shown: theme.Theme, ground: str) -> None:
    """WCAG 2.2, success criterion 1.4.11: 3 : 1 for what shows a control and its focus."""
    for line in (shown.border_strong, shown.accent):
        assert theme.contrast(line, getattr(shown, ground)) >= 3.0


def test_contrast_is_that_of_the_recommendation() -> None:
    assert theme.contrast("#000000", "#ffffff") == pytest.approx(21.0)
    assert theme.contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)


@pytest.mark.parametrize("shown", [theme.LIGHT, theme.DARK], ids=["light", "dark"])
def test_red_is_kept_for_failed_verdicts(shown: theme.Theme) -> None:
    """No colour but the two of a failed verdict has a hue within 20 degrees of red."""
    reds = set()
    for name, value in vars(shown).items():
        if name != "dark":
            hue, _lightness, saturation = colorsys.rgb_to_hls(*(int(value[at : at + 2], 16) / 255 for at in (1, 3, 5)))
            if saturation > 0.2 and min(hue, 1 - hue) < 20 / 360:
                reds.add(name)
    assert reds == {"bad", "bad_soft"}


@pytest.mark.parametrize("shown", [theme.LIGHT, theme.DARK], ids=["light", "dark"])
def test_pictures_of_the_style_sheet_are_there(shown: theme.Theme) -> None:
    named = re.findall(r'url\("([^"]+)"\)', theme._style_sheet(shown))
    assert len(named) >= 5
    assert [file for file in named if not Path(file).is_file()] == []
