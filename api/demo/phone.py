"""A phone as the API meets it: a key of its own, DPoP proofs, a socket with resume.

It uses nothing but the public API, and so it is also an example for mobile developers.
"""

import json
from collections.abc import Callable
from datetime import datetime
from hashlib import sha256
from typing import Any, Protocol
from uuid import UUID, uuid4

from cryptography.hazmat.primitives.asymmetric import ec

from api.demo.authenticator import base64url
from core.clock import utc_now
from core.nonces import HEADER as NONCE
from core.tokens import make_proof, public_jwk, thumbprint_of

#: Gives the header `Step-Up` for a challenge.
Show = Callable[[bytes], str]
_STEPS = 2


class Client(Protocol):
    """An HTTP client: httpx's, over the network or straight into the application."""

    async def request(self, *args: Any, **kwargs: Any) -> Any:
        """Send one request: method, URL, options."""
        ...


class Refused(Exception):
    """The server refused a request that the phone counted on."""

    def __init__(self, answer: Any) -> None:
        super().__init__(_sentence_of(answer))
        self.answer = answer


def _sentence_of(answer: Any) -> str:
    """Return what the server said, in both languages; what is no server of ours says it its way."""
    try:
        problem = answer.json()
        return f"{problem['title_vi']} · {problem['title']} ({problem['type']})"
    except (ValueError, TypeError, KeyError):
        return f"{answer.status_code}: {answer.text[:200]}"


