"""The policy: which fact fails, warns or is ignored."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import IntEnum
from pathlib import Path
from typing import Annotated, Final

import msgspec

from app import bounded_toml
from app.decoding import decodable
from app.errors import AntinError, from_os_error
from app.i18n import N_
from app.paths import RESOURCES
from app.trust.algorithms import HASH_OIDS, key_strength
from app.trust.certificate import Certificate
from app.verification.reasons import reasons_of
from app.verification.sentences import Sentence


class PolicyInvalid(AntinError):
    """Carries ``path`` and ``detail``, which names the line or the key."""

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
    "indeterminate": Severity.INDETERMINATE,
    "fail": Severity.FAIL,
}

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


class _AlgorithmTable(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """``[algorithms]`` of a policy file."""

    retired: dt.date
    weak_hashes: list[str]
    rsa_bits: Annotated[int, msgspec.Meta(ge=1024, le=16384)]
    ec_bits: Annotated[int, msgspec.Meta(ge=160, le=1024)]


class _PolicyFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A policy file as it is written."""

    algorithms: _AlgorithmTable
    judgement: dict[str, str]


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

        :raises PolicyInvalid: it is no such file, names a reason that does not exist, or would excuse one that is not
            a matter of judgement.
        :raises AntinError: it cannot be read.
        """
        shipped = path is None
        path = path or RESOURCES / "policy.toml"
        try:
            text = path.read_text(encoding="utf-8")
        except OSError as error:
            raise from_os_error(error, path) from error
        except ValueError as error:
            raise PolicyInvalid(path=path, detail=str(error)) from error
        return cls.read(text, path, shipped=shipped)

    @classmethod
    def read(cls, text: str, path: Path, *, shipped: bool = False) -> Policy:
        """A policy as it is written.

        :param path: where it stands, for messages.
        :param shipped: it is the program's own, which may say what no other may.
        :raises PolicyInvalid: as :meth:`load`.
        """
        try:
            stated = msgspec.convert(bounded_toml.loads(text), decodable(_PolicyFile))
        except (ValueError, msgspec.ValidationError) as error:
            raise PolicyInvalid(path=path, detail=str(error)) from error
        judgement = {code: _severity_of(code, word, path) for code, word in stated.judgement.items()}
        table = stated.algorithms
        if not shipped:
            _check_own(judgement, path)
            _check_hashes(table, path)
        algorithms = Algorithms(
            retired=dt.datetime.combine(table.retired, dt.time(), dt.UTC),
            weak_hashes=frozenset(table.weak_hashes),
            rsa_bits=table.rsa_bits,
            ec_bits=table.ec_bits,
        )
        return cls(algorithms, judgement)

    def severity(self, code: str) -> Severity:
        """What a code does to the conclusion; an unknown code fails."""
        found = reasons_of(code)
        if found is None:
            return Severity.FAIL
        own = _own_severity(found[2])
        stated = self.judgement.get(code, own)
        return max(stated, FLOORS[code]) if code in FLOORS else max(stated, own)

    def weakness_of_new(self, certificate: Certificate, hash_name: str) -> str:
        """What about a signature made now would not be accepted.

        :param hash_name: as hashlib has it.
        :return: ``weak-key-new`` or ``weak-hash-new``; empty where it would be valid, be it with a note.
        """
        weak = {
            "weak-key-new": is_weak_key(certificate, self),
            "weak-hash-new": hash_name in self.algorithms.weak_hashes,
        }
        return next((code for code, found in weak.items() if found and self.severity(code) > Severity.WARN), "")

    def sentence(self, code: str, data: Mapping[str, str]) -> Sentence:
        """The sentence and hint of a code, in the current language."""
        found = reasons_of(code)
        if found is None:
            return Sentence.of(code, *_UNKNOWN, {**data, "code": code})
        return Sentence.of(code, found[0], found[1], data)


def is_weak_key(certificate: Certificate, policy: Policy) -> bool:
    """Whether a certificate's key is shorter than the policy asks, or of a kind that is not known."""
    family, bits = key_strength(certificate)
    return bits < (policy.algorithms.ec_bits if family == "ec" else policy.algorithms.rsa_bits)


