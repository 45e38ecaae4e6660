"""One window for each user and data folder: a second start hands what it was asked for to the window that is there.

The first start holds a lock that the system frees with the process, however that ends, and listens on a local socket
(a named pipe on Windows) that only its user may open. Nothing of the window itself is imported here: a start that only
hands over ends before that.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import secrets
import stat
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal, get_args

import msgspec
from PySide6.QtCore import QObject, QTimer, Signal
from PySide6.QtNetwork import QLocalServer, QLocalSocket

from app.decoding import decodable
from app.errors import AntinError
from app.i18n import N_
from app.storage.locks import try_lock

PageName = Literal["sign", "verify", "archive", "tokens", "journal", "settings", "trust", "doctor"]
PAGES: tuple[PageName, ...] = get_args(PageName)

#: Of one message, in octets: several times what a command line may hold on Linux.
_MESSAGE_LIMIT = 8 << 20
_LENGTH = 4
#: Of a socket's path, in octets: what sockaddr_un holds, less what Qt adds while it makes the socket.
_PATH_LIMIT = 88
#: Starts that are being listened to at the same time.
_CONVERSATIONS = 64
#: Within which another start must have said all it has to say, in milliseconds.
_PATIENCE_MS = 5000
#: Seconds between two looks whether the window listens by now.
_RETRY = 0.05
_TAKEN = b"\x01"


class WindowNotAnswering(AntinError):
    code = "window-not-answering"
    message_id = N_("Ấn Tín is open already, but its window does not answer.")
    hint_id = N_("Wait a moment and try again. If the window stays stuck, end the program and start it anew.")


class NoMeetingPlace(AntinError):
    """Carries ``path``."""

    code = "no-runtime-folder"
    message_id = N_("The window cannot be opened: the folder {path} is missing or belongs to somebody else.")
    hint_id = N_("Sign out and in again; if that does not help, tell IT staff.")


_FileName = Annotated[bytes, msgspec.Meta(min_length=1, max_length=1 << 15)]


class Request(msgspec.Struct, frozen=True, forbid_unknown_fields=True, array_like=True):
    """What a start asks of the window.

    :ivar page: to be shown; None: that which takes the files, or the one that is shown.
    :ivar files: absolute paths as the file system has them (:func:`os.fsencode`).
    :ivar activation: the token by which the desktop lets the window come forward; empty where it gave none.
    """

    page: PageName | None = None
    files: Annotated[list[_FileName], msgspec.Meta(max_length=1 << 18)] = []
    activation: Annotated[str, msgspec.Meta(max_length=1024)] = ""

    def __post_init__(self) -> None:
        if any(b"\0" in file for file in self.files):
            raise ValueError("no file has such a name")

    @property
    def paths(self) -> list[Path]:
        """The files."""
        return [Path(os.fsdecode(file)) for file in self.files]


def request(page: PageName | None = None, files: Sequence[Path] = ()) -> Request:
    """What this start asks for, with the token (xdg-activation, startup notification) the desktop gave it."""
    activation = os.environ.get("XDG_ACTIVATION_TOKEN") or os.environ.get("DESKTOP_STARTUP_ID") or ""
    return Request(page, [os.fsencode(file.absolute()) for file in files], activation[:1024])


@dataclass(frozen=True)
class Claim:
    """The right to be the window of a user and data folder. It ends with :meth:`release` or the process.

    :ivar folder: the user's own folder in which starts find one another.
    :ivar name: of the user and data folder within it.
    """

    folder: Path
    name: str
    descriptor: int

    @property
    def address_file(self) -> Path:
        """Where other starts read whom to speak to."""
        return self.folder / f"{self.name}.address"

    def release(self) -> None:
        """Let another start be the window."""
        with contextlib.suppress(OSError):
            self.address_file.unlink()
        os.close(self.descriptor)


def claim_or_hand_over(data_dir: Path, asked: Request, *, patience: float = 10.0) -> Claim | None:
    """Become the window of this user and data folder, or hand over to the one there is.

    :param data_dir: two names of one folder count as one.
    :param patience: seconds for a window that starts, ends or is busy.
    :return: None: the window there is has taken what was asked.
    :raises WindowNotAnswering: there is one, and it said nothing in that time.
    :raises NoMeetingPlace: the user has no folder of their own for it.
    """
    folder = meeting_place()
    name = _name(data_dir)
    ends = time.monotonic() + patience
    while True:
        if (descriptor := _lock(folder / f"{name}.lock")) is not None:
            return Claim(folder, name, descriptor)
        if _hand_over(folder / f"{name}.address", asked, ends):
            return None
        if time.monotonic() > ends:
            raise WindowNotAnswering
        time.sleep(_RETRY)


def meeting_place() -> Path:
    """The folder in which starts of this user find one another; no other user may look into it.

    :raises NoMeetingPlace: none can be had.
    """
    places = list(_places())
    for place in places:
        try:
            place.mkdir(mode=0o700, exist_ok=True)
            if _is_private(place) and _stays(place):
                return place
        except OSError:
            continue
    raise NoMeetingPlace(path=str(places[-1]))


def _places() -> Iterator[Path]:
    if sys.platform == "win32":
        import platformdirs

        yield Path(platformdirs.user_data_dir("antin", appauthor=False, ensure_exists=True)) / "run"
        return
    if runtime := os.environ.get("XDG_RUNTIME_DIR"):
        place = Path(runtime) / "antin"
        if place.is_absolute() and len(os.fsencode(place)) + 40 < _PATH_LIMIT:
            yield place
    yield Path(tempfile.gettempdir()) / f"antin-{os.getuid()}"
    yield Path("/tmp") / f"antin-{os.getuid()}"  # noqa: S108 - only taken where it is the user's own


def _is_private(folder: Path) -> bool:
    """Whether a folder is this user's own. On Windows it lies in the profile, which is."""
    if sys.platform == "win32":
        return True
    found = folder.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.getuid():
        return False
    if stat.S_IMODE(found.st_mode) & 0o077:
        folder.chmod(0o700)
    return True


