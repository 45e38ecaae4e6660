"""A PostgreSQL server on a loopback port: Debian's, in a folder of its own, ended with the process that started it.

with DatabaseServer() as server:
    url = server.create("antin")
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import pwd
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Self

import psycopg

from tests.demo.services import listen

#: Of the role that the program connects as, which may make databases and is nothing more.
USER = "antin"
PASSWORD = "Mật khẩu của kho 7"

_PROGRAMS = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: int(path.parent.name))
#: Nothing here has to outlive a power cut.
_FAST = {"fsync": "off", "full_page_writes": "off", "autovacuum": "off", "max_connections": "60"}
_START_S = 60.0


class DatabaseServer:
    """A server of the newest installed version, with the role :data:`USER`. As root it runs as the user ``postgres``,
    as PostgreSQL demands.

    :ivar url: of its maintenance database, with the password.
    """

    def __init__(self) -> None:
        if not _PROGRAMS:
            raise RuntimeError("PostgreSQL is not installed: make debian-test")
        self._programs = _PROGRAMS[-1]
        self._account = pwd.getpwnam("postgres") if os.geteuid() == 0 else None
        self.folder = Path(tempfile.mkdtemp(prefix="antin-pg-"))
        self._process: subprocess.Popen[bytes] | None = None
        self._made = 0
        self.port = 0

    def __enter__(self) -> Self:
        try:
            self._prepare()
            self.start()
            with self._superuser() as connection:
                connection.execute(f"CREATE ROLE {USER} LOGIN CREATEDB PASSWORD '{PASSWORD}'")
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *exc: object) -> None:
        self.stop()
        shutil.rmtree(self.folder, ignore_errors=True)

    @property
    def url(self) -> str:
        return self._url("postgres")

    def create(self, template: str | None = None) -> str:
        """A new database; its URL, with the password.

        :param template: URL of a database to copy, to which nobody is connected.
        """
        self._made += 1
        name = f"office_{self._made}"
        source = f" TEMPLATE {template.rpartition('/')[2]}" if template else ""
        with psycopg.connect(self.url, autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {name}{source}")  # type: ignore[call-overload]
        return self._url(name)

    def drop(self, url: str) -> None:
        """Remove a database, whoever is connected to it."""
        with self._superuser() as connection:
            connection.execute(f"DROP DATABASE IF EXISTS {url.rpartition('/')[2]} WITH (FORCE)")

    def execute(self, url: str, statement: str) -> list[tuple[Any, ...]]:
        """Run a statement in a database as the server's owner; its rows."""
        with self._superuser(url.rpartition("/")[2]) as connection:
            cursor = connection.execute(statement)
            return cursor.fetchall() if cursor.description else []

    def start(self) -> None:
        """Start it, on the port it had before."""
        with listen(self.port) as taken:
            self.port = taken.getsockname()[1]
        options = {
            **_FAST,
            "listen_addresses": "127.0.0.1",
            "port": str(self.port),
            "unix_socket_directories": "",
        }
        self._process = subprocess.Popen(
            [
                self._programs / "postgres",
                *("-D", self.folder / "data"),
                *(word for name, value in options.items() for word in ("-c", f"{name}={value}")),
            ],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=(self.folder / "log").open("ab"),
            preexec_fn=_end_with_parent(),
            cwd=self.folder,
            **self._as_account(),
        )
        self._wait()

    def kill(self) -> None:
        """End it as a power cut would, all its processes at once."""
        assert self._process is not None
        import psutil

        for child in [*psutil.Process(self._process.pid).children(recursive=True), self._process]:
            with contextlib.suppress(psutil.NoSuchProcess):
                child.kill()
        self._process.wait()

    def stop(self) -> None:
        """End it, cutting connections."""
        if self._process is not None and self._process.poll() is None:
            self._process.send_signal(signal.SIGINT)
            try:
                self._process.wait(20)
            except subprocess.TimeoutExpired:
                self.kill()

    def _prepare(self) -> None:
        secret = self.folder / "password"
        secret.write_text(PASSWORD, encoding="utf-8")
        if self._account is not None:
            for path in (self.folder, secret):
                os.chown(path, self._account.pw_uid, self._account.pw_gid)
        subprocess.run(
            [
                self._programs / "initdb",
                *("-D", self.folder / "data", "-U", "owner", f"--pwfile={secret}", "--auth=scram-sha-256"),
                *("--encoding=UTF8", "--locale=C.UTF-8", "--no-sync"),
            ],
            check=True,
            capture_output=True,
            cwd=self.folder,
            **self._as_account(),
        )

    def _as_account(self) -> dict[str, Any]:
        if self._account is None:
            return {}
        return {"user": self._account.pw_uid, "group": self._account.pw_gid, "extra_groups": []}

    def _superuser(self, database: str = "postgres") -> psycopg.Connection[tuple[Any, ...]]:
        return psycopg.connect(self._url(database, "owner"), autocommit=True)

    def _url(self, database: str, user: str = USER) -> str:
        from urllib.parse import quote

        return f"postgresql://{user}:{quote(PASSWORD)}@127.0.0.1:{self.port}/{database}"

    def _wait(self) -> None:
        deadline = time.monotonic() + _START_S
        while True:
            try:
                self._superuser().close()
                return
            except psycopg.OperationalError:
                assert self._process is not None
                if self._process.poll() is not None or time.monotonic() > deadline:
                    log = (self.folder / "log").read_text(errors="replace")
                    raise RuntimeError(f"PostgreSQL did not start:\n{log}") from None
                time.sleep(0.02)


def _end_with_parent() -> Callable[[], None]:
    """What a child calls to be interrupted when the thread that started it ends, however it ends."""
    if sys.platform != "linux":
        return lambda: None
    prctl = ctypes.CDLL(None).prctl
    return lambda: prctl(1, signal.SIGINT)  # PR_SET_PDEATHSIG
