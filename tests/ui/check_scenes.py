"""Scenes of Kiểm tra and of the trusted sources, with real files of every verdict."""

from __future__ import annotations

import dataclasses
import shutil
import subprocess
import zipfile
from pathlib import Path

from app.signing.keys import choose
from app.signing.model import Act, Level, PinAnswer, SignOptions
from tests.attacks.cms import OpenSsl
from tests.demo.office import DemoOffice
from tests.ui.screenshots import Scenes


class CheckScenes(Scenes):
    """One pass through the page in one look."""

    def play(self) -> None:
        samples = {name: Path(shutil.copy(path, self._work)) for name, path in self._demo.samples.items()}
        self._page = self._window.pages["verify"]
        self._window.show_page("verify")
        self._take("check-empty")
        files = self._files(samples)
        if self._brief:
            self._check([files["valid"]])
            self._take("check-valid")
            self._check(list(files.values()))
            self._take("check-several")
            self._close()
            return
        for name, file in files.items():
            self._check([file])
            self._take(f"check-{name}")
            if name == "valid":
                self._page.card.signers[0].fold.unfold(True)  # type: ignore[attr-defined]
                self._page.card.about.unfold(True)  # type: ignore[attr-defined]
                self._wait(200)
                bar = self._page.pane.verticalScrollBar()  # type: ignore[attr-defined]
                bar.setValue(bar.maximum())
                self._take("check-details")
            if name in ("valid", "added"):
                self._page.card.see_changes.click()  # type: ignore[attr-defined]
                changes = self._page.changes  # type: ignore[attr-defined]
                self._until(lambda view=changes: view.ready)  # type: ignore[misc]
                self._take(f"check-{name}-changes")
                changes.closed.emit()
            if name == "invalid":
                self._page.card.refuse.click()  # type: ignore[attr-defined]
                self._take("check-refusal")
            if name == "unsigned":
                self._page.card.ask_again.click()  # type: ignore[attr-defined]
                self._take("check-request")
        self._check(list(files.values()))
        self._take("check-several")
        self._page.save_report(self._work / "Báo cáo kiểm tra.pdf")  # type: ignore[attr-defined]
        self._until(self._page.save.isEnabled)  # type: ignore[attr-defined]
        self._take("check-report-saved")
        self._hundreds(files)
        self._trust()
        self._close()

    def _hundreds(self, files: dict[str, Path]) -> None:
        folder = self._work / "Văn bản đến tháng 11"
        folder.mkdir()
        for number in range(300):
            source = list(files.values())[number % len(files)]
            shutil.copy(source, folder / f"{number + 1:03} {source.name[-60:]}")
        self._page.clear()  # type: ignore[attr-defined]
        self._page.add([folder])
        self._until(lambda: len(self._page.reports) > 60)  # type: ignore[attr-defined]
        self._take("check-300-progress", settle=0)
        self._until(lambda: not self._page.busy)
        from app.verification.model import Conclusion

        self._page.desk.filter.chips[Conclusion.INVALID].click()  # type: ignore[attr-defined]
        self._page.desk.words.setText("nguyen van an")  # type: ignore[attr-defined]
        self._take("check-300-filtered")

    def _trust(self) -> None:
        page = self._window.pages["trust"]
        self._window.show_page("trust")
        self._until(lambda: bool(page.rows))  # type: ignore[attr-defined]
        revoked = self._work / "danh-sach-thu-hoi.crl"
        revoked.write_bytes(self._demo.pki.crl())
        page.import_list(revoked)  # type: ignore[attr-defined]
        self._wait(400)
        self._take("trust")
        shipped = [row for row in page.rows if str(row.authority.origin) == "shipped"]  # type: ignore[attr-defined]
        shipped[1].switched.emit(False)
        self._wait(400)
        self._take("trust-turned-off")
        bar = page._scroll.verticalScrollBar()  # type: ignore[attr-defined]
        bar.setValue(bar.maximum())
        self._take("trust-end")
        page.offer_anchor(self._demo.pki.stranger_root_certificate)  # type: ignore[attr-defined]
        self._until(page.offer.isVisible)  # type: ignore[attr-defined]
        page.offer.compared.setChecked(True)  # type: ignore[attr-defined]
        self._take("trust-compare")

    def _check(self, files: list[Path]) -> None:
        self._page.clear()  # type: ignore[attr-defined]
        self._page.add(files)
        self._until(lambda: len(self._page.reports) == len(files) and not self._page.busy)  # type: ignore[attr-defined]
        self._wait(500)

    def _files(self, samples: dict[str, Path]) -> dict[str, Path]:
        """A file of each verdict; only a few for a brief pass."""
        plain = self._signed_by("leader", samples["quyet_dinh_pdf"], SignOptions(act=Act.APPROVE, level=Level.B))
        if self._brief:
            altered = _altered(plain, self._work / "Quyết định bị sửa.pdf")
            return {"valid": plain, "invalid": altered, "unsigned": samples["to_trinh_pdf"]}
        word = self._signed_by("leader", samples["quyet_dinh_docx"], SignOptions(act=Act.APPROVE, level=Level.B))
        approval = SignOptions(act=Act.APPROVE, level=Level.T, tsa_url=self._demo.pki.tsa_url)
        stamped = self._signed_by("leader", samples["cong_van_pdf"], approval)
        both = self._signed_by("seal", stamped, dataclasses.replace(approval, act=Act.ISSUE))
        long = self._work / (("Quyết định về việc phê duyệt kế hoạch " * 4)[:112].strip() + ".docx")
        shutil.copy(word, long)
        return {
            "valid": both,
            "valid-one": plain,
            "warning": _without_attributes(self._demo, self._work),
            "invalid": _altered(plain, self._work / "Quyết định bị sửa.pdf"),
            "invalid-word": _altered_word(word, self._work / "Quyết định bị sửa.docx"),
            "added": _with_a_note(plain, self._work / "Quyết định có ghi thêm.pdf"),
            "indeterminate": _of_a_stranger(self._demo, self._work),
            "without-content": _detached(self._demo, self._work),
            "unsigned": samples["to_trinh_pdf"],
            "unreadable": _cut(stamped, self._work / "Tờ trình tải dở.pdf"),
            "long-name": long,
        }

    def _signed_by(self, token: str, file: Path, options: SignOptions) -> Path:
        serial = self._demo.tokens[token]
        key = choose(self._office.keys(), token=serial.serial, certificate=None)
        out = self._work / f"{token}-{file.stem[:20]}"
        pin = bytearray(serial.pin.encode())
        [result] = self._office.desk.sign(
            [file], dataclasses.replace(options, out=out), key, pin_source=lambda _: PinAnswer(pin)
        )
        assert result.error is None, result.error
        return Path(result.output or "")

    def _close(self) -> None:
        self._window.close()
        self._office.close()


