"""A real NATS server: started, killed, stalled and started again on the same port."""

import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.support.databases import lacking
from tests.support.server import free_port

PATIENCE = 10.0


class Broker:
    """`nats-server` on a free port."""

    def __init__(self, binary: str, *options: str) -> None:
        self.port = free_port()
        self.url = f"nats://127.0.0.1:{self.port}"
        self._command = [binary, "-a", "127.0.0.1", "-p", str(self.port), *options]
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start the process and wait until it takes connections."""
        quiet = subprocess.DEVNULL
        self._process = subprocess.Popen(self._command, stdout=quiet, stderr=quiet)
        until = time.monotonic() + PATIENCE
        while not self._listens():
            if time.monotonic() > until or self._process.poll() is not None:
                raise RuntimeError("the NATS server did not start")
            time.sleep(0.01)

    def kill(self) -> None:
        """End the process without a last word."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()

    def stall(self) -> None:
        """Let the process hang: connections stay open and nothing is read."""
        self._signal(signal.SIGSTOP)

    def go_on(self) -> None:
        """End a stall."""
        self._signal(signal.SIGCONT)

    def _signal(self, kind: signal.Signals) -> None:
        if self._process is not None:
            self._process.send_signal(kind)

    def _listens(self) -> bool:
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", self.port)) == 0


def nats_binary() -> str:
    """Return a NATS server: of this environment, or of the system."""
    own = Path(sys.executable).with_name("nats-server")
    found = str(own) if own.exists() else shutil.which("nats-server")
    if found is None:
        lacking("nats-server")
    return str(found)


@contextmanager
def broker(*options: str) -> Iterator[Broker]:
    """Run a NATS server."""
    server = Broker(nats_binary(), *options)
    server.start()
    try:
        yield server
    finally:
        server.go_on()
        server.kill()
