"""Whose a certificate is: a person's or an organization's, and their names."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from app.documents.text import clean
from app.trust import der
from app.trust.certificate import Certificate, Oids, read_certificate
from app.trust.der import DerError
from app.trust.errors import CertificateUnreadable


@dataclass(frozen=True)
class Holder:
    """Whose a certificate is.

    :ivar person: the natural person's name; empty for an organization's certificate.
    :ivar organization: whose seal it is, or the organization a person belongs to.
    :ivar common_name: the subject's common name, or whatever name stands in its place.
    :ivar kind: by :func:`holder`'s rule.
    :ivar title: the person's title where the certificate carries it.
    """

    person: str
    organization: str
    common_name: str
    kind: Literal["person", "organization", "unknown"]
    title: str = ""

    @property
    def name(self) -> str:
        """Who signed, as a person would say it."""
        return self.person or self.common_name or self.organization


COMMON_NAME, _SURNAME, _SERIAL_NUMBER, _TITLE, _GIVEN_NAME = "2.5.4.3", "2.5.4.4", "2.5.4.5", "2.5.4.12", "2.5.4.42"
ORGANIZATION, UNIT, _ORGANIZATION_ID, _USER_ID = "2.5.4.10", "2.5.4.11", "2.5.4.97", "0.9.2342.19200300.100.1.1"

_QC_TYPE = "0.4.0.1862.1.6"
_QC_SIGN, _QC_SEAL = "0.4.0.1862.1.6.1", "0.4.0.1862.1.6.2"

#: Identifier prefixes of Vietnamese certificates (CCCD, CMND, passport; tax code) and of ETSI EN 319 412-1, 5.1.
_PERSON_ID = re.compile(
    r"^\s*(CCCD|CMND|CC|CMT|HC|HOCHIEU|CMTND|DDCN|PAS|IDC|PNO|TAX|TIN)\b|^(PAS|IDC|PNO|TIN)[A-Z]{2}-", re.I
)
_ORGANIZATION_IDENTIFIER = re.compile(
    r"^\s*(MST|MDN|MNS|MSDN|MDV|QDTL|MA ?DINH ?DANH|BHXH)\b|^(VAT|NTR|GOV|LEI)[A-Z]{2}-", re.I
)

#: How names of agencies and organizations begin, folded; a space at the end makes it a whole word.
_AGENCY_WORDS = (
    "ủy ban", "uỷ ban", "ubnd", "ubmt", "hội đồng", "hđnd", "văn phòng ", "sở ", "chi cục", "cục ", "tổng ", "bộ ",
    "vụ ", "viện ", "trường ", "học viện", "đại học", "bệnh viện", "trung tâm", "công ty", "thư viện", "bảo tàng",
    "ban quản lý", "ban cơ yếu", "ban chỉ huy", "ban tổ chức", "ban dân", "ban tuyên", "ban nội chính", "ban thường",
    "phòng giáo dục", "phòng tài", "phòng nội", "phòng văn", "phòng tư pháp", "phòng lao động", "phòng kinh tế",
    "phòng nông", "phòng y tế", "phòng quản lý", "kho bạc", "ngân hàng", "tòa án", "toà án", "công an ", "thanh tra",
    "đảng ủy", "đảng bộ", "chi bộ", "huyện ủy", "tỉnh ủy", "thành ủy", "chi nhánh", "hợp tác xã", "doanh nghiệp",
    "tập đoàn", "trạm ", "hội ", "liên đoàn", "liên minh", "mặt trận", "bảo hiểm xã hội", "quỹ ", "nhà xuất bản",
    "cơ quan ", "tổ chức ", "xí nghiệp", "nhà máy",
)  # fmt: skip

#: The same without marks, for names written without them; words that may also be a person's are left out.
_PLAIN_AGENCY_WORDS = (
    "uy ban", "ubnd", "ubmt", "hoi dong", "hdnd", "van phong ", "chi cuc", "cuc thue", "tong cuc", "tong cong ty",
    "so noi vu", "so tai chinh", "so thong tin", "so giao duc", "so y te", "so khoa hoc", "so ke hoach",
    "so nong nghiep", "so xay dung", "so tu phap", "so cong thuong", "so tai nguyen", "so van hoa", "bo tai chinh",
    "truong dai hoc", "truong cao dang", "truong trung", "truong tieu hoc", "truong mam non", "truong thpt",
    "truong thcs", "hoc vien", "benh vien", "trung tam", "cong ty", "ban quan ly", "kho bac", "ngan hang", "toa an",
    "vien kiem sat", "cong an ", "thanh tra", "chi nhanh", "hop tac xa", "doanh nghiep", "tap doan", "bao hiem xa hoi",
)  # fmt: skip


@lru_cache(maxsize=512)
def holder(certificate_der: bytes) -> Holder:
    """Whose certificate it is, by the first of these signs in the subject that is there:

    1. a statement of its type (ETSI EN 319 412-5, section 4.2.3): for signing a person's, for a seal an organization's;
    2. given name or surname: a person's; an organizationIdentifier: an organization's;
    3. the prefix of the user id or serial number: ``CCCD``, ``CMND``, ``HC``, ``PNOVN-`` a person's, ``MST``,
       ``VATVN-``… an organization's;
    4. a title: a person's;
    5. the common name is the organization's or unit's name, or begins with a word for an agency: an organization's;
    6. a common name of two to seven words of letters: a person's;
    7. else unknown.

    :raises CertificateUnreadable: ``certificate_der`` is no certificate.
    """
    try:
        certificate = read_certificate(certificate_der)
        subject = certificate.subject
        kind = _kind(certificate)
        given, surname = subject.first(_GIVEN_NAME), subject.first(_SURNAME)
        organization, title = subject.first(ORGANIZATION), subject.first(_TITLE)
        common = subject.first(COMMON_NAME) or " ".join(part for part in (surname, given) if part)
        common = common or organization or subject.first(UNIT) or next((text for _, text in subject.attributes), "")
    except DerError as error:
        raise CertificateUnreadable(detail=str(error)) from error
    common, organization, title = map(clean, (common, organization, title))
    if kind == "organization":
        return Holder("", common, common, kind, title)
    return Holder(common if kind == "person" else "", organization, common, kind, title)


def identity_number(certificate_der: bytes) -> str:
    """The number of the identity card or passport of the person a certificate is of, without its prefix (``CCCD:``,
    ``PNOVN-``…); empty where it carries none.

    :raises CertificateUnreadable: ``certificate_der`` is no certificate.
    """
    try:
        subject = read_certificate(certificate_der).subject
    except DerError as error:
        raise CertificateUnreadable(detail=str(error)) from error
    for identifier in (subject.first(_USER_ID), subject.first(_SERIAL_NUMBER)):
        found = _PERSON_ID.search(identifier)
        if found is not None:
            return re.sub(r"[^0-9A-Za-z]", "", identifier[found.end() :])
    return ""


def settled_kind(stated: str, corrected: str | None) -> str:
    """Whose a certificate counts as, where somebody says that it is not what it looks like.

    What the certificate itself calls an organization's stays so: else whoever may write the register could lift the
    rules of the agency's seal (Decree 30/2020, article 32, clause 2).

    :param stated: :attr:`Holder.kind`. :param corrected: in the same words; None where nobody says anything.
    """
    return stated if corrected is None or stated == "organization" else corrected


def _kind(certificate: Certificate) -> Literal["person", "organization", "unknown"]:
    stated = _stated_types(certificate)
    if stated in ({_QC_SIGN}, {_QC_SEAL}):
        return "person" if stated == {_QC_SIGN} else "organization"
    subject = certificate.subject
    if subject.first(_GIVEN_NAME) or subject.first(_SURNAME):
        return "person"
    if subject.first(_ORGANIZATION_ID):
        return "organization"
    for identifier in (subject.first(_USER_ID), subject.first(_SERIAL_NUMBER)):
        if _PERSON_ID.search(identifier):
            return "person"
        if _ORGANIZATION_IDENTIFIER.search(identifier):
            return "organization"
    if subject.first(_TITLE):
        return "person"
    common = _folded(subject.first(COMMON_NAME))
    same = {_folded(subject.first(ORGANIZATION)), _folded(subject.first(UNIT))} - {""}
    if not common:
        return "organization" if same else "unknown"
    if common in same or common.startswith(_PLAIN_AGENCY_WORDS if common.isascii() else _AGENCY_WORDS):
        return "organization"
    words = common.split()
    if 2 <= len(words) <= 7 and all(word.replace("'", "").replace("-", "").isalpha() for word in words):
        return "person"
    return "unknown"


def _stated_types(certificate: Certificate) -> set[str]:
    extension = certificate.extensions.get(Oids.QC_STATEMENTS)
    if extension is None:
        return set()
    try:
        for statement in der.read(extension.value).expect(der.SEQUENCE).children():
            fields = statement.fields()
            if fields.next(der.OID).oid() == _QC_TYPE and fields.more:
                return {kind.oid() for kind in fields.next(der.SEQUENCE).children()}
    except DerError:
        return set()
    return set()


def _folded(text: str) -> str:
    return unicodedata.normalize("NFC", text).casefold()
