"""Scenes of the first set-up, of the doctor, and of what IT staff set: when all is well and when it is not."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

from app.settings import load
from app.system.linux import Linux
from tests.demo.office import build
from tests.ui.screenshots import Look, Scenes
from tests.unit.test_bundles import SIGNER, packed, signed
from ui.first_run.page import FirstRunPage
from ui.pages.doctor import DoctorPage
from ui.pages.trust import TrustPage

AGENCY = "Ủy ban nhân dân xã Phong Điền"
LONG = "Ban Quản lý dự án đầu tư xây dựng công trình giao thông và nông nghiệp khu vực liên huyện Phong Điền – Thới Lai"


class SetupScenes(Scenes):
    """One pass in one look."""

    def __init__(self, folder: Path, look: Look, office: Path, *, brief: bool = False) -> None:
        made = build(office)
        data = Path(tempfile.mkdtemp(prefix="antin-", dir=office.parent))
        (data / "settings.toml").write_text(f'[tokens]\nmodules = ["{made.module}"]\n', encoding="utf-8")
        super().__init__(folder, look, office, brief=brief, data=data)
        self._data = data

    def play(self) -> None:
        self._first_run()
        self._close()
        self._open(load(self._data, file=self._well()))
        self._doctor("doctor")
        self._bundle()
        self._close()
        self._unusable_bundle()
        self._data = Path(tempfile.mkdtemp(prefix="antin-", dir=self._work.parent))
        self._open(load(self._data, file=self._ill(), system=Linux(self._managed())))
        self._doctor("doctor-ill")
        self._window.show_page("settings")
        self._take("settings-managed")
        page = self._window.pages["first-run"]
        assert isinstance(page, FirstRunPage)
        self._window.show_page("first-run")
        self._take("first-run-managed")
        self._close()

    def _first_run(self) -> None:
        page = self._window.pages["first-run"]
        assert isinstance(page, FirstRunPage)
        agency, token, records, time = page.steps
        self._window.show_page("first-run")
        self._take("first-run-empty")
        for field, text in (
            (agency.name, AGENCY),  # type: ignore[attr-defined]
            (agency.parent_agency, "Ủy ban nhân dân thành phố Cần Thơ"),  # type: ignore[attr-defined]
            (agency.place, "Phong Điền"),  # type: ignore[attr-defined]
            (agency.seal, str(shutil.copy(self._demo.seal_image, self._beside("con-dau.png")))),  # type: ignore[attr-defined]
            (agency.diameter, "36"),  # type: ignore[attr-defined]
        ):
            field.line.setText(text)
        self._take("first-run-agency")
        agency.name.line.setText(LONG)  # type: ignore[attr-defined]
        agency.seal.line.setText(str(self._demo.settings_file))  # type: ignore[attr-defined]
        self._take("first-run-agency-wrong")
        page.show_step(1)
        self._until(lambda: self._window.tokens.plugged is not None)
        self._take("first-run-token")
        token.module.line.setText(str(self._demo.seal_image))  # type: ignore[attr-defined]
        self._take("first-run-token-wrong")
        page.show_step(2)
        records.shared.setChecked(True)  # type: ignore[attr-defined]
        records.address.line.setText("postgresql://antin@127.0.0.1:9/antin")  # type: ignore[attr-defined]
        records.ask()  # type: ignore[attr-defined]
        self._until(records.test.isEnabled)  # type: ignore[attr-defined]
        self._take("first-run-records")
        page.show_step(3)
        time.address.line.setText(self._demo.pki.tsa_url)  # type: ignore[attr-defined]
        time.ask()  # type: ignore[attr-defined]
        self._until(time.test.isEnabled)  # type: ignore[attr-defined]
        self._take("first-run-time")

    def _doctor(self, name: str) -> None:
        page = self._window.pages["doctor"]
        assert isinstance(page, DoctorPage)
        self._window.show_page("doctor")
        self._take(f"{name}-looking", settle=0)
        self._until(lambda: not page.looking)
        self._take(name)
        bar = page.scroll_area.verticalScrollBar()
        bar.setValue(bar.maximum() // 2)
        self._take(f"{name}-middle")
        bar.setValue(bar.maximum())
        self._take(f"{name}-end")
        page.offer_bundle()
        self._until(lambda: hasattr(page, "preview") and page.preview.isVisible())
        self._take(f"{name}-support", of=page.preview)
        page.preview.reject()

    def _bundle(self) -> None:
        page = self._window.pages["trust"]
        assert isinstance(page, TrustPage)
        self._window.show_page("trust")
        self._until(lambda: bool(page.rows))
        made = signed(self._work, packed(20261120093000)).rename(self._beside("gói tin cậy tháng 11.p7m"))
        page.offer_bundle(made)
        self._until(page.bundle.offer.isVisible)
        self._to_end(page, "bundle-offered")
        page.bundle.accepted.emit(made)
        self._until(lambda: self._office.bundle is not None and page.bundle.notice.isVisible())
        self._to_end(page, "bundle-taken")
        damaged = self._work / "gói tải dở.p7m"
        damaged.write_bytes(made.read_bytes()[:-300])
        page.offer_bundle(damaged)
        self._wait(1000)
        self._to_end(page, "bundle-damaged")

    def _beside(self, name: str) -> Path:
        """A file beside the demo office, where its path is short."""
        return self._demo.root.with_name(name)

    def _unusable_bundle(self) -> None:
        """Everything that trusts waits until the bundle is put right."""
        self._open(load(self._data))
        page = self._window.pages["doctor"]
        assert isinstance(page, DoctorPage)
        self._window.show_page("doctor")
        self._until(lambda: not page.looking)
        self._take("doctor-bundle-unusable")
        self._close()

    def _to_end(self, page: TrustPage, name: str) -> None:
        self._wait(400)
        bar = page._scroll.verticalScrollBar()
        bar.setValue(bar.maximum())
        self._take(name)

    def _well(self) -> Path:
        """Settings with which most is well."""
        from hashlib import sha256

        file = self._data / "all-well.toml"
        text = self._demo.settings_file.read_text(encoding="utf-8")
        signer = sha256(SIGNER.der).hexdigest()
        file.write_text(f'{text}\n[bundle]\nsigners = ["{signer}"]\n', encoding="utf-8")
        return file

    def _ill(self) -> Path:
        """Settings with which much is wrong."""
        (self._data / "Kho văn bản").write_bytes(b"")
        file = self._data / "much-wrong.toml"
        missing = self._data / "driver" / "libviettel-ca_v6-trinh-dieu-khien-thiet-bi-luu-khoa-bi-mat.so"
        file.write_text(
            f'[tokens]\nmodules = ["{self._demo.module}", "{missing}"]\n[trust]\nuse_shipped_anchors = false\n',
            encoding="utf-8",
        )
        return file

    def _managed(self) -> Path:
        file = self._data / "managed.toml"
        file.write_text(
            f'locked = ["agency.name", "network", "updates"]\n[agency]\nname = "{LONG}"\nseal_diameter_mm = 36\n'
            '[network]\nonline = false\ntsa_url = "http://127.0.0.1:9/tsa"\nproxy = ""\n'
            '[updates]\nsource = "https://phan-mem.phongdien.example/antin/ban-moi-nhat"\n'
            '[signing]\nlevel = "T"\npaper_kinds = ["Giấy chứng nhận", "Bằng", "Sổ hộ tịch", "Giấy khai sinh"]\n',
            encoding="utf-8",
        )
        return file
