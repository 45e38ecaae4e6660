"""The pictures of the user guide: real pages signed at the desk of a demo office.

``python -m tests.guide_pictures docs/images`` writes one PNG an act.
"""

from __future__ import annotations

import argparse
import datetime as dt
import os
import tempfile
from collections.abc import Callable
from pathlib import Path

import pypdfium2
from PIL import Image, ImageOps

from app.office import Office
from app.settings import load
from app.signing.keys import choose
from app.signing.model import Act, CopyForm, PinAnswer, SignOptions, Status
from tests.demo import office as demo
from tests.demo import samples, texts

#: Pixels a point, and the colours kept of a page: as many as the blue of a thin signature needs beside the red.
_SCALE, _COLOURS = 1.35, 256
_TEMPLATE = "Người ký: {name}\nCơ quan: {organization}\nThời gian ký: {time}\nLý do: {reason}"

Sign = Callable[..., Path]
#: Upper and lower edge as parts of the page; what is white above and below is left out.
_WHOLE, _HEAD, _FOOT = (0.0, 1.0), (0.0, 0.32), (0.6, 1.0)
#: White kept around what is shown, in pixels.
_AIR = 24


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    folder: Path = parser.parse_args().folder.absolute()
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="antin-") as temporary:
        made = demo.build(Path(temporary) / "office")
        os.environ.update(made.environment)
        with Office(load(Path(temporary) / "data", made.settings_file), online=False) as office:
            _draw(folder, Path(temporary), _signing(office, made, Path(temporary) / "out"))


def _signing(office: Office, made: demo.DemoOffice, out: Path) -> Sign:
    def sign(path: Path, token_name: str, act: Act, **wishes: object) -> Path:
        token = made.tokens[token_name]
        key = choose(office.keys(), token=token.serial, certificate=None)
        options = SignOptions(act=act, out=out, **wishes)  # type: ignore[arg-type]
        (result,) = office.desk.sign(
            [path], options, key, pin_source=lambda _: PinAnswer(bytearray(token.pin.encode()))
        )
        if result.status is not Status.SIGNED or result.output is None:
            raise SystemExit(f"{path.name}: {result.error}")
        return Path(result.output)

    return sign


def _draw(folder: Path, temporary: Path, sign: Sign) -> None:
    def document(name: str, text: texts.OfficeDocument) -> Path:
        path = temporary / f"{name}.pdf"
        path.write_bytes(samples.pdf(text))
        return path

    approved = sign(document("Quyết định", texts.unnumbered()), "leader", Act.APPROVE)
    _page(approved, -1, _WHOLE, folder / "phe-duyet.png")
    issued = sign(approved, "seal", Act.ISSUE, number="12", date=texts.ISSUED)
    _page(issued, 0, _HEAD, folder / "phat-hanh-so-ngay.png")
    _page(issued, -1, _WHOLE, folder / "phat-hanh.png")
    letter = document("Công văn", texts.LETTER)
    _page(sign(letter, "seal", Act.ATTACHMENT), 0, _HEAD, folder / "kem-theo.png")
    _page(sign(letter, "seal", Act.COPY, copy_form=CopyForm.SAO_Y), 0, _HEAD, folder / "sao.png")
    received = sign(sign(letter, "leader", Act.APPROVE), "seal", Act.ISSUE)
    arrived = sign(received, "seal", Act.INCOMING, arrival_number="123", arrival_date=dt.date(2026, 11, 20))
    _page(arrived, 0, _WHOLE, folder / "den.png")
    wishes = {"mark_template": _TEMPLATE, "reason": "Đã đọc và đồng ý", "qr": True}
    _page(sign(letter, "leader", Act.PLAIN, **wishes), -1, _FOOT, folder / "thuong.png")


def _page(path: Path, page: int, part: tuple[float, float], out: Path) -> None:
    document = pypdfium2.PdfDocument(path)
    document.init_forms()
    drawn: Image.Image = document[page % len(document)].render(scale=_SCALE).to_pil().convert("RGB")
    document.close()
    upper, lower = (_between_lines(drawn, round(edge * drawn.height)) for edge in part)
    drawn = drawn.crop((0, upper, drawn.width, lower))
    inked = drawn.convert("L").point([255 if level < 250 else 0 for level in range(256)]).getbbox()
    if inked is None:
        raise SystemExit(f"{path.name}: nothing on page {page}")
    shown = ImageOps.expand(drawn.crop((0, inked[1], drawn.width, inked[3])), border=(0, _AIR), fill="white")
    shown.quantize(_COLOURS, dither=Image.Dither.NONE).save(out, optimize=True)


def _between_lines(page: Image.Image, row: int) -> int:
    """The first white row from this one on."""
    grey = page.convert("L")
    while row < page.height and min(grey.crop((0, row, page.width, row + 1)).tobytes()) < 250:
        row += 1
    return row


if __name__ == "__main__":
    main()
