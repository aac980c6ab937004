"""A phone on a bad network: 300 ms there and back, 400 kb/s, stalls and drops, TLS 1.3 all the way.

Everything is measured at the phone's end: seconds, and bytes inside TCP, TLS included. A real chain
of certificates is some 3 KB longer than the one here; a resumed TLS session would be shorter.
"""

import asyncio
import json
import ssl
import statistics
import tempfile
import time
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
from websockets.asyncio.client import ClientConnection, connect
from websockets.typing import Subprotocol

from bench import processes
from bench.harness import Report, is_quick, note, percentile
from bench.network import Link, Network, bad_network
from bench.processes import NO_CAPS, PYTHON, free_port
from bench.world import Handset, engines_in, give_phones, give_tasks
from core.clock import utc_now
from core.tokens import make_proof
from tests.support.ministry import PASSWORD, found
from tests.support.tls import self_signed

ROUNDS = 4 if is_quick() else 20
NOTIFICATIONS = 60
MISSED = 5
IDLE_SECONDS = 60 if is_quick() else 180
#: What IP and TCP add to each packet, and how many packets a heartbeat takes: both sides speak, and
#: both acknowledge.
HEADERS, PACKETS = 52, 4
HEARTBEAT = 25


@dataclass
class Phone:
    """A phone as our how-to page has it, on the bad network."""

    handset: Handset
    url: str
    tls: ssl.SSLContext
    token: str = ""
    places: dict[str, list[Any]] = field(default_factory=dict)

    @property
    def stream(self) -> str:
        """Its official's own stream."""
        return f"user:{self.handset.official_id}"

    @asynccontextmanager
    async def client(self) -> AsyncGenerator[httpx.AsyncClient]:
        """Give connections that are new."""
        async with httpx.AsyncClient(
            base_url=self.url, verify=self.tls, trust_env=False, timeout=30
        ) as client:
            yield client

    async def ask(self, client: httpx.AsyncClient, method: str, path: str, **more: Any) -> Any:
        """Send a request with a proof of its own."""
        proof = make_proof(
            self.handset.key, method, f"{self.url}{path}", now=utc_now(),
            access_token=self.token or None,
        )  # fmt: skip
        headers = {"DPoP": proof} | ({"Authorization": f"DPoP {self.token}"} if self.token else {})
        answer = await client.request(method, path, headers=headers, **more)
        return answer.raise_for_status().json()

    async def log_in(self, client: httpx.AsyncClient, account: str) -> None:
        """Show the password."""
        said = {"account": account, "password": PASSWORD}
        self.token = ""
        self.token = (await self.ask(client, "POST", "/sessions", json=said))["access_token"]

    async def dial(self) -> ClientConnection:
        """Open the socket without a ticket: it is asked for at the same time."""
        address = self.url.replace("https", "wss") + "/realtime"
        names = [Subprotocol("khonggiay.v1")]
        return await connect(
            address, subprotocols=names, ssl=self.tls, compression=None, proxy=None,
            ping_interval=None,
        )  # fmt: skip

    async def come_alive(self, client: httpx.AsyncClient) -> tuple[ClientConnection, Any]:
        """Have socket and ticket at once, then say everything at once."""
        socket, given = await asyncio.gather(
            self.dial(), self.ask(client, "POST", "/realtime/tickets")
        )
        await say(socket, t="auth", ticket=given["ticket"])
        await say(socket, t="hello", v=1, resume=self.places, hb=HEARTBEAT)
        if not self.places:
            await say(socket, t="sub", i=1, s=self.stream, **{"from": "snapshot"})
        welcome = await hear(socket, "welcome")
        if not self.places:
            answer = await hear(socket, "ok")
            self.places = {self.stream: [answer["ep"], answer["head"]]}
        return socket, welcome["streams"].get(self.stream)

    async def resume(self, client: httpx.AsyncClient) -> ClientConnection:
        """Connect again, and hear everything that was missed."""
        socket, state = await self.come_alive(client)
        assert state["state"] == "recovered", state
        for _ in range(state["n"]):
            self.places[self.stream][1] = (await hear(socket, "ev"))["q"]
        return socket


async def say(socket: ClientConnection, **frame: Any) -> None:
    await socket.send(json.dumps(frame))


async def hear(socket: ClientConnection, kind: str) -> Any:
    while True:
        frame = json.loads(await socket.recv())
        if frame["t"] == "ping":
            await say(socket, t="pong")
        if frame["t"] == kind:
            return frame


def main() -> None:
    report = Report("network")
    with tempfile.TemporaryDirectory(prefix="kg-bench-") as temporary:
        asyncio.run(_measure(report, Path(temporary)))


