"""What is trusted: anchors, the material between them and the signers, and revocation lists at hand."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from app.paths import RESOURCES
from app.trust import pem
from app.trust.certificate import Certificate, Name, read_certificate
from app.trust.der import DerError
from app.trust.errors import CertificateUnreadable

if TYPE_CHECKING:
    from app.settings import Settings

_SHIPPED = RESOURCES / "trust"


class TrustStore:
    """Anchors, intermediates and CRLs, each read when first asked for.

    A certificate is trusted because it is an anchor or leads to one. Intermediates only help to find the way.
    """

    def __init__(
        self,
        roots: Callable[[], Sequence[bytes]],
        intermediates: Callable[[], Sequence[bytes]] = tuple,
        crls: Sequence[bytes] = (),
    ) -> None:
        """
        :param roots, intermediates: give DER certificates; called once, when first needed.
        :param crls: DER of revocation lists.
        """
        self._read_roots, self._read_intermediates = roots, intermediates
        self.crls = tuple(crls)

    @classmethod
    def from_settings(
        cls, settings: Settings, *, extra_roots: Sequence[Path] = (), extra_crls: Sequence[Path] = ()
    ) -> TrustStore:
        """The shipped anchors, if the settings want them, and all files named by the settings and here.

        :raises NoCertificateFile, NoCrlFile: a named file is none.
        :raises AntinError: a named file cannot be read.
        """
        trust = settings.trust
        roots = _certificates([*(settings.resolve(path) for path in trust.roots), *extra_roots])
        intermediates = _certificates([settings.resolve(path) for path in trust.intermediates])
        lists = [*(settings.resolve(path) for path in trust.crls), *extra_crls]
        crls = [block for path in lists for block in pem.revocation_lists(path)]
        if not trust.use_shipped_anchors:
            return cls(lambda: roots, lambda: intermediates, crls)
        return cls(lambda: [*roots, *_shipped("roots")], lambda: [*intermediates, *_shipped("intermediates")], crls)

    @cached_property
    def anchors(self) -> tuple[Certificate, ...]:
        return tuple(dict.fromkeys(map(read_certificate, self._read_roots())))

    @cached_property
    def intermediates(self) -> tuple[Certificate, ...]:
        return tuple(dict.fromkeys(map(read_certificate, self._read_intermediates())))

    def is_anchor(self, certificate: Certificate) -> bool:
        return any(anchor.der == certificate.der for anchor in self.anchors)

    def anchors_named(self, name: Name) -> list[Certificate]:
        return [anchor for anchor in self.anchors if anchor.subject == name]

    def intermediates_named(self, name: Name) -> list[Certificate]:
        return [certificate for certificate in self.intermediates if certificate.subject == name]

    def chain(self, certificate: bytes) -> tuple[bytes, ...]:
        """DER of the issuers known for a certificate, the nearest first, up to the anchor where it is known.

        :raises CertificateUnreadable: ``certificate`` is none.
        """
        from app.trust.search import Search

        try:
            leaf = read_certificate(certificate)
        except DerError as error:
            raise CertificateUnreadable(detail=str(error)) from error
        search = Search(self, None, ())
        path = next(search.paths(leaf), search.known_part)
        return tuple(issuer.der for issuer in path[1:])


def _certificates(paths: Sequence[Path]) -> list[bytes]:
    return [certificate for path in paths for certificate in pem.certificates(path)]


def _shipped(folder: str) -> list[bytes]:
    return _certificates(sorted((_SHIPPED / folder).glob("*.pem")))
