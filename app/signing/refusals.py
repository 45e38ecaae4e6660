"""Whether anything is to be signed at all, known before a PIN is asked for it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from app.documents.formats import Format
from app.signing.job import Job
from app.signing.keys import SigningKey
from app.signing.model import SignOptions, SignResult
from app.signing.services import Destination, Services


def refusals(
    services: Services,
    destination: Destination,
    files: Sequence[Path],
    options: SignOptions,
    key: SigningKey,
    corrected: Mapping[Path, SignOptions],
) -> list[SignResult]:
    """Why none of the files would be signed.

    They are prepared by the rules of the desk, up to the first that could be signed; a PDF that is yet to be made of an
    Office document counts as one that could.

    :param corrected: as given to :meth:`app.signing.desk.SigningDesk.sign`.
    :return: one result a file, in their order; empty where at least one could be signed. Nothing is left on disk.
    """
    results = []
    for path in files:
        own = corrected.get(path, options)
        job = Job(services, destination, path, own, key)
        try:
            if own.as_pdf and services.detect(path) is not Format.PDF:
                return []
            job.prepare()
        except Exception as error:
            results.append(job.failed(error))
        else:
            job.discard()
            return []
    return results
