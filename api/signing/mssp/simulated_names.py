"""The certificates of the demo authority: who is in them, what they may be used for, how long."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import AuthorityInformationAccessOID as Access
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

PublicKey = rsa.RSAPublicKey | ec.EllipticCurvePublicKey
PrivateKey = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey

ROOT = "Root CA trình diễn Không Giấy"
SUB = "CA trình diễn Không Giấy"
TSA = "TSA trình diễn Không Giấy"
RESPONDER = "OCSP trình diễn Không Giấy"
#: Where the demo's trust services answer: inside this process, for no such host exists (RFC 6761).
SERVICES = "http://trust.khonggiay.invalid"
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
    name: x509.Name,
    key: PublicKey,
    issuer: Issuer | None,
    signs: PrivateKey,
    *,
    today: datetime,
    services: str = SERVICES,
) -> x509.Certificate:
    """Issue the certificate of an authority; without an issuer it is a root."""
    above = issuer.certificate.subject if issuer else name
    depth = 0 if issuer else 1
    builder = (
        _builder(name, above, key, today, 20 * 365)
        .add_extension(x509.BasicConstraints(ca=True, path_length=depth), critical=True)
        .add_extension(_usage(authority=True), critical=True)
    )
    if issuer:
        builder = _asked_at(builder, services, "root", ocsp=False)
    return _linked(builder, issuer, signs.public_key()).sign(signs, hashes.SHA256())


def end_entity(
    name: x509.Name,
    key: PublicKey,
    issuer: Issuer,
    *,
    today: datetime,
    days: int,
    services: str = SERVICES,
) -> x509.Certificate:
    """Issue a certificate that signs documents and nothing else."""
    builder = _leaf(name, key, issuer, today, days).add_extension(
        _usage(authority=False), critical=True
    )
    return _asked_at(builder, services, "sub").sign(issuer.key, hashes.SHA256())


def time_stamper(
    key: PublicKey, issuer: Issuer, *, today: datetime, days: int, services: str = SERVICES
) -> x509.Certificate:
    """Issue a certificate that stamps time and nothing else (RFC 3161, 2.3)."""
    builder = (
        _leaf(authority_name(TSA), key, issuer, today, days)
        .add_extension(_usage(authority=False), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.TIME_STAMPING]), critical=True)
    )
    return _asked_at(builder, services, "sub").sign(issuer.key, hashes.SHA256())


def responder(key: PublicKey, issuer: Issuer, *, today: datetime, days: int) -> x509.Certificate:
    """Issue a certificate that answers for the issuer (RFC 6960, 4.2.2.2), unasked about itself."""
    builder = (
        _leaf(authority_name(RESPONDER), key, issuer, today, days)
        .add_extension(_usage(authority=False), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.OCSP_SIGNING]), critical=False)
        .add_extension(x509.OCSPNoCheck(), critical=False)
    )
    return builder.sign(issuer.key, hashes.SHA256())


def _leaf(
    name: x509.Name, key: PublicKey, issuer: Issuer, today: datetime, days: int
) -> x509.CertificateBuilder:
    builder = _builder(name, issuer.certificate.subject, key, today, days).add_extension(
        x509.BasicConstraints(ca=False, path_length=None), critical=True
    )
    return _linked(builder, issuer, key)


def _asked_at(
    builder: x509.CertificateBuilder, services: str, issuer: str, *, ocsp: bool = True
) -> x509.CertificateBuilder:
    """Say where the certificate's status can be asked."""
    points = [x509.DistributionPoint([_uri(f"{services}/crl/{issuer}.crl")], None, None, None)]
    ways = [x509.AccessDescription(Access.CA_ISSUERS, _uri(f"{services}/ca/{issuer}.cer"))]
    if ocsp:
        ways.insert(0, x509.AccessDescription(Access.OCSP, _uri(f"{services}/ocsp")))
    return builder.add_extension(x509.CRLDistributionPoints(points), critical=False).add_extension(
        x509.AuthorityInformationAccess(ways), critical=False
    )


def _uri(address: str) -> x509.UniformResourceIdentifier:
    return x509.UniformResourceIdentifier(address)


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