async def _measure(report: Report, folder: Path) -> None:
    handset, other = await _settle(folder)
    key, certificate = self_signed(folder)
    serving = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    serving.load_cert_chain(certificate, key)
    trusting = ssl.create_default_context(cafile=str(certificate))
    port = free_port()
    async with bad_network(port, serving, Link(), seed=1) as network:
        url = f"https://127.0.0.1:{network.port}"
        command = [PYTHON, "-m", "api", "serve", "--port", str(port)]
        environment = NO_CAPS | {"KHONGGIAY_DATA": str(folder), "KHONGGIAY_HTTP__PUBLIC_URL": url}
        server = processes.start(
            command, port=port, environment=environment, log=folder / "server.log"
        )
        try:
            await asyncio.to_thread(server.wait, "/health/ready")
            phone, elsewhere = Phone(handset, url, trusting), Elsewhere(other, url, port)
            await log_in(report, network, phone)
            await reconnect(report, network, phone, elsewhere)
            await idle(report, network, phone)
        finally:
            await asyncio.to_thread(server.stop)


async def _settle(folder: Path) -> tuple[Handset, Handset]:
    async with engines_in(folder) as engines:
        ministry = await found(engines.db)
        await give_tasks(engines, ministry, NOTIFICATIONS)
        first, second = await give_phones(engines, ministry.officer, 2)
        return first, second


async def log_in(report: Report, network: Network, phone: Phone) -> None:
    """From the password to an inbox that can be used, and to a socket that is live."""
    note("network: logging in ...")
    usable, live, sizes = [], [], []
    for _ in range(ROUNDS):
        before, since = network.bytes, time.perf_counter()
        phone.places = {}
        async with phone.client() as client:
            await phone.log_in(client, "officer")
            await phone.ask(client, "GET", "/inbox")
            await phone.ask(client, "GET", "/me")
            usable.append(time.perf_counter() - since)
            socket, _ = await phone.come_alive(client)
            live.append(time.perf_counter() - since)
            sizes.append((network.bytes - before) / 1000)
            await socket.close()
        network.drop()
    _tell(report, "from the password to a usable inbox", usable, "ours <= 2")
    _tell(report, "from the password to a live socket", live, None)
    report.add("all bytes until then", "KB", statistics.median(sizes), goal="ours <= 40")


async def reconnect(report: Report, network: Network, phone: Phone, elsewhere: "Elsewhere") -> None:
    """From the network's return to the last event that was missed."""
    note("network: reconnecting ...")
    seconds = []
    async with phone.client() as client:
        await phone.log_in(client, "officer")
        socket, _ = await phone.come_alive(client)
    for _ in range(ROUNDS):
        network.drop()
        await socket.close()
        await elsewhere.cause(MISSED)
        since = time.perf_counter()
        async with phone.client() as client:
            socket = await phone.resume(client)
        seconds.append(time.perf_counter() - since)
    await socket.close()
    _tell(report, f"from the network's return to the last of {MISSED} missed events", seconds,
          "ours <= 1.5")  # fmt: skip


async def idle(report: Report, network: Network, phone: Phone) -> None:
    """What a socket costs that only beats: measured for some minutes, computed for an hour."""
    note(f"network: idle for {IDLE_SECONDS} s ...")
    async with phone.client() as client:
        await phone.log_in(client, "officer")
        socket, _ = await phone.come_alive(client)
    marks = []
    try:
        async with asyncio.timeout(IDLE_SECONDS):
            while True:
                await hear(socket, "ping")
                marks.append(network.bytes)
    except TimeoutError:
        await socket.close()
    beats = len(marks) - 1
    each = (marks[-1] - marks[0]) / beats
    hour = 3600 / HEARTBEAT * (each + PACKETS * HEADERS) / 1000
    report.add(
        f"an idle hour at a heartbeat of {HEARTBEAT} s, IP and TCP included (computed from {beats} "
        f"measured beats of {each:.0f} bytes)", "KB", hour, goal="ours <= 60",
    )  # fmt: skip


@dataclass(frozen=True)
class Elsewhere:
    """The official's other phone, on a good network: what it does, the first one misses."""

    handset: Handset
    url: str
    port: int

    async def cause(self, count: int) -> None:
        """Mark some of the inbox: each is one event."""
        async with httpx.AsyncClient(trust_env=False) as client:
            inbox = await self._ask(client, "GET", "/inbox")
            for item in inbox["items"][:count]:
                what = "read" if item["read_at"] is None else "unread"
                await self._ask(client, "POST", f"/inbox/{item['id']}/{what}")

    async def _ask(self, client: httpx.AsyncClient, method: str, path: str) -> Any:
        headers = self.handset.headers(method, f"{self.url}{path}")
        answer = await client.request(
            method, f"http://127.0.0.1:{self.port}{path}", headers=headers
        )
        return answer.raise_for_status().json()


def _tell(report: Report, case: str, seconds: list[float], goal: str | None) -> None:
    report.add(case, "s", statistics.median(seconds), goal=goal)
    report.add(f"{case}, p90", "s", percentile(seconds, 0.9))


if __name__ == "__main__":
    main()
