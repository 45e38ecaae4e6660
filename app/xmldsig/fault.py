"""Why an XML signature is not valid."""

from __future__ import annotations


class SignatureFault(Exception):
    """What a sound signature does not have, or this program does not check.

    :ivar code: stands in :mod:`app.verification.reasons_xmldsig`; ``data`` fills its sentence.
    :ivar supported: False where the cause is something that is not checked rather than wrong.
    """

    def __init__(self, code: str, *, supported: bool = True, **data: str) -> None:
        super().__init__(code, data)
        self.code = code
        self.supported = supported
        self.data = data


def misbuilt(detail: str) -> SignatureFault:
    """The markup deviates from its schema in a way that leaves room for doubt."""
    return SignatureFault("xmldsig-markup", detail=detail)
