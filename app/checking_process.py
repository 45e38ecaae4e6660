"""A process that checks files for a crew (:mod:`app.verification.crew`): ``python -m app.checking_process``.

What a hostile file does to a library ends here: a crash, a flood of memory or a loop costs the one file.
"""

from __future__ import annotations

import contextlib
import os
import sys

import msgspec

from app.documents.packing import unpacked
from app.documents.pipe import READY, asked, receive, send
from app.errors import AntinError, describe
from app.i18n import set_language
from app.office import Office
from app.support.helper import report_crashes
from app.verification.bundle import Bundles, Member
from app.verification.crew_messages import Orders, Question
from app.verification.engine import Verifier
from app.verification.model import FileReport


def main() -> None:
    """Take orders, then answer questions, until the input ends."""
    report_crashes()
    questions = sys.stdin.buffer
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)  # what a library prints must not get between the answers
    message = receive(questions)
    if message is None:
        return
    orders = unpacked(message, Orders)
    set_language(orders.language)
    _limit_memory(orders.settings.verification.worker_memory_mib << 20)
    options = orders.options
    with (
        Office(orders.settings, trust_roots=options.trust_roots, crls=options.crls, online=options.online) as office,
        Bundles() as bundles,
        contextlib.suppress(BrokenPipeError),
    ):
        try:
            verifier = office.verifier
        except (AntinError, OSError) as error:
            send(answers, msgspec.msgpack.encode(describe(error)))
            return
        send(answers, READY)
        for message in asked(questions):
            send(answers, _encoded(_report(verifier, bundles, unpacked(message, Question))))


def _report(verifier: Verifier, bundles: Bundles, question: Question) -> FileReport:
    target = Member.at(question.path, question.inside)
    if isinstance(target, Member):
        return bundles.verify(verifier, target, at=question.at)
    return verifier.verify(target, at=question.at)


def _encoded(report: FileReport) -> bytes:
    """The report without its path, which the other side knows. Names that are no Unicode may stand in its sentences;
    there they are for reading only."""
    report = msgspec.structs.replace(report, path="")
    try:
        return msgspec.msgpack.encode(report)
    except UnicodeEncodeError:
        return msgspec.msgpack.encode(_readable(msgspec.to_builtins(report)))


def _readable(value: object) -> object:
    if isinstance(value, str):
        return value.encode("utf-8", "replace").decode()
    if isinstance(value, dict):
        return {key: _readable(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_readable(item) for item in value]
    return value


def _limit_memory(octets: int) -> None:
    """Let this process take no more than so much memory of its own, and leave no core file; nothing on Windows."""
    if sys.platform == "win32":
        return
    import resource

    for limit, wanted in ((resource.RLIMIT_DATA, octets), (resource.RLIMIT_CORE, 0)):
        _, hard = resource.getrlimit(limit)
        resource.setrlimit(limit, (wanted if hard == resource.RLIM_INFINITY else min(wanted, hard), hard))


if __name__ == "__main__":
    main()
