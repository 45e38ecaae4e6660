"""The policy file, and what it makes of facts."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from app.i18n import set_language
from app.paths import RESOURCES
from app.trust import model
from app.verification import judgement, reasons_trust, time_proof
from app.verification.policy import JUDGED, Policy, PolicyInvalid, Severity

#: Told of a time stamp itself; of the signature only that its stamp does not hold.
_INSIDE_STAMPS = {
    "timestamp-malformed",
    "timestamp-imprint-differs",
    "timestamp-no-signing-certificate",
    "timestamp-purpose-wrong",
}


@pytest.fixture(scope="module")
def policy() -> Policy:
    return Policy.load()


def test_an_unknown_code_fails(policy: Policy) -> None:
    set_language("en")
    assert policy.severity("never-heard-of") is Severity.FAIL
    assert "never-heard-of" in policy.sentence("never-heard-of", {}).message


def test_every_code_of_the_policy_file_is_known(policy: Policy) -> None:
    assert set(policy.judgement) <= set(reasons_trust.REASONS)


def test_every_code_found_in_the_sources_has_a_sentence() -> None:
    """Codes are written where they are found; each must be one that can be told."""
    app = Path(model.__file__).parent.parent
    files = [*sorted((app / "trust").glob("*.py")), Path(judgement.__file__), Path(time_proof.__file__)]
    calls = {"Problem", "problem", "about", "note", "_Broken"}
    found: set[str] = set()
    for file in files:
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and node.args and isinstance(node.args[0], ast.Constant):
                name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
                if name in calls and isinstance(node.args[0].value, str):
                    found.add(node.args[0].value)
    assert len(found) > 40
    assert found - _INSIDE_STAMPS <= set(reasons_trust.REASONS)


def test_cryptographic_failures_cannot_be_forgiven(tmp_path: Path) -> None:
    text = (RESOURCES / "policy.toml").read_text(encoding="utf-8")
    lenient = tmp_path / "policy.toml"
    lenient.write_text(text + '\ndigest-mismatch = "ignore"\nsignature-value-wrong = "warn"\n', encoding="utf-8")
    policy = Policy.load(lenient)
    assert policy.severity("digest-mismatch") is Severity.FAIL
    assert policy.severity("signature-value-wrong") is Severity.FAIL
    assert "digest-mismatch" not in JUDGED


def test_an_office_may_judge_otherwise(tmp_path: Path) -> None:
    text = (RESOURCES / "policy.toml").read_text(encoding="utf-8")
    other = tmp_path / "policy.toml"
    other.write_text(text.replace('weak-hash-new = "fail"', 'weak-hash-new = "indeterminate"'), encoding="utf-8")
    assert Policy.load(other).severity("weak-hash-new") is Severity.INDETERMINATE
    assert Policy.load().severity("weak-hash-new") is Severity.FAIL


@pytest.mark.parametrize(
    ("change", "detail"),
    [
        ((r"retired = .*", "retired = 5"), "combine"),
        ((r"\[judgement\]", "[judgment]"), "judgement"),
        ((r'revoked = "fail"', 'revoked = "maybe"'), "maybe"),
        ((r"rsa_bits = 2048", "rsa_bits ="), "Invalid value"),
    ],
)
def test_a_wrong_policy_file_is_refused(tmp_path: Path, change: tuple[str, str], detail: str) -> None:
    text = (RESOURCES / "policy.toml").read_text(encoding="utf-8")
    changed = re.sub(*change, text)
    assert changed != text
    wrong = tmp_path / "policy.toml"
    wrong.write_text(changed, encoding="utf-8")
    with pytest.raises(PolicyInvalid, match=detail):
        Policy.load(wrong)


def test_sentences_are_filled_and_told_in_local_time(policy: Policy) -> None:
    set_language("en")
    sentence = policy.sentence("certificate-expired", {"name": "An", "until": "2026-05-31T23:30:00+00:00"})
    assert "01/06/2026 06:30" in sentence.message
    assert "{" not in sentence.message
    assert "{" not in policy.sentence("certificate-expired", {}).message
