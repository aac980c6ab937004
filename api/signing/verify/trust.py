"""Whom we trust: a closed list of root certificates, never the machine's own store."""

from dataclasses import dataclass
from pathlib import Path
from typing import Self

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from api.signing.verify.errors import NoAnchors
from api.signing.verify.rules import Kind

#: What an anchor may be limited to.
PURPOSES = (Kind.PERSON, Kind.AGENCY, Kind.TIMESTAMP)
_LARGEST = 1 << 20
_PEM = b"-----BEGIN CERTIFICATE-----"


@dataclass(frozen=True, slots=True)
class TrustAnchors:
    """Root certificates, DER; none at all means that no signer is trusted.

    Attributes:
        certificates: all of them.
        limited: those that are trusted for one purpose alone, with that purpose.
    """

    certificates: tuple[bytes, ...] = ()
    limited: tuple[tuple[Kind, bytes], ...] = ()

    @classmethod
    def from_folder(cls, folder: Path) -> Self:
        """Read every PEM and DER certificate of a folder; other files are passed over.

        What lies in a folder `person`, `agency` or `timestamp` inside it counts for that alone.
        """
        general = _in(folder)
        limited = [(kind, each) for kind in PURPOSES for each in _in(folder / kind.value)]
        limited = [(kind, each) for kind, each in limited if each not in general]
        found = dict.fromkeys([*general, *(each for _, each in limited)])
        if not found:
            raise NoAnchors(folder=str(folder))
        return cls(tuple(found), tuple(limited))

    def of(self, kind: Kind) -> tuple[bytes, ...]:
        """Return whom to trust with one purpose."""
        elsewhere = {each for _, each in self.limited}
        here = {each for purpose, each in self.limited if purpose is kind}
        return tuple(each for each in self.certificates if each not in elsewhere or each in here)


def _in(folder: Path) -> list[bytes]:
    if not folder.is_dir():
        return []
    files = sorted(path for path in folder.iterdir() if path.is_file())
    return [each for path in files for each in _certificates(path)]


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
