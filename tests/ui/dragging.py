"""Drags a row of the list to sign as a hand does, on a real screen: ``python -m tests.ui.dragging FROM TO [locked]``.

Prints the names in the order in which they then stand, as JSON. Qt's offscreen platform has no dragging.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

from PySide6.QtCore import QEvent, QObject, QPoint, Qt, QTimer
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from ui.widgets.file_list import FileList

#: Milliseconds between two moves of the mouse, and how many there are at most.
_STEP = 40
_STEPS = 100


class _Hovered(QObject):
    """:ivar times: how often a row was dragged over the list. :ivar dropped: whether it was dropped there."""

    def __init__(self) -> None:
        super().__init__()
        self.times = 0
        self.dropped = False

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        self.times += event.type() is QEvent.Type.DragMove
        self.dropped |= event.type() is QEvent.Type.Drop
        return False


def drag(row: int, to: int, *, locked: bool) -> list[str]:
    """Drag a row onto the lower half of another one.

    :param locked: as while a run is under way.
    """
    shown = FileList()
    shown.resize(300, 500)
    shown.files.add([Path(f"/công văn/{at}.pdf") for at in range(5)])
    shown.files.locked = locked
    hovered = _Hovered()
    shown.viewport().installEventFilter(hovered)
    shown.show()
    QTest.qWaitForWindowExposed(shown)
    window = shown.windowHandle()

    def at(place: int, down: int) -> QPoint:
        rect = shown.visualRect(shown.files.index(place))
        return shown.viewport().mapTo(shown, QPoint(rect.left() + 60, rect.top() + down))

    steps = 0
    hand = QTimer()

    def move() -> None:
        nonlocal steps
        steps += 1
        if hovered.times > 2 or steps > _STEPS:
            hand.stop()
            QTest.mouseRelease(window, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, at(to, 50))
        else:
            QTest.mouseMove(window, at(to, 50 + steps % 2))

    hand.timeout.connect(move)
    hand.start(_STEP)
    QTest.mousePress(window, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, at(row, 20))
    QTest.mouseMove(window, at(row, 24))
    QTest.mouseMove(window, at(row, 60))  # the drag begins, and ends within
    for _time in range(_STEPS):
        if not hand.isActive() and (hovered.dropped or locked):
            break
        QTest.qWait(_STEP)
    return [entry.path.name for entry in shown.files.entries]


if __name__ == "__main__":
    application = QApplication([])
    print(json.dumps(drag(int(sys.argv[1]), int(sys.argv[2]), locked="locked" in sys.argv)))
