"""What trust services may be asked about the signers of any file."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

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


def needs_on(path: Path, trust: TrustAnchors) -> list[dict[str, Any]]:
    """Return the questions about a file's signers; whatever cannot be read raises none."""
    read_quickly()
    try:
        with path.open("rb") as stream:
            reader = PdfFileReader(stream)
            signatures = list(_signatures(reader))
            roots = [x509.Certificate.load(each) for each in trust.certificates]
            store = store_of(reader).certificates
            pools = [(one, [*_inside(one), *store, *roots]) for one in signatures]
            asked = [one.signer_cert for one, pool in pools if _leads_somewhere(one, pool, trust)]
            return needs_of(asked, [each for _, pool in pools for each in pool])
    except Exception:  # noqa: BLE001 - a hostile file may raise anything
        return []


def _signatures(reader: PdfFileReader) -> Iterator[EmbeddedPdfSignature]:
    for number, (title, field, _) in enumerate(signed_fields(reader)):
        if number < _MOST:
            yield EmbeddedPdfSignature(reader, field, title)


def _inside(signature: EmbeddedPdfSignature) -> list[Any]:
    tokens = [one for token in stamps_on(signature) for one in certificates_of(token)]
    return [signature.signer_cert, *signature.other_embedded_certs, *tokens]


def _leads_somewhere(signature: EmbeddedPdfSignature, pool: list[Any], trust: TrustAnchors) -> bool:
    found = standing_at(signature.signer_cert, utc_now(), trust.certificates, Evidence(pool))
    return found.standing in _CHAINED
