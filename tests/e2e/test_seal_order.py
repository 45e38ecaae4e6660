"""The agency's seal: only on what a person has signed, whatever the act is called and whatever happens meanwhile."""

from __future__ import annotations

import shutil
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.documents.hashing import sha256_file
from app.office import Office
from app.settings import Settings
from app.signing.desk import DeskEvent
from app.signing.keys import choose
from app.signing.model import Act, PinAnswer, SignOptions, SignResult, Status
from tests.demo.office import DemoOffice


@pytest.fixture
def opened(settings: Settings) -> Iterator[Office]:
    with Office(settings) as office:
        yield office


def _sign(opened: Office, demo: DemoOffice, token: str, file: Path, **options: object) -> SignResult:
    given = demo.tokens[token]
    key = choose(opened.keys(), token=given.serial, certificate=None)
    (result,) = opened.desk.sign(
        [file],
        SignOptions(**options),  # type: ignore[arg-type]
        key,
        pin_source=lambda request: PinAnswer(bytearray(given.pin.encode())),
    )
    return result


def _filed(opened: Office) -> list[Path]:
    return [path for path in opened.settings.archive_dir.rglob("*") if path.is_file() and ".antin" not in path.parts]


@pytest.mark.parametrize("act", [Act.ISSUE, Act.PLAIN])
@pytest.mark.parametrize("sample", ["cong_van_pdf", "quyet_dinh_docx"])
def test_the_seal_is_refused_on_what_nobody_signed(
    opened: Office, office: DemoOffice, samples: dict[str, Path], act: Act, sample: str
) -> None:
    result = _sign(opened, office, "seal", samples[sample], act=act)
    assert result.status is Status.FAILED
    assert result.error is not None
    assert result.error.code == "no-personal-signature"
    assert _filed(opened) == []


@pytest.mark.parametrize("act", [Act.APPROVE, Act.PLAIN])
def test_a_persons_signature_does_not_show_the_seal(
    opened: Office, office: DemoOffice, samples: dict[str, Path], tmp_path: Path, act: Act
) -> None:
    """Whatever its file is called."""
    picture = Path(shutil.copy(office.seal_image, tmp_path / "chu-ky.png"))
    result = _sign(opened, office, "leader", samples["cong_van_pdf"], act=act, mark_image=picture)
    assert result.error is not None
    assert result.error.code == "not-agency-key"
    assert _filed(opened) == []


def test_the_seal_alone_does_not_call_for_another_seal(
    opened: Office, office: DemoOffice, samples: dict[str, Path]
) -> None:
    sealed = _sign(opened, office, "seal", samples["cong_van_pdf"], act=Act.COPY)
    assert sealed.output is not None
    again = _sign(opened, office, "seal", Path(sealed.output), act=Act.ISSUE)
    assert again.error is not None
    assert again.error.code == "no-personal-signature"


def test_a_broken_signature_beside_the_leader_s_keeps_the_seal_off(
    opened: Office, office: DemoOffice, samples: dict[str, Path], tmp_path: Path
) -> None:
    out = tmp_path / "signed"
    approved = _sign(opened, office, "leader", samples["quyet_dinh_docx"], act=Act.APPROVE, out=out).output
    assert approved is not None
    both = _sign(opened, office, "second", Path(approved), out=out).output
    assert both is not None
    forged = tmp_path / "forged.docx"
    with zipfile.ZipFile(both) as source, zipfile.ZipFile(forged, "w") as target:
        for item in source.infolist():
            content = source.read(item)
            if item.filename.endswith("sig2.xml"):
                start = content.index(b"<SignatureValue")
                at = content.index(b">", start) + 1
                content = content[:at] + b"AAAA" + content[at + 4 :]
            target.writestr(item, content)
    assert [str(one.conclusion) for one in opened.verifier.verify(forged).signatures].count("valid") == 1
    result = _sign(opened, office, "seal", forged, act=Act.ISSUE)
    assert result.error is not None, "a seal over a signature that is broken"
    assert result.error.code == "no-personal-signature"


@pytest.mark.parametrize(("noticed", "code"), [(True, "source-changed"), (False, "no-personal-signature")])
@pytest.mark.parametrize("sample", ["cong_van_pdf", "quyet_dinh_docx"])
def test_a_document_swapped_after_it_was_looked_at_gets_no_seal(
    opened: Office,
    office: DemoOffice,
    samples: dict[str, Path],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    sample: str,
    noticed: bool,
    code: str,
) -> None:
    """Whoever can write to the folder puts an unsigned document in the place of the one that was looked at, and, where
    it is not noticed, the other one back in time."""
    source = tmp_path / samples[sample].name
    approved = _sign(opened, office, "leader", samples[sample], act=Act.APPROVE, out=tmp_path / "approved").output
    assert approved is not None
    shutil.copy(approved, source)
    before = _filed(opened)
    services = opened.desk._services
    looked = services.personally_signed

    def swap_after_the_look(path: Path) -> bool:
        answer = looked(path)
        if path == source:
            other = tmp_path / "other"
            shutil.copy(samples[sample], other)
            other.replace(source)
        return answer

    object.__setattr__(services, "personally_signed", swap_after_the_look)
    if not noticed:
        monkeypatch.setattr("app.signing.job.state", lambda path: ())
    result = _sign(opened, office, "seal", source, act=Act.ISSUE)
    assert result.status is Status.FAILED, "the seal is on a document that nobody signed"
    assert result.error is not None
    assert result.error.code == code
    assert _filed(opened) == before


def test_a_file_written_to_while_it_is_signed_is_refused(
    opened: Office, office: DemoOffice, samples: dict[str, Path], tmp_path: Path
) -> None:
    """What the ledger calls the input is what was signed."""
    source = Path(shutil.copy(samples["cong_van_pdf"], tmp_path / "van-ban.pdf"))
    given = office.tokens["second"]
    key = choose(opened.keys(), token=given.serial, certificate=None)
    services = opened.desk._services
    read = services.read

    def write_after_reading(path: Path) -> object:
        answer = read(path)
        with path.open("ab") as stream:
            stream.write(b"\n% a later thought\n")
        return answer

    object.__setattr__(services, "read", write_after_reading)
    events: list[DeskEvent] = []
    (result,) = opened.desk.sign(
        [source],
        SignOptions(),
        key,
        pin_source=lambda request: PinAnswer(bytearray(given.pin.encode())),
        on_event=events.append,
    )
    assert result.error is not None
    assert result.error.code == "source-changed"
    assert "signing" not in [event.stage for event in events]
    assert _filed(opened) == []


def test_a_file_swapped_while_it_is_checked_gets_no_verdict(
    opened: Office, samples: dict[str, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The hash in the report and in the ledger is never that of another file than the one judged."""
    path = Path(shutil.copy(samples["cong_van_pdf"], tmp_path / "van-ban.pdf"))

    def swap_after_hashing(file: Path) -> str:
        answer = sha256_file(file)
        Path(shutil.copy(samples["quyet_dinh_pdf"], tmp_path / "other")).replace(file)
        return answer

    monkeypatch.setattr("app.verification.engine.sha256_file", swap_after_hashing)
    report = opened.verify(path)
    assert (str(report.conclusion), report.sha256) == ("unreadable", None)
    assert [reason.code for reason in report.reasons] == ["file-changed"]
