"""The simulated operator's CSC side, v1.0.4 and v2, for an application that is trusted as a whole.

It shares no code with our own client and server of that API, so that a fault in one is seen by
the other.
"""

import asyncio
import secrets
from base64 import b64decode, b64encode
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any
from uuid import UUID, uuid4

from cryptography.hazmat.primitives.serialization import Encoding
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from api.signing.mssp.codes import NAMES
from api.signing.mssp.port import Refused, Signed, UnknownPhone, Waiting
from api.signing.mssp.simulated import SimulatedMssp
from api.signing.pdf.certificate import Mechanism
from api.signing.remote.port import Authorisation, NotAuthorised, RemoteKeys, must_authorise

CLIENT_ID = "khonggiay"
#: What the ids of credentials begin with: keys on SIMs, and keys that the service keeps.
_SIM, _KEY = "sim.", "remote."
#: What authorises the latter.
_MANIFEST, _SIGNATURE = "manifest", "signature"
_MOST = 100
_SAD_LIVES = timedelta(minutes=5)
_POLL_SECONDS = 0.05
_GONE = 208
_LENGTH = 32
_SHA256 = "2.16.840.1.101.3.4.2.1"
_ALGORITHMS = {
    Mechanism.RSA_PKCS1_SHA256: ["1.2.840.113549.1.1.1", "1.2.840.113549.1.1.11"],
    Mechanism.RSA_PSS_SHA256: ["1.2.840.113549.1.1.10"],
    Mechanism.ECDSA_P256_SHA256: ["1.2.840.10045.4.3.2"],
    Mechanism.ECDSA_P384_SHA256: ["1.2.840.10045.4.3.2"],
}
#: DER of RSASSA-PSS-params: SHA-256, MGF1 with SHA-256, a salt of 32 bytes (RFC 8017, A.2.3).
_PSS = bytes.fromhex(
    "3034a00f300d06096086480165030402010500a11c301a06092a864886f70d010108"
    "300d06096086480165030402010500a203020120"
)
#: What the API has a word for; the rest is a failure of the service.
_ERRORS = {401: "access_denied", 402: "invalid_pin", 208: "expired_token"}
Json = dict[str, Any]


class _No(Exception):
    def __init__(self, error: str, description: str, status: int = 400) -> None:
        super().__init__(error)
        self.said = {"error": error, "error_description": description}
        self.status = status


@dataclass
class CscKeys:
    """The keys that the service keeps beside the SIMs: one authorisation for all hashes of a list.

    The holder's SIM has signed the list; that signature is handed in as `authData`, is checked
    here, and binds the activation data to exactly those hashes.
    """

    core: RemoteKeys
    sims: SimulatedMssp
    _sads: dict[bytes, tuple[Authorisation, datetime]] = field(default_factory=dict)

    def info(self) -> Json:
        """Return how such a credential is authorised."""
        objects = [
            {"type": "Other", "id": _MANIFEST, "label": "What the SIM signed"},
            {"type": "Other", "id": _SIGNATURE, "label": "The SIM's signature over it"},
        ]
        return {"multisign": _MOST, "auth": {"mode": "explicit", "objects": objects}}

    async def authorize(self, phone: str, asked: Json) -> Json:
        """Give activation data for the hashes that the SIM has signed, all of them."""
        authorisation = await self._authorisation(phone, asked)
        digests = _digests(asked)
        if digests != authorisation.digests or asked.get("numSignatures") != len(digests):
            raise _No("invalid_request", "Invalid parameter hashes")
        try:
            must_authorise(authorisation, authorisation.sim, digests)
        except NotAuthorised as no:
            raise _No("access_denied", "Invalid parameter authData") from no
        sad, until = secrets.token_urlsafe(32), self.sims.clock() + _SAD_LIVES
        self._sads[sha256(sad.encode()).digest()] = (authorisation, until)
        return {"SAD": sad, "expiresIn": int(_SAD_LIVES.total_seconds())}

    async def sign(self, phone: str, asked: Json) -> Json:
        """Sign some of the authorised hashes."""
        own = await self.core.certificate(phone)
        _must_name(own.mechanism, asked)
        authorisation, until = self._sads.get(
            sha256(str(asked.get("SAD")).encode()).digest(), (None, self.sims.clock())
        )
        if authorisation is None or authorisation.phone_number != phone:
            raise _No("invalid_request", "Invalid parameter SAD")
        if until <= self.sims.clock():
            raise _No("invalid_request", "SAD expired")
        try:
            raws = await self.core.sign(authorisation, _digests(asked))
        except NotAuthorised as no:
            raise _No("invalid_request", "Hash is not authorized by the SAD") from no
        return {"signatures": [b64encode(raw).decode() for raw in raws]}

    async def _authorisation(self, phone: str, asked: Json) -> Authorisation:
        sim = await self.sims.certificate(phone)
        try:
            given = {one["id"]: b64decode(one["value"]) for one in asked["authData"]}
            list_id = UUID(asked["clientData"])
            manifest, raw = given[_MANIFEST], given[_SIGNATURE]
            found = Authorisation(list_id, phone, manifest, sim, raw)
            _ = found.digests
        except (KeyError, TypeError, ValueError) as odd:
            raise _No("invalid_request", "Missing (or invalid type) parameter authData") from odd
        return found


