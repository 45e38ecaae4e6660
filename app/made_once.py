"""How the services of an office are made: each once, when it is first asked for."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Generic, Self, TypeVar, overload

if TYPE_CHECKING:
    from app.office import Office

Made = TypeVar("Made")


class made_once(Generic[Made]):  # noqa: N801 - stands where property does
    """A property made when first asked for, once, whatever threads ask (``cached_property`` promises that no more)."""

    def __init__(self, make: Callable[[Office], Made]) -> None:
        self._make = make
        self.__doc__ = make.__doc__

    def __set_name__(self, owner: type, name: str) -> None:
        self._name = name

    @overload
    def __get__(self, office: None, owner: type) -> Self: ...
    @overload
    def __get__(self, office: Office, owner: type) -> Made: ...
    def __get__(self, office: Office | None, owner: type) -> Self | Made:
        if office is None:
            return self
        with office.making:
            if self._name not in office.__dict__:
                office.__dict__[self._name] = self._make(office)
        made: Made = office.__dict__[self._name]
        return made
