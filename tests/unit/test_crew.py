"""Files checked side by side: every one is told once, whatever happens to the process that checks it."""

from __future__ import annotations

import itertools
import os
import shutil
import signal
import tempfile
import threading
import time
import zipfile
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import msgspec
import pytest

from app.journal.ledger import Ledger
from app.office import Office
from app.settings import Settings
from app.verification.bundle import Bundles, Member
from app.verification.crew import Crew
from app.verification.crew_messages import CheckOptions
from app.verification.crew_process import CheckerNotStarted
from app.verification.model import Conclusion, FileReport
from app.verification.walk import Target, walk

UNSIGNED, UNREADABLE = Conclusion.UNSIGNED, Conclusion.UNREADABLE


@pytest.fixture
def files(samples: dict[str, Path], tmp_path: Path) -> list[Path]:
    folder = tmp_path / "nhiều tệp"
    folder.mkdir()
    return [Path(shutil.copy(samples["xlsx"], folder / f"phụ lục {number:03}.xlsx")) for number in range(24)]


@pytest.fixture(autouse=True)
def _temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    return folder


@pytest.fixture
def crew_of(offline_settings: Settings) -> Iterator[Callable[..., Crew]]:
    """A crew over the office's settings, some of them changed; closed at the end, when nothing of it may be left."""
    made: list[Crew] = []

    def make(workers: int, *, enter: Callable[[Sequence[FileReport]], None] | None = None, **settings: object) -> Crew:
        changed = msgspec.structs.replace(offline_settings.verification, **settings)
        office = msgspec.structs.replace(offline_settings, verification=changed)
        made.append(Crew(office, workers=workers, enter=enter))
        return made[-1]

    yield make
    for crew in made:
        crew.close()
    assert _children() == []


def _children() -> list[int]:
    """The processes of a crew that run."""
    found = []
    for task in Path("/proc/self/task").iterdir():
        try:
            found += [int(pid) for pid in (task / "children").read_text().split()]
        except FileNotFoundError:
            continue
    return [pid for pid in found if b"app.checking_process" in Path(f"/proc/{pid}/cmdline").read_bytes()]


def _codes(reports: list[FileReport]) -> Counter[str]:
    return Counter(report.reasons[0].code if report.reasons else str(report.conclusion) for report in reports)


def _each_once(reports: list[FileReport], targets: list[Path]) -> bool:
    return sorted(report.path for report in reports) == sorted(map(str, targets))


