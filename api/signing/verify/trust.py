"""Whom we trust: a closed list of root certificates, never the machine's own store."""

from dataclasses import dataclass
from pathlib import Path
from typing import Self

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from api.signing.verify.errors import NoAnchors

_LARGEST = 1 << 20
_PEM = b"-----BEGIN CERTIFICATE-----"


@dataclass(frozen=True, slots=True)
class TrustAnchors:
    """Root certificates, DER; none at all means that no signer is trusted."""

    certificates: tuple[bytes, ...] = ()

    @classmethod
    def from_folder(cls, folder: Path) -> Self:
        """Read every PEM and DER certificate of a folder; other files are passed over."""
        files = sorted(path for path in folder.iterdir() if path.is_file())
        found = {each: None for path in files for each in _certificates(path)}
        if not found:
            raise NoAnchors(folder=str(folder))
        return cls(tuple(found))


def _certificates(path: Path) -> list[bytes]:
    if path.stat().st_size > _LARGEST:
        return []
    content = path.read_bytes()
    try:
        if _PEM in content:
            parsed = x509.load_pem_x509_certificates(content)
        else:
            parsed = [x509.load_der_x509_certificate(content)]
    except ValueError:
        return []
    return [each.public_bytes(Encoding.DER) for each in parsed]
