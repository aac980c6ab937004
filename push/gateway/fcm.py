"""Firebase Cloud Messaging, HTTP v1: firebase-admin in a thread that has a loop of its own.

firebase-admin fetches access tokens without a loop, sends again on its own account, and asks no
proxy. So it gets a thread in which nobody else waits, an access token that was fetched beforehand,
and an HTTP client that tries once and goes through the proxy; retries are the dispatcher's.
"""

import asyncio
import json
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx
import structlog
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from typing_extensions import override

from core.messages import say
from push.errors import NoFcmAccount
from push.gateway.answers import retry_after
from push.gateway.port import (
    Address,
    Gateway,
    Gone,
    Later,
    Message,
    Outcome,
    Rejected,
    Sent,
    Unauthorized,
    Unreachable,
)
from push.rules import AT_ONCE, AddressKind, Urgency

if TYPE_CHECKING:
    from firebase_admin.messaging import Message as FcmMessage
    from google.oauth2.service_account import Credentials

#: At most so many requests at a time; more make a connection pool run dry.
PARALLEL = 32
#: Of one request, in seconds; the provider asks for no less.
PATIENCE = 10.0
#: Of a provider whose quota is used up, unless it asks for a longer one.
QUOTA_PAUSE = timedelta(seconds=60)
#: A token that is refused so soon after it was given is not too old: we are not welcome.
NEW_SECONDS = 60.0
_log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class FcmAccount:
    """Whose messages are sent, and by which way.

    Attributes:
        credentials: the file of a service account.
        url: of the provider.
        proxy: between here and there; empty means what the environment says.
    """

    credentials: Path
    url: str = "https://fcm.googleapis.com"
    proxy: str = ""

    def must_be_usable(self) -> None:
        """Refuse a file that is no service account's before anything depends on it."""
        try:
            said = json.loads(self.credentials.read_text("utf-8"))
            load_pem_private_key(said["private_key"].encode(), None)
            known = [said[name] for name in ("project_id", "client_email", "token_uri")]
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            raise NoFcmAccount from None
        if said.get("type") != "service_account" or not all(known):
            raise NoFcmAccount


class FcmGateway(Gateway):
    """Starts its thread with the first message, so that nobody pays for it before."""

    def __init__(self, account: FcmAccount) -> None:
        account.must_be_usable()
        self.kinds = frozenset({AddressKind.FCM_TOKEN, AddressKind.FCM_FID})
        self._account = account
        self._thread: _Thread | None = None

    @override
    def provider_of(self, address: Address) -> str:
        return "fcm"

    @override
    async def send(self, address: Address, message: Message) -> Outcome:
        if self._thread is None:
            self._thread = _Thread(self._account)
        return await self._thread.send(address, message)

    @override
    async def close(self) -> None:
        thread, self._thread = self._thread, None
        if thread is not None:
            await asyncio.to_thread(thread.stop)


class _Thread:
    """The thread, its loop, and the courier in it."""

    def __init__(self, account: FcmAccount) -> None:
        self._account = account
        self._loop = asyncio.new_event_loop()
        self._courier: Future[_Courier] = Future()
        self._thread = threading.Thread(target=self._run, name="fcm", daemon=True)
        self._thread.start()

    async def send(self, address: Address, message: Message) -> Outcome:
        courier = await asyncio.shield(asyncio.wrap_future(self._courier))
        sending = courier.send(address, message)
        return await asyncio.wrap_future(asyncio.run_coroutine_threadsafe(sending, self._loop))

    def stop(self) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()

    def _run(self) -> None:
        try:
            courier = _Courier(self._account)
        except Exception as error:  # noqa: BLE001 - whoever sends hears of it
            self._courier.set_exception(error)
            self._loop.run_forever()
            self._loop.close()
            return
        self._courier.set_result(courier)
        self._loop.run_forever()
        for task in asyncio.all_tasks(self._loop):
            task.cancel()
        self._loop.run_until_complete(courier.close())
        self._loop.close()
        courier.forget()


