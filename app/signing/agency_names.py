"""Names of agencies: as documents and settings write them, and as certificates have them."""

from __future__ import annotations

from typing import Final

from app.documents.text import fold
from app.settings import AgencySettings
from app.signing.keys import SigningKey

#: Abbreviations in names of agencies, folded.
_SHORT: Final = {
    "ubnd": "uy ban nhan dan",
    "hdnd": "hoi dong nhan dan",
    "ubmttq": "uy ban mat tran to quoc",
    "vp": "van phong",
    "tp": "thanh pho",
    "tx": "thi xa",
    "tt": "thi tran",
    "khcn": "khoa hoc va cong nghe",
    "gddt": "giao duc va dao tao",
}


def same_agency(written: str, certified: str) -> bool:
    """Whether two names are of one agency, or of one and a part of it: the words of either are all in the other, once
    abbreviations are written out."""
    first, second = _words(written), _words(certified)
    return first <= second or second <= first


def signing_agency(agency: AgencySettings, key: SigningKey) -> str:
    """The name that a mark states: as the settings write it where the certificate is that agency's, else as the
    certificate has it, for a mark says nothing that the signature does not say."""
    certified = key.organization or key.holder
    own = any(name and same_agency(agency.name, name) for name in (key.organization, key.holder))
    return agency.name if agency.name and own else certified


def _words(name: str) -> set[str]:
    return set(" ".join(_SHORT.get(word, word) for word in fold(name).split()).split())