#: Codes that are the office's to judge, with what none may go below: what lacks evidence is never valid. All other
#: codes can only be made graver.
FLOORS: Final = {
    "weak-hash-old": Severity.IGNORE,
    "weak-hash-unproven": Severity.WARN,
    "weak-hash-new": Severity.WARN,
    "weak-key-old": Severity.IGNORE,
    "weak-key-unproven": Severity.WARN,
    "weak-key-new": Severity.WARN,
    "weak-issuer-signature": Severity.IGNORE,
    "weak-issuer-signature-new": Severity.WARN,
    "weak-issuer-key": Severity.WARN,
    "weak-evidence": Severity.IGNORE,
    "weak-evidence-new": Severity.WARN,
    "revoked": Severity.INDETERMINATE,
    "revoked-unproven": Severity.INDETERMINATE,
    "issuer-revoked": Severity.INDETERMINATE,
    "revocation-unknown": Severity.INDETERMINATE,
    "revocation-outdated": Severity.INDETERMINATE,
    "issuer-revocation-unknown": Severity.INDETERMINATE,
    "certificate-expired": Severity.INDETERMINATE,
    "certificate-expired-then": Severity.INDETERMINATE,
    "issuer-expired": Severity.INDETERMINATE,
    "certificate-not-yet-valid": Severity.INDETERMINATE,
    "issuer-not-yet-valid": Severity.INDETERMINATE,
    "timestamp-missing": Severity.IGNORE,
    "timestamp-not-intact": Severity.IGNORE,
    "timestamp-untrusted": Severity.IGNORE,
    "timestamp-expired": Severity.IGNORE,
    "timestamp-revoked": Severity.IGNORE,
    "timestamp-weak": Severity.IGNORE,
    "timestamp-revocation-unknown": Severity.IGNORE,
    "timestamp-revocation-then": Severity.IGNORE,
    "claimed-time-in-future": Severity.IGNORE,
    "claimed-time-outside-certificate": Severity.IGNORE,
    "claimed-time-after-timestamp": Severity.IGNORE,
    "cms-no-signed-attributes": Severity.IGNORE,
    "cms-no-signing-certificate": Severity.IGNORE,
    "certificate-malformed": Severity.IGNORE,
}


def _severity_of(code: str, word: str, path: Path) -> Severity:
    try:
        return _WORDS[word]
    except KeyError:
        raise PolicyInvalid(
            path=path, detail=f"`judgement.{code}`: {word!r} is none of {', '.join(map(repr, _WORDS))}"
        ) from None


def _check_own(judgement: Mapping[str, Severity], path: Path) -> None:
    """A word that would have no effect is an error: whoever wrote it believes otherwise."""
    for code, severity in judgement.items():
        found = reasons_of(code)
        if found is None:
            raise PolicyInvalid(path=path, detail=f"`judgement.{code}`: there is no such reason")
        floor = FLOORS.get(code, _own_severity(found[2]))
        if severity < floor:
            least = floor.name.lower()
            raise PolicyInvalid(path=path, detail=f"`judgement.{code}`: not below {least!r}")


def _check_hashes(table: _AlgorithmTable, path: Path) -> None:
    """A name that is none would weaken nothing; and the floors of weak hashes hold only if SHA-1 is one."""
    unknown = next((name for name in table.weak_hashes if name not in HASH_OIDS), None)
    if unknown is not None:
        known = ", ".join(map(repr, HASH_OIDS))
        raise PolicyInvalid(path=path, detail=f"`algorithms.weak_hashes`: {unknown!r} is none of {known}")
    if "sha1" not in table.weak_hashes:
        raise PolicyInvalid(path=path, detail="`algorithms.weak_hashes`: 'sha1' is missing")


def _own_severity(word: object) -> Severity:
    return _WORDS.get(str(word), Severity.FAIL)
