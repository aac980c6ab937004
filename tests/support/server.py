"""The real server as a child process: started, killed and started again on the same folder."""

import asyncio
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Awaitable, Callable
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import httpx

PATIENCE = 60
_UNAVAILABLE = 503
_POLL = 0.05


def free_port() -> int:
    """Return a port that nobody listens on."""
    return free_ports(1)[0]


def free_ports(count: int) -> list[int]:
    """Return different ports that nobody listens on."""
    with ExitStack() as stack:
        probes = [stack.enter_context(socket.socket()) for _ in range(count)]
        for probe in probes:
            probe.bind(("127.0.0.1", 0))
        return [int(probe.getsockname()[1]) for probe in probes]


class Process:
    """`khonggiay <words>` on a folder of its own, with settings such as `RATES__ENABLED`."""

    def __init__(self, folder: Path, *words: str, **settings: str) -> None:
        self.kills = 0
        self.log = folder / "server.log"
        self._folder = folder
        self._words = words
        self._environment = {
            "KHONGGIAY_DATA": str(folder),
            "KHONGGIAY_SIGNING__SIMULATED_DELAY": "0.3",
            "KHONGGIAY_HTTP__DRAIN_SECONDS": "1",
            **{f"KHONGGIAY_{name}": value for name, value in settings.items()},
        }
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def is_running(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def start(self) -> None:
        """Start the process."""
        self._folder.mkdir(parents=True, exist_ok=True)
        environment = os.environ | self._environment
        command = [sys.executable, "-m", "api", *self._words]
        with self.log.open("ab") as log, (self._folder / "server.out").open("ab") as out:
            self._process = subprocess.Popen(command, env=environment, stdout=out, stderr=log)

    def kill(self) -> None:
        """End the process as a power cut would, without a last word."""
        self._signal(signal.SIGKILL)
        self.kills += 1

    def stop(self) -> int:
        """Ask the process to stop and return its exit status."""
        return self._signal(signal.SIGINT)

    def _signal(self, kind: signal.Signals) -> int:
        if self._process is None:
            return 0
        self._process.send_signal(kind)
        return self._process.wait(timeout=PATIENCE)


class Server(Process):
    """`khonggiay serve` on a folder."""

    def __init__(self, folder: Path, *options: str, **settings: str) -> None:
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        super().__init__(folder, "serve", "--port", str(self.port), *options, **settings)

    async def ready(self, patience: float = PATIENCE) -> None:
        """Wait until the server answers; `start` does not."""
        async with asyncio.timeout(patience), httpx.AsyncClient(trust_env=False) as client:
            while True:
                try:
                    if (await client.get(f"{self.url}/health/ready")).is_success:
                        return
                except httpx.TransportError:
                    await asyncio.sleep(_POLL)  # it is still starting

    async def insist(self, call: Callable[[], Awaitable[Any]]) -> Any:
        """Repeat a request until the server acknowledges or refuses it."""
        async with asyncio.timeout(PATIENCE):
            while True:
                try:
                    answer = await call()
                except httpx.TransportError:
                    await self.ready()
                    continue
                if answer.status_code != _UNAVAILABLE and not _is_in_progress(answer):
                    return answer


def _is_in_progress(answer: Any) -> bool:
    return answer.status_code == httpx.codes.CONFLICT and "in_progress" in answer.text
