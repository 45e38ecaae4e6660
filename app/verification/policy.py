"""The policy: which fact fails, warns or is ignored."""

from __future__ import annotations

import datetime as dt
import importlib
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import IntEnum
from pathlib import Path
from typing import Final

from app.errors import AntinError, from_os_error
from app.i18n import N_
from app.paths import RESOURCES
from app.verification.sentences import Sentence


class PolicyInvalid(AntinError):
    """Carries ``path`` and ``detail``."""

    code = "policy-invalid"
    message_id = N_("The policy file {path} cannot be used: {detail}")
    hint_id = N_("Correct that line, or put back the file that came with the program.")


class Severity(IntEnum):
    """What a fact does to the conclusion, the mildest first."""

    IGNORE = 0
    NOTE = 1
    WARN = 2
    INDETERMINATE = 3
    FAIL = 4


_WORDS: Final = {
    "ignore": Severity.IGNORE,
    "note": Severity.NOTE,
    "info": Severity.NOTE,
    "warn": Severity.WARN,
    "warning": Severity.WARN,
    "indeterminate": Severity.INDETERMINATE,
    "fail": Severity.FAIL,
    "invalid": Severity.FAIL,
    "failed": Severity.FAIL,
}

#: Modules with ``REASONS``: code → sentence, hint, severity.
_REASON_MODULES: Final = (
    "app.verification.reasons_trust",
    "app.verification.reasons_pdf",
    "app.verification.reasons_ooxml",
    "app.verification.reasons_xmldsig",
    "app.verification.reasons_odf",
    "app.verification.reasons_cms",
    "app.verification.reasons_asic",
    "app.verification.reasons_xml",
)

#: A code that no module knows ends here: nothing passes because nobody thought of it.
_UNKNOWN: Final = (
    N_("Something was found that this version of the program does not know: {code}."),
    N_("Install the newest version of the program and check the file again."),
)


@dataclass(frozen=True)
class Algorithms:
    """From when weak algorithms are no longer accepted, and which they are.

    :ivar retired: midnight UTC; what was signed before is old.
    :ivar rsa_bits, ec_bits: smallest key that is not weak.
    """

    retired: dt.datetime
    weak_hashes: frozenset[str]
    rsa_bits: int
    ec_bits: int


@dataclass(frozen=True)
class Policy:
    """What to make of each fact.

    :ivar judgement: severities of the codes that are the office's to judge.
    """

    algorithms: Algorithms
    judgement: Mapping[str, Severity] = field(default_factory=dict)

    @classmethod
    def load(cls, path: Path | None = None) -> Policy:
        """Read a policy file; the shipped one without ``path``.

        :raises PolicyInvalid: it is no such file.
        """
        path = path or RESOURCES / "policy.toml"
        try:
            raw = tomllib.loads(path.read_text(encoding="utf-8"))
            stated = raw["algorithms"]
            algorithms = Algorithms(
                retired=dt.datetime.combine(stated["retired"], dt.time(), dt.UTC),
                weak_hashes=frozenset(map(str, stated["weak_hashes"])),
                rsa_bits=int(stated["rsa_bits"]),
                ec_bits=int(stated["ec_bits"]),
            )
            judgement = {code: _WORDS[word] for code, word in raw["judgement"].items()}
        except OSError as error:
            raise from_os_error(error, path) from error
        except (ValueError, TypeError, AttributeError) as error:
            raise PolicyInvalid(path=path, detail=str(error)) from error
        except KeyError as error:
            raise PolicyInvalid(path=path, detail=f"`{error.args[0]}`") from error
        return cls(algorithms, judgement)

    def severity(self, code: str) -> Severity:
        """What a code does to the conclusion; an unknown code fails."""
        found = _reasons_of(code)
        if found is None:
            return Severity.FAIL
        own = _WORDS.get(str(found[2]).lower(), Severity.FAIL)
        if own is Severity.FAIL and code not in JUDGED:
            return own
        return self.judgement.get(code, own)

    def sentence(self, code: str, data: Mapping[str, str]) -> Sentence:
        """The sentence and hint of a code, in the current language."""
        found = _reasons_of(code)
        if found is None:
            return Sentence.of(code, *_UNKNOWN, {**data, "code": code})
        return Sentence.of(code, found[0], found[1], data)


#: Codes that would fail by themselves but are the office's to judge.
JUDGED: Final = frozenset(
    {
        "weak-hash-new",
        "weak-key-new",
        "revoked",
        "revoked-unproven",
        "issuer-revoked",
        "certificate-not-yet-valid",
    }
)


def _reasons_of(code: str) -> tuple[str, str, object] | None:
    """Sentence, hint and severity of a code; a module is loaded only if those before do not know the code."""
    for name in _REASON_MODULES:
        try:
            reasons = importlib.import_module(name).REASONS
        except ModuleNotFoundError as error:
            if error.name != name:
                raise
            continue
        if code in reasons:
            sentence, hint, severity = reasons[code]
            return sentence, hint, severity
    return None
