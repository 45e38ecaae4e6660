"""What a PDF signature permits to change later (ISO 32000-2, 12.8.2.2 DocMDP and 12.8.2.4 FieldMDP)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from pyhanko.pdf_utils import generic

from app.documents.pdf_form import elements, entry


@dataclass(frozen=True)
class Permission:
    """What the signature grants.

    :ivar level: 1, 2 or 3 for a certification (DocMDP), None for an approval signature.
    :ivar locks: whether a field of this name may not change (FieldMDP).
    :ivar inherited: it is a certification's, and the signature itself an approval of what the document said then.
    """

    level: int | None = None
    locks: Callable[[str], bool] = lambda _name: False
    inherited: bool = False


def permission_of(signature: generic.DictionaryObject) -> Permission:
    """Read DocMDP and FieldMDP from the references of a signature dictionary."""
    level: int | None = None
    locks: list[Callable[[str], bool]] = []
    for reference in elements(entry(signature, "/Reference")):
        parameters = entry(reference, "/TransformParams")
        method = entry(reference, "/TransformMethod")
        if method == "/DocMDP":
            stated = entry(parameters, "/P")
            level = int(stated) if isinstance(stated, int) and stated in (1, 2, 3) else 2 if stated is None else 1
        elif method == "/FieldMDP":
            names = frozenset(str(name) for name in elements(entry(parameters, "/Fields")))
            locks.append(_lock(str(entry(parameters, "/Action")), names))
    return Permission(level, lambda name: any(lock(name) for lock in locks))


def under(certification: Permission | None, stated: Permission) -> Permission:
    """What may follow an approval signature: what the certification before it grants, and not what either locks.

    :param certification: None where no certification is in force; then nothing may be filled in.
    :param stated: read from the approval signature, which may lessen the permission (ISO 32000-2, table 236, P).
    """
    if certification is None or certification.level is None:
        return Permission(None, stated.locks)
    level = certification.level if stated.level is None else min(certification.level, stated.level)
    return Permission(level, lambda name: certification.locks(name) or stated.locks(name), inherited=True)


def _lock(action: str, names: frozenset[str]) -> Callable[[str], bool]:
    """Table 259: All, Include or Exclude; anything else locks all. A name also means the fields below it."""

    def listed(name: str) -> bool:
        return any(name == other or name.startswith(other + ".") for other in names)

    if action == "/Include":
        return listed
    if action == "/Exclude":
        return lambda name: not listed(name)
    return lambda _name: True
