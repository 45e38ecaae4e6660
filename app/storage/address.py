"""Where the office's database is: its address in the settings, its password in the system's keyring."""

from __future__ import annotations

from urllib.parse import parse_qsl, urlsplit

from app.errors import AntinError
from app.i18n import N_

#: Parameters of libpq that are secrets; a service file could hold one as well, but stays on its computer.
_SECRETS = frozenset({"password", "sslpassword", "oauth_client_secret", "scram_client_key", "scram_server_key"})
_SCHEMES = ("postgresql", "postgresql+psycopg")
#: Of the program's passwords in the keyring.
_SERVICE = "antin"


class KeyringUnusable(AntinError):
    code = "keyring-unusable"
    message_id = N_("The password cannot be kept: the system has no store for passwords ({detail}).")
    hint_id = N_("Set up the system's keyring, or let libpq find the password (~/.pgpass).")


def check(url: str) -> str:
    """An address as the settings may have it.

    :raises ValueError: it is no address of a PostgreSQL server, or holds a password.
    """
    parts = urlsplit(url)
    if parts.scheme not in _SCHEMES:
        raise ValueError("it must begin with postgresql://")
    if parts.password is not None or _SECRETS & {name for name, _value in parse_qsl(parts.query, True)}:
        raise ValueError("it must not hold the password; “antin database password” keeps that in the keyring")
    if not parts.path.strip("/"):
        raise ValueError("it names no database")
    return url


def stored_password(url: str) -> str | None:
    """The password of an address that names a user, from the system's keyring.

    :return: None where there is none, or no keyring: libpq then looks at its own places.
    """
    import keyring
    from keyring.errors import KeyringError

    try:
        return keyring.get_password(_SERVICE, url)
    except KeyringError:
        return None


def store_password(url: str, password: str) -> None:
    """Keep a password in the system's keyring; an empty one is removed.

    :raises KeyringUnusable: there is no keyring, or it is locked.
    """
    import keyring
    from keyring.errors import KeyringError, PasswordDeleteError

    try:
        if password:
            keyring.set_password(_SERVICE, url, password)
            if keyring.get_password(_SERVICE, url) != password:
                raise KeyringUnusable(detail=type(keyring.get_keyring()).__name__)
        else:
            try:
                keyring.delete_password(_SERVICE, url)
            except PasswordDeleteError:
                return
    except KeyringError as error:
        raise KeyringUnusable(detail=str(error) or type(error).__name__) from error
