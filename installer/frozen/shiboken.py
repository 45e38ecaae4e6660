"""PySide6's own Python modules, compiled beforehand.

Its library carries their source as a ZIP and compiles it at every start. Where a folder ``files.dir`` lies beside it,
the modules there are taken; with ``SBK_EMBED=0`` in the environment it makes that folder itself.
"""

from __future__ import annotations

import os
import py_compile
import shutil
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import Final

_FOLDER: Final = "files.dir"


def compile_support(libraries: Path, work: Path) -> None:
    """Put the compiled modules beside the library.

    :param libraries: the frozen program's folder of libraries, changed in place.
    :param work: a folder for what is made on the way.
    :raises subprocess.CalledProcessError: the library cannot be loaded; it has said why.
    :raises py_compile.PyCompileError: a module of it is none.
    """
    found = find_spec("shiboken6")
    assert found is not None and found.origin is not None
    copy = work / "support/shiboken6"
    shutil.rmtree(copy.parent, ignore_errors=True)
    shutil.copytree(Path(found.origin).parent, copy)
    environment = os.environ | {"SBK_EMBED": "0", "PYTHONPATH": str(copy.parent), "PYTHONDONTWRITEBYTECODE": "1"}
    subprocess.run([sys.executable, "-c", "import shiboken6.Shiboken"], check=True, env=environment)
    sources = copy / _FOLDER
    for file in sorted(sources.rglob("*.py")):
        name = file.relative_to(sources)
        target = libraries / "shiboken6" / _FOLDER / name.with_suffix(".pyc")
        target.parent.mkdir(parents=True, exist_ok=True)
        mode = py_compile.PycInvalidationMode.UNCHECKED_HASH
        py_compile.compile(str(file), str(target), dfile=name.as_posix(), doraise=True, invalidation_mode=mode)
