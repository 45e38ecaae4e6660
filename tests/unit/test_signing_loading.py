"""pyHanko is loaded by one thread, whatever threads want it first."""

from __future__ import annotations

import subprocess
import sys

#: A first thread is held in the midst of loading pyHanko until a second one stands still on its way to it.
_TWO_AT_ONCE = """
import sys, threading
from app.signing import loading

class Held:
    begun, go_on = threading.Event(), threading.Event()
    threads = set()

    def find_spec(self, name, path, target=None):
        if name.partition(".")[0] == "pyhanko":
            self.threads.add(threading.current_thread().name)
        if name == "pyhanko.sign.signers":
            self.begun.set()
            self.go_on.wait()

held = Held()
sys.meta_path.insert(0, held)
first, second = (threading.Thread(target=loading.load_pdf, name=name, daemon=True) for name in ("first", "second"))
first.start()
held.begun.wait()
second.start()
standing = ""
while standing not in ("load_pdf", "acquire", "wait"):
    standing = sys._current_frames()[second.ident].f_code.co_name
held.go_on.set()
first.join()
second.join()
print(standing, *held.threads)
"""


def test_a_second_thread_waits_until_pyhanko_is_whole() -> None:
    """Two that import it at the same moment get modules that are half made, since they import each other in circles."""
    done = subprocess.run([sys.executable, "-c", _TWO_AT_ONCE], capture_output=True, text=True, timeout=60, check=False)
    assert done.stdout.split() == ["load_pdf", "first"], done.stderr
