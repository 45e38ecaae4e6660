"""The policy file, and what it makes of facts."""

from __future__ import annotations

import ast
import importlib
import re
from pathlib import Path

import pytest

from app.errors import AntinError
from app.i18n import set_language
from app.office import Office
from app.paths import RESOURCES
from app.settings import Settings, TrustSettings
from app.trust import model
from app.verification import indications, reasons
from app.verification.model import Conclusion
from app.verification.policy import FLOORS, Policy, PolicyInvalid, Severity

#: Told of a time stamp itself; of the signature only that its stamp does not hold.
_INSIDE_STAMPS = {
    "timestamp-malformed",
    "timestamp-imprint-differs",
    "timestamp-no-signing-certificate",
    "timestamp-purpose-wrong",
}

#: Written like codes, and something else.
_NO_CODES = {"timestamp-added"}


@pytest.fixture(scope="module")
def policy() -> Policy:
    return Policy.load()


def test_an_unknown_code_fails(policy: Policy) -> None:
    set_language("en")
    assert policy.severity("never-heard-of") is Severity.FAIL
    assert "never-heard-of" in policy.sentence("never-heard-of", {}).message


def test_the_policy_file_names_what_may_be_judged_and_keeps_to_it(policy: Policy) -> None:
    assert set(policy.judgement) == set(FLOORS)
    assert all(severity >= FLOORS[code] for code, severity in policy.judgement.items())
    assert set(FLOORS) <= set(_tables())


def _tables() -> dict[str, tuple[str, str, str]]:
    return {
        code: entry for module in reasons.MODULES for code, entry in importlib.import_module(module).REASONS.items()
    }


def test_every_code_has_one_sentence_one_hint_and_one_severity(policy: Policy) -> None:
    modules = [importlib.import_module(name).REASONS for name in reasons.MODULES]
    tables = _tables()
    assert sum(map(len, modules)) == len(tables), "a code stands in two tables"
    for code, (message, hint, severity) in tables.items():
        assert severity in ("fail", "indeterminate", "warn", "note", "info", "ignore"), code
        assert message.endswith((".", "}")), code
        assert hint, code
        assert indications.sub_indication_of(Conclusion.VALID, code) is None


def test_every_code_found_in_the_sources_has_a_sentence() -> None:
    """Whatever is written like a code of one of the families is a code that can be told."""
    app = Path(model.__file__).parent.parent
    folders = ("trust", "verification", "xmldsig", "ooxml", "documents")
    families = {code.partition("-")[0] for code in _tables()} - {"file", "signature", "digest", "algorithm", "changed"}
    found: set[str] = set()
    for file in sorted(file for folder in folders for file in (app / folder).rglob("*.py")):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call):
                found |= {
                    argument.value
                    for argument in node.args
                    if isinstance(argument, ast.Constant)
                    and isinstance(argument.value, str)
                    and re.fullmatch(r"[a-z]+(-[a-z0-9]+)+", argument.value)
                    and argument.value.partition("-")[0] in families
                }
    assert len(found) > 150
    assert found - _INSIDE_STAMPS - _NO_CODES <= set(_tables())


def test_what_is_wrong_or_lacks_evidence_cannot_be_excused(tmp_path: Path) -> None:
    for line in (
        'digest-mismatch = "ignore"',
        'signature-value-wrong = "warn"',
        'chain-root-unknown = "warn"',
        'pdf-bytes-uncovered = "note"',
    ):
        with pytest.raises(PolicyInvalid, match=line.partition(" ")[0]):
            Policy.load(_own(tmp_path, ("$", f"\n{line}\n")))
    with pytest.raises(PolicyInvalid, match=r"`judgement.revocation-unknown`: not below 'indeterminate'"):
        Policy.load(_own(tmp_path, ('revocation-unknown = "indeterminate"\nrev', 'revocation-unknown = "warn"\nrev')))


def test_an_office_may_judge_otherwise(tmp_path: Path) -> None:
    changed = _own(tmp_path, ('weak-hash-new = "fail"', 'weak-hash-new = "indeterminate"\nooxml-macros = "fail"'))
    policy = Policy.load(changed)
    assert policy.severity("weak-hash-new") is Severity.INDETERMINATE
    assert policy.severity("ooxml-macros") is Severity.FAIL
    assert Policy.load().severity("weak-hash-new") is Severity.FAIL
    settings = Settings(trust=TrustSettings(policy=changed.name), data_dir=tmp_path, base=tmp_path)
    with Office(settings) as office:
        assert office.policy == policy


def _own(folder: Path, change: tuple[str, str]) -> Path:
    """The shipped file with one change."""
    text = (RESOURCES / "policy.toml").read_text(encoding="utf-8")
    changed = re.sub(*change, text, count=1)
    assert changed != text
    path = folder / "chinh-sach.toml"
    path.write_text(changed, encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("change", "detail"),
    [
        ((r"retired = .*", "retired = 5"), r"\$\.algorithms\.retired"),
        ((r"\[judgement\]", "[judgment]"), "judg.?ment"),
        ((r'revoked = "fail"', 'revoked = "maybe"'), r"`judgement.revoked`: 'maybe' is none of 'ignore'"),
        ((r"rsa_bits = 2048", "rsa_bits ="), r"Invalid value \(at line \d+"),
        ((r"rsa_bits = 2048", "rsa_bits = 512"), r"\$\.algorithms\.rsa_bits"),
        ((r"rsa_bits = 2048", ""), "rsa_bits"),
        ((r"rsa_bits = 2048", "rsa_bit = 2048\nrsa_bits = 2048"), "rsa_bit"),
        ((r'revoked = "fail"', 'revokt = "fail"'), "`judgement.revokt`: there is no such reason"),
    ],
)
def test_a_wrong_policy_file_is_refused(tmp_path: Path, change: tuple[str, str], detail: str) -> None:
    with pytest.raises(PolicyInvalid, match=detail):
        Policy.load(_own(tmp_path, change))


def test_a_policy_file_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(AntinError, match="khong-co"):
        Policy.load(tmp_path / "khong-co.toml")
    (tmp_path / "x.toml").write_bytes(b"\xff\xfe")
    with pytest.raises(PolicyInvalid):
        Policy.load(tmp_path / "x.toml")


def test_sentences_are_filled_and_told_in_local_time(policy: Policy) -> None:
    set_language("en")
    sentence = policy.sentence("certificate-expired", {"name": "An", "until": "2026-05-31T23:30:00+00:00"})
    assert "01/06/2026 06:30" in sentence.message
    assert "{" not in sentence.message
    assert "{" not in policy.sentence("certificate-expired", {}).message