def test_reports_are_those_of_one_process_and_stand_in_the_ledger(
    files: list[Path], samples: dict[str, Path], offline_settings: Settings, tmp_path: Path, _temporary: Path
) -> None:
    for name in ("quyet_dinh_pdf", "quyet_dinh_docx", "pptx"):
        shutil.copy(samples[name], files[0].parent)
    (files[0].parent / "hỏng.pdf").write_bytes(b"%PDF-1.7\n1 0 obj\n<<")
    odd = Path(os.fsdecode(os.fsencode(files[0].parent) + b"/v\xe3n-b\xb6n.pdf"))
    odd.write_bytes(b"")
    inner, outer = tmp_path / "trong.zip", files[0].parent / "hồ sơ.zip"
    with zipfile.ZipFile(inner, "w") as archive:
        archive.write(samples["cong_van_pdf"], "công văn.pdf")
        archive.write(samples["to_trinh_pdf"], "tờ trình.pdf")
    with zipfile.ZipFile(outer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.write(samples["cong_van_docx"], "công văn.docx")
        archive.write(inner, "đợt 2/trong.zip")
    with Office(offline_settings) as office, Bundles() as bundles, office.crew(2) as crew:
        alone: dict[str, FileReport] = {}
        for target in walk([files[0].parent]):
            assert not isinstance(target, FileReport)
            alone[str(target)] = (
                bundles.verify(office.verifier, target)
                if isinstance(target, Member)
                else office.verifier.verify(target)
            )
        beside = {report.path: report for report in crew.verify(walk([files[0].parent]))}
    assert beside.keys() == alone.keys()
    assert f"{outer}/đợt 2/trong.zip/công văn.pdf" in beside
    for path, report in beside.items():
        assert msgspec.structs.replace(report, seconds=0) == msgspec.structs.replace(alone[path], seconds=0), path
    ledger = Ledger(offline_settings.data_dir)
    assert ledger.verify().ok
    entered = {entry.data["path"]: entry.data["result"] for entry in ledger.entries()}
    assert sorted(entered.values()) == sorted(str(report.conclusion) for report in beside.values())
    assert entered[str(files[0])] == "unsigned"
    assert list(_temporary.iterdir()) == []


def test_a_process_that_is_killed_costs_one_file(crew_of: Callable[..., Crew], files: list[Path]) -> None:
    crew = crew_of(1)
    reports: list[FileReport] = []
    many = files * 20
    for number, report in enumerate(crew.verify(many)):
        reports.append(report)
        if number == 2:
            (pid,) = _children()
            os.kill(pid, signal.SIGSTOP)
            time.sleep(1)  # it has the next file in hand
            os.kill(pid, signal.SIGKILL)
    assert _each_once(reports, many)
    assert _codes(reports) == {"unsigned": len(many) - 1, "checker-crashed": 1}
    (crashed,) = (report for report in reports if report.conclusion is UNREADABLE)
    assert crashed.summary
    assert crashed.next_step
    assert _codes(list(crew.verify(files))) == {"unsigned": len(files)}, "the next run has new processes"


def test_a_process_that_dies_between_two_runs_costs_nothing(crew_of: Callable[..., Crew], files: list[Path]) -> None:
    crew = crew_of(1)
    list(crew.verify(files[:1]))
    (pid,) = _children()
    os.kill(pid, signal.SIGKILL)
    while Path(f"/proc/{pid}/stat").read_text().split()[2] != "Z":
        time.sleep(0.01)
    assert _codes(list(crew.verify(files[:2]))) == {"unsigned": 2}


def test_a_file_that_takes_too_long_is_given_up(crew_of: Callable[..., Crew], files: list[Path]) -> None:
    crew = crew_of(1, file_seconds=5.0)
    reports: list[FileReport] = []
    many = files * 20
    for number, report in enumerate(crew.verify(many)):
        reports.append(report)
        if number == 2:
            (pid,) = _children()
            os.kill(pid, signal.SIGSTOP)
    assert _each_once(reports, many)
    assert _codes(reports) == {"unsigned": len(many) - 1, "took-too-long": 1}


def test_a_process_has_no_more_memory_than_the_settings_give_it(
    crew_of: Callable[..., Crew], files: list[Path]
) -> None:
    list(crew_of(1, worker_memory_mib=512).verify(files[:1]))
    (pid,) = _children()
    limits = Path(f"/proc/{pid}/limits").read_text()
    (data,) = (line.split() for line in limits.splitlines() if line.startswith("Max data size"))
    assert data[3] == str(512 << 20)


def test_cancelling_ends_a_run_in_the_middle_of_a_file(crew_of: Callable[..., Crew], files: list[Path]) -> None:
    crew, cancelled = crew_of(1), threading.Event()
    told = []
    many = files * 20
    for report in crew.verify(many, cancelled=cancelled):
        told.append(report)
        os.kill(_children()[0], signal.SIGSTOP)
        timer = threading.Timer(0.2, cancelled.set)
        timer.start()
    timer.join()
    assert len(told) < len(many)
    assert _codes(told) == {"unsigned": len(told)}, "what was being checked is dropped, not called damaged"
    assert _codes(list(crew.verify(files))) == {"unsigned": len(files)}, "the crew serves on"


def test_reports_are_entered_many_at_once(crew_of: Callable[..., Crew], files: list[Path]) -> None:
    groups: list[int] = []
    many = files * 20
    list(crew_of(2, enter=lambda found: groups.append(len(found))).verify(many))
    assert sum(groups) == len(many)
    assert len(groups) < len(many) / 4


def test_an_iterator_left_alone_ends_the_run(crew_of: Callable[..., Crew], files: list[Path]) -> None:
    crew = crew_of(2)
    reports = crew.verify(files)
    next(reports)
    reports.close()  # type: ignore[attr-defined]
    assert _codes(list(crew.verify(files))) == {"unsigned": len(files)}


def test_targets_are_taken_no_faster_than_they_are_checked(crew_of: Callable[..., Crew], files: list[Path]) -> None:
    taken = []

    def endless() -> Iterator[Target]:
        for path in itertools.cycle(files):
            taken.append(path)
            yield path

    reports = crew_of(2).verify(endless())
    for _ in range(20):
        next(reports)
    time.sleep(0.5)
    assert len(taken) < 200
    reports.close()  # type: ignore[attr-defined]


def test_hundreds_of_files_and_two_runs_at_once(crew_of: Callable[..., Crew], files: list[Path]) -> None:
    crew, many = crew_of(2), files * 6
    other: list[FileReport] = []
    thread = threading.Thread(target=lambda: other.extend(crew.verify(many)))
    thread.start()
    own = list(crew.verify(many))
    thread.join()
    assert _each_once(own, many)
    assert _each_once(other, many)
    assert len(_children()) == 2


def test_what_is_a_report_already_passes_through(crew_of: Callable[..., Crew], tmp_path: Path) -> None:
    told = FileReport(str(tmp_path), None, "zip", UNREADABLE, "", "", [], [], 0.0)
    assert list(crew_of(2).verify([told])) == [told]
    assert _children() == [], "and costs no process"


def test_what_is_wrong_with_the_office_ends_the_run(
    offline_settings: Settings, files: list[Path], tmp_path: Path
) -> None:
    wrong = tmp_path / "không phải.pem"
    wrong.write_bytes(b"khong phai")
    with (
        Crew(offline_settings, CheckOptions(trust_roots=(wrong,)), 2) as crew,
        pytest.raises(CheckerNotStarted, match=str(wrong)),
    ):
        list(crew.verify(files))


def test_errors_of_the_walk_and_of_the_ledger_are_not_swallowed(offline_settings: Settings, files: list[Path]) -> None:
    def broken() -> Iterator[Path]:
        yield files[0]
        raise OSError(5, "the disk is gone")

    def full(reports: object) -> None:
        raise OSError(28, "no room")

    with Crew(offline_settings, workers=2) as crew, pytest.raises(OSError, match="the disk is gone"):
        list(crew.verify(broken()))
    with Crew(offline_settings, workers=2, enter=full) as crew, pytest.raises(OSError, match="no room"):
        list(crew.verify(files))


def test_a_closed_crew_ends_its_runs(offline_settings: Settings, files: list[Path]) -> None:
    crew = Crew(offline_settings, workers=1)
    reports = crew.verify(itertools.cycle(files))
    next(reports)
    crew.close()
    with pytest.raises(RuntimeError):
        list(reports)
    assert _children() == []