@dataclass
class CscOperator:
    """The API over the operator's core, and over the keys that it keeps, if it keeps any."""

    core: SimulatedMssp
    secret: str
    keys: CscKeys | None = None
    _tokens: set[str] = field(default_factory=set)
    _sads: dict[bytes, tuple[str, bytes, bytes]] = field(default_factory=dict)

    def routes(self) -> list[Route]:
        """Return the routes of both versions."""
        named = {
            "credentials/list": self._list,
            "credentials/info": self._info,
            "credentials/authorize": self._authorize,
            "signatures/signHash": self._sign,
        }
        return [
            Route("/oauth2/token", self._token, methods=["POST"]),
            *(
                Route(f"/csc/{version}/{name}", self._asked(answer, version), methods=["POST"])
                for version in ("v1", "v2")
                for name, answer in named.items()
            ),
        ]

    async def _token(self, request: Request) -> JSONResponse:
        form = await request.form()
        expected = b64encode(f"{CLIENT_ID}:{self.secret}".encode()).decode()
        if request.headers.get("authorization") != f"Basic {expected}":
            return JSONResponse({"error": "invalid_client"}, 401)
        if form.get("grant_type") != "client_credentials":
            return JSONResponse({"error": "unsupported_grant_type"}, 400)
        token = secrets.token_urlsafe(24)
        self._tokens.add(token)
        return JSONResponse({"access_token": token, "token_type": "Bearer", "expires_in": 3600})

    def _asked(
        self, answer: Callable[[Json, Request], Awaitable[Json]], version: str
    ) -> Callable[[Request], Awaitable[JSONResponse]]:
        async def endpoint(request: Request) -> JSONResponse:
            try:
                self._must_be_known(request)
                asked = await request.json() | {"version": version}
                return JSONResponse(await answer(asked, request))
            except _No as no:
                return JSONResponse(no.said, no.status)

        return endpoint

    def _must_be_known(self, request: Request) -> None:
        token = request.headers.get("authorization", "").removeprefix("Bearer ")
        if token not in self._tokens:
            raise _No("invalid_token", "Invalid access_token", 401)

    async def _list(self, asked: Json, _: Request) -> Json:
        try:
            await self.core.certificate(str(asked.get("userID", "")))
        except UnknownPhone:
            return {"credentialIDs": []}
        kinds = (_SIM, _KEY) if self.keys and asked["version"] == "v2" else (_SIM,)
        return {"credentialIDs": [f"{kind}{asked['userID']}" for kind in kinds]}

    async def _info(self, asked: Json, _: Request) -> Json:
        phone, keys = await self._phone(asked), self._keys(asked)
        own = await (keys.core if keys else self.core).certificate(phone)
        chain = [own.der, *own.chain, self.core.ca.root().public_bytes(Encoding.DER)]
        shown = chain if asked.get("certificates") == "chain" else chain[:1]
        said: Json = {
            "key": {"status": "enabled", "algo": _ALGORITHMS[own.mechanism], "len": 2048},
            "cert": {
                "status": "valid",
                "certificates": [b64encode(each).decode() for each in shown],
            },
            "multisign": 1,
            "SCAL": "2",
        }
        mode = (
            {"authMode": "explicit"} if asked["version"] == "v1" else {"auth": {"mode": "explicit"}}
        )
        return said | (keys.info() if keys else mode)

    def _keys(self, asked: Json) -> CscKeys | None:
        """Return the keys beside the SIMs, if it is one of those that is asked for."""
        return self.keys if str(asked.get("credentialID", "")).startswith(_KEY) else None

    async def _authorize(self, asked: Json, request: Request) -> Json:
        phone, keys = await self._phone(asked), self._keys(asked)
        if asked["version"] == "v2" and asked.get("hashAlgorithmOID") != _SHA256:
            raise _No("invalid_request", "Invalid parameter hashAlgorithmOID")
        if keys:
            return await keys.authorize(phone, asked)
        digest = _digest(asked)
        if asked.get("numSignatures") != 1:
            raise _No("invalid_request", "Numbers of signatures is too high")
        own, transaction = await self.core.certificate(phone), uuid4()
        await self.core.start(
            transaction_id=transaction, phone_number=phone, digest=digest,
            mechanism=own.mechanism, text=str(asked.get("description", "")),
        )  # fmt: skip
        match await self._decided(transaction, request):
            case Signed(raw):
                sad = secrets.token_urlsafe(32)
                self._sads[sha256(sad.encode()).digest()] = (phone, digest, raw)
                return {"SAD": sad, "expiresIn": 300}
            case Refused(code):
                said = _ERRORS.get(code, "server_error")
                raise _No(said, f"{code} {NAMES.get(code, '')}")

    async def _decided(self, transaction: UUID, request: Request) -> Signed | Refused:
        while not await request.is_disconnected():
            status = await self.core.status(transaction)
            if not isinstance(status, Waiting):
                return status
            await asyncio.sleep(_POLL_SECONDS)
        return Refused(_GONE)

    async def _sign(self, asked: Json, _: Request) -> Json:
        phone, keys = await self._phone(asked), self._keys(asked)
        if keys:
            return await keys.sign(phone, asked)
        digest, own = _digest(asked), await self.core.certificate(phone)
        _must_name(own.mechanism, asked)
        kept = self._sads.pop(sha256(str(asked.get("SAD")).encode()).digest(), None)
        if kept is None or kept[:2] != (phone, digest):
            raise _No("invalid_request", "Invalid parameter SAD")
        return {"signatures": [b64encode(kept[2]).decode()]}

    async def _phone(self, asked: Json) -> str:
        phone = str(asked.get("credentialID", "")).removeprefix(_SIM)
        phone = phone.removeprefix(_KEY) if self.keys else phone
        try:
            await self.core.certificate(phone)
        except UnknownPhone as unknown:
            raise _No("invalid_request", "Invalid parameter credentialID") from unknown
        return phone


