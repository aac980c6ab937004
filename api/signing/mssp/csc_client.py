"""A client of a signing service that speaks the Cloud Signature Consortium's API, v1.0.4 or v2."""

import binascii
import ssl
from base64 import b64decode, b64encode
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from http import HTTPStatus
from typing import Any

import httpx
from asn1crypto import algos
from cryptography import x509

from api.signing.mssp.mss204 import mechanism_of
from api.signing.mssp.port import OperatorUnreachable, UnknownPhone
from api.signing.mssp.remote import NotSent
from api.signing.pdf.certificate import Mechanism, SignerCertificate
from core.clock import Clock
from core.config import CscService

Json = dict[str, Any]
_SHA256 = "2.16.840.1.101.3.4.2.1"
_PSS = "1.2.840.113549.1.1.10"
_SALT = 32
_SIGN_ALGORITHMS = {
    Mechanism.RSA_PKCS1_SHA256: "1.2.840.113549.1.1.11",
    Mechanism.RSA_PSS_SHA256: _PSS,
    Mechanism.ECDSA_P256_SHA256: "1.2.840.10045.4.3.2",
    Mechanism.ECDSA_P384_SHA256: "1.2.840.10045.4.3.2",
}
_LARGEST = 256 * 1024
QUICK = httpx.Timeout(20.0, connect=5.0)
_TRIES = 3
_EARLY = timedelta(seconds=30)


class CscRefused(Exception):
    """The service refused, in its own words."""

    def __init__(self, error: str) -> None:
        super().__init__(error)
        self.error = error


@dataclass(frozen=True, slots=True)
class Credential:
    """A key that the service keeps, and what it says of it."""

    id: str
    said: Json

    @property
    def signer(self) -> SignerCertificate:
        """Return the certificate of the key; raises `UnknownPhone` where none can be made out."""
        return _signer(self.said)


@dataclass
class CscClient:
    """The way to a signing service: its token, its credentials, its two steps.

    Every call raises `CscRefused` where the service says no, `OperatorUnreachable` where nobody
    knows what became of it, and its kind `NotSent` where it was certainly not heard.
    """

    settings: CscService
    clock: Clock
    _client: httpx.AsyncClient = field(init=False)
    _token: tuple[str, datetime] | None = field(default=None, init=False)

    def __post_init__(self) -> None:
        trusted = ssl.create_default_context(cafile=self.settings.ca)
        trusted.minimum_version = ssl.TLSVersion.TLSv1_2
        self._client = httpx.AsyncClient(verify=trusted, timeout=QUICK, trust_env=False)

    async def close(self) -> None:
        """Let go of every connection."""
        await self._client.aclose()

    async def listed(self, phone_number: str) -> list[str]:
        """Return the ids of the keys of a phone's holder, in the service's order."""
        if not (phone_number.isascii() and phone_number.isdigit()):
            raise UnknownPhone
        try:
            listed = await self._call("credentials/list", {"userID": phone_number})
            known = listed.get("credentialIDs")
            if not (isinstance(known, list) and known and isinstance(known[0], str)):
                raise UnknownPhone
            return [str(one) for one in known]
        except CscRefused as refusal:
            raise UnknownPhone from refusal

    async def credential(self, credential_id: str) -> Credential:
        """Return what the service says of a key."""
        asked = {"credentialID": credential_id, "certificates": "chain"}
        try:
            return Credential(credential_id, await self._call("credentials/info", asked))
        except CscRefused as refusal:
            raise UnknownPhone from refusal

    async def authorize(
        self, credential_id: str, digests: Sequence[bytes], *, patience: httpx.Timeout, **more: Any
    ) -> str:
        """Have the holder authorise signatures over just these digests; return what proves it."""
        asked = {
            "credentialID": credential_id,
            "numSignatures": len(digests),
            **more,
            **self._hashes(digests, algorithm=not self._is_old),
        }
        return _text(await self._call("credentials/authorize", asked, patience=patience), "SAD")

    async def sign_hash(
        self, credential_id: str, sad: str, digests: Sequence[bytes], mechanism: Mechanism
    ) -> list[bytes]:
        """Return the signatures over authorised digests, in their order.

        A lost answer is asked for again: the person has authorised it.
        """
        order = {
            "credentialID": credential_id,
            "SAD": sad,
            "signAlgo": _SIGN_ALGORITHMS[mechanism],
            **self._hashes(digests, algorithm=True),
            **_parameters(mechanism),
        }
        for _ in range(_TRIES):
            try:
                said = await self._call("signatures/signHash", order)
                return _binaries(said.get("signatures"), len(digests))
            except OperatorUnreachable:
                continue
        raise OperatorUnreachable

    @property
    def _is_old(self) -> bool:
        return self.settings.version == "v1"

    def _hashes(self, digests: Sequence[bytes], *, algorithm: bool) -> Json:
        names = ("hash", "hashAlgo") if self._is_old else ("hashes", "hashAlgorithmOID")
        said: Json = {names[0]: [b64encode(each).decode() for each in digests]}
        return said | {names[1]: _SHA256} if algorithm else said

    async def _call(self, name: str, body: Json, *, patience: httpx.Timeout = QUICK) -> Json:
        address = f"{self.settings.url.rstrip('/')}/csc/{self.settings.version}/{name}"
        headers = {"Authorization": f"Bearer {await self._access()}"}
        return await self._send(address, patience=patience, json=body, headers=headers)

    async def _access(self) -> str:
        now = self.clock()
        if self._token is None or now >= self._token[1]:
            secret = self.settings.client_secret.get_secret_value()
            said = await self._send(
                f"{self.settings.url.rstrip('/')}/oauth2/token",
                data={"grant_type": "client_credentials", "scope": "service"},
                auth=(self.settings.client_id, secret),
            )
            lifetime = said.get("expires_in")
            seconds = lifetime if isinstance(lifetime, int) else 0
            self._token = _text(said, "access_token"), now + timedelta(seconds=seconds) - _EARLY
        return self._token[0]

    async def _send(self, address: str, *, patience: httpx.Timeout = QUICK, **sent: Any) -> Json:
        try:
            async with self._client.stream("POST", address, timeout=patience, **sent) as answer:
                body = b""
                async for part in answer.aiter_bytes():
                    body += part
                    if len(body) > _LARGEST:
                        raise OperatorUnreachable
            said = _json(answer, body)
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout) as away:
            raise NotSent from away
        except httpx.HTTPError as away:
            raise OperatorUnreachable from away
        if answer.status_code == HTTPStatus.UNAUTHORIZED:
            self._token = None  # the next try brings a new one
            raise NotSent
        if answer.is_success:
            return said
        if answer.is_client_error and isinstance(said.get("error"), str):
            raise CscRefused(said["error"])
        raise OperatorUnreachable


