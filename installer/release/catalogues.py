"""The sentences' catalogues, compiled to the same octets every time.

Babel writes the time of compiling into those that say no time of their own.
"""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po


def compile_all(tree: Path, epoch: int) -> None:
    """Compile every catalogue of a source tree beside its text.

    :param tree: the source tree, changed in place.
    :param epoch: the time that the catalogues claim to be from, in seconds since 1970.
    """
    for text in sorted(tree.glob("resources/locale/*/LC_MESSAGES/*.po")):
        with text.open("rb") as stream:
            catalogue = read_po(stream, locale=text.parent.parent.name)
        catalogue.creation_date = datetime.fromtimestamp(epoch, UTC)
        with text.with_suffix(".mo").open("wb") as stream:
            write_mo(stream, catalogue)
