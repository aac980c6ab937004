"""A server that speaks FCM HTTP v1, with the real grant for access tokens and the real refusals.

The first word of a registration token says how it answers; `once_busy-…` refuses each message once
and then takes it.
"""

import asyncio
import base64
import json
import re
import secrets
import time
from collections import Counter, defaultdict
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from aiohttp import web
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa

PROJECT = "khong-giay-demo"
GRANT = "urn:ietf:params:oauth:grant-type:jwt-bearer"
#: Whom an assertion is for, wherever it is sent.
AUDIENCE = "https://oauth2.googleapis.com/token"
SCOPES = {
    "https://www.googleapis.com/auth/firebase.messaging",
    "https://www.googleapis.com/auth/cloud-platform",
}
LARGEST = 4096
_FCM = "type.googleapis.com/google.firebase.fcm.v1.FcmError"
_TTL = re.compile(r"^\d+(\.\d{1,9})?s$")
_TARGETS = {"token", "fid", "topic", "condition"}
_FIELDS = _TARGETS | {"name", "data", "notification", "android", "webpush", "apns", "fcm_options"}


@dataclass(frozen=True)
class Refusal:
    """An answer of FCM that is not 200."""

    status: int
    kind: str
    message: str
    fcm: str = ""
    headers: dict[str, str] = field(default_factory=dict)

    def response(self) -> web.Response:
        details = [{"@type": _FCM, "errorCode": self.fcm}] if self.fcm else []
        error = {"code": self.status, "message": self.message, "status": self.kind}
        body = {"error": error | ({"details": details} if details else {})}
        return web.json_response(body, status=self.status, headers=self.headers)


REFUSALS = {
    "gone": Refusal(404, "NOT_FOUND", "Requested entity was not found.", "UNREGISTERED"),
    "other": Refusal(403, "PERMISSION_DENIED", "SenderId mismatch", "SENDER_ID_MISMATCH"),
    "busy": Refusal(
        429, "RESOURCE_EXHAUSTED", "Quota exceeded.", "QUOTA_EXCEEDED", {"Retry-After": "30"}
    ),
    "bad": Refusal(
        400, "INVALID_ARGUMENT",
        "The registration token is not a valid FCM registration token", "INVALID_ARGUMENT",
    ),
    "apple": Refusal(
        401, "UNAUTHENTICATED", "Auth error from APNS or Web Push Service",
        "THIRD_PARTY_AUTH_ERROR",
    ),
    "down": Refusal(503, "UNAVAILABLE", "The service is currently unavailable.", "UNAVAILABLE"),
    "resting": Refusal(
        503, "UNAVAILABLE", "The service is currently unavailable.", "UNAVAILABLE",
        {"Retry-After": "120"},
    ),
    "broken": Refusal(500, "INTERNAL", "Internal error encountered.", "INTERNAL"),
    "locked": Refusal(
        403, "PERMISSION_DENIED",
        "Permission 'cloudmessaging.messages.create' denied on resource "
        f"'//cloudresourcemanager.googleapis.com/projects/{PROJECT}' (or it may not exist).",
    ),
}  # fmt: skip
UNKNOWN_CALLER = Refusal(
    401,
    "UNAUTHENTICATED",
    "Request had invalid authentication credentials. Expected OAuth 2 access token, login cookie "
    "or other valid authentication credential.",
)


@cache
def _key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(65537, 2048)


