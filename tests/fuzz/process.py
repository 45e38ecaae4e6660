"""One target under atheris, in a process of its own.

``python -m tests.fuzz.process TARGET SEEDS [libFuzzer options]``
"""

from __future__ import annotations

import io
import pickle
import random
import sys
import zipfile
from pathlib import Path

import atheris

with atheris.instrument_imports(include=["app"]):
    import app.documents.formats
    import app.documents.office_lines
    import app.ooxml.package
    import app.trust.path
    import app.trust.timestamps
    import app.verification.asic
    import app.verification.cms
    import app.verification.odf
    import app.verification.ooxml
    import app.verification.pdf
    import app.verification.xml  # noqa: F401
    from tests.fuzz.seeds import Seeds
    from tests.fuzz.targets import TARGETS


def mutated_entry(data: bytes, limit: int, seed: int) -> bytes:
    """An archive with one entry changed and everything else sound, so that the change reaches the parsers behind it;
    one time in four, and for what is no archive, octets changed anywhere."""
    chance = random.Random(seed)
    if chance.randrange(4):
        try:
            with zipfile.ZipFile(io.BytesIO(data)) as archive:
                entries = [(entry, archive.read(entry)) for entry in archive.infolist()[:200]]
        except Exception:
            entries = []
        if entries:
            place = chance.randrange(len(entries))
            out = io.BytesIO()
            with zipfile.ZipFile(out, "w") as archive:
                for number, (entry, content) in enumerate(entries):
                    changed = bytes(atheris.Mutate(content, len(content) + 64)) if number == place else content
                    archive.writestr(zipfile.ZipInfo(entry.filename), changed, entry.compress_type & 8)
            if len(out.getvalue()) <= limit:
                return out.getvalue()
    return bytes(atheris.Mutate(data, limit))


def main() -> None:
    name, seeds_file, *options = sys.argv[1:]
    target = TARGETS[name]
    seeds: Seeds = pickle.loads(Path(seeds_file).read_bytes())
    mutator = {"custom_mutator": mutated_entry} if target.archive else {}
    atheris.Setup(
        [sys.argv[0], *options], lambda data: target.run(bytes(data), seeds.genuine), internal_libfuzzer=True, **mutator
    )
    atheris.Fuzz()


if __name__ == "__main__":
    main()