def _stays(folder: Path) -> bool:
    """Whether nobody else can put another folder in its place: what it lies in is this user's or the system's, and
    others may not write there, or not rename what is another's (as in ``/tmp``)."""
    if sys.platform == "win32":
        return True
    above = folder.parent.stat()
    return above.st_uid in (0, os.getuid()) and bool(above.st_mode & stat.S_ISVTX or not above.st_mode & 0o022)


def _name(data_dir: Path) -> str:
    user = str(os.getuid()) if sys.platform != "win32" else os.environ.get("USERNAME", "")
    place = os.path.normcase(os.path.realpath(data_dir))
    return hashlib.sha256(f"{user}\0".encode() + os.fsencode(place)).hexdigest()[:16]


def _lock(path: Path) -> int | None:
    flags = getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_NOFOLLOW", 0)
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | flags, 0o600)
    try:
        if try_lock(descriptor):
            return descriptor
    except OSError:
        os.close(descriptor)
        raise
    os.close(descriptor)
    return None


def _hand_over(address_file: Path, asked: Request, ends: float) -> bool:
    """Tell the window what is asked.

    :param ends: by :func:`time.monotonic`.
    :return: False where nobody listens, or the window ended before it answered.
    :raises WindowNotAnswering: it listens, and said nothing until then.
    """
    try:
        address = address_file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        return False

    def left() -> int:
        return max(1, int((ends - time.monotonic()) * 1000))

    socket = QLocalSocket()
    socket.connectToServer(address)
    if not socket.waitForConnected(left()):
        return False
    _let_it_come_forward()
    message = msgspec.msgpack.encode(asked)
    socket.write(len(message).to_bytes(_LENGTH, "big") + message)
    connected = QLocalSocket.LocalSocketState.ConnectedState
    while socket.bytesToWrite() and socket.state() == connected and time.monotonic() < ends:
        socket.waitForBytesWritten(left())
    while not socket.bytesAvailable() and socket.state() == connected and time.monotonic() < ends:
        socket.waitForReadyRead(left())
    if bytes(socket.readAll().data()) == _TAKEN:
        return True
    if time.monotonic() >= ends:
        raise WindowNotAnswering
    return False


