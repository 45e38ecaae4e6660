"""Advice that reasons of several kinds end in."""

from __future__ import annotations

from typing import Final

from app.i18n import N_

GENUINE: Final = N_("Do not use this document. Ask the sender for the very copy that was signed.")
CALL: Final = N_("Do not accept it. Call the sending office at a telephone number that you already know.")