def _must_name(mechanism: Mechanism, asked: Json) -> None:
    """Refuse to sign in another way than the key does."""
    if asked.get("hashAlgo" if asked["version"] == "v1" else "hashAlgorithmOID") != _SHA256:
        raise _No("invalid_request", "Invalid parameter hashAlgo")
    if asked.get("signAlgo") not in _ALGORITHMS[mechanism]:
        raise _No("invalid_request", "Invalid parameter signAlgo")
    wanted = _PSS if mechanism is Mechanism.RSA_PSS_SHA256 else b""
    if b64decode(str(asked.get("signAlgoParams", ""))) != wanted:
        raise _No("invalid_request", "Invalid parameter signAlgoParams")


def _digest(asked: Json) -> bytes:
    digests = _digests(asked)
    if len(digests) != 1:
        raise _No("invalid_request", "Missing (or invalid type) array parameter hash")
    return digests[0]


def _digests(asked: Json) -> list[bytes]:
    given = asked.get("hash" if asked["version"] == "v1" else "hashes")
    if not (isinstance(given, list) and given):
        raise _No("invalid_request", "Missing (or invalid type) array parameter hash")
    digests = [b64decode(str(each)) for each in given]
    if any(len(each) != _LENGTH for each in digests):
        raise _No("invalid_request", "Invalid digest value length")
    return digests
