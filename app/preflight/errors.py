"""Why a document was not signed after preflight, or not repaired."""

from __future__ import annotations

from app.errors import AntinError
from app.i18n import N_


class StoppedByPreflight(AntinError):
    """A finding of the gravest kind; ``why`` and ``hint`` are those of the finding."""

    code = "stopped-by-preflight"
    message_id = N_("{path} was not signed: {why}")
    hint_id = "{hint}"


class SignedNotRepaired(AntinError):
    """Repairing a signed file, a damaged one all the more, would destroy or forge what was signed."""

    code = "signed-not-repaired"
    message_id = N_("{path} bears signatures or is encrypted, so it is not repaired.")
    hint_id = N_("Ask the sender for a sound file, or have it signed anew from its source.")


class NothingToMend(AntinError):
    code = "nothing-to-mend"
    message_id = N_("{path} has nothing that can be put right on a copy.")
    hint_id = N_("What was found has to be settled in the program that made the document.")


class RepairFailed(AntinError):
    code = "repair-failed"
    message_id = N_("No sound copy of {path} could be made.")
    hint_id = N_("Print the document to PDF again, or save it anew in the program that made it, and sign that file.")


class SourceWritten(AntinError):
    code = "source-written"
    message_id = N_("{path} was changed while its copy was being repaired.")
    hint_id = N_("Close it where it is open and try again. Nothing was written.")
