"""Servers as child processes on a core of their own, and what they cost."""

import http.client
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Self

import psutil

PATIENCE = 120
GRACE = 20
CORES = sorted(os.sched_getaffinity(0))
SERVER_CORE, CLIENT_CORE = CORES[0], CORES[-1]
PYTHON = sys.executable
#: One client here is as many as the caps allow for many addresses.
NO_CAPS = {
    "KHONGGIAY_RATES__ENABLED": "false",
    "KHONGGIAY_HTTP__CONNECTIONS_PER_ADDRESS": "0",
    "KHONGGIAY_HTTP__SOCKETS_PER_ADDRESS": "0",
}


class Server:
    """A started server: where it listens, and what it has used."""

    def __init__(self, process: subprocess.Popen[bytes], port: int) -> None:
        self.port = port
        self.url = f"http://127.0.0.1:{port}"
        self._process = process

    @property
    def pid(self) -> int:
        """The process."""
        return self._process.pid

    def cpu_seconds(self) -> float:
        """Return the CPU time of the process so far, all threads, to the nanosecond."""
        return time.clock_gettime((~self.pid << 3) | 2)  # CPUCLOCK_SCHED of that process

    def memory(self) -> float:
        """Return the MB that the process and its children hold, shared pages split."""
        root = psutil.Process(self.pid)
        every = [root, *root.children(recursive=True)]
        return sum(process.memory_full_info().pss for process in every) / 1e6

    def stop(self, kind: signal.Signals = signal.SIGINT) -> None:
        """Stop the process and wait for its end."""
        if self._process.poll() is None:
            self._process.send_signal(kind)
        try:
            self._process.wait(GRACE)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait(GRACE)

    close = stop

    def wait(self, path: str = "/") -> Self:
        """Wait until the server answers 200."""
        until = time.monotonic() + PATIENCE
        while not answers(self.port, path):
            if self._process.poll() is not None or time.monotonic() > until:
                raise RuntimeError(f"the server on port {self.port} does not answer")
            time.sleep(0.01)
        return self


def start(
    command: Sequence[str | Path],
    *,
    port: int,
    environment: Mapping[str, str] | None = None,
    log: Path | None = None,
) -> Server:
    """Start a server on the server's core; what it greets people with is of no interest here."""
    process = subprocess.Popen(
        [str(part) for part in command],
        env=os.environ | (environment or {}),
        stdout=subprocess.DEVNULL,
        stderr=log.open("ab") if log else None,
        preexec_fn=lambda: os.sched_setaffinity(0, {SERVER_CORE}),  # noqa: PLW1509 - before exec
    )
    return Server(process, port)


def ours(folder: Path, port: int, *, database_url: str = "", demo: bool = False) -> Server:
    """Start `khonggiay serve` on a data folder."""
    command = [PYTHON, "-m", "api", "serve", "--port", str(port), *(["--demo"] if demo else [])]
    environment = {"KHONGGIAY_DATA": str(folder), "KHONGGIAY_DATABASE_URL": database_url, **NO_CAPS}
    folder.mkdir(parents=True, exist_ok=True)
    return start(command, port=port, environment=environment, log=folder / "server.log")


def answers(port: int, path: str) -> bool:
    """Say whether a GET is answered with 200."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.request("GET", path)
        return connection.getresponse().status == http.client.OK
    except OSError:
        return False
    finally:
        connection.close()


def listens(port: int) -> None:
    """Wait until somebody listens on a port."""
    until = time.monotonic() + PATIENCE
    while True:
        try:
            socket.create_connection(("127.0.0.1", port)).close()
        except ConnectionRefusedError:
            if time.monotonic() > until:
                raise
            time.sleep(0.05)
        else:
            return


def free_port() -> int:
    """Return a port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def stay_on_the_clients_core() -> None:
    """Leave the server's core to the server."""
    os.sched_setaffinity(0, {CLIENT_CORE})
