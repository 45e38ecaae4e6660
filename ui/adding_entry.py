"""A file on its way into the archive, as the list of them has it."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from app.archive.errors import SecretNotFiled
from app.archive.model import Corrections
from app.decoding import decodable
from app.documents.model import DocumentInfo
from app.errors import ErrorInfo, describe
from app.i18n import _
from ui.theme import Tone

if TYPE_CHECKING:
    from app.archive.batch import LookedAt, Outcome
    from app.archive.model import FiledCopy

_INFO = tuple(one.name for one in dataclasses.fields(DocumentInfo))


@dataclass(eq=False)
class AddingEntry:
    """A file to be filed.

    :ivar info: what was read from it; None until then.
    :ivar doubts: fields that a person should look at.
    :ivar values: what the form says, once somebody looked at it.
    :ivar problem: why it could not be read or filed.
    :ivar waiting: the copy that waits for the archive to be back.
    """

    path: Path
    info: DocumentInfo | None = None
    doubts: Mapping[str, float] = field(default_factory=dict)
    values: dict[str, object] | None = None
    problem: ErrorInfo | None = None
    filed: FiledCopy | None = None
    waiting: Path | None = None

    @property
    def known(self) -> dict[str, object]:
        """What is known of it, by name of the field."""
        if self.values is not None:
            return self.values
        return {name: getattr(self.info, name) for name in _INFO} if self.info is not None else {}

    @property
    def doubtful(self) -> bool:
        """Whether somebody should look at it first."""
        return bool(self.doubts) and self.values is None

    @property
    def read(self) -> bool:
        """Whether there is nothing more to wait for before it is filed."""
        return self.info is not None or self.problem is not None or self.done

    @property
    def done(self) -> bool:
        """Whether a copy is filed, or waits to be."""
        return self.filed is not None or self.waiting is not None

    @property
    def open(self) -> bool:
        """Whether what was read can be looked at and put right."""
        return self.info is not None and not self.done

    @property
    def secret(self) -> bool:
        """Whether it bears a mark of secrecy, by what is known of it now."""
        return bool(self.known.get("secrecy"))

    @property
    def ready(self) -> bool:
        """Whether it can be filed."""
        return self.open and not self.secret

    @property
    def looked_at(self) -> LookedAt | None:
        """What the form says, as the archive takes it; None where nobody looked. The form has checked lengths and
        numbers."""
        from app.archive.batch import LookedAt

        if self.values is None or self.info is None:
            return None
        read: dict[str, Any] = {name: value for name, value in self.values.items() if name in _INFO}
        more = {name: value for name, value in self.values.items() if name not in _INFO and value not in (None, [])}
        corrections = msgspec.convert(more, decodable(Corrections)) if more else None
        return LookedAt(dataclasses.replace(self.info, **read), corrections)

    def was_read(self, info: DocumentInfo, doubts: Mapping[str, float]) -> None:
        """Take what was read; a mark of secrecy is told before anything is filed."""
        self.info, self.doubts = info, doubts
        self._tell_secrecy()

    def was_looked_at(self, values: dict[str, object]) -> None:
        """Take what the form says."""
        self.values, self.problem = values, None
        self._tell_secrecy()

    def _tell_secrecy(self) -> None:
        if self.secret:
            self.problem = describe(SecretNotFiled(path=self.path.name, secrecy=self.known["secrecy"]))

    def take(self, outcome: Outcome) -> None:
        """Take what became of it."""
        self.filed, self.waiting = outcome.copy, outcome.waiting
        self.problem = describe(outcome.error) if outcome.error is not None else None

    def state(self) -> tuple[str, Tone, str]:
        """Icon, tone and word of what is with it."""
        if self.problem is not None:
            return "triangle-alert", "caution", self.problem.message
        if self.filed is not None:
            return "circle-check", "good", _("filed")
        if self.waiting is not None:
            return "clock", "caution", _("waits for the archive")
        if self.info is None:
            return "clock", "neutral", _("being read")
        if self.doubtful:
            return "circle-question-mark", "caution", _("to be looked at")
        return "circle-dashed", "accent", _("ready")
