"""Second step: the token, seen as it is plugged in; or what it lacks."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from PySide6.QtCore import QTimer
from PySide6.QtGui import QHideEvent, QShowEvent
from PySide6.QtWidgets import QWidget

from app import token_devices
from app.errors import ErrorInfo, describe
from app.i18n import _
from app.office import Office
from app.signing.keys import SigningKey
from app.times import day
from app.token_devices import Device
from pkcs11_bridge.errors import BridgeError
from pkcs11_bridge.library import check_library
from pkcs11_bridge.protocol import TokenInfo
from ui import choosing, theme
from ui.first_run.field import Field
from ui.first_run.step import Step
from ui.theme import UNIT
from ui.tokens import TokenWatch
from ui.widgets.basic import Notice, button, clear, column, label, pictogram, row
from ui.work import Job, Pool

#: Between two looks at what is plugged in, in milliseconds, while the step is shown.
_LOOK_MS = 2000
_SOFTWARE = "SoftHSM"


@dataclass(frozen=True)
class _Missing:
    """A device that no driver shows, and what to do."""

    sentence: str
    hint: str


class TokenStep(Step):
    settings = ("tokens.modules",)

    def __init__(self, office: Office, tokens: TokenWatch) -> None:
        super().__init__(
            office,
            _("The token"),
            _("Plug in the token that you sign with: it appears here with its certificates within seconds."),
        )
        self._tokens = tokens
        self._pool, self._reading = Pool(1, self), Pool(2, self)
        self._checking: Job[object] | None = None
        self._devices: tuple[Device, ...] = ()
        self._look: Job[list[Device]] | None = None
        self._shown: tuple[object, ...] | None = None
        self.found = column(spacing=UNIT)
        self.body.addLayout(self.found)
        choose = button(_("&Choose…"), "folder-open", clicked=self._choose)
        choose.setObjectName("firstModuleChoose")
        choose.setAccessibleName(_("Choose the file of the driver"))
        self.module = Field(
            "firstModule",
            _("File of a &driver in an unusual place"),
            _("Only where the vendor's driver is installed and the token is not found; mostly this stays empty."),
            choose,
        )
        self.module.line.textChanged.connect(lambda _text: self._check())
        if "tokens.modules" in self.locked_settings:
            self.module.lock()
            choose.setEnabled(False)
        self.body.addWidget(self.module)
        self.body.addWidget(self.notice)
        tokens.changed.connect(self._show)
        self._again = QTimer(self)
        self._again.setInterval(_LOOK_MS)
        self._again.timeout.connect(self._look_at_devices)
        self._show()

    @property
    def problem(self) -> str:
        return self.module.problem

    def values(self) -> dict[str, Any]:
        modules = list(self.office.settings.tokens.modules)
        if not self.module.text or self.locked_settings or self.module.text in modules:
            return {}
        return {"tokens.modules": [*modules, self.module.text]}

    def entered(self) -> None:
        self._tokens.look()
        self._look_at_devices()

    def stop(self) -> None:
        self._again.stop()
        self._tokens.changed.disconnect(self._show)
        self._reading.leave()
        self._pool.close()

    def hideEvent(self, event: QHideEvent) -> None:
        self._again.stop()
        super().hideEvent(event)

    def showEvent(self, event: QShowEvent) -> None:
        self._again.start()
        super().showEvent(event)

    def _choose(self) -> None:
        if (
            path := choosing.one_to_open(self, _("Driver of the token"), [_("Drivers (*.so *.dll *.dylib)")])
        ) is not None:
            self.module.line.setText(str(path))

    def _check(self) -> None:
        """Tell from the file's header whether it can be a driver here; it may be on a share that is away."""
        if self._checking is not None:
            self._checking.cancel()
            self._checking = None
        self.module.tell("")
        if self.module.text:
            file = Path(self.module.text).expanduser()
            self._checking = self._reading.start(
                lambda _job: check_library(file), done=lambda _library: None, failed=self._no_driver
            )
        self.changed.emit()

    def _no_driver(self, error: Exception) -> None:
        told = describe(error)
        detail = f" ({_(error.detail)})" if isinstance(error, BridgeError) and error.detail else ""
        self.module.tell(ErrorInfo(told.code, told.message + detail, told.hint))
        self.changed.emit()

    def _look_at_devices(self) -> None:
        if self._look is None:
            self._look = self._pool.start(lambda _job: token_devices.plugged(), done=self._seen, failed=self._not_seen)

    def _seen(self, devices: list[Device]) -> None:
        self._look = None
        if tuple(devices) != self._devices:
            self._devices = tuple(devices)
            self._tokens.look()
        self._show()

    def _not_seen(self, error: Exception) -> None:
        self._look = None
        self.notice.tell_error(describe(error))

    def _show(self) -> None:
        """Show the tokens, what is plugged in without a driver, and drivers that do not work."""
        plugged = self._tokens.plugged
        if plugged is None:
            return
        missing = _without_driver(self._devices, plugged.tokens)
        what = (plugged, missing)
        if what == self._shown:
            return
        self._shown = what
        clear(self.found)
        for token in plugged.tokens:
            self.found.addWidget(_token(token, plugged.name(token), plugged.keys_on(token)))
        for device in missing:
            self.found.addWidget(Notice(device.sentence, device.hint, "caution", "triangle-alert"))
        for module, problem in plugged.problems:
            told = _("The driver {file}: {what}").format(file=Path(module).name, what=problem.message)
            self.found.addWidget(Notice(told, problem.hint, "caution", "triangle-alert"))
        if not plugged.tokens and not missing:
            self.found.addWidget(
                Notice(_("No token is plugged in."), _("You can go on without one and plug it in later."), icon="usb")
            )