def _json(answer: httpx.Response, body: bytes) -> Json:
    try:
        said = httpx.Response(answer.status_code, content=body).json()
    except ValueError as odd:
        raise OperatorUnreachable from odd
    if not isinstance(said, dict):
        raise OperatorUnreachable
    return said


def _text(said: Json, name: str) -> str:
    value = said.get(name)
    if not isinstance(value, str) or not value:
        raise OperatorUnreachable
    return value


def _binaries(signatures: object, count: int) -> list[bytes]:
    if not (isinstance(signatures, list) and len(signatures) == count):
        raise OperatorUnreachable
    try:
        return [b64decode(each, validate=True) for each in signatures]
    except (binascii.Error, ValueError, TypeError) as odd:
        raise OperatorUnreachable from odd


def _signer(said: Json) -> SignerCertificate:
    try:
        ders = [b64decode(each) for each in said["cert"]["certificates"]]
        certificates = [x509.load_der_x509_certificate(each) for each in ders]
        only_pss = _PSS in said["key"]["algo"] and len(said["key"]["algo"]) == 1
        rsa = Mechanism.RSA_PSS_SHA256 if only_pss else Mechanism.RSA_PKCS1_SHA256
        mechanism = mechanism_of(certificates[0], rsa)
    except (KeyError, TypeError, ValueError, IndexError) as odd:
        raise UnknownPhone from odd
    above = tuple(
        der
        for der, each in zip(ders[1:], certificates[1:], strict=True)
        if each.issuer != each.subject
    )
    return SignerCertificate(ders[0], above, mechanism)


def _parameters(mechanism: Mechanism) -> Json:
    if mechanism is not Mechanism.RSA_PSS_SHA256:
        return {}
    sha = {"algorithm": "sha256"}
    said = {
        "hash_algorithm": sha,
        "mask_gen_algorithm": {"algorithm": "mgf1", "parameters": sha},
        "salt_length": _SALT,
    }
    return {"signAlgoParams": b64encode(algos.RSASSAPSSParams(said).dump()).decode()}
