"""What ``antin sign`` asks about documents before it asks for the PIN."""

from __future__ import annotations

import dataclasses
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from app.cli import output
from app.errors import AntinError
from app.i18n import _
from app.signing.errors import Cancelled
from app.signing.model import SignOptions

if TYPE_CHECKING:
    from app.office import Office
    from app.signing.keys import SigningKey

#: What the options of the command answer with yes.
SIGNER_DIFFERS = ("signer-differs", "agency-differs")
PAPER_KIND = ("stays-on-paper",)
SIGNATURES_LOST = ("signatures-lost",)


def answered(office: Office, files: Sequence[Path], options: SignOptions, key: SigningKey) -> SignOptions:
    """The options with what a person on a terminal has agreed to. Without a terminal nobody is asked, and the desk
    refuses those files.

    :raises Cancelled: the person did not agree; no PIN was asked.
    """
    if not (sys.stdin.isatty() and sys.stderr.isatty()):
        return options
    asked: list[AntinError] = []
    for path in files:
        try:
            asked += office.questions(path, options, key)
        except AntinError:
            continue  # the desk tells why it cannot be read
    if not asked:
        return options
    for question in asked:
        output.message(question.message)
    if not click.confirm(_("Sign all the same?"), default=False, err=True):
        raise Cancelled()
    return dataclasses.replace(options, accepts=(*options.accepts, *dict.fromkeys(one.code for one in asked)))
