"""What stands beside the list of devices: the one chosen, or a panel that asks for something about it."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Protocol, TypeVar

from PySide6.QtCore import Signal, SignalInstance
from PySide6.QtWidgets import QStackedWidget, QWidget

from app.errors import ErrorInfo
from app.settings import AgencySettings
from ui.custody_changes import CustodyChanges
from ui.widgets.device_pane import DevicePane

if TYPE_CHECKING:
    from ui.widgets.device_form import DeviceForm, NewDeviceForm
    from ui.widgets.event_panel import EventPanel
    from ui.widgets.permission_panel import PermissionPanel
    from ui.widgets.pin_change_panel import PinChangePanel
    from ui.widgets.request_panel import RequestPanel
    from ui.widgets.withdraw_panel import WithdrawPanel


class _Asking(Protocol):
    """A panel that asks, and tells itself what was wrong with the answer."""

    closed: SignalInstance

    def tell_error(self, error: ErrorInfo) -> None: ...


Panel = TypeVar("Panel", bound=QWidget)


class DeviceSide(QStackedWidget):
    """A panel is made when it is first wanted: all of them together would hold the window for a quarter of a second.

    :param changes: what the panels ask for is done there.
    :ivar pane: the device chosen.
    """

    #: A panel was left, and nothing entered.
    closed = Signal()
    #: The :class:`Request` that is to be written.
    request_wanted = Signal(object)
    #: The :class:`NewPin`.
    pin_answered = Signal(object)

    def __init__(self, agency: AgencySettings, changes: CustodyChanges) -> None:
        super().__init__()
        self._agency, self._changes = agency, changes
        self._asking: dict[QWidget, _Asking] = {}
        self.pane = DevicePane()
        self.addWidget(self.pane)

    def tell_error(self, error: ErrorInfo) -> bool:
        """Tell in the panel shown that what it asked for was refused; False where none is."""
        shown = self.currentWidget()
        if shown not in self._asking:
            return False
        self._asking[shown].tell_error(error)
        return True

    @property
    def changing_pin(self) -> bool:
        """Whether a new PIN is asked for."""
        return "pin" in vars(self) and self.currentWidget() is self.pin

    @cached_property
    def pin(self) -> PinChangePanel:
        from ui.widgets.pin_change_panel import PinChangePanel

        made = PinChangePanel()
        made.answered.connect(self.pin_answered)
        made.given_up.connect(self.closed)
        self.addWidget(made)
        return made

    @cached_property
    def form(self) -> DeviceForm:
        from ui.widgets.device_form import DeviceForm

        made = self._added(DeviceForm())
        made.saved.connect(self._changes.describe)
        return made

    @cached_property
    def new(self) -> NewDeviceForm:
        from ui.widgets.device_form import NewDeviceForm

        made = self._added(NewDeviceForm())
        made.saved.connect(self._changes.register_by_hand)
        return made

    @cached_property
    def happened(self) -> EventPanel:
        from ui.widgets.event_panel import EventPanel

        made = self._added(EventPanel())
        made.entered.connect(self._changes.record)
        return made

    @cached_property
    def withdrawal(self) -> WithdrawPanel:
        from ui.widgets.withdraw_panel import WithdrawPanel

        made = self._added(WithdrawPanel())
        made.withdrawn.connect(self._changes.withdraw)
        return made

    @cached_property
    def permission(self) -> PermissionPanel:
        from ui.widgets.permission_panel import PermissionPanel

        made = self._added(PermissionPanel())
        made.given.connect(self._changes.complete_permission)
        return made

    @cached_property
    def request(self) -> RequestPanel:
        from ui.widgets.request_panel import RequestPanel

        made = self._added(RequestPanel(self._agency))
        made.wanted.connect(self.request_wanted)
        return made

    def _added(self, panel: Panel) -> Panel:
        self._asking[panel] = panel  # type: ignore[assignment]
        self._asking[panel].closed.connect(self.closed)
        self.addWidget(panel)
        return panel