def _without_driver(devices: tuple[Device, ...], tokens: tuple[TokenInfo, ...]) -> list[_Missing]:
    """What to say of devices that are plugged in while fewer tokens are shown than there are devices."""
    shown = sum(not token.model.startswith(_SOFTWARE) for token in tokens)
    if shown >= len(devices):
        return []
    return [_missing(device) for device in devices if not (shown and device.installed)]


def _missing(device: Device) -> _Missing:
    if device.vendor and not device.installed:
        return _Missing(
            _("{device} is plugged in, but its driver is not on this computer: {vendor}.").format(
                device=device.name, vendor=device.vendor
            ),
            _(
                "Install the driver that the issuer of the token gives out; ask IT staff if you may not. It is found "
                "here as soon as it is installed and the program started anew."
            ),
        )
    if device.vendor:
        return _Missing(
            _("{device} is plugged in and its driver is there ({vendor}), but shows nothing.").format(
                device=device.name, vendor=device.vendor
            ),
            _("Unplug it and plug it in again. If that does not help, install the issuer's newest driver."),
        )
    return _Missing(
        _("{device} is plugged in, but no driver on this computer knows it.").format(device=device.name),
        _("Install the driver of the issuer whose name stands on the token or in the papers that came with it."),
    )


def _token(token: TokenInfo, name: str, keys: list[SigningKey]) -> QWidget:
    """A token with its certificates."""
    shown = theme.current()
    words = column(spacing=2)
    words.addWidget(label(name, "strong"))
    for key in keys:
        until = _("valid until {day}").format(day=day(key.not_after))
        of = [part for part in (key.holder, key.organization if key.organization != key.holder else "") if part]
        words.addWidget(label(f"{', '.join(of)} · {key.issuer} · {until}", "soft"))
        if not key.usable:
            words.addWidget(label(key.why, "small"))
    if not keys:
        words.addWidget(label(_("There is no certificate to sign with on it."), "soft"))
    made = QWidget()
    layout = row(pictogram("circle-check" if keys else "circle-alert", shown.good if keys else shown.caution))
    layout.addLayout(words, 1)
    made.setLayout(layout)
    made.setAccessibleName(f"{name} {token.serial}")
    return made
