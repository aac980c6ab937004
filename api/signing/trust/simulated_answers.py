"""The answers of the simulated trust services, byte for byte as the standards lay them out."""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from asn1crypto import algos, cms, core, tsp
from asn1crypto import x509 as asn1
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import ocsp

from api.signing.mssp.simulated_names import Issuer

Moment = datetime
_DER = Encoding.DER
_POLICY = "2.999.3161"  # 2.999: the arc for examples
_FRESH_OCSP = timedelta(hours=12)
_FRESH_CRL = timedelta(days=7)
_SHA256 = {"algorithm": "sha256"}


@dataclass(frozen=True, slots=True)
class Stamper:
    """A time-stamping authority's key, and the authority above it."""

    own: Issuer
    above: x509.Certificate


@dataclass(frozen=True, slots=True)
class Responder:
    """An OCSP responder's key, and the authority it answers for."""

    own: Issuer
    issuer: x509.Certificate


def timestamp(
    stamper: Stamper, body: bytes, now: Moment, *, wrong_nonce: bool, wrong_digest: bool
) -> bytes:
    """Answer a time-stamp query (RFC 3161, 2.4)."""
    asked = tsp.TimeStampReq.load(body, strict=True)
    imprint = asked["message_imprint"]
    if wrong_digest:
        digest = hashlib.sha256(imprint["hashed_message"].native).digest()
        imprint = tsp.MessageImprint({"hash_algorithm": _SHA256, "hashed_message": digest})
    nonce = asked["nonce"].native
    info = {
        "version": "v1",
        "policy": _POLICY,
        "message_imprint": imprint,
        "serial_number": secrets.randbits(63),
        "gen_time": now.replace(microsecond=0),
        "nonce": nonce if nonce is None or not wrong_nonce else nonce + 1,
    }
    answer = tsp.TimeStampResp(
        {"status": {"status": "granted"}, "time_stamp_token": _token(stamper, tsp.TSTInfo(info))}
    )
    return bytes(answer.dump())


def _token(stamper: Stamper, info: tsp.TSTInfo) -> cms.ContentInfo:
    certificate = asn1.Certificate.load(stamper.own.certificate.public_bytes(_DER))
    above = asn1.Certificate.load(stamper.above.public_bytes(_DER))
    named = tsp.ESSCertIDv2({"cert_hash": hashlib.sha256(certificate.dump()).digest()})
    attributes = cms.CMSAttributes(
        [
            {"type": kind, "values": [value]}
            for kind, value in {
                "content_type": "tst_info",
                "message_digest": hashlib.sha256(info.dump()).digest(),
                "signing_certificate_v2": tsp.SigningCertificateV2({"certs": [named]}),
            }.items()
        ]
    )
    signer = {
        "issuer": certificate.issuer,
        "serial_number": core.Integer(certificate.serial_number),
    }
    signed = cms.SignedData(
        {
            "version": "v3",
            "digest_algorithms": [algos.DigestAlgorithm(_SHA256)],
            "encap_content_info": {
                "content_type": "tst_info",
                "content": core.ParsableOctetString(info.dump()),
            },
            "certificates": [cms.CertificateChoices("certificate", each)
                             for each in (certificate, above)],
            "signer_infos": [
                {
                    "version": "v1",
                    "sid": cms.SignerIdentifier(
                        "issuer_and_serial_number", cms.IssuerAndSerialNumber(signer)
                    ),
                    "digest_algorithm": _SHA256,
                    "signed_attrs": attributes,
                    "signature_algorithm": {"algorithm": "sha256_ecdsa"},
                    "signature": _signed(stamper.own, attributes.dump()),
                }
            ],
        }
    )  # fmt: skip
    return cms.ContentInfo({"content_type": "signed_data", "content": signed})


def _signed(signer: Issuer, content: bytes) -> bytes:
    if not isinstance(signer.key, ec.EllipticCurvePrivateKey):
        raise TypeError(signer.key)
    return signer.key.sign(content, ec.ECDSA(hashes.SHA256()))


def status(
    responder: Responder,
    body: bytes,
    now: Moment,
    revoked: dict[int, datetime],
    *,
    every_one_since: Moment | None,
    wrong_nonce: bool,
) -> bytes:
    """Answer an OCSP request for one certificate (RFC 6960, 4.2)."""
    asked = ocsp.load_der_ocsp_request(body)
    since = every_one_since or revoked.get(asked.serial_number)
    is_revoked = since is not None and since <= now
    builder = (
        ocsp.OCSPResponseBuilder()
        .add_response_by_hash(
            issuer_name_hash=asked.issuer_name_hash,
            issuer_key_hash=asked.issuer_key_hash,
            serial_number=asked.serial_number,
            algorithm=asked.hash_algorithm,
            cert_status=ocsp.OCSPCertStatus.REVOKED if is_revoked else ocsp.OCSPCertStatus.GOOD,
            this_update=now,
            next_update=now + _FRESH_OCSP,
            revocation_time=since if is_revoked else None,
            revocation_reason=x509.ReasonFlags.key_compromise if is_revoked else None,
        )
        .responder_id(ocsp.OCSPResponderEncoding.HASH, responder.own.certificate)
        .certificates([responder.own.certificate])
    )
    for extension in asked.extensions:
        if isinstance(extension.value, x509.OCSPNonce):
            nonce = secrets.token_bytes(16) if wrong_nonce else extension.value.nonce
            builder = builder.add_extension(x509.OCSPNonce(nonce), critical=False)
    return builder.sign(responder.own.key, hashes.SHA256()).public_bytes(_DER)


def revocation_list(issuer: Issuer, revoked: dict[int, datetime], now: Moment) -> bytes:
    """Return the issuer's list (RFC 5280, 5); it names all that is revoked in the demo."""
    builder = (
        x509.CertificateRevocationListBuilder()
        .issuer_name(issuer.certificate.subject)
        .last_update(now)
        .next_update(now + _FRESH_CRL)
        .add_extension(x509.CRLNumber(int(now.timestamp())), critical=False)
        .add_extension(_link(issuer), critical=False)
    )
    for serial, since in sorted(revoked.items()):
        entry = x509.RevokedCertificateBuilder().serial_number(serial).revocation_date(since)
        builder = builder.add_revoked_certificate(entry.build())
    return builder.sign(issuer.key, hashes.SHA256()).public_bytes(_DER)


def certificate(issuer: Issuer) -> bytes:
    """Return the issuer's own certificate (RFC 5280, 4.2.2.1)."""
    return issuer.certificate.public_bytes(_DER)


def _link(issuer: Issuer) -> x509.AuthorityKeyIdentifier:
    return x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer.key.public_key())
