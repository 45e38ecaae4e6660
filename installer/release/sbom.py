"""The bill of materials (CycloneDX): Python distributions from the locked requirements, by cyclonedx-bom, and the parts
that are none: the interpreter, libraries of the build system in the package, fonts and icons."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any, Final

_FONTS: Final = (("Be Vietnam Pro", "OFL-1.1"), ("Tinos", "OFL-1.1"), ("Lucide", "ISC"))


def write(root: Path, program: Path, version: str, target: Path) -> None:
    """Write the bill of what a release ships.

    :param root: the source tree.
    :param program: the frozen program's folder.
    :param target: the .cdx.json file; replaced.
    :raises subprocess.CalledProcessError: cyclonedx-bom fails; it has said why.
    """
    subprocess.run(
        [
            *(sys.executable, "-m", "cyclonedx_py", "requirements", str(root / "requirements/run.lock")),
            *("--output-reproducible", "--output-format", "JSON", "--output-file", str(target)),
        ],
        check=True,
        stderr=subprocess.DEVNULL,
    )
    bill = json.loads(target.read_text(encoding="utf-8"))
    components = [_plain(component) for component in bill["components"]]
    components += _others(program)
    own = {"type": "application", "bom-ref": "antin", "name": "antin", "version": version}
    bill["metadata"] = {**bill.get("metadata", {}), "component": own}
    bill["components"] = sorted(components, key=lambda component: str(component["bom-ref"]))
    bill["dependencies"] = [{"ref": "antin", "dependsOn": [component["bom-ref"] for component in bill["components"]]}]
    target.write_text(json.dumps(bill, indent=1, sort_keys=True, ensure_ascii=False) + "\n", encoding="utf-8")


def _plain(component: dict[str, Any]) -> dict[str, Any]:
    """A Python distribution by its own name, with the hashes of its files."""
    hashes = [entry for link in component.get("externalReferences", []) for entry in link.get("hashes", [])]
    return {
        "type": "library",
        "bom-ref": f"{component['name']}=={component['version']}",
        "name": component["name"],
        "version": component["version"],
        "purl": component["purl"],
        "properties": [{"name": "antin:wheel-sha256", "value": entry["content"]} for entry in hashes],
    }


def _others(program: Path) -> list[dict[str, Any]]:
    python = sys.version.split()[0]
    found = [{"type": "framework", "bom-ref": "python", "name": "python", "version": python}]
    found += [
        {"type": "data", "bom-ref": name, "name": name, "licenses": [{"license": {"id": licence}}]}
        for name, licence in _FONTS
    ]
    for file in sorted((program / "_internal").glob("*.so*")):
        if not file.is_symlink() and "cpython" not in file.name and not file.name.startswith("libpython"):
            found.append({"type": "library", "bom-ref": file.name, "name": file.name})
    return found
