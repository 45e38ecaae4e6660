"""What is trusted: anchors, the material between them and the signers, and revocation lists at hand."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from app.trust import pem
from app.trust.bundled import NOTHING, Bundled
from app.trust.certificate import Certificate, Name, Oids, read_certificate
from app.trust.crl import distribution_points
from app.trust.der import DerError
from app.trust.errors import CertificateUnreadable
from app.trust.exchange import server_of
from app.trust.shipped import Domain

if TYPE_CHECKING:
    from app.settings import Settings
    from app.trust.fetch import Fetcher


class TrustStore:
    """Anchors, intermediates and CRLs, each read when first asked for.

    A certificate is trusted because it is an anchor or leads to one. Intermediates only help to find the way.
    """

    def __init__(
        self,
        roots: Callable[[], Sequence[bytes]],
        intermediates: Callable[[], Sequence[bytes]] = tuple,
        crls: Sequence[bytes] = (),
        domains: Callable[[], Mapping[bytes, Domain]] = dict,
        distrusted: Callable[[], Sequence[bytes]] = tuple,
    ) -> None:
        """
        :param roots, intermediates: give DER certificates; called once, when first needed.
        :param crls: DER of revocation lists.
        :param domains: gives the domains of roots by their DER; of one not in it, it is the office's own.
        :param distrusted: gives DER of authorities through which no path may lead, whoever brings their certificates.
        """
        self._read_distrusted = distrusted
        self._read_roots, self._read_intermediates, self._read_domains = roots, intermediates, domains
        self.crls = tuple(crls)

    @classmethod
    def from_settings(
        cls,
        settings: Settings,
        *,
        extra_roots: Sequence[Path] = (),
        extra_crls: Sequence[Path] = (),
        bundled: Bundled = NOTHING,
    ) -> TrustStore:
        """What the office trusts (:class:`app.trust.anchors.Anchors`), the lists it keeps, and all files named here.

        :param extra_roots: trusted whatever the office decided about them.
        :param bundled: what IT staff sent to this workstation.
        :raises NoCertificateFile, NoCrlFile: a named file is none.
        :raises AntinError: a named file cannot be read.
        """
        from app.trust.anchors import Anchors

        anchors = Anchors(settings, bundled=bundled)
        anchors.check_settings()
        roots = _certificates(extra_roots)
        paths = [*(settings.resolve(path) for path in settings.trust.crls), *extra_crls]
        crls = [block for path in paths for block in pem.revocation_lists(path)]
        crls += [*bundled.crls, *_kept_lists(settings.data_dir)]
        return cls(lambda: [*roots, *anchors.trusted()], anchors.issuers, crls, anchors.domains, anchors.distrusted)

    @cached_property
    def anchors(self) -> tuple[Certificate, ...]:
        return tuple(dict.fromkeys(map(read_certificate, self._read_roots())))

    @cached_property
    def intermediates(self) -> tuple[Certificate, ...]:
        return tuple(dict.fromkeys(map(read_certificate, self._read_intermediates())))

    @cached_property
    def known_hosts(self) -> frozenset[str]:
        """Servers, with their ports where stated, that the certificates of the known authorities name."""
        found = set()
        for certificate in (*self.anchors, *self.intermediates):
            try:
                methods = (Oids.AD_OCSP, Oids.AD_CA_ISSUERS)
                addresses = [item for method in methods for item in certificate.access_locations(method)]
                found |= {server_of(address) for address in (*addresses, *distribution_points(certificate))}
            except DerError:
                continue
        return frozenset(found - {""})

    @cached_property
    def _distrusted_keys(self) -> frozenset[bytes]:
        """Keys of distrusted authorities; one that a trusted certificate has too is not among them."""
        keys = {read_certificate(data).spki for data in self._read_distrusted()}
        return frozenset(keys and keys - {item.spki for item in (*self.anchors, *self.intermediates)})

    def is_distrusted(self, certificate: Certificate) -> bool:
        """Whether the office has decided against an authority, by its key: it may have several certificates."""
        return certificate.spki in self._distrusted_keys

    def is_anchor(self, certificate: Certificate) -> bool:
        return any(anchor.der == certificate.der for anchor in self.anchors)

    @cached_property
    def _domains(self) -> Mapping[bytes, Domain]:
        return self._read_domains()

    def domain_of(self, anchor: Certificate) -> Domain:
        """For whom an anchor vouches."""
        return self._domains.get(anchor.der, Domain.OFFICE)

    def anchors_named(self, name: Name) -> list[Certificate]:
        return [anchor for anchor in self.anchors if anchor.subject == name]

    def intermediates_named(self, name: Name) -> list[Certificate]:
        return [certificate for certificate in self.intermediates if certificate.subject == name]

    def chain(self, certificate: bytes, fetcher: Fetcher | None = None) -> tuple[Certificate, ...]:
        """The issuers known for a certificate, the nearest first, up to the anchor where it is known.

        :param fetcher: may ask for issuers that the store lacks.
        :raises CertificateUnreadable: ``certificate`` is none.
        """
        from app.trust.search import Search

        try:
            leaf = read_certificate(certificate)
        except DerError as error:
            raise CertificateUnreadable(detail=str(error)) from error
        search = Search(self, fetcher, ())
        path = next(search.paths(leaf), search.known_part)
        return path[1:]


def _certificates(paths: Sequence[Path]) -> list[bytes]:
    return [certificate for path in paths for certificate in pem.certificates(path)]


def _kept_lists(data_dir: Path) -> list[bytes]:
    if not (data_dir / "trust" / "crls").is_dir():
        return []
    from app.trust.kept_lists import KeptLists

    return KeptLists(data_dir).read()
