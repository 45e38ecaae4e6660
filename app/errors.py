"""Every error a person can meet: a class with data, a sentence and a hint in both languages.

Services raise subclasses of :class:`AntinError`; the token bridge, which lies below and knows no
language, raises its own. :func:`describe` turns either, or an operating system error, into the
``code``, ``message``, ``hint`` of the command contract.
"""

from __future__ import annotations

import errno
from collections.abc import Callable
from typing import ClassVar, Final

import msgspec

from app.i18n import N_, _
from pkcs11_bridge import errors as token_errors


class AntinError(Exception):
    """Base of all errors of the office. ``data`` fills the placeholders of the sentences.

    Subclasses set ``code`` (stable, English, kebab-case), ``message_id`` and ``hint_id`` (English
    sentences marked with ``N_``, with ``str.format`` placeholders named as the keyword arguments).
    """

    code: ClassVar[str] = "internal"
    message_id: ClassVar[str] = N_("Something unexpected happened: {detail}")
    hint_id: ClassVar[str] = N_(
        "Try again. If it happens again, run “antin doctor --bundle” and send the file to support."
    )

    def __init__(self, **data: object) -> None:
        super().__init__(self.code, data)
        self.data = data

    @property
    def message(self) -> str:
        return _(self.message_id).format(**self.data)

    @property
    def hint(self) -> str:
        return _(self.hint_id).format(**self.data)

    def __str__(self) -> str:
        return self.message


class ErrorInfo(msgspec.Struct, frozen=True):
    """An error as the contract prints it: ``code`` (English), ``message`` and ``hint`` (as shown)."""

    code: str
    message: str
    hint: str


class InternalError(AntinError):
    """Anything not foreseen; carries ``detail``."""


class FileMissing(AntinError):
    code = "file-missing"
    message_id = N_("The file {path} is not there.")
    hint_id = N_("Check the path, or whether the network folder is connected.")


class FileNotReadable(AntinError):
    code = "file-not-readable"
    message_id = N_("The file {path} cannot be read.")
    hint_id = N_("Close it where it is open, or ask for the right to read it, then try again.")


class FolderGiven(FileNotReadable):
    code = "folder-given"
    message_id = N_("{path} is a folder, not a file.")
    hint_id = N_("Name the files in it.")


class TargetNotWritable(AntinError):
    code = "target-not-writable"
    message_id = N_("Nothing can be written to {path}.")
    hint_id = N_("Choose another folder or ask for the right to write there. The original is untouched.")


class TargetExists(AntinError):
    """Carries ``path``."""

    code = "target-exists"
    message_id = N_("There is a file {path} already; nothing is written over it.")
    hint_id = N_("Choose another name.")


class DiskFull(AntinError):
    code = "disk-full"
    message_id = N_("The disk is full: {path} could not be written.")
    hint_id = N_("Free some space and try again. Nothing was left half written and the original is untouched.")


class FileInUse(AntinError):
    code = "file-in-use"
    message_id = N_("{path} is open in another program.")
    hint_id = N_("Close it there and try again. Nothing was changed.")


class DiskFailing(AntinError):
    """Carries ``path`` and ``detail``."""

    code = "disk-failing"
    message_id = N_("The disk or network folder of {path} does not answer: {detail}")
    hint_id = N_("Check the disk and the network connection, then try again. The original is untouched.")


class CopyDiffers(AntinError):
    code = "copy-differs"
    message_id = N_("The copy of {path} does not match the original.")
    hint_id = N_("Check the disk, then try again. The original is untouched and nothing was filed.")


#: What systems say of a failing disk, and of a network folder that went away; of a connection, which has no path, some
#: say the same.
_FAILING: Final = frozenset(
    number
    for name in (
        *("EIO", "ENXIO", "ENODEV", "EREMOTEIO", "ESTALE", "ENOTCONN", "ETIMEDOUT"),
        *("EHOSTDOWN", "EHOSTUNREACH", "ENETDOWN", "ENETUNREACH", "ECONNRESET"),
    )
    if (number := getattr(errno, name, None)) is not None
)
#: The same of Windows (winerror.h): not ready, CRC, network path, network error, name deleted, bad name, time-out,
#: device, network unreachable.
_FAILING_WINDOWS: Final = frozenset({21, 23, 53, 59, 64, 67, 121, 1117, 1231})

