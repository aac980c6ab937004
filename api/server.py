"""Running the product: one process that serves, or one that works behind others."""

import asyncio
import errno
import fcntl
import gc
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable
from typing import IO

import structlog
import uvicorn

from api import migrations, wiring
from api.app import create_app
from api.wiring import Engines
from core.config import Settings
from core.errors import AppError, DatabaseUnreachable, NotMigrated
from realtime.endpoint import SERVER_OPTIONS

DRAIN_SECONDS = 4
BACKLOG = 2048


def serve(settings: Settings, *, demo: bool) -> int:
    """Serve until stopped; return the exit status."""
    lock = _begin(settings)
    if lock is None:
        return 1
    listener = _listen(settings)
    if listener is None:
        return 1
    with lock, listener:
        return _until_stopped(lambda: _run(settings, listener, demo=demo))


def work(settings: Settings) -> int:
    """Work until stopped; without a bus between them `serve` already does it."""
    if not settings.has_nodes:
        _say("Without KHONGGIAY_BUS__URL `khonggiay serve` does the work itself.")
        return 1
    lock = _begin(settings)
    if lock is None:
        return 1
    with lock:
        return _until_stopped(lambda: _work(settings))


def serve_simulated_trust(settings: Settings, port: int) -> None:
    """Put the demo authority's trust services behind HTTP until stopped."""
    from api.signing.trust.simulated_server import server  # noqa: PLC0415 - only for this command

    url = f"http://127.0.0.1:{port}"
    settings.trust_services.simulated_url = settings.trust_services.simulated_url or url
    _say(f"Simulated TSA, OCSP and CRL on {url}")
    app = server(wiring.simulated_trust(settings))
    uvicorn.run(app, host="127.0.0.1", port=port, log_level="warning", access_log=False)


def restored(settings: Settings) -> int:
    """Begin anew after a backup was put back; nothing else may run meanwhile."""
    lock = _begin(settings)
    if lock is None:
        return 1
    with lock:
        return _until_stopped(lambda: _begin_anew(settings))


def _begin_anew(settings: Settings) -> None:
    _must_be_migrated(settings)
    streams, sessions = asyncio.run(wiring.begin_anew(settings))
    _say(f"{streams} streams begin anew, {sessions} sessions are ended. The processes may start.")


def _begin(settings: Settings) -> IO[str] | None:
    _log_to_stderr()
    settings.data.mkdir(parents=True, exist_ok=True)
    return _only_one(settings)


def _until_stopped(run: Callable[[], None]) -> int:
    try:
        run()
    except (KeyboardInterrupt, asyncio.CancelledError):  # what ran has been drained
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
    asyncio.run(wiring.must_fit(settings))
    _greet(listener, demo=demo)
    gc.collect()
    gc.freeze()  # what is loaded now stays: no collection has to look at it again
    server.run(sockets=[listener])


def _work(settings: Settings) -> None:
    wiring.must_be_allowed(settings)
    wiring.sweep(settings)
    _must_be_migrated(settings)
    engines = wiring.assemble(settings)
    asyncio.run(wiring.must_fit(settings))
    _say("Không Giấy works behind the nodes.")
    asyncio.run(_work_for_nodes(engines))


async def _work_for_nodes(engines: Engines) -> None:
    me = asyncio.current_task()
    if me is not None:
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, me.cancel)
    try:
        await wiring.work_for_nodes(engines)
    finally:
        await engines.signing.mssp.close()
        await engines.archive.inquiry.services.close()
        await engines.sandbox.close()
        await engines.db.dispose()


def _server(settings: Settings) -> uvicorn.Server:
    config = uvicorn.Config(
        create_app(wiring.assemble(settings), works=not settings.has_nodes),
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
        _say(f"Another process already uses the folder {settings.data.resolve()}; stop it first.")
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
    if settings.has_nodes:
        _must_be_migrated(settings)
    elif not _is_migrated(settings):
        _say("Bringing the database to the newest schema …")
        _khonggiay("migrate", settings)
    if demo and not settings.demo_accounts.exists():
        _say("Loading the demo ministry, once …")
        _khonggiay("seed", settings)


def _is_migrated(settings: Settings) -> bool:
    try:
        return migrations.current(settings.database) == migrations.newest()
    except OSError as error:
        raise DatabaseUnreachable from error


def _must_be_migrated(settings: Settings) -> None:
    """Refuse an older schema: nodes that start together must not all change it."""
    if not _is_migrated(settings):
        raise NotMigrated


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
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso"),
            # The default prints the locals of every frame: tokens, proofs and names among them.
            structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback),
        ],
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )
