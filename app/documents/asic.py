"""Which file of an ASiC container is what, by its name (ETSI EN 319 162-1, sections 4.3.3, 4.4.3, 4.4.4, annex A)."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from itertools import count
from typing import Final

#: The first entry, stored; and what it says.
MIMETYPE: Final = "mimetype"
EXTENDED: Final = "application/vnd.etsi.asic-e+zip"
SIMPLE: Final = "application/vnd.etsi.asic-s+zip"
MEDIA_TYPES: Final = "META-INF/manifest.xml"
#: The list that the newest time stamp over the container is over (annex A.7).
ARCHIVE_LIST: Final = "META-INF/ASiCArchiveManifest.xml"
#: The root of a signature file (annex A.5).
NAMESPACE: Final = "http://uri.etsi.org/02918/v1.2.1#"

_XADES: Final = re.compile(r"META-INF/[^/]*signatures[^/]*\.xml")
_CADES: Final = re.compile(r"META-INF/[^/]*signature[^/]*\.p7s")
_MANIFEST: Final = re.compile(r"META-INF/ASiCManifest[^/]*\.xml")
_EVIDENCE: Final = re.compile(
    r"META-INF/(?:[^/]*timestamp[^/]*\.tst|[^/]*evidencerecord[^/]*\.(?:ers|xml)|ASiC[^/]+Manifest[^/]*\.xml)"
)


@dataclass(frozen=True)
class ContainerFiles:
    """Names of the files of a container, directories left out.

    :ivar xades, cades: signature files.
    :ivar lists: of files that CAdES signatures cover.
    :ivar evidence: time-stamp tokens, evidence records and their lists.
    :ivar data: all that has to be signed.
    """

    xades: tuple[str, ...]
    cades: tuple[str, ...]
    lists: tuple[str, ...]
    evidence: tuple[str, ...]
    data: tuple[str, ...]


def sort_files(names: Iterable[str]) -> ContainerFiles:
    """Tell the files of a container apart.

    :param names: of its entries, without directories.
    """
    listed = list(names)
    xades, cades, lists, evidence = (
        tuple(name for name in listed if kind.fullmatch(name)) for kind in (_XADES, _CADES, _MANIFEST, _EVIDENCE)
    )
    own = {MIMETYPE, MEDIA_TYPES, *xades, *cades, *lists, *evidence}
    return ContainerFiles(xades, cades, lists, evidence, tuple(name for name in listed if name not in own))


def free_name(taken: Collection[str], name_of: Callable[[int], str]) -> str:
    """The first numbered name that no file of the container bears, in whatever case."""
    folded = {name.lower() for name in taken}
    return next(name for number in count(1) if (name := name_of(number)).lower() not in folded)