class FcmServer:
    """Takes messages and remembers them.

    Attributes:
        sent: by registration token, what it took, in order.
        asked: how often each message was asked for, whatever the answer.
        raw: every byte that came: paths, headers and bodies.
        slow: how long a token that begins with `slow` waits, in seconds.
    """

    def __init__(self) -> None:
        self.url = ""
        self.sent: dict[str, list[dict[str, Any]]] = defaultdict(list)
        self.asked: Counter[str] = Counter()
        self.raw: list[bytes] = []
        self.slow = 3.0
        self.token_pause = 0.0
        self.grants = 0
        self.grant_refusal: tuple[int, str] | None = None
        self._tokens: set[str] = set()
        self._known = _key()

    def account(self, folder: Path) -> Path:
        """Write the key file of a service account."""
        pem = _key().private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        path = folder / "fcm-account.json"
        path.write_text(
            json.dumps(
                {
                    "type": "service_account",
                    "project_id": PROJECT,
                    "private_key_id": "k1",
                    "private_key": pem.decode(),
                    "client_email": f"push@{PROJECT}.iam.gserviceaccount.com",
                    "client_id": "1",
                    "token_uri": f"{self.url}/token",
                }
            )
        )
        return path

    def shown(self, token: str) -> list[str]:
        """Return what a phone shows: one for each collapse key, by its id."""
        return list(dict.fromkeys(one["data"]["n"] for one in self.sent[token]))

    def forget_tokens(self) -> None:
        """Let every access token that was given be worthless."""
        self._tokens.clear()

    def forget_account(self) -> None:
        """Let the account's key be worthless."""
        self._known = rsa.generate_private_key(65537, 2048)

    # --- the grant (RFC 7523) -------------------------------------------------------------------

    async def grant(self, request: web.Request) -> web.Response:
        """Give an access token for a signed assertion."""
        self.grants += 1
        form = await request.post()
        await asyncio.sleep(self.token_pause)
        if self.grant_refusal is not None:
            status, error = self.grant_refusal
            return web.json_response({"error": error}, status=status)
        why = self._fault_of(str(form.get("grant_type")), str(form.get("assertion")))
        if why:
            body = {"error": "invalid_grant", "error_description": why}
            return web.json_response(body, status=400)
        token = secrets.token_urlsafe(16)
        self._tokens.add(token)
        given = {"access_token": token, "expires_in": 3599, "token_type": "Bearer"}
        return web.json_response(given)

    def _fault_of(self, grant_type: str, assertion: str) -> str:
        signed, _, signature = assertion.rpartition(".")
        header, claims = (json.loads(_raw(part)) for part in signed.split("."))
        try:
            self._known.public_key().verify(
                _raw(signature), signed.encode(), padding.PKCS1v15(), hashes.SHA256()
            )
        except InvalidSignature:
            return "Invalid JWT Signature."
        now = time.time()
        is_good = (
            grant_type == GRANT
            and header["alg"] == "RS256"
            and claims["aud"] == AUDIENCE
            and claims["iss"].startswith("push@")
            and bool(SCOPES & set(claims["scope"].split()))
            and now - 60 < claims["iat"] <= now + 60
            and claims["exp"] - claims["iat"] <= 3600
        )
        return "" if is_good else "Invalid JWT: Token must be a short-lived token."

    # --- messages -------------------------------------------------------------------------------

    async def send(self, request: web.Request) -> web.Response:
        """Take a message, or refuse it."""
        body = await request.read()
        self.raw.append(f"{request.raw_path} {dict(request.headers)} ".encode() + body)
        scheme, _, token = request.headers.get("Authorization", "").partition(" ")
        if scheme != "Bearer" or token not in self._tokens:
            return UNKNOWN_CALLER.response()
        if request.match_info["project"] != PROJECT:
            return REFUSALS["locked"].response()
        message = json.loads(body)["message"]
        fault = fault_of(message) or ("too big" if len(body) > 2 * LARGEST else "")
        if fault:
            return Refusal(400, "INVALID_ARGUMENT", fault, "INVALID_ARGUMENT").response()
        return await self._take(message.get("token") or message["fid"], message)

    async def _take(self, to: str, message: dict[str, Any]) -> web.Response:
        id_ = message["data"]["n"]
        self.asked[id_] += 1
        word = to.partition("-")[0]
        if word == "slow":
            await asyncio.sleep(self.slow)
        if word.startswith("once_"):
            word = word.removeprefix("once_") if self.asked[id_] == 1 else ""
        if word in REFUSALS:
            return REFUSALS[word].response()
        self.sent[to].append(message)
        return web.json_response({"name": f"projects/{PROJECT}/messages/{secrets.token_hex(8)}"})


def fault_of(message: dict[str, Any]) -> str:
    """Say what FCM would have against a message, if anything."""
    android, apns = message.get("android", {}), message.get("apns", {})
    texts = [*message.get("data", {}).values(), *apns.get("headers", {}).values()]
    faults = {
        "Recipient of the message is not set.": len(_TARGETS & message.keys()) != 1,
        "Unknown name": bool(message.keys() - _FIELDS),
        "Invalid value (TYPE_STRING)": not all(isinstance(text, str) for text in texts),
        "Invalid value at 'message.android.ttl'": not _TTL.match(android.get("ttl", "1s")),
        "Invalid value at 'message.android.priority'": (
            android.get("priority", "normal") not in {"normal", "high"}
        ),
        "Invalid apns-collapse-id": len(apns.get("headers", {}).get("apns-collapse-id", "")) > 64,
        "Invalid apns-priority": apns.get("headers", {}).get("apns-priority", "5") not in "5 10",
        "Message is too big": len(json.dumps(message.get("data", {}))) > LARGEST,
    }
    return next((fault for fault, is_so in faults.items() if is_so), "")


def _raw(part: str) -> bytes:
    return base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))


@asynccontextmanager
async def fcm_server() -> AsyncGenerator[FcmServer]:
    """Run the server in this loop."""
    server, app = FcmServer(), web.Application()
    app.router.add_post("/token", server.grant)
    app.router.add_post("/v1/projects/{project}/messages:send", server.send)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    host, port = runner.addresses[0][:2]
    server.url = f"http://{host}:{port}"
    try:
        yield server
    finally:
        await runner.cleanup()
