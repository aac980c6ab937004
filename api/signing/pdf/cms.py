"""The CMS container of a PAdES baseline signature: what is signed, and what goes into the file."""

import hashlib
from functools import lru_cache
from typing import Any

from asn1crypto import algos, cms, core, tsp, x509

from api.signing.pdf.certificate import Mechanism, SignerCertificate
from api.signing.pdf.prepared import Prepared

_DIGEST = "sha256"
_SALT = 32  # what SIM cards and HSMs return; pyHanko's own choice would be the largest possible
_SHA256 = {"algorithm": _DIGEST}
#: Stands where the digest of a paper will stand; no digest that anybody has seen.
_DIGEST_PLACE = b"\xa5" * 32


def signature_algorithm(mechanism: Mechanism) -> Any:
    """Return the algorithm identifier that stands in the file for `mechanism`."""
    match mechanism:
        case Mechanism.RSA_PKCS1_SHA256:
            return algos.SignedDigestAlgorithm({"algorithm": "sha256_rsa"})
        case Mechanism.ECDSA_P256_SHA256 | Mechanism.ECDSA_P384_SHA256:
            return algos.SignedDigestAlgorithm({"algorithm": "sha256_ecdsa"})
        case Mechanism.RSA_PSS_SHA256:
            mask = {"algorithm": "mgf1", "parameters": _SHA256}
            parameters = {
                "hash_algorithm": _SHA256,
                "mask_gen_algorithm": mask,
                "salt_length": _SALT,
            }
            return algos.SignedDigestAlgorithm(
                {"algorithm": "rsassa_pss", "parameters": algos.RSASSAPSSParams(parameters)}
            )


def prepared(field: str, region: Any, signer: SignerCertificate) -> Prepared:
    """Return what waits for its signature, from the region that pyHanko left free in a file."""
    return Prepared(
        field=field,
        document_digest=region.document_digest,
        region_start=region.reserved_region_start,
        region_end=region.reserved_region_end,
        attributes=signed_attributes(region.document_digest, signer),
        certificate=signer.der,
        mechanism=signer.mechanism,
    )


def signed_attributes(document_digest: bytes, signer: SignerCertificate) -> bytes:
    """Return the DER whose SHA-256 is what the key signs."""
    before, after = _attributes_around(signer.der, signer.mechanism)
    return before + document_digest + after


@lru_cache(maxsize=64)
def _attributes_around(der: bytes, mechanism: Mechanism) -> tuple[bytes, bytes]:
    """Return what stands before and after the digest: the same for every paper of a signer.

    The order of the set (X.690, 11.6) is that of the attributes' names, which come first in each.
    """
    certificate = tsp.ESSCertIDv2({"cert_hash": hashlib.sha256(der).digest()})
    protection = cms.CMSAlgorithmProtection(
        {
            "digest_algorithm": _SHA256,
            "signature_algorithm": signature_algorithm(mechanism),
        }
    )
    attributes = {
        "content_type": "data",
        "message_digest": _DIGEST_PLACE,
        "signing_certificate_v2": tsp.SigningCertificateV2({"certs": [certificate]}),
        "cms_algorithm_protection": protection,
    }
    pairs = [{"type": kind, "values": [value]} for kind, value in attributes.items()]
    before, _, after = bytes(cms.CMSAttributes(pairs).dump()).partition(_DIGEST_PLACE)
    return before, after


def container(attributes: bytes, raw: bytes, signer: SignerCertificate) -> bytes:
    """Return the DER of the whole CMS signature (baseline B-B: no unsigned attributes yet)."""
    certificate = x509.Certificate.load(signer.der)
    info = cms.SignerInfo(
        {
            "version": "v1",
            "sid": _identifier(certificate),
            "digest_algorithm": _SHA256,
            "signed_attrs": cms.CMSAttributes.load(attributes),
            "signature_algorithm": signature_algorithm(signer.mechanism),
            "signature": raw,
        }
    )
    chain = [certificate, *map(x509.Certificate.load, signer.chain)]
    signed = cms.SignedData(
        {
            "version": "v1",
            "digest_algorithms": [algos.DigestAlgorithm(_SHA256)],
            "encap_content_info": {"content_type": "data"},
            "certificates": [cms.CertificateChoices("certificate", each) for each in chain],
            "signer_infos": [info],
        }
    )
    content = cms.ContentInfo({"content_type": "signed_data", "content": signed})
    return bytes(content.dump())


def _identifier(certificate: Any) -> Any:
    number = core.Integer(certificate.serial_number)
    serial = {"issuer": certificate.issuer, "serial_number": number}
    return cms.SignerIdentifier("issuer_and_serial_number", cms.IssuerAndSerialNumber(serial))