class Phone:
    """One official's device.

    Args:
        client: sends the requests.
        base_url: of the server, as the proofs name it.
        clock: the phone's own clock.
    """

    def __init__(
        self, client: Client, base_url: str, *, clock: Callable[[], datetime] = utc_now
    ) -> None:
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.access_token = ""
        self.refresh_token = ""
        self.device_id = ""
        #: The server's newest nonce; endpoints that want a fresh proof ask for it.
        self.nonce = ""
        self._client = client
        self._base_url = base_url.rstrip("/")
        self._clock = clock

    async def log_in(
        self, account: str, password: str, *, name: str = "phone", show: Show | None = None
    ) -> Any:
        """Log in; a refusal, such as a device that still waits, is returned, not raised."""
        body = {"account": account, "password": password, "device_name": name}
        if show is None:
            answer = await self._ask("POST", "/sessions", json=body)
        else:
            subject = b"log in" + self.thumbprint.encode()
            answer = await self._step_up("/sessions", subject, show, json=body)
        if answer.status_code == 200:  # noqa: PLR2004
            self._keep(answer.json())
        return answer

    async def refresh(self) -> Any:
        """Exchange the refresh token."""
        body = {"refresh_token": self.refresh_token}
        answer = await self._ask("POST", "/sessions/refresh", json=body)
        if answer.status_code == 200:  # noqa: PLR2004
            self._keep(answer.json())
        return answer

    async def send(self, method: str, path: str, **options: Any) -> Any:
        """Send a request with the access token and a proof for just this request."""
        return await self._ask(method, path, access_token=self.access_token, **options)

    async def get(self, path: str, **options: Any) -> Any:
        """Read something, or fail with what the server said."""
        return _expect(await self.send("GET", path, **options))

    async def post(self, path: str, **options: Any) -> Any:
        """Change something once, however often it is sent, or fail with what the server said."""
        headers = options.pop("headers", {})
        headers.setdefault("Idempotency-Key", str(uuid4()))
        return _expect(await self.send("POST", path, headers=headers, **options))

    async def sign(
        self, request_id: str, digest: str, *, show: Show | None = None, **options: Any
    ) -> Any:
        """Say yes to a signature request, for just the paper with this SHA-256."""
        subject = UUID(request_id).bytes + bytes.fromhex(digest)
        path = f"/signature-requests/{request_id}/sign"
        return await self.step_up(path, subject, show=show, **options)

    async def initial(self, request_id: str, digest: str, *, show: Show | None = None) -> Any:
        """Approve just the paper with this SHA-256 with one's initials."""
        subject = UUID(request_id).bytes + bytes.fromhex(digest)
        return await self.step_up(f"/signature-requests/{request_id}/initial", subject, show=show)

    async def sign_list(self, shown: Any, *, show: Show | None = None, **options: Any) -> Any:
        """Say yes to a whole list, as it was shown."""
        text = json.dumps(shown["items"], sort_keys=True, separators=(",", ":"), ensure_ascii=False)
        subject = b"list" + UUID(shown["id"]).bytes + sha256(text.encode()).digest()
        return await self.step_up(
            f"/signing-lists/{shown['id']}/sign", subject, show=show, **options
        )

    async def step_up(
        self, path: str, subject: bytes, *, show: Show | None = None, **options: Any
    ) -> Any:
        """Do something grave: prove the device anew, and show what else is asked for.

        Args:
            path: where to.
            subject: what the challenge is about.
            show: gives the header `Step-Up` for a challenge.
            options: of the request.
        """
        headers = options.pop("headers", {})
        headers.setdefault("Idempotency-Key", str(uuid4()))
        return await self._step_up(
            path, subject, show, access_token=self.access_token, headers=headers, **options
        )

    async def ticket(self) -> str:
        """Get a ticket for one socket."""
        return str((await self.post("/realtime/tickets")).json()["ticket"])

    @property
    def thumbprint(self) -> str:
        """Return what the server knows the device's key by."""
        return thumbprint_of(public_jwk(self.key.public_key()))

    def proof(self, method: str, url: str, *, access_token: str | None = None, **more: str) -> str:
        """Sign a DPoP proof, with the newest nonce if there is one."""
        if self.nonce:
            more["nonce"] = self.nonce
        now = self._clock()
        return make_proof(self.key, method, url, now=now, access_token=access_token, **more)

    async def _ask(
        self, method: str, path: str, *, access_token: str | None = None, **options: Any
    ) -> Any:
        """Send a request; where its nonce is missing or old, once more with the one just given."""
        known = self.nonce
        answer = await self._ask_once(method, path, access_token, **options)
        if _wants_a_nonce(answer) and self.nonce != known:
            answer = await self._ask_once(method, path, access_token, **options)
        return answer

    async def _step_up(self, path: str, subject: bytes, show: Show | None, **options: Any) -> Any:
        answer = None
        for _ in range(_STEPS):  # the first may only bring the nonce
            known = self.nonce
            asked = sha256(subject + known.encode()).digest()
            answer = await self._show(path, asked, show, **options)
            if answer.status_code != 401 or self.nonce == known:  # noqa: PLR2004
                break
        return answer

    async def _show(self, path: str, challenge: bytes, show: Show | None, **options: Any) -> Any:
        headers = dict(options.pop("headers", {}))
        if show is not None:
            headers["Step-Up"] = show(challenge)
        token = options.pop("access_token", None)
        vouched = {"challenge": base64url(challenge)}
        return await self._ask_once("POST", path, token, vouched, headers=headers, **options)

    async def _ask_once(
        self,
        method: str,
        path: str,
        access_token: str | None,
        claims: dict[str, str] | None = None,
        **options: Any,
    ) -> Any:
        url = f"{self._base_url}{path}"
        headers = dict(options.pop("headers", {}))
        headers["DPoP"] = self.proof(method, url, access_token=access_token, **(claims or {}))
        if access_token is not None:
            headers["Authorization"] = f"DPoP {access_token}"
        answer = await self._client.request(method, url, headers=headers, **options)
        self.nonce = answer.headers.get(NONCE, self.nonce)
        return answer

    def _keep(self, tokens: dict[str, Any]) -> None:
        self.access_token = tokens["access_token"]
        self.refresh_token = tokens["refresh_token"]
        self.device_id = tokens["device_id"]


def _wants_a_nonce(answer: Any) -> bool:
    return "use_dpop_nonce" in answer.headers.get("WWW-Authenticate", "")


def _expect(answer: Any) -> Any:
    if answer.status_code >= 400:  # noqa: PLR2004
        raise Refused(answer)
    return answer