def _of_a_stranger(office: DemoOffice, folder: Path) -> Path:
    """A file signed with a certificate of a root that is not trusted here."""
    content, signed = folder / "Giấy mời.txt", folder / "Giấy mời họp.p7m"
    content.write_text("Kính mời dự họp lúc 08 giờ.", encoding="utf-8")
    keys, certificates = office.pki.folder / "keys/stranger", office.pki.folder / "certificates/stranger"
    command: list[str | Path] = [
        "openssl",
        "cms",
        "-sign",
        "-binary",
        "-cades",
        "-nodetach",
        "-outform",
        "DER",
        "-in",
        content,
    ]
    key: list[str | Path] = ["-signer", certificates / "leader.pem", "-inkey", keys / "leader.pem"]
    subprocess.run([*command, *key, "-certfile", certificates / "issuing.pem", "-out", signed], check=True)
    return signed


def _detached(office: DemoOffice, folder: Path) -> Path:
    """A signature file without the document it signs."""
    letter, signature = folder / "ở nơi khác.txt", folder / "Chữ ký công văn.p7s"
    letter.write_text("Kính gửi Sở Nội vụ", encoding="utf-8")
    return OpenSsl(office.pki, folder).sign(letter, signature, "-cades", "-outform", "DER")


def _without_attributes(office: DemoOffice, folder: Path) -> Path:
    """A signature that states neither a time nor its certificate, as old programs make them."""
    letter = folder / "Thông báo nghỉ lễ.txt"
    letter.write_text("Kính gửi các đơn vị trực thuộc", encoding="utf-8")
    signed = folder / "Thông báo nghỉ lễ.p7m"
    return OpenSsl(office.pki, folder).sign(letter, signed, "-noattr", "-nodetach", "-outform", "DER")


def _altered(signed: Path, target: Path) -> Path:
    content = bytearray(signed.read_bytes())
    content[content.index(b"stream") + 60] ^= 1
    target.write_bytes(content)
    return target


def _with_a_note(signed: Path, target: Path) -> Path:
    """A picture laid over the first page after signing, as an update at the file's end."""
    from pyhanko.pdf_utils import generic
    from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter

    with signed.open("rb") as file:
        writer = IncrementalPdfFileWriter(file)
        stream = generic.StreamObject(stream_data=b"q 1 1 1 rg 150 520 300 60 re f 0 0 0 rg 160 540 80 14 re f Q")
        writer.add_stream_to_page(0, writer.add_object(stream))
        with target.open("wb") as out:
            writer.write(out)
    return target


def _altered_word(signed: Path, target: Path) -> Path:
    with zipfile.ZipFile(signed) as before, zipfile.ZipFile(target, "w") as after:
        for name in before.namelist():
            content = before.read(name)
            if name == "word/document.xml":
                content = content.replace(b"</w:t>", b".</w:t>", 1)
            after.writestr(name, content)
    return target


def _cut(whole: Path, target: Path) -> Path:
    target.write_bytes(whole.read_bytes()[:20_000])
    return target
