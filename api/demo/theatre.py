"""The server that the story is played against: one of its own, or a running one."""

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import httpx

from api.demo.stage import Broken

PATIENCE = 180


@contextlib.contextmanager
def server(folder: Path) -> Iterator[str]:
    """Run a server with the demo ministry on a free port, and stop it afterwards."""
    port = _free_port()
    quiet = {"KHONGGIAY_LOGS__REQUESTS": "false"}  # the story is told in the same terminal
    environment = os.environ | {"KHONGGIAY_DATA": str(folder)} | quiet
    command = [sys.executable, "-m", "api", "serve", "--demo", "--port", str(port)]
    folder.mkdir(parents=True, exist_ok=True)
    log = folder / "server.log"
    with log.open("wb") as out:
        process = subprocess.Popen(command, env=environment, stdout=out)  # noqa: S603 - our own
    try:
        _await_ready(process, f"http://127.0.0.1:{port}", log)
        yield f"http://127.0.0.1:{port}"
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(timeout=PATIENCE)


def _await_ready(process: subprocess.Popen[bytes], url: str, log: Path) -> None:
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline and process.poll() is None:
        with contextlib.suppress(httpx.TransportError):
            if httpx.get(f"{url}/health/ready", timeout=2).is_success:
                return
        time.sleep(0.1)
    raise Broken(log.read_text("utf-8").strip() or "the server did not start in time")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
