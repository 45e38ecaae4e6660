"""``antin upgrade`` as a script meets it."""

from __future__ import annotations

import json
from pathlib import Path

from tests.demo.office import DemoOffice
from tests.e2e.command import Antin

_FIELDS = {"input", "output", "status", "level_requested", "level_reached", "sha256", "seconds", "error"}


def test_a_filed_copy_is_raised_into_the_archive_without_a_token(
    antin: Antin, office: DemoOffice, samples: dict[str, Path]
) -> None:
    leader = office.tokens["leader"]
    signed = antin(
        *("sign", "--as", "approve", "--token", leader.serial, "--pin-file", "-", "--json"),
        samples["quyet_dinh_pdf"],
        stdin=leader.pin,
    )
    filed = Path(signed.rows[0]["output"])
    before = filed.read_bytes()

    raised = antin("upgrade", "--level", "LTA", "--json", filed, samples["cong_van_pdf"])
    assert raised.code == 1
    good, refused = raised.rows
    assert good.keys() >= _FIELDS
    assert (good["status"], good["level_before"], good["level_reached"]) == ("upgraded", "B", "LTA")
    assert (refused["status"], refused["error"]["code"]) == ("failed", "nothing-to-raise")
    assert filed.read_bytes() == before
    copy = Path(good["output"])
    assert copy.parent == filed.parent
    assert copy.read_bytes().startswith(before)
    assert antin("verify", "--json", copy).rows[0]["signatures"][0]["level"] == "LTA"

    beside = antin("upgrade", "--level", "T", "--in-place-new-copy", filed)
    assert beside.code == 0
    assert "B → T" in beside.out
    assert filed.with_name(f"{filed.stem}_nangmuc.pdf").exists()

    kinds = [json.loads(line)["kind"] for line in antin("journal", "list", "--json").out.splitlines()]
    kinds.remove("seal")
    assert kinds == ["sign", "file", "upgrade", "file", "verify", "upgrade", "file"]
    assert "Nâng mức chữ ký" in antin("journal", "list").out


def test_two_places_at_once_are_wrong_use(antin: Antin, tmp_path: Path) -> None:
    assert antin("upgrade", "--out", tmp_path, "--in-place-new-copy", "a.pdf").code == 2
    assert antin("upgrade").code == 2