class _Courier:
    """Speaks to the provider; lives in its thread alone."""

    def __init__(self, account: FcmAccount) -> None:
        import firebase_admin  # noqa: PLC0415 - 40 MB and two seconds, only where FCM is used
        from firebase_admin import credentials, messaging  # noqa: PLC0415

        self._messaging = messaging
        self._gone = (messaging.UnregisteredError, messaging.SenderIdMismatchError)
        certificate = credentials.Certificate(str(account.credentials))
        self._app = firebase_admin.initialize_app(certificate, name=f"khonggiay-{id(self)}")
        self._access = _Access(certificate.get_credential(), account.proxy)
        self._client = httpx.AsyncClient(
            http2=True,
            auth=self._access,
            timeout=PATIENCE,
            limits=httpx.Limits(max_connections=PARALLEL, max_keepalive_connections=PARALLEL),
            proxy=account.proxy or None,
        )
        service = messaging._get_messaging_service(self._app)  # noqa: SLF001 - see the module
        service._async_client._async_client = self._client  # noqa: SLF001
        path = f"/v1/projects/{self._app.project_id}/messages:send"
        service._fcm_url = account.url.rstrip("/") + path  # noqa: SLF001
        self._slots = asyncio.Semaphore(PARALLEL)
        self._forget: Callable[[], None] = partial(firebase_admin.delete_app, self._app)

    async def send(self, address: Address, message: Message) -> Outcome:
        """Send one message, once."""
        async with self._slots:
            try:
                async with asyncio.timeout(PATIENCE):
                    return await self._send(address, message)
            except TimeoutError:
                raise Unreachable("timed_out") from None

    async def _send(self, address: Address, message: Message) -> Outcome:
        await self._access.renew()
        try:
            made = written(address, message)
            answers = await self._messaging.send_each_async([made], app=self._app)
        except ValueError:  # firebase-admin will not write it
            _log.exception("push.unwritable", message=str(message.id))
            return Rejected("unwritable")
        (answer,) = answers.responses
        return Sent() if answer.success else self._outcome(answer.exception)

    def _outcome(self, error: Any) -> Outcome:
        response: httpx.Response | None = error.http_response
        if isinstance(error, self._gone):
            return Gone()
        if isinstance(error, self._messaging.ThirdPartyAuthError):
            raise Unreachable("THIRD_PARTY_AUTH_ERROR")  # of Apple's alone: Android goes on
        if response is None:
            raise Unreachable(error.code)
        if error.code == "UNAUTHENTICATED" and self._access.is_stale(response.request):
            raise Unreachable("access_token_expired")
        return outcome_of(error.code, retry_after(response.headers.get("Retry-After")))

    async def close(self) -> None:
        await self._client.aclose()

    def forget(self) -> None:
        """Let firebase-admin forget the account; it runs a loop of its own for that."""
        self._forget()


class _Access(httpx.Auth):
    """The access token; it is fetched in another thread and put into each request as it is."""

    def __init__(self, credentials: "Credentials", proxy: str) -> None:
        from google.auth.transport.requests import Request  # noqa: PLC0415 - as firebase-admin

        request = Request()
        if proxy:
            request.session.proxies = {"http": proxy, "https": proxy}
        self._credentials = credentials
        self._request = partial(request, timeout=PATIENCE)
        self._renewing = asyncio.Lock()
        self._fetched_at = -NEW_SECONDS

    async def renew(self) -> None:
        """Fetch a token, if there is none that is good for a while."""
        async with self._renewing:
            if not self._credentials.valid:
                await asyncio.shield(asyncio.to_thread(self._fetch))

    def is_stale(self, refused: httpx.Request) -> bool:
        """Say whether a request was refused for an old token; that one is used no more."""
        if refused.headers["Authorization"] != self._header():
            return True
        is_new = time.monotonic() - self._fetched_at < NEW_SECONDS
        self._credentials.token = None
        return not is_new

    def _header(self) -> str:
        return f"Bearer {self._credentials.token}"

    def _fetch(self) -> None:
        from google.auth.exceptions import GoogleAuthError, TransportError  # noqa: PLC0415

        try:
            self._credentials.refresh(self._request)
        except TransportError as error:
            raise Unreachable("no_access_token") from error
        except GoogleAuthError as error:
            if error.retryable:
                raise Unreachable("no_access_token") from error
            raise Unauthorized from error
        self._fetched_at = time.monotonic()

    @override
    def auth_flow(self, request: httpx.Request) -> Any:
        request.headers["Authorization"] = self._header()
        yield request


def written(address: Address, message: Message) -> "FcmMessage":
    """Write a message in the provider's words: for Android, for Apple, for browsers."""
    from firebase_admin import messaging  # noqa: PLC0415 - loaded by now

    id_, is_urgent = str(message.id), message.urgency is not Urgency.NORMAL
    lives = timedelta(seconds=int(message.time_to_live.total_seconds()))
    aps = messaging.Aps(
        alert=messaging.ApsAlert(body=say("push.alert", "vi")),
        mutable_content=True,
        custom_data={
            "interruption-level": "time-sensitive" if message.urgency in AT_ONCE else "active"
        },
    )
    made = messaging.Message(
        data={key: str(value) for key, value in message.payload().items()},
        android=messaging.AndroidConfig(
            collapse_key=id_, priority="high" if is_urgent else "normal", ttl=lives
        ),
        apns=messaging.APNSConfig(
            headers={
                "apns-collapse-id": id_,
                "apns-priority": "10" if is_urgent else "5",
                "apns-expiration": str(int((datetime.now(UTC) + lives).timestamp())),
            },
            payload=messaging.APNSPayload(aps=aps),
        ),
        webpush=messaging.WebpushConfig(
            headers={
                "Urgency": "high" if is_urgent else "normal",
                "TTL": str(int(lives.total_seconds())),
            }
        ),
    )
    # Set afterwards: the constructor warns of a token, which is good as long as apps have one.
    setattr(made, "token" if address.kind is AddressKind.FCM_TOKEN else "fid", address.value)
    return made


def outcome_of(code: str, asked: timedelta | None) -> Outcome:
    """Read a refusal that names no address.

    Args:
        code: of the platform, such as `RESOURCE_EXHAUSTED`.
        asked: the pause that the provider asks for, if it does.
    """
    match code:
        case "INVALID_ARGUMENT":
            return Rejected(code)
        case "RESOURCE_EXHAUSTED":
            return Later(max(asked or QUOTA_PAUSE, QUOTA_PAUSE))
        case "UNAUTHENTICATED" | "PERMISSION_DENIED" | "NOT_FOUND":
            raise Unauthorized  # they mean the whole project
        case _ if asked is not None:
            return Later(asked)
        case _:
            raise Unreachable(code)
