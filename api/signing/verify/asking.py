"""What trust services may be asked about the signers of any file."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from asn1crypto import x509
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.validation.pdf_embedded import EmbeddedPdfSignature

from api.signing.evidence.chains import Evidence, Standing, standing_at
from api.signing.evidence.needs import needs_of
from api.signing.evidence.stamps import certificates_of
from api.signing.pdf.archive import stamps_on, store_of
from api.signing.pdf.hexadecimal import read_quickly
from api.signing.pdf.signed_fields import signed_fields
from api.signing.verify.trust import TrustAnchors
from core.clock import utc_now

#: A file with more signatures is asked about the first of them.
_MOST = 16
_CHAINED = frozenset({Standing.GOOD, Standing.NOT_CHECKED, Standing.EXPIRED})


class _Found(NamedTuple):
    signer: Any = None
    chain: tuple[Any, ...] = ()
    pool: Sequence[Any] = ()


_NOBODY = _Found()


def needs_on(path: Path, trust: TrustAnchors) -> list[dict[str, Any]]:
    """Return the questions about a file's signers; whatever cannot be read raises none.

    Every signature is read by itself, and the certificates of its proven chain come before what
    else lies in the file: nothing that was put beside it keeps its signer from being asked about.
    """
    read_quickly()
    roots = [x509.Certificate.load(each) for each in trust.certificates]
    try:
        with path.open("rb") as stream:
            reader = PdfFileReader(stream)
            store = _stored(reader)
            found = [_found(one, [*store, *roots], trust) for one in _signatures(reader)]
            chains = [each for one in found for each in one.chain]
            pools = [each for one in found for each in one.pool]
            return needs_of([one.signer for one in found if one.signer], [*chains, *pools])
    except Exception:  # noqa: BLE001 - a hostile file may raise anything
        return []


def _signatures(reader: PdfFileReader) -> Iterator[EmbeddedPdfSignature]:
    for number, (title, field, _) in enumerate(signed_fields(reader)):
        if number < _MOST:
            yield EmbeddedPdfSignature(reader, field, title)


def _stored(reader: PdfFileReader) -> list[Any]:
    try:
        return store_of(reader).certificates
    except Exception:  # noqa: BLE001 - a store that cannot be read holds nothing
        return []


def _found(signature: EmbeddedPdfSignature, beside: list[Any], trust: TrustAnchors) -> _Found:
    """Return a signer that leads to an anchor, how it does, and where issuers may be found."""
    try:
        signer, pool = signature.signer_cert, [*_inside(signature), *beside]
        at = standing_at(signer, utc_now(), trust.certificates, Evidence(pool))
    except Exception:  # noqa: BLE001 - a hostile signature may raise anything
        return _NOBODY
    return _Found(signer, at.chain, pool) if at.standing in _CHAINED else _NOBODY


def _inside(signature: EmbeddedPdfSignature) -> list[Any]:
    tokens = [one for token in stamps_on(signature) for one in certificates_of(token)]
    return [signature.signer_cert, *signature.other_embedded_certs, *tokens]
