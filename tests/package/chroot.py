"""A bare system of its own in a folder, made by debootstrap: no Python, nothing of this machine but its network."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

_SOURCES = Path("/etc/apt/sources.list.d")
_UBUNTU_KEYS = Path("/usr/share/keyrings/ubuntu-archive-keyring.gpg")
_COMPONENTS = {"jammy": "main,universe", "noble": "main,universe"}


@dataclass(frozen=True)
class Answer:
    """What a command said.

    :ivar seconds: it took, by the clock.
    """

    code: int
    out: str
    err: str
    seconds: float


class CommandFailed(AssertionError):
    def __init__(self, command: object, answer: Answer) -> None:
        super().__init__(f"{command}\nended with {answer.code}:\n{answer.out}\n{answer.err}")


class Chroot:
    """The system; everything that was mounted for it is unmounted by :meth:`close`."""

    def __init__(self, root: Path) -> None:
        """:param root: a system that debootstrap made."""
        self.root = root
        self._mounted: list[Path] = []
        shutil.copy("/etc/resolv.conf", root / "etc/resolv.conf")
        (root / "usr/sbin/policy-rc.d").write_text("#!/bin/sh\nexit 101\n", encoding="ascii")
        (root / "usr/sbin/policy-rc.d").chmod(0o755)
        try:
            self._mount("proc", "proc", "proc")
            self._mount("devpts", "devpts", "dev/pts", "-o", "newinstance,ptmxmode=0666,mode=620,gid=5")
        except BaseException:
            self.close()
            raise

    def _mount(self, source: str, kind: str, place: str, *options: str) -> None:
        target = self.root / place
        subprocess.run(["mount", "-t", kind, *options, source, target], check=True)
        self._mounted.append(target)

    def close(self) -> None:
        """End what still runs inside, unmount."""
        for process in self.processes():
            os.kill(process, 9)
        while self._mounted:
            subprocess.run(["umount", "--lazy", self._mounted.pop()], check=False)

    def processes(self) -> list[int]:
        """Ids of the processes that run inside."""
        found = []
        for folder in Path("/proc").glob("[0-9]*"):
            try:
                if (folder / "root").readlink() == self.root:
                    found.append(int(folder.name))
            except OSError:
                continue
        return found

    def add_user(self, name: str) -> Path:
        """A person with a home folder of their own; the folder, seen from outside."""
        self.run(["useradd", "--create-home", "--shell", "/bin/bash", name])
        return self.root / "home" / name

    def command(
        self, words: Sequence[str | Path] | str, user: str = "root", environment: Mapping[str, str] | None = None
    ) -> list[str]:
        """The command line that runs something inside, from the person's home folder.

        :param words: a command, or a line for the shell.
        """
        home = "/root" if user == "root" else f"/home/{user}"
        variables = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "HOME": home, "USER": user, "LANG": "C.UTF-8"}
        line = ["sh", "-ec", words] if isinstance(words, str) else [str(word) for word in words]
        return [
            *("chroot", str(self.root), "env", "-i", "--chdir", home),
            *(f"{name}={value}" for name, value in (variables | dict(environment or {})).items()),
            *(() if user == "root" else ("runuser", "-u", user, "--")),
            *line,
        ]

    def run(
        self,
        words: Sequence[str | Path] | str,
        user: str = "root",
        environment: Mapping[str, str] | None = None,
        stdin: str = "",
        code: int | None = 0,
    ) -> Answer:
        """Run a command inside and wait for it.

        :param code: the exit code it must have; None: any.
        :raises CommandFailed: it has another.
        """
        start = time.monotonic()
        done = subprocess.run(
            self.command(words, user, environment),
            input=stdin,
            capture_output=True,
            text=True,
            timeout=600,
            check=False,
        )
        answer = Answer(done.returncode, done.stdout, done.stderr, time.monotonic() - start)
        if code is not None and answer.code != code:
            raise CommandFailed(words, answer)
        return answer

    def copy_in(self, source: Path, place: str, user: str = "root") -> None:
        """Copy a file or folder to a place inside, owned by a person."""
        target = self.root / place.lstrip("/")
        target.parent.mkdir(parents=True, exist_ok=True)
        if source.is_dir():
            shutil.copytree(source, target, dirs_exist_ok=True)
        else:
            shutil.copy(source, target)
        self.run(["chown", "-R", f"{user}:", place])


def debootstrap(suite: str, folder: Path, kept: Path) -> Chroot:
    """A bare system.

    :param suite: of Debian, or of Ubuntu where ``UBUNTU_MIRROR`` names its archive.
    :param folder: where it is to be; must not exist.
    :param kept: folder where the unpacked base is kept as an archive for the next time.
    """
    archive = kept / f"{suite}.tar"
    if archive.is_file():
        folder.mkdir(parents=True)
        subprocess.run(["tar", "-xf", archive, "-C", folder], check=True)
        return Chroot(folder)
    ubuntu = suite in _COMPONENTS
    mirror = os.environ["UBUNTU_MIRROR"] if ubuntu else _debian_mirror()
    options = [f"--components={_COMPONENTS.get(suite, 'main')}", "--variant=minbase"]
    if ubuntu and not _UBUNTU_KEYS.is_file():
        # A throw-away system; Debian 12 has no package with Ubuntu's keys.
        options.append("--no-check-gpg")
    folder.parent.mkdir(parents=True, exist_ok=True)
    subprocess.run(["debootstrap", *options, suite, folder, mirror], check=True, stdout=subprocess.DEVNULL)
    kept.mkdir(parents=True, exist_ok=True)
    subprocess.run(["tar", "-cf", archive, "-C", folder, "."], check=True)
    return Chroot(folder)


def _debian_mirror() -> str:
    """The archive that this machine's own apt uses."""
    for file in sorted((*_SOURCES.glob("*"), Path("/etc/apt/sources.list"))):
        if file.is_file():
            found = re.search(r"https?://\S+/debian/?(?=\s)", file.read_text(encoding="utf-8"))
            if found:
                return found[0]
    raise LookupError("no archive of Debian is named in /etc/apt")
