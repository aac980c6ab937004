"""Seal keys in a token or HSM, by PKCS#11: the key never leaves it.

Key and certificate of an agency bear the agency's id as their label.
"""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import UUID

import pkcs11
from asn1crypto import algos
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding
from pkcs11.util.ec import encode_ecdsa_signature
from typing_extensions import override

from api.signing.pdf.certificate import CURVES, Mechanism, SignerCertificate, fits
from api.signing.seal.port import NoSealKey, SealKeys, SealUnreachable

_SALT = 32
_PSS = (pkcs11.Mechanism.SHA256, pkcs11.MGF.SHA256, _SALT)


@dataclass(frozen=True, slots=True)
class Token:
    """Where the keys are.

    Attributes:
        module: the vendor's PKCS#11 library.
        label: the name of the token.
        pin: of its user.
        authorities: the certificates above the agencies', PEM.
        rsa: how its RSA keys sign; of other keys the certificate says it.
    """

    module: Path
    label: str
    pin: str = field(repr=False)
    authorities: tuple[bytes, ...] = ()
    rsa: Mechanism = Mechanism.RSA_PSS_SHA256

    @classmethod
    def at(cls, module: Path, label: str, pin: str, above: Path | None, rsa: Mechanism) -> "Token":
        """Read the authorities from their file."""
        pem = above.read_bytes() if above else b""
        found = x509.load_pem_x509_certificates(pem) if pem else []
        return cls(
            module, label, pin, tuple(each.public_bytes(Encoding.DER) for each in found), rsa
        )


@dataclass(frozen=True)
class Pkcs11Seal(SealKeys):
    """The agencies' keys in one token."""

    token: Token
    #: A token knows one login for a process: one session after the other.
    _alone: asyncio.Lock = field(default_factory=asyncio.Lock, repr=False)

    @override
    async def certificate(self, agency_id: UUID) -> SignerCertificate:
        async with self._alone:
            der = await asyncio.to_thread(self._certificate, str(agency_id))
        certificate = x509.load_der_x509_certificate(der)
        return SignerCertificate(der, self.token.authorities, self._mechanism_of(certificate))

    @override
    async def sign(self, agency_id: UUID, *, digest: bytes, mechanism: Mechanism) -> bytes:
        async with self._alone:
            return await asyncio.to_thread(self._sign, str(agency_id), digest, mechanism)

    def _certificate(self, label: str) -> bytes:
        wanted = {
            pkcs11.Attribute.CLASS: pkcs11.ObjectClass.CERTIFICATE,
            pkcs11.Attribute.LABEL: label,
        }
        with self._session() as session:
            for found in session.get_objects(wanted):
                return bytes(found[pkcs11.Attribute.VALUE])
        raise NoSealKey(agency_id=label)

    def _sign(self, label: str, digest: bytes, mechanism: Mechanism) -> bytes:
        with self._session() as session:
            try:
                key = session.get_key(object_class=pkcs11.ObjectClass.PRIVATE_KEY, label=label)
            except pkcs11.NoSuchKey:
                raise NoSealKey(agency_id=label) from None
            return _signed(key, digest, mechanism)

    def _mechanism_of(self, certificate: x509.Certificate) -> Mechanism:
        if isinstance(certificate.public_key(), rsa.RSAPublicKey):
            return self.token.rsa
        return next(each for each in CURVES if fits(certificate, each))

    @contextmanager
    def _session(self) -> Iterator[Any]:
        """Open the token anew for each use: an HSM that was away is found again."""
        try:
            token = pkcs11.lib(str(self.token.module)).get_token(token_label=self.token.label)
            with token.open(user_pin=self.token.pin) as session:
                yield session
        except (pkcs11.PKCS11Error, RuntimeError) as failure:
            raise SealUnreachable(why=type(failure).__name__) from failure


def _signed(key: Any, digest: bytes, mechanism: Mechanism) -> bytes:
    match mechanism:
        case Mechanism.RSA_PKCS1_SHA256:
            info = algos.DigestInfo({"digest_algorithm": {"algorithm": "sha256"}, "digest": digest})
            return bytes(key.sign(info.dump(), mechanism=pkcs11.Mechanism.RSA_PKCS))
        case Mechanism.RSA_PSS_SHA256:
            pss = pkcs11.Mechanism.RSA_PKCS_PSS
            return bytes(key.sign(digest, mechanism=pss, mechanism_param=_PSS))
        case _:
            pair = key.sign(digest, mechanism=pkcs11.Mechanism.ECDSA)
            return bytes(encode_ecdsa_signature(pair))
