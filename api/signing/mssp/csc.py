"""A signing service that speaks the Cloud Signature Consortium's API, v1.0.4 or v2.

Its `credentials/authorize` answers when the person has decided, minutes later: it is asked beside
everything else, and what comes of it is written into the ledger. A process that dies meanwhile
has lost the answer; the prompt is never sent again.
"""

import asyncio
import binascii
import ssl
from base64 import b64decode, b64encode
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from http import HTTPStatus
from typing import Any

import httpx
import structlog
from asn1crypto import algos
from cryptography import x509
from typing_extensions import override

from api.signing.mssp.codes import SIGNATURE
from api.signing.mssp.ledger import Ledger
from api.signing.mssp.models import OperatorTransaction
from api.signing.mssp.mss204 import mechanism_of
from api.signing.mssp.port import OperatorUnreachable, UnknownPhone
from api.signing.mssp.remote import NotSent, RemoteMssp, Said, Wanted
from api.signing.pdf.certificate import Mechanism, SignerCertificate
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
#: What the API's error codes are among those of ETSI TS 102 204; the rest is a failure.
CODES = {"access_denied": 401, "invalid_pin": 402, "expired_token": 208}
_FAILURE, _ASKED = 900, 100
_LARGEST = 256 * 1024
_QUICK = httpx.Timeout(20.0, connect=5.0)
#: As long as a person may take, and a little more.
_PATIENT = httpx.Timeout(330.0, connect=5.0)
_TRIES = 3
_EARLY = timedelta(seconds=30)
_log = structlog.get_logger()


class _Error(Exception):
    """The service refused, in its own words."""

    def __init__(self, error: str) -> None:
        super().__init__(error)
        self.code = CODES.get(error, _FAILURE)


@dataclass
class CscMssp(RemoteMssp):
    """The client of a signing service."""

    settings: CscService
    ledger: Ledger
    _client: httpx.AsyncClient = field(init=False)
    _token: tuple[str, datetime] | None = field(default=None, init=False)
    _asking: set[asyncio.Task[None]] = field(default_factory=set, init=False)

    def __post_init__(self) -> None:
        trusted = ssl.create_default_context(cafile=self.settings.ca)
        trusted.minimum_version = ssl.TLSVersion.TLSv1_2
        self._client = httpx.AsyncClient(verify=trusted, timeout=_QUICK, trust_env=False)

    @override
    async def certificate(self, phone_number: str) -> SignerCertificate:
        _, signer = await self._credential(phone_number)
        return signer

    @override
    async def prompt(self, wanted: Wanted) -> Said:
        try:
            credential_id, _ = await self._credential(wanted.phone_number)
        except OperatorUnreachable as away:
            raise NotSent from away  # so far nobody was prompted
        except UnknownPhone:
            return Said(105)
        task = asyncio.create_task(self._collect(credential_id, wanted))
        self._asking.add(task)
        task.add_done_callback(self._asking.discard)
        return Said(_ASKED)

    @override
    async def ask(self, line: OperatorTransaction) -> Said:
        return Said(_ASKED)  # what comes of it is written into the ledger

    @override
    async def close(self) -> None:
        for task in self._asking:
            task.cancel()
        await asyncio.gather(*self._asking, return_exceptions=True)
        await self._client.aclose()

    async def _collect(self, credential_id: str, wanted: Wanted) -> None:
        try:
            raw = await self._signature(credential_id, wanted)
            await self.ledger.end(wanted.transaction_id, SIGNATURE, raw)
        except _Error as refusal:
            await self.ledger.end(wanted.transaction_id, refusal.code)
        except NotSent:
            await self.ledger.strike(wanted.transaction_id)
        except OperatorUnreachable as away:  # nobody knows what became of it: time ends it
            _log.warning("csc.lost", transaction=str(wanted.transaction_id), error=str(away))

    async def _signature(self, credential_id: str, wanted: Wanted) -> bytes:
        digests = [b64encode(wanted.digest).decode()]
        asked = {
            "credentialID": credential_id,
            "numSignatures": 1,
            "description": wanted.text,
            "clientData": str(wanted.transaction_id),
            **self._hashes(digests, algorithm=not self._is_old),
        }
        sad = _text(await self._call("credentials/authorize", asked, patience=_PATIENT), "SAD")
        order = {
            "credentialID": credential_id,
            "SAD": sad,
            "signAlgo": _SIGN_ALGORITHMS[wanted.mechanism],
            **self._hashes(digests, algorithm=True),
            **_parameters(wanted.mechanism),
        }
        for _ in range(_TRIES):
            try:
                return _binary((await self._call("signatures/signHash", order)).get("signatures"))
            except OperatorUnreachable:
                continue  # the person has signed: it is worth another try
        raise OperatorUnreachable

    @property
    def _is_old(self) -> bool:
        return self.settings.version == "v1"

    def _hashes(self, digests: list[str], *, algorithm: bool) -> Json:
        names = ("hash", "hashAlgo") if self._is_old else ("hashes", "hashAlgorithmOID")
        said: Json = {names[0]: digests}
        return said | {names[1]: _SHA256} if algorithm else said

    async def _credential(self, phone_number: str) -> tuple[str, SignerCertificate]:
        if not (phone_number.isascii() and phone_number.isdigit()):
            raise UnknownPhone
        try:
            listed = await self._call("credentials/list", {"userID": phone_number})
            known = listed.get("credentialIDs")
            if not (isinstance(known, list) and known and isinstance(known[0], str)):
                raise UnknownPhone
            asked = {"credentialID": known[0], "certificates": "chain"}
            return known[0], _signer(await self._call("credentials/info", asked))
        except _Error as refusal:
            raise UnknownPhone from refusal

    async def _call(self, name: str, body: Json, *, patience: httpx.Timeout = _QUICK) -> Json:
        address = f"{self.settings.url.rstrip('/')}/csc/{self.settings.version}/{name}"
        headers = {"Authorization": f"Bearer {await self._access()}"}
        return await self._send(address, patience=patience, json=body, headers=headers)

    async def _access(self) -> str:
        now = self.ledger.db.clock()
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

    async def _send(self, address: str, *, patience: httpx.Timeout = _QUICK, **sent: Any) -> Json:
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
            raise _Error(said["error"])
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


def _binary(signatures: object) -> bytes:
    if not (isinstance(signatures, list) and len(signatures) == 1):
        raise OperatorUnreachable
    try:
        return b64decode(signatures[0], validate=True)
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
