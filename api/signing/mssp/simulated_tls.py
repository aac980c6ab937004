"""Certificates for the simulated operator's own process: its server's, and that of one client."""

from dataclasses import dataclass
from datetime import timedelta
from ipaddress import IPv4Address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID as Usage
from cryptography.x509.oid import NameOID

from api.signing.mssp.simulated_store import write_once
from core.clock import Clock, utc_now

_PEM = serialization.Encoding.PEM
_DAYS = timedelta(days=365)


@dataclass(frozen=True, slots=True)
class Pair:
    """A certificate and its key, PEM files."""

    certificate: Path
    key: Path


@dataclass(frozen=True, slots=True)
class TlsFiles:
    """An authority of its own, a server on this machine, and a client of it."""

    ca: Path
    server: Pair
    client: Pair


def tls_files(folder: Path, clock: Clock = utc_now) -> TlsFiles:
    """Return the files, made at the first call."""
    ca_key, ca = _key(folder / "ca.key"), folder / "ca.pem"
    if not ca.exists():
        write_once(ca, _certificate("operator authority", ca_key, ca_key, None, clock))
    issuer = x509.load_pem_x509_certificate(ca.read_bytes()).subject
    made = {}
    for name, usage in (("server", Usage.SERVER_AUTH), ("client", Usage.CLIENT_AUTH)):
        pair = made[name] = Pair(folder / f"{name}.pem", folder / f"{name}.key")
        key = _key(pair.key)
        if not pair.certificate.exists():
            write_once(pair.certificate, _certificate(name, key, ca_key, (issuer, usage), clock))
    return TlsFiles(ca, made["server"], made["client"])


def _key(path: Path) -> ec.EllipticCurvePrivateKey:
    plain = serialization.NoEncryption()
    fresh = ec.generate_private_key(ec.SECP256R1()).private_bytes(
        _PEM, serialization.PrivateFormat.PKCS8, plain
    )
    stored = path.read_bytes() if path.exists() else write_once(path, fresh)
    key = serialization.load_pem_private_key(stored, password=None)
    if not isinstance(key, ec.EllipticCurvePrivateKey):
        raise TypeError(path)
    return key


def _certificate(
    name: str,
    key: ec.EllipticCurvePrivateKey,
    signs: ec.EllipticCurvePrivateKey,
    issued: tuple[x509.Name, x509.ObjectIdentifier] | None,
    clock: Clock,
) -> bytes:
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, f"Không Giấy simulated {name}")])
    here = [x509.IPAddress(IPv4Address("127.0.0.1")), x509.DNSName("localhost")]
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issued[0] if issued else subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(clock() - timedelta(days=1))
        .not_valid_after(clock() + _DAYS)
        .add_extension(x509.SubjectAlternativeName(here), critical=False)
        .add_extension(x509.BasicConstraints(ca=not issued, path_length=None), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(signs.public_key()), critical=False
        )
    )
    if issued:
        builder = builder.add_extension(x509.ExtendedKeyUsage([issued[1]]), critical=False)
    return builder.sign(signs, hashes.SHA256()).public_bytes(_PEM)
