"""Compile the misbehaving PKCS#11 module and tell it how to misbehave."""

from __future__ import annotations

import os
import subprocess
from dataclasses import dataclass, fields, replace
from pathlib import Path

SOURCE = Path(__file__).with_name("misbehave.c")


def compile_module(folder: Path) -> Path:
    """Compile ``misbehave.c`` with the system's C compiler (``$CC``, else ``cc``).

    :return: the shared library, ``folder/misbehave.so``.
    :raises subprocess.CalledProcessError: the compiler found fault; warnings are faults.
    """
    target = folder / "misbehave.so"
    compiler = os.environ.get("CC", "cc")
    flags = ["-std=gnu11", "-O1", "-Wall", "-Wextra", "-Werror", "-fvisibility=hidden", "-fPIC", "-shared"]
    subprocess.run([compiler, *flags, "-o", str(target), str(SOURCE), "-ldl"], check=True)
    return target


@dataclass(frozen=True)
class Orders:
    """What the module is told; the names and meanings are those at the head of ``misbehave.c``."""

    sign_delay_ms: int = 0
    remove_at_call: int = 0
    remove_at_signature: int = 0
    removed: bool = False
    serial: str = ""
    crash_at: str = ""
    exit_at: str = ""
    hang_at: str = ""
    fail_at: str = ""
    fail_with: int = 0
    pin: str = ""
    new_pin: str = ""
    pin_tries: int = 0
    without_flags: bool = False
    always_authenticate: bool = False
    protected_path: bool = False
    no_hash_mechanisms: bool = False
    refuse_hash_mechanisms: bool = False
    no_pss: bool = False
    bad_labels: bool = False
    print_rubbish: bool = False


class Misbehaviour:
    """The control file of the module: what it shall do from its next call on.

    :param control: the file, in a folder that exists; the module also keeps its log and PIN counter beside it.
    :param real_module: the module that calls are passed on to.
    """

    def __init__(self, control: Path, real_module: Path) -> None:
        self.control = control
        self.real_module = real_module
        self.orders = Orders()
        self._generation = 0
        self._write()

    @property
    def environment(self) -> dict[str, str]:
        """Variables that the process loading the module must have."""
        return {"MISBEHAVE_MODULE": str(self.real_module), "MISBEHAVE_CONTROL": str(self.control)}

    def order(self, **changes: int | bool | str) -> None:
        """Change some orders (fields of :class:`Orders`); calls and signatures are counted anew."""
        self.orders = replace(self.orders, **changes)  # type: ignore[arg-type]
        self._write()

    def behave(self) -> None:
        """Forget all orders and put a removed device back; the PIN counter stays as it is."""
        self.orders = Orders()
        self._write()

    def calls(self, name: str) -> int:
        """How often ``C_Initialize``, ``C_Login``, ``C_Logout``, ``C_SetPIN`` or ``C_Sign`` was called so far."""
        log = self.control.with_name(self.control.name + ".log")
        return log.read_text().splitlines().count(name) if log.exists() else 0

    @property
    def tries_left(self) -> int:
        """Tries left for the PIN, where ``pin_tries`` is ordered."""
        file = self.control.with_name(self.control.name + ".tries")
        return int(file.read_text()) if file.exists() else self.orders.pin_tries

    @tries_left.setter
    def tries_left(self, count: int) -> None:
        self.control.with_name(self.control.name + ".tries").write_text(f"{count}\n")

    def _write(self) -> None:
        self._generation += 1
        lines = [f"generation={self._generation}"]
        for field in fields(self.orders):
            value = getattr(self.orders, field.name)
            lines.append(f"{field.name}={int(value) if isinstance(value, bool) else value}")
        temporary = self.control.with_name(self.control.name + ".new")
        temporary.write_text("\n".join(lines) + "\n", encoding="utf-8")
        temporary.replace(self.control)
