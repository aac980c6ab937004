"""The certificates of the demo authority: who is in them, what they may be used for, how long."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import NameOID

PublicKey = rsa.RSAPublicKey | ec.EllipticCurvePublicKey
PrivateKey = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey

ROOT = "Root CA trình diễn Không Giấy"
SUB = "CA trình diễn Không Giấy"
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Issuer:
    """A key that issues, and its own certificate."""

    certificate: x509.Certificate
    key: PrivateKey


def authority_name(common_name: str) -> x509.Name:
    """Return the name of one of the demo's authorities."""
    return _name(
        {NameOID.COUNTRY_NAME: "VN", NameOID.ORGANIZATION_NAME: "Không Giấy (trình diễn)"},
        common_name,
    )


def person_name(common_name: str, organization: str, identity: str) -> x509.Name:
    """Return the name of an official; the serial number is the mark of a natural person."""
    parts = {
        NameOID.COUNTRY_NAME: "VN",
        NameOID.ORGANIZATION_NAME: organization,
        NameOID.SERIAL_NUMBER: identity,
    }
    return _name(parts, common_name)


def agency_name(common_name: str, identity: str) -> x509.Name:
    """Return the name of an agency; the organization's identifier marks a legal person."""
    parts = {
        NameOID.COUNTRY_NAME: "VN",
        NameOID.ORGANIZATION_NAME: common_name,
        NameOID.ORGANIZATION_IDENTIFIER: identity,
    }
    return _name(parts, common_name)


def authority(
    name: x509.Name, key: PublicKey, issuer: Issuer | None, signs: PrivateKey, *, today: datetime
) -> x509.Certificate:
    """Issue the certificate of an authority; without an issuer it is a root."""
    above = issuer.certificate.subject if issuer else name
    depth = 0 if issuer else 1
    builder = (
        _builder(name, above, key, today, 20 * 365)
        .add_extension(x509.BasicConstraints(ca=True, path_length=depth), critical=True)
        .add_extension(_usage(authority=True), critical=True)
    )
    return _linked(builder, issuer, signs.public_key()).sign(signs, hashes.SHA256())


def end_entity(
    name: x509.Name, key: PublicKey, issuer: Issuer, *, today: datetime, days: int
) -> x509.Certificate:
    """Issue a certificate that signs documents and nothing else."""
    builder = (
        _builder(name, issuer.certificate.subject, key, today, days)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_usage(authority=False), critical=True)
    )
    return _linked(builder, issuer, key).sign(issuer.key, hashes.SHA256())


def _builder(
    name: x509.Name, issuer: x509.Name, key: PublicKey, today: datetime, days: int
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(issuer)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(today - _DAY)
        .not_valid_after(today + days * _DAY)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key), critical=False)
    )


def _linked(
    builder: x509.CertificateBuilder, issuer: Issuer | None, own: PublicKey
) -> x509.CertificateBuilder:
    above = issuer.certificate.public_key() if issuer else own
    if not isinstance(above, rsa.RSAPublicKey | ec.EllipticCurvePublicKey):
        raise TypeError(above)
    link = x509.AuthorityKeyIdentifier.from_issuer_public_key(above)
    return builder.add_extension(link, critical=False)


def _usage(*, authority: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not authority,
        content_commitment=not authority,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=authority,
        crl_sign=authority,
        encipher_only=False,
        decipher_only=False,
    )


def _name(parts: dict[x509.ObjectIdentifier, str], common_name: str) -> x509.Name:
    named = {**parts, NameOID.COMMON_NAME: common_name}
    return x509.Name([x509.NameAttribute(kind, value) for kind, value in named.items()])
