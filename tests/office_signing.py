"""Signing Office files in software, and taking packages apart, for the tests of all kinds."""

from __future__ import annotations

import base64
import datetime as dt
import hashlib
import zipfile
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa, utils
from lxml import etree

from app.signing import ooxml
from app.signing.model import Completed, SignatureRequest
from app.xmldsig.markup import canonical
from pkcs11_bridge.protocol import SignatureAlgorithm
from tests.demo.pki import Credential

TIME = dt.datetime(2026, 3, 2, 9, 30, tzinfo=dt.timezone(dt.timedelta(hours=7)))

_HASHES = {"sha1": hashes.SHA1(), "sha256": hashes.SHA256(), "sha384": hashes.SHA384(), "sha512": hashes.SHA512()}


def raw_signature(credential: Credential, data: bytes, hash_name: str) -> bytes:
    """A signature as a token gives it: PKCS #1 v1.5 octets, or ``r‖s``."""
    key = credential.private_key
    if isinstance(key, rsa.RSAPrivateKey):
        return key.sign(data, padding.PKCS1v15(), _HASHES[hash_name])
    assert isinstance(key, ec.EllipticCurvePrivateKey)
    half = (key.key_size + 7) // 8
    r, s = utils.decode_dss_signature(key.sign(data, ec.ECDSA(_HASHES[hash_name])))
    return r.to_bytes(half, "big") + s.to_bytes(half, "big")


def request(source: Path, target: Path, credential: Credential, **wishes: Any) -> SignatureRequest:
    """A request with the key's own algorithm; ``wishes`` are further fields of it."""
    is_rsa = isinstance(credential.private_key, rsa.RSAPrivateKey)
    algorithm = SignatureAlgorithm.RSA_SHA256 if is_rsa else SignatureAlgorithm.ECDSA_SHA256
    fields = {"algorithm": algorithm, "signing_time": TIME, "chain": credential.chain[:1]} | wishes
    return SignatureRequest(source, target, credential.certificate, **fields)


def sign(source: Path, target: Path, credential: Credential, **wishes: Any) -> Completed:
    """Sign a file with a key in software."""
    wanted = request(source, target, credential, **wishes)
    preparation = ooxml.prepare(wanted)
    return preparation.complete(raw_signature(credential, preparation.to_be_signed, wanted.algorithm.hash_name))


def contents(path: Path) -> dict[str, bytes]:
    """The entries of a ZIP file by name, in their order."""
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def rebuilt(entries: dict[str, bytes] | Iterable[tuple[str, bytes]], target: Path) -> Path:
    """A ZIP file of these entries; names may repeat where pairs are given."""
    pairs = entries.items() if isinstance(entries, dict) else entries
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in pairs:
            archive.writestr(name, content)
    return target


def changed(source: Path, target: Path, edits: dict[str, Callable[[bytes], bytes] | bytes | None]) -> Path:
    """A copy of a ZIP file with entries edited, added, or removed (None). An edit that changes nothing is an error."""
    entries = contents(source)
    for name, edit in edits.items():
        if edit is None:
            del entries[name]
        elif callable(edit):
            before = entries[name]
            entries[name] = edit(before)
            assert entries[name] != before, f"the edit of {name} changed nothing"
        else:
            entries[name] = edit
    return rebuilt(entries, target)


def replacing(old: str, new: str) -> Callable[[bytes], bytes]:
    """An edit that replaces the first occurrence of a text."""
    return lambda content: content.replace(old.encode(), new.encode(), 1)


_DS = "{http://www.w3.org/2000/09/xmldsig#}"


def resigned(source: Path, target: Path, credential: Credential, edit: Callable[[str], str]) -> Path:
    """A signed file whose first signature is edited, its own digests and value then put right by its signer.

    So tests make the unusual but genuine signatures of other programs, and those of a dishonest signer.
    """
    entries = contents(source)
    name = "_xmlsignatures/sig1.xml"
    edited = edit(entries[name].decode())
    assert edited != entries[name].decode(), "the edit changed nothing"
    root = etree.fromstring(edited.encode())
    info, value = root[0], root[1]
    algorithm = info[0].get("Algorithm")
    for reference in info.iterfind(f"{_DS}Reference"):
        transform = reference.find(f"{_DS}Transforms/{_DS}Transform")
        target_element = root.find(f".//*[@Id='{reference.get('URI')[1:]}']")
        octets = (
            canonical(target_element) if transform is None else canonical(target_element, transform.get("Algorithm"))
        )
        method = reference.find(f"{_DS}DigestMethod").get("Algorithm")
        reference.find(f"{_DS}DigestValue").text = base64.b64encode(
            hashlib.new(method[-6:].lstrip("#"), octets).digest()
        )
    signed = raw_signature(credential, canonical(info, algorithm), info[1].get("Algorithm").rpartition("-")[2])
    value.text = base64.b64encode(signed)
    entries[name] = etree.tostring(root, xml_declaration=True, encoding="UTF-8")
    return rebuilt(entries, target)
