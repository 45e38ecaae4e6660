"""The demo office: its PKI, tokens, pictures, settings and sample documents under one folder."""

from __future__ import annotations

import json
import shutil
from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256
from pathlib import Path

from tests.demo import images, pki, tokens
from tests.demo.pki import AGENCY, Pki
from tests.demo.services import listen
from tests.demo.tokens import DemoToken

VILLAGE = "Phong Điền"

_MARKER = "office.json"
_MADE = ("pki", "tokens", "images", "samples", "data", "out")


@dataclass(frozen=True)
class DemoOffice:
    """An office on disk, ready to sign.

    :ivar module: the SoftHSM2 library.
    :ivar softhsm_conf: must be in ``SOFTHSM2_CONF`` of every process that loads ``module``.
    :ivar settings_file: for :func:`app.settings.load`; online, with the demo root, all paths absolute.
    :ivar data_dir: the program's data folder of the demo; tests take a fresh one each.
    :ivar tokens: ``leader`` (RSA-2048), ``seal`` (RSA-2048), ``second`` (EC P-256).
    """

    root: Path
    module: Path
    softhsm_conf: Path
    settings_file: Path
    data_dir: Path
    tokens: dict[str, DemoToken]
    pki: Pki
    seal_image: Path
    signature_image: Path

    @cached_property
    def samples(self) -> dict[str, Path]:
        """The sample documents by name, written when first asked for; see :mod:`tests.demo.samples`."""
        from tests.demo import samples

        return samples.build(self.root / "samples")

    @property
    def environment(self) -> dict[str, str]:
        """What a child process needs beside the usual environment."""
        return {"SOFTHSM2_CONF": str(self.softhsm_conf)}


class ForeignFolder(Exception):
    def __init__(self, root: Path) -> None:
        super().__init__(f"{root} holds something that is no demo office; name another folder or empty it.")


def build(root: Path, *, port: int | None = None) -> DemoOffice:
    """Make the office under ``root``, or take up the one there.

    An office that is incomplete, was made by another version of this program, serves another port than
    ``port``, or whose certificates end within a month is made anew, and what it had filed goes with it.

    :param port: of the services on 127.0.0.1; any free one, or the existing office's, where not given.
    :raises ForeignFolder: ``root`` is not empty and no demo office.
    :raises SoftHsmMissing: there is no SoftHSM2 on this machine.
    """
    root = root.absolute()
    module = tokens.find_module()
    softhsm_conf = root / "softhsm2.conf"
    serials = _existing(root, port)
    if serials is None:
        _clear(root)
        pki.create(root / "pki", port or _free_port())
        images.draw_seal(root / "images" / "seal.png", "ỦY BAN NHÂN DÂN XÃ PHONG ĐIỀN", "T.P CẦN THƠ")
        images.draw_signature(root / "images" / "signature.png")
    tokens.write_configuration(softhsm_conf, root / "tokens")
    authority = Pki(root / "pki")
    if serials is None:
        made = tokens.create(softhsm_conf, module, authority)
        state = {"made_by": _fingerprint(), "serials": {token.label: token.serial for token in made.values()}}
        (root / _MARKER).write_text(json.dumps(state, ensure_ascii=False, indent=1), encoding="utf-8")
    else:
        made = tokens.load(authority, serials)
    office = DemoOffice(
        root=root,
        module=module,
        softhsm_conf=softhsm_conf,
        settings_file=root / "settings.toml",
        data_dir=root / "data",
        tokens=made,
        pki=authority,
        seal_image=root / "images" / "seal.png",
        signature_image=root / "images" / "signature.png",
    )
    office.data_dir.mkdir(exist_ok=True)
    office.settings_file.write_text(_settings(office), encoding="utf-8")
    return office


def _fingerprint() -> str:
    """Changes whenever the plan of an office does."""
    return sha256(repr((pki.SUBSCRIBERS, tokens.PLANS, VILLAGE)).encode()).hexdigest()


def _existing(root: Path, port: int | None) -> dict[str, str] | None:
    """Serial numbers of the tokens, by label, of a usable office under ``root``; None where there is none."""
    try:
        state = json.loads((root / _MARKER).read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    if state["made_by"] != _fingerprint() or len(list((root / "tokens").glob("*/token.object"))) != len(tokens.PLANS):
        return None
    authority = Pki(root / "pki")
    if port not in (None, authority.port) or not authority.is_current():
        return None
    serials: dict[str, str] = state["serials"]
    return serials


def _clear(root: Path) -> None:
    """Remove what an earlier build left; nothing where ``root`` holds anything else."""
    known = {*_MADE, _MARKER, "softhsm2.conf", "settings.toml"}
    if root.exists():
        if not {path.name for path in root.iterdir()} <= known:
            raise ForeignFolder(root)
        for name in _MADE:
            shutil.rmtree(root / name, ignore_errors=True)
        (root / _MARKER).unlink(missing_ok=True)
    root.mkdir(parents=True, exist_ok=True)


def _free_port() -> int:
    with listen() as listener:
        return int(listener.getsockname()[1])


def _settings(office: DemoOffice) -> str:
    def quoted(value: object) -> str:
        return json.dumps(str(value), ensure_ascii=False)

    own = (office.pki.certificate(name) for name in ("leader", "seal", "second"))
    sealers = ", ".join(quoted(sha256(certificate).hexdigest()) for certificate in own)
    return f"""\
[agency]
name = {quoted(AGENCY)}
place = {quoted(VILLAGE)}
seal_image = {quoted(office.seal_image)}
seal_diameter_mm = {images.SEAL_DIAMETER_MM}
signature_image = {quoted(office.signature_image)}

[tokens]
modules = [{quoted(office.module)}]
use_known_modules = false

[trust]
roots = [{quoted(office.pki.root_certificate)}]
intermediates = [{quoted(office.pki.issuing_certificate)}]

[network]
online = true
tsa_url = {quoted(office.pki.tsa_url)}

[journal]
sealers = [{sealers}]
"""
