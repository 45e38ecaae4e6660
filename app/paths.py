"""Where the program's own files are."""

from __future__ import annotations

from pathlib import Path

#: Fonts, icons, catalogues, anchors, module list: shipped beside the packages.
RESOURCES = Path(__file__).resolve().parent.parent / "resources"
