"""Running the product: one process that serves, or one that works behind others."""

import asyncio
import errno
import fcntl
import gc
import os
import socket
import subprocess
import sys
from typing import IO

import structlog
import uvicorn

from api import migrations, wiring
from api.app import create_app
from core.config import Settings
from core.errors import AppError
from realtime.endpoint import SERVER_OPTIONS

DRAIN_SECONDS = 4
BACKLOG = 2048


def serve(settings: Settings, *, demo: bool) -> int:
    """Serve until stopped; return the exit status."""
    _log_to_stderr()
    settings.data.mkdir(parents=True, exist_ok=True)
    lock = _only_one(settings)
    if lock is None:
        return 1
    listener = _listen(settings)
    if listener is None:
        return 1
    with lock, listener:
        try:
            _run(settings, listener, demo=demo)
        except KeyboardInterrupt:  # uvicorn has drained, and passes the signal on
            return 0
        except (AppError, subprocess.CalledProcessError) as refusal:
            _say(f"Not started: {refusal}")
            return 1
    return 0


def _run(settings: Settings, listener: socket.socket, *, demo: bool) -> None:
    wiring.must_be_allowed(settings)
    wiring.sweep(settings)
    _prepare(settings, demo=demo)
    server = _server(settings)
    _greet(listener, demo=demo)
    gc.collect()
    gc.freeze()  # what is loaded now stays: no collection has to look at it again
    server.run(sockets=[listener])


def work(settings: Settings) -> int:
    """Work until stopped; in the embedded profile `serve` already does it."""
    _log_to_stderr()
    if settings.is_embedded:
        _say("`khonggiay serve` already does the work in the embedded profile.")
        return 1
    try:
        asyncio.run(wiring.work(wiring.embedded(settings)))
    except KeyboardInterrupt:
        return 0
    except AppError as refusal:
        _say(f"Not started: {refusal}")
        return 1
    return 0


def _server(settings: Settings) -> uvicorn.Server:
    config = uvicorn.Config(
        create_app(wiring.embedded(settings)),
        **SERVER_OPTIONS,
        log_level="warning",
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=DRAIN_SECONDS,
    )
    return uvicorn.Server(config)


def _only_one(settings: Settings) -> IO[str] | None:
    """Hold the data folder's lock: two processes on the local bus would not hear each other."""
    lock = (settings.data / "serve.lock").open("w")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        lock.close()
        _say(f"Another server already uses the folder {settings.data.resolve()}; stop it first.")
        return None
    return lock


def _listen(settings: Settings) -> socket.socket | None:
    http = settings.http
    listener = socket.socket(socket.AF_INET6 if ":" in http.host else socket.AF_INET)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((http.host, http.port))
    except OSError as error:
        listener.close()
        taken = error.errno == errno.EADDRINUSE
        why = "is taken; choose another with PORT=…" if taken else f"cannot be used: {error}"
        _say(f"Port {http.port} on {http.host} {why}")
        return None
    listener.listen(BACKLOG)
    return listener


def _prepare(settings: Settings, *, demo: bool) -> None:
    """Migrate and seed in processes of their own, so that the server itself stays small."""
    if migrations.current(settings.database) != migrations.newest():
        _say("Bringing the database to the newest schema …")
        _khonggiay("migrate", settings)
    if demo and not settings.demo_accounts.exists():
        _say("Loading the demo ministry, once …")
        _khonggiay("seed", settings)


def _khonggiay(command: str, settings: Settings) -> None:
    environment = os.environ | {"KHONGGIAY_DATA": str(settings.data)}
    subprocess.run(  # noqa: S603 - our own command
        [sys.executable, "-m", "api", command], check=True, env=environment
    )


def _greet(listener: socket.socket, *, demo: bool) -> None:
    host, port = listener.getsockname()[:2]
    _say(f"Không Giấy listens on http://{host}:{port}  (API page: http://{host}:{port}/docs)")
    if demo:
        from api.demo import greeting  # noqa: PLC0415 - only for the demo

        _say(greeting.text(f"http://{host}:{port}"))


def _say(sentence: str) -> None:
    print(sentence, flush=True)  # noqa: T201 - to the person who started us


def _log_to_stderr() -> None:
    structlog.configure(logger_factory=structlog.PrintLoggerFactory(sys.stderr))