def _let_it_come_forward() -> None:
    """Windows lets only the program a person just started put a window before others, and whom that program names."""
    if sys.platform == "win32":
        import ctypes

        any_process = -1
        ctypes.windll.user32.AllowSetForegroundWindow(any_process)


class Listener(QObject):
    """Hears what other starts ask of this window.

    :param claim: of this process.
    """

    #: Emitted with a :class:`Request`.
    asked = Signal(object)

    def __init__(self, claim: Claim, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._claim = claim
        self._conversations: dict[QLocalSocket, bytearray] = {}
        self._server = QLocalServer(self)
        self._server.setSocketOptions(QLocalServer.SocketOption.UserAccessOption)
        self._server.newConnection.connect(self._hear)

    def listen(self) -> None:
        """Begin.

        :raises NoMeetingPlace: the system gives no socket.
        """
        address = _address(self._claim)
        QLocalServer.removeServer(address)  # left by a process that was killed: whoever holds the claim is alone
        if not self._server.listen(address):
            raise NoMeetingPlace(path=address)
        staged = self._claim.address_file.with_suffix(".new")
        staged.write_text(self._server.fullServerName(), encoding="utf-8")
        staged.replace(self._claim.address_file)

    def close(self) -> None:
        """Hear no more: starts from now on wait until the claim is free, and are the window then."""
        with contextlib.suppress(OSError):
            self._claim.address_file.unlink()
        self._server.close()
        for socket in list(self._conversations):
            socket.abort()

    def _hear(self) -> None:
        while (socket := self._server.nextPendingConnection()) is not None:
            if len(self._conversations) >= _CONVERSATIONS:
                socket.abort()
                socket.deleteLater()
                continue
            self._conversations[socket] = bytearray()
            socket.setReadBufferSize(_MESSAGE_LIMIT)
            socket.readyRead.connect(lambda socket=socket: self._read(socket))
            socket.disconnected.connect(lambda socket=socket: self._forget(socket))
            QTimer.singleShot(_PATIENCE_MS, socket, socket.abort)
            self._read(socket)

    def _read(self, socket: QLocalSocket) -> None:
        heard = self._conversations.get(socket)
        if heard is None:
            return
        heard += socket.readAll().data()
        if len(heard) < _LENGTH:
            return
        length = int.from_bytes(heard[:_LENGTH], "big")
        if length > _MESSAGE_LIMIT or len(heard) > _LENGTH + length:
            socket.abort()
            return
        if len(heard) < _LENGTH + length:
            return
        try:
            asked = msgspec.msgpack.decode(heard[_LENGTH:], type=decodable(Request))
        except (msgspec.MsgspecError, UnicodeError):
            socket.abort()
            return
        if not all(path.is_absolute() for path in asked.paths):
            socket.abort()
            return
        heard.clear()
        socket.write(_TAKEN)
        socket.flush()
        socket.disconnectFromServer()
        self.asked.emit(asked)

    def _forget(self, socket: QLocalSocket) -> None:
        if self._conversations.pop(socket, None) is not None:
            socket.deleteLater()


def _address(claim: Claim) -> str:
    """Whom to speak to: a socket in the user's own folder. The pipes of Windows have one folder for all users, so that
    nobody may know the name beforehand."""
    if sys.platform == "win32":
        return f"antin-{secrets.token_hex(16)}"
    return str(claim.folder / f"{claim.name}.sock")
