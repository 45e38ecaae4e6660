"""Names beside a certificate, in the ways in which programs write them."""

from __future__ import annotations

import pytest

from app.xmldsig.unsigned import is_name_of

VALUES = ["VN", "Công ty TNHH An, Bình", "Giám đốc", "Nguyễn Văn An", "MST:0100109106"]


@pytest.mark.parametrize(
    "text",
    [
        r"0.9.2342.19200300.100.1.1=MST:0100109106,CN=Nguyễn Văn An,2.5.4.12=Giám đốc,O=Công ty TNHH An\, Bình,C=VN",
        'CN=Nguyễn Văn An, OID.0.9.2342.19200300.100.1.1=MST:0100109106, O="Công ty TNHH An, Bình", C=VN',
        "/C=VN/O=Công ty TNHH An, Bình/title=Giám đốc/CN=Nguyễn Văn An",
        "CN=NGUYỄN VĂN AN + T=Giám đốc; C = VN",
        "2.5.4.12=#" + (b"\x0c\x0e" + "Giám đốc".encode()).hex().replace("0e", f"{len('Giám đốc'.encode()):02x}", 1)
        + ",CN=Nguyễn Văn An",
        "",
    ],
)  # fmt: skip
def test_the_same_name(text: str) -> None:
    assert is_name_of(text, VALUES)


@pytest.mark.parametrize(
    "text",
    [
        "CN=Trần Thị Bình",
        "CN=Trần Thị Bình, OU=Nguyễn Văn An, C=VN",
        "CN=Nguyễn Văn An và Trần Thị Bình",
        "CN=Ông Nguyễn Văn An",
        "Trần Thị Bình",
        "TRANTHIBINH=VN",
        "CN=Nguyễn Văn An, Trần Thị Bình",
        "CN=#0c0454e1baa76e",
    ],
)
def test_another_name(text: str) -> None:
    assert not is_name_of(text, VALUES)
