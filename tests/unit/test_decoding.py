"""Every type is made known to msgspec by one thread at a time: learning one in two threads ends the program."""

from __future__ import annotations

import re
import subprocess
import sys
import textwrap
from pathlib import Path

from app.decoding import decodable

_ROOT = Path(__file__).parents[2]
_TYPED = re.compile(r"msgspec\.(?:json\.decode|msgpack\.decode|convert|json\.Decoder|msgpack\.Decoder)\(")
#: Learnt when their module is imported, which Python lets one thread do; the types are of that module alone.
_AT_IMPORT = {"pkcs11_bridge/protocol.py", "pkcs11_bridge/discovery.py"}

_MANY_THREADS = """
import sys, threading, types
import msgspec
from app.decoding import decodable
sys.setswitchinterval(1e-6)
module = types.ModuleType("shapes")
module.msgspec = msgspec
sys.modules["shapes"] = module
depth = 30
for at in range(depth):
    inner = f"list[Shape{at + 1}] | None" if at < depth - 1 else "str | None"
    others = "".join(f"    field{n}: 'str | int | None' = 'x'\\n" for n in range(20))
    exec(f"class Shape{at}(msgspec.Struct):\\n    inner: {inner!r} = None\\n{others}", module.__dict__)
value = module.__dict__[f"Shape{depth - 1}"]()
for at in reversed(range(depth - 1)):
    value = module.__dict__[f"Shape{at}"](inner=[value])
octets = msgspec.msgpack.encode(value)
ready = threading.Barrier(4)
same = []
def decodes():
    ready.wait()
    same.append(msgspec.msgpack.decode(octets, type=decodable(module.Shape0)) == value)
threads = [threading.Thread(target=decodes) for _ in range(4)]
for thread in threads: thread.start()
for thread in threads: thread.join()
assert same == [True] * 4, same
"""


def test_threads_that_decode_a_new_type_at_once_all_get_their_answer() -> None:
    for _ in range(3):
        ended = subprocess.run([sys.executable, "-c", textwrap.dedent(_MANY_THREADS)], cwd=_ROOT, timeout=60)
        assert ended.returncode == 0


def test_the_type_itself_comes_back() -> None:
    assert decodable(dict[str, int]) == dict[str, int]
    assert decodable(int | None) == int | None


def test_every_type_asked_of_msgspec_is_made_known_first() -> None:
    left = []
    for package in ("app", "pkcs11_bridge", "ui"):
        for path in (_ROOT / package).rglob("*.py"):
            name = path.relative_to(_ROOT).as_posix()
            if name in _AT_IMPORT or name == "app/decoding.py":
                continue
            text = path.read_text(encoding="utf-8")
            for match in _TYPED.finditer(text):
                call = text[match.end() : text.find("\n\n", match.end())]
                untyped = match[0].endswith("decode(") and "type=" not in call.split("\n")[0]
                if not untyped and "decodable(" not in call.split("\n")[0]:
                    left.append(f"{name}: {match[0]}{call.splitlines()[0]}")
    assert left == []
