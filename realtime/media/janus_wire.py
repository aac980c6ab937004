"""Janus's own API over its WebSocket (subprotocol `janus-protocol`): one session, many handles."""

import asyncio
import itertools
import ssl
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager, suppress
from typing import Any, Self

import orjson
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import WebSocketException
from websockets.typing import Subprotocol

from realtime.errors import BadDescription, EngineLost

Json = dict[str, Any]
PLUGIN = "janus.plugin.videoroom"
#: Seconds: Janus forgets a session that says nothing for 60.
KEEPALIVE, PATIENCE = 20.0, 10.0
LARGEST = 1 << 20
#: What Janus calls a description that it cannot use (apierror.h, janus_videoroom.c).
_BAD_SDP = {437, 464, 465}


class Refusal(Exception):
    """Janus, or its VideoRoom plugin, refused a request."""

    def __init__(self, code: int) -> None:
        super().__init__(code)
        self.code = code


class Session:
    """A session; every method raises `EngineLost` when Janus does not answer."""

    def __init__(self, socket: ClientConnection, api_secret: str) -> None:
        self._socket, self._secret = socket, api_secret
        self._asked: dict[str, asyncio.Future[Json]] = {}
        self._heard: dict[int, Callable[[Json], None]] = {}
        self._number = itertools.count()
        self._id = 0

    @classmethod
    @asynccontextmanager
    async def opened(
        cls, url: str, api_secret: str, trust: ssl.SSLContext | None
    ) -> AsyncGenerator[Self]:
        """Open a session, or raise `EngineLost`."""
        protocols = [Subprotocol("janus-protocol")]
        try:
            socket = await connect(
                url, subprotocols=protocols, open_timeout=PATIENCE, max_size=LARGEST, proxy=None,
                ssl=trust, ping_interval=None,
            )  # fmt: skip
        except (OSError, TimeoutError, WebSocketException) as error:
            raise EngineLost from error
        async with socket:
            yield cls(socket, api_secret)

    async def run(self, ready: Callable[[], Any]) -> None:
        """Read until the socket ends; `ready` is awaited once the session stands."""
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(self._keep_alive(ready))
                async for said in self._socket:
                    self._take(orjson.loads(said))
                raise EngineLost
        finally:
            for each in self._asked.values():
                if not each.done():
                    each.set_exception(EngineLost())
            self._asked.clear()

    async def _keep_alive(self, ready: Callable[[], Any]) -> None:
        self._id = (await self._ask({"janus": "create"}))["data"]["id"]
        await ready()
        while True:
            await asyncio.sleep(KEEPALIVE)
            await self._ask({"janus": "keepalive"}, is_acked=True)

    # Requests

    async def attach(self, heard: Callable[[Json], None]) -> int:
        """Return a new handle of the VideoRoom; `heard` gets what it says unasked."""
        answer = await self._ask({"janus": "attach", "plugin": PLUGIN})
        handle = int(answer["data"]["id"])
        self._heard[handle] = heard
        return handle

    async def detach(self, handle: int) -> None:
        """Give a handle up, with what it sends or receives; again changes nothing."""
        if self._heard.pop(handle, None) is not None:
            with suppress(Refusal):
                await self._ask({"janus": "detach", "handle_id": handle})

    async def request(self, handle: int, body: Json, jsep: Json | None = None) -> Json:
        """Ask the VideoRoom; return its data, with `sdp` where it answers with one.

        Raises:
            Refusal: it refuses.
            BadDescription: it cannot use the description.
        """
        message: Json = {"janus": "message", "handle_id": handle, "body": body}
        if jsep is not None:
            message["jsep"] = jsep
        answer = await self._ask(message)
        data: Json = answer["plugindata"]["data"]
        if "error_code" in data:
            raise _refusal(int(data["error_code"]))
        return data | ({"sdp": answer["jsep"]["sdp"]} if "jsep" in answer else {})

    async def end_of_candidates(self, handle: int) -> None:
        """Say that a phone's description holds all its candidates."""
        trickle = {"janus": "trickle", "handle_id": handle, "candidate": {"completed": True}}
        await self._ask(trickle, is_acked=True)

    async def _ask(self, message: Json, *, is_acked: bool = False) -> Json:
        transaction = str(next(self._number))
        answered = asyncio.get_running_loop().create_future()
        self._asked[f"{transaction} ack" if is_acked else transaction] = answered
        message |= {"transaction": transaction}
        if self._id:
            message["session_id"] = self._id
        if self._secret:
            message["apisecret"] = self._secret
        try:
            async with asyncio.timeout(PATIENCE):
                await self._socket.send(orjson.dumps(message).decode())
                answer: Json = await answered
        except (OSError, TimeoutError, WebSocketException) as error:
            raise EngineLost from error
        finally:
            self._asked.pop(transaction, None)
            self._asked.pop(f"{transaction} ack", None)
        if answer["janus"] == "error":
            raise _refusal(int(answer["error"]["code"]))
        return answer

    # What Janus says

    def _take(self, said: Json) -> None:
        transaction, kind = str(said.get("transaction", "")), said["janus"]
        key = f"{transaction} ack" if kind == "ack" else transaction
        waits = self._asked.get(key) or (kind == "error" and self._asked.get(f"{key} ack")) or None
        if waits is not None and not waits.done():
            waits.set_result(said)
        elif kind not in {"ack", "success", "error"}:
            heard = self._heard.get(int(said.get("sender", 0)))
            if heard is not None:
                heard(said)


def _refusal(code: int) -> Exception:
    return BadDescription() if code in _BAD_SDP else Refusal(code)
