"""Types that msgspec decodes into, made known to it by one thread at a time.

msgspec 0.22 learns a type when it is first asked for and lets other threads use it half learnt: two threads that decode
the same new type at the same time end the program with a segmentation fault.
"""

from __future__ import annotations

import threading
from typing import Any, TypeVar, overload

import msgspec

_T = TypeVar("_T")

_learning = threading.Lock()
_known: set[Any] = set()


@overload
def decodable(kind: type[_T]) -> type[_T]: ...
@overload
def decodable(kind: Any) -> Any: ...
def decodable(kind: Any) -> Any:
    """The type itself, once msgspec knows it and all it holds; every ``type=`` of msgspec goes through here.

    :param kind: what :func:`msgspec.convert` and the ``decode`` functions take.
    """
    if kind not in _known:
        with _learning:
            msgspec.msgpack.Decoder(kind)
            _known.add(kind)
    return kind