_TOKEN_SENTENCES: dict[str, tuple[str, str]] = {
    "pin-incorrect": (
        N_("The PIN is not right."),
        N_(
            "Nothing more was tried, so that the token is not locked. Check Caps Lock and the Vietnamese typing mode, "
            "then type the PIN again."
        ),
    ),
    "pin-locked": (
        N_("The token is locked because a wrong PIN was typed too often."),
        N_("Only the issuer of the token can unlock it: hand it to the custodian with a recovery request."),
    ),
    "pin-final-try": (
        N_("Only one try is left before the token locks."),
        N_("Be sure of the PIN first; then confirm that you want to use the last try."),
    ),
    "pin-invalid": (
        N_("The new PIN does not meet the token's rules."),
        N_("Use a PIN of the length and characters that the token asks for."),
    ),
    "pin-expired": (
        N_("The PIN has expired and must be changed."),
        N_("Change the PIN with the tool of the token's vendor, then try again."),
    ),
    "pin-required": (
        N_("The token wants its PIN."),
        N_("Give the PIN at the prompt or with --pin-file."),
    ),
    "pin-not-set": (
        N_("The token has no PIN yet."),
        N_("Set the first PIN with the tool of the token's vendor."),
    ),
    "token-removed": (
        N_("The token was pulled out."),
        N_("Plug it in again and go on; what was already signed is kept."),
    ),
    "token-not-found": (
        N_("That token is not plugged in."),
        N_("Plug it in, wait two seconds and try again."),
    ),
    "key-not-found": (
        N_("The token holds no private key for that certificate."),
        N_("Choose another certificate of the token, or another token."),
    ),
    "mechanism-missing": (
        N_("The token cannot make this kind of signature."),
        N_("Choose another certificate, or ask the issuer for a newer token."),
    ),
    "module-crashed": (
        N_("The token's driver stopped working."),
        N_("It was started again. Try once more; if it happens again, install the vendor's newest driver."),
    ),
    "module-timeout": (
        N_("The token's driver did not answer in time."),
        N_("It was ended and started again. Unplug the token, plug it in and try again."),
    ),
    "module-unusable": (
        N_("The token's driver cannot be used on this computer."),
        N_("Install the vendor's driver made for this system (64-bit or 32-bit as the program asks)."),
    ),
    "module-word-size": (
        N_("The token's driver is of the wrong kind: 32-bit where this program is 64-bit, or the other way round."),
        N_("Ask the token's vendor for the driver of this kind and install it; the one that is there may stay."),
    ),
    "signing-cancelled": (
        N_("Signing was cancelled on the token."),
        N_("Start again when ready."),
    ),
    "token-memory": (
        N_("The token has no free memory for this operation."),
        N_("Close other programs that use the token and try again."),
    ),
    "token-error": (
        N_("The token reported an error."),
        N_("Unplug the token, plug it in and try again."),
    ),
}


#: Told the code of every error that is put into words, and the error; set by what keeps the program's log.
on_described: Callable[[str, BaseException], None] | None = None


def describe(error: BaseException) -> ErrorInfo:
    """The code, sentence and hint of any error.

    :param error: an :class:`AntinError`, a bridge error, an :class:`OSError`, or anything else.
    :return: what to print or show, in the current language.
    """
    told = _in_words(error)
    if on_described is not None:
        on_described(told.code, error)
    return told


def _in_words(error: BaseException) -> ErrorInfo:
    if isinstance(error, OSError):
        error = from_os_error(error)
    if isinstance(error, AntinError):
        return ErrorInfo(error.code, error.message, error.hint)
    if isinstance(error, token_errors.BridgeError):
        message, hint = _TOKEN_SENTENCES.get(error.code, _TOKEN_SENTENCES["token-error"])
        return ErrorInfo(error.code, _(message), _(hint))
    return _in_words(InternalError(detail=f"{type(error).__name__}: {error}"))


def from_os_error(error: OSError, path: object = None) -> AntinError:
    """The house's error for what the operating system said.

    :param path: named in the sentence where the error itself carries no file name.
    """
    where = str(path if path is not None else error.filename or "")
    if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
        return DiskFull(path=where)
    if error.errno == errno.EISDIR:
        return FolderGiven(path=where)
    if error.errno in (errno.ENOENT, errno.ENOTDIR):
        return FileMissing(path=where)
    if getattr(error, "winerror", None) in (32, 33) or error.errno in (errno.EBUSY, errno.ETXTBSY):
        return FileInUse(path=where)
    if error.errno in (errno.EROFS,):
        return TargetNotWritable(path=where)
    if error.errno in (errno.EACCES, errno.EPERM):
        return FileNotReadable(path=where)
    if where and (error.errno in _FAILING or getattr(error, "winerror", None) in _FAILING_WINDOWS):
        return DiskFailing(path=where, detail=error.strerror or str(error))
    return InternalError(detail=f"{type(error).__name__}: {error}")
