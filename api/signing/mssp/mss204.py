"""An operator that speaks ETSI TS 102 204: SOAP over mutual TLS, asked again and again.

Each message has a fresh AP_TransID that is never used again: operators take a repeated one as a
wish to keep the PIN open. Nothing the operator sends by itself is heard; there is no door for it.
"""

import ssl
from dataclasses import dataclass, field
from pathlib import Path
from secrets import token_hex

import httpx
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding
from typing_extensions import override

from api.signing.mssp import mss204_messages as messages
from api.signing.mssp.ledger import Ledger
from api.signing.mssp.models import OperatorTransaction
from api.signing.mssp.mss204_messages import Answered, Caller, NotAnAnswer, Order
from api.signing.mssp.port import OperatorUnreachable, UnknownPhone
from api.signing.mssp.remote import NotSent, RemoteMssp, Said, Wanted
from api.signing.pdf.certificate import CURVES, Mechanism, SignerCertificate
from core.config import Mss204

_REGISTERED = 408
#: Codes by which an operator says that it does not know a number.
_UNKNOWN = frozenset({105, 404, 407, 422})
_TIMEOUT = httpx.Timeout(20.0, connect=5.0)
_CONTENT_TYPE = "application/soap+xml; charset=utf-8"


@dataclass(frozen=True)
class Mss204Mssp(RemoteMssp):
    """The SOAP client of an operator."""

    settings: Mss204
    ledger: Ledger
    _client: httpx.AsyncClient = field(init=False)
    _above: tuple[bytes, ...] = field(init=False)

    def __post_init__(self) -> None:
        trusted = ssl.create_default_context(cafile=self.settings.ca)
        trusted.minimum_version = ssl.TLSVersion.TLSv1_2
        if self.settings.certificate is not None:
            trusted.load_cert_chain(self.settings.certificate, self.settings.key)
        client = httpx.AsyncClient(verify=trusted, timeout=_TIMEOUT, trust_env=False)
        object.__setattr__(self, "_client", client)
        object.__setattr__(self, "_above", authorities_in(self.settings.authorities))

    @override
    async def certificate(self, phone_number: str) -> SignerCertificate:
        if not (phone_number.isascii() and phone_number.isdigit()):
            raise UnknownPhone
        caller = self._caller()
        sent = messages.registration(caller, phone_number)
        answer = await self._send("MSS_Registration", sent, caller)
        if answer.code in _UNKNOWN:
            raise UnknownPhone
        if answer.code != _REGISTERED or not answer.certificate:
            raise OperatorUnreachable
        return self._read(answer.certificate)

    @override
    async def prompt(self, wanted: Wanted) -> Said:
        caller = self._caller()
        profile = self.settings.profiles[wanted.mechanism.value]
        order = Order(wanted.phone_number, wanted.digest, wanted.text, profile)
        answer = await self._send("MSS_Signature", messages.signature(caller, order), caller)
        return _said(answer)

    @override
    async def ask(self, line: OperatorTransaction) -> Said:
        caller, reference = self._caller(), line.reference or ""
        answer = await self._send("MSS_Status", messages.status(caller, reference), caller)
        if answer.transaction_id not in {"", reference}:
            raise OperatorUnreachable
        return _said(answer)

    @override
    async def close(self) -> None:
        await self._client.aclose()

    def _caller(self) -> Caller:
        named = self.settings
        fresh = f"_{token_hex(16)}"  # an XML name does not begin with a digit
        password = named.ap_password.get_secret_value()
        return Caller(named.ap_id, password, fresh, named.operator, self.ledger.db.clock())

    async def _send(self, service: str, body: bytes, caller: Caller) -> Answered:
        address = f"{self.settings.url.rstrip('/')}/{service}Port"
        headers = {"Content-Type": _CONTENT_TYPE}
        try:
            async with self._client.stream(
                "POST", address, content=body, headers=headers
            ) as answer:
                received = b""
                async for part in answer.aiter_bytes():
                    received += part
                    if len(received) > messages.LARGEST:
                        raise OperatorUnreachable
            return messages.read(received, f"{service}Resp", caller.transaction_id)
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout) as away:
            raise NotSent from away
        except (httpx.HTTPError, NotAnAnswer) as away:
            raise OperatorUnreachable from away

    def _read(self, der: bytes) -> SignerCertificate:
        try:
            mechanism = mechanism_of(x509.load_der_x509_certificate(der), self.settings.rsa)
        except ValueError as odd:
            raise UnknownPhone from odd
        return SignerCertificate(der, self._above, mechanism)


def mechanism_of(certificate: x509.Certificate, rsa_mechanism: str) -> Mechanism:
    """Return how the key of a certificate signs; for RSA the operator has to say.

    Raises:
        ValueError: we know no way to sign with such a key.
    """
    match certificate.public_key():
        case rsa.RSAPublicKey():
            return Mechanism(rsa_mechanism)
        case ec.EllipticCurvePublicKey() as key:
            for mechanism, curve in CURVES.items():
                if isinstance(key.curve, curve):
                    return mechanism
        case _:
            pass
    raise ValueError


def authorities_in(file: Path | None) -> tuple[bytes, ...]:
    """Return the certificates between a signer's and the root, from a PEM file."""
    if file is None:
        return ()
    above = x509.load_pem_x509_certificates(file.read_bytes())
    return tuple(each.public_bytes(Encoding.DER) for each in above)


def _said(answer: Answered) -> Said:
    return Said(answer.code, answer.transaction_id, answer.signature)
