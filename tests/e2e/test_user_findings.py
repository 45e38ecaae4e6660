"""What a first user stumbled over."""

from __future__ import annotations

import hashlib
import zipfile
from pathlib import Path

import pytest

from app.documents.reading import read_with_places
from app.office import Office
from app.settings import Settings
from app.signing import acts
from app.signing.keys import choose
from app.signing.model import Act, SignOptions
from app.times import now
from tests.demo.office import DemoOffice
from tests.e2e.command import Antin


def _sign(antin: Antin, office: DemoOffice, token: str, path: Path | str, *words: object) -> dict[str, object]:
    pin, serial = office.tokens[token].pin, office.tokens[token].serial
    answer = antin("sign", *words, "--token", serial, "--pin-file", "-", "--json", path, stdin=pin)
    (row,) = answer.rows
    return row


def _code(row: dict[str, object]) -> object:
    error = row["error"]
    return error["code"] if isinstance(error, dict) else None


@pytest.mark.parametrize("token", ["leader", "second"])
def test_the_leaders_picture_is_the_leaders(
    office: DemoOffice, settings: Settings, samples: dict[str, Path], token: str
) -> None:
    path = samples["thong_bao_pdf"]
    with Office(settings) as opened:
        key = choose(opened.keys(), token=office.tokens[token].serial, certificate=None)
        reading = read_with_places(path)
        mark = acts.mark(acts.Subject(path, SignOptions(act=Act.APPROVE), key, reading, settings.agency, now()))
    assert (mark is not None) is (token == "leader")


@pytest.mark.parametrize("act", ["approve", "plain", "copy"])
def test_a_document_changed_after_signing_is_not_signed_again(
    antin: Antin, office: DemoOffice, samples: dict[str, Path], tmp_path: Path, act: str
) -> None:
    signed = _sign(antin, office, "second", samples["quyet_dinh_docx"], "--out", tmp_path)["output"]
    changed = tmp_path / "sua.docx"
    with zipfile.ZipFile(str(signed)) as source, zipfile.ZipFile(changed, "w") as target:
        for item in source.infolist():
            content = source.read(item)
            if item.filename == "word/document.xml":
                content = content.replace("Phong Điền".encode(), "Phong Thạnh".encode())
            target.writestr(item, content)
    token = "seal" if act == "copy" else "leader"
    row = _sign(antin, office, token, changed, "--as", act, "--out", tmp_path)
    assert _code(row) == "earlier-signature-broken"
    assert office.tokens["second"].holder in str(row["error"])


def test_the_same_hand_signs_and_seals_once(
    antin: Antin, office: DemoOffice, samples: dict[str, Path], tmp_path: Path
) -> None:
    approved = _sign(antin, office, "leader", samples["cong_van_pdf"], "--as", "approve", "--out", tmp_path)["output"]
    assert _code(_sign(antin, office, "leader", str(approved), "--as", "approve")) == "already-signed"
    sealed = _sign(antin, office, "seal", str(approved), "--as", "issue", "--out", tmp_path)["output"]
    assert _code(_sign(antin, office, "seal", str(sealed), "--as", "issue")) == "already-signed"


def test_a_sealed_copy_is_found_by_the_name_of_the_leader_too(
    antin: Antin, office: DemoOffice, samples: dict[str, Path], tmp_path: Path
) -> None:
    approved = _sign(antin, office, "leader", samples["cong_van_pdf"], "--as", "approve", "--out", tmp_path)["output"]
    _sign(antin, office, "seal", str(approved), "--as", "issue")
    (found,) = antin("archive", "search", "--signer", "nguyen van an", "--type", "cong van", "--json").rows
    assert found["signers"] == [office.tokens["leader"].holder, office.tokens["seal"].holder]


def test_a_folder_is_called_a_folder(antin: Antin, office: DemoOffice, tmp_path: Path) -> None:
    assert _code(_sign(antin, office, "second", tmp_path)) == "folder-given"


def test_without_a_screen_the_window_is_refused_in_a_sentence(antin: Antin) -> None:
    answer = antin(env={"DISPLAY": "", "WAYLAND_DISPLAY": "", "QT_QPA_PLATFORM": ""})
    assert answer.code == 2
    assert "màn hình" in answer.err


def test_the_id_shown_of_a_certificate_can_be_copied_for_cert(
    antin: Antin, office: DemoOffice, samples: dict[str, Path]
) -> None:
    token = office.tokens["second"]
    shown = antin("tokens", env={"COLUMNS": "80"}).out
    (identity,) = [word for word in shown.split() if hashlib.sha256(token.certificate).hexdigest().startswith(word)]
    answer = antin("sign", "--cert", identity, "--pin-file", "-", "--json", samples["xlsx"], stdin=token.pin)
    assert answer.code == 0, answer.out + answer.err
