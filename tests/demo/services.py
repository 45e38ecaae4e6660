"""OCSP, CRL, issuer certificates and RFC 3161 time stamps, really served on a loopback port.

In a test the server runs in a thread of the process (:class:`Services`), where its clock can be set and its
services can be made to fail; for the demo it is a child process (``python -m tests.demo.services FOLDER``)
that ends when its parent's end of the pipe closes.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from certomancer.integrations.animator import Animator, AnimatorArchStore
from werkzeug.serving import BaseWSGIServer, WSGIRequestHandler, make_server
from werkzeug.wrappers import Request, Response

from tests.demo.pki import Pki

WsgiApplication = Callable[[dict[str, Any], Any], Any]


def listen(port: int = 0) -> socket.socket:
    """A listening socket on 127.0.0.1; a free port where none is named.

    :raises OSError: the port is taken.
    """
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind(("127.0.0.1", port))
        listener.listen(128)
    except OSError:
        listener.close()
        raise
    return listener


class _Clockwork(Animator):
    """Certomancer's services with a clock of whole seconds, as RFC 5280, 4.1.2.5.2 wants times written."""

    def at_time(self, request: Request) -> dt.datetime:
        time: dt.datetime = super().at_time(request)  # type: ignore[no-untyped-call]
        return time.replace(microsecond=0)


class _QuietHandler(WSGIRequestHandler):
    protocol_version = "HTTP/1.1"

    def log(self, type: str, message: str, *args: Any) -> None:
        """Say nothing: requests are kept in :attr:`Services.requests`."""


@dataclass(frozen=True)
class Fault:
    """How a service misbehaves: waits ``delay`` seconds, then answers ``body`` with ``status``, or, with a
    ``status`` of 0, as usual."""

    status: int = 0
    body: bytes = b""
    delay: float = 0.0


class Services:
    """The services of one PKI in a thread of this process.

    :ivar requests: the paths asked for, in order, such as ``/demo/ocsp/issuing``.
    """

    def __init__(self, pki: Pki, listener: socket.socket | None = None) -> None:
        """:param listener: a socket on the port that the certificates name; opened here where not given."""
        self.requests: list[str] = []
        self._faults: dict[str, Fault] = {}
        for architecture in pki.architectures.values():
            for label in architecture._cert_specs:
                architecture.get_cert(label)
        labels = {architecture.arch_label: architecture for architecture in pki.architectures.values()}
        self._animator = _Clockwork(AnimatorArchStore(labels), with_web_ui=False)
        with listener or listen(pki.port) as opened:
            self._server: BaseWSGIServer = make_server(
                "127.0.0.1", pki.port, self._serve, threaded=True, request_handler=_QuietHandler, fd=opened.fileno()
            )
        self._thread = threading.Thread(target=self._server.serve_forever, name="demo-services", daemon=True)

    def _serve(self, environ: dict[str, Any], start_response: Any) -> Any:
        path = str(environ["PATH_INFO"])
        self.requests.append(path)
        kind = path.split("/")[2] if path.count("/") > 2 else ""
        if fault := self._faults.get(kind):
            time.sleep(fault.delay)
            if fault.status:
                return Response(fault.body, status=fault.status)(environ, start_response)
        return self._animator(environ, start_response)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def __enter__(self) -> Services:
        self.start()
        return self

    def __exit__(self, *exception: object) -> None:
        self.stop()

    @contextlib.contextmanager
    def at(self, time: dt.datetime) -> Iterator[None]:
        """Within the block the services' clock stands still at an aware ``time``."""
        self._animator.fixed_time = time
        try:
            yield
        finally:
            self._animator.fixed_time = None

    @contextlib.contextmanager
    def failing(self, kind: str, *, status: int = 503, body: bytes = b"", delay: float = 0.0) -> Iterator[None]:
        """Within the block a service answers wrongly.

        :param kind: ``tsa``, ``ocsp``, ``crls`` or ``certs``.
        :param status: HTTP status of the answer ``body``; 0 for the right answer, only ``delay`` seconds late.
        """
        self._faults[kind] = Fault(status, body, delay)
        try:
            yield
        finally:
            del self._faults[kind]


@contextlib.contextmanager
def child(folder: Path) -> Iterator[None]:
    """The services of the PKI in ``folder`` in a child process, which ends with the block or with this process.

    :raises ServicesNotStarted: the child ended before it was ready, for example because its port is taken.
    """
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.demo.services", str(folder)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert process.stdin is not None and process.stdout is not None
    try:
        if process.stdout.readline() != b"ready\n":
            raise ServicesNotStarted(folder)
        yield
    finally:
        process.stdin.close()
        process.stdout.close()
        process.wait(timeout=10)


class ServicesNotStarted(Exception):
    def __init__(self, folder: Path) -> None:
        super().__init__(f"The services of {folder} did not start; what they said stands above.")


def main(folder: Path) -> None:
    """Serve until standard input ends."""
    with Services(Pki(folder)):
        print("ready", flush=True)
        sys.stdin.buffer.read()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
