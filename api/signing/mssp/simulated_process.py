"""The simulated operator as a process of its own: SOAP over mutual TLS, phones beside it."""

import asyncio
import secrets
import signal
import ssl
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import uvicorn
from cryptography.hazmat.primitives.serialization import Encoding
from typing_extensions import override

from api.signing.mssp.simulated import SimulatedMssp
from api.signing.mssp.simulated_csc import CLIENT_ID, CscKeys, CscOperator
from api.signing.mssp.simulated_soap import PATH, SoapOperator
from api.signing.mssp.simulated_store import write_once
from api.signing.mssp.simulated_tls import TlsFiles, tls_files
from api.signing.mssp.simulated_web import web_app
from api.signing.remote.simulated import SimulatedRemote

AP_ID = "khonggiay"
_HOST = "127.0.0.1"


@dataclass(frozen=True, slots=True)
class Ports:
    """Where it listens on this machine."""

    soap: int
    web: int


def run(core: SimulatedMssp, keys: SimulatedRemote, ports: Ports) -> None:
    """Serve until stopped."""
    home = core.folder.parent
    files = tls_files(home / "tls")
    password = write_once(home / "tls" / "ap.password", secrets.token_hex(16).encode()).decode()
    csc = CscOperator(core, password, CscKeys(keys, core))
    authorities = home / "tls" / "authorities.pem"
    authorities.write_bytes(core.ca.issuers()["sub"].certificate.public_bytes(Encoding.PEM))
    servers = (
        _server(SoapOperator(core, AP_ID, password).app(), ports.soap, files),
        _server(web_app(core, csc.routes()), ports.web),
    )
    for line in _settings(ports, files, home / "tls" / "ap.password", authorities):
        print(line)  # noqa: T201 - what somebody copies into the environment of the API
    asyncio.run(_serve(servers))


class _Server(uvicorn.Server):
    """One of several servers: signals are for all of them, so that none takes them alone."""

    @override
    @contextmanager
    def capture_signals(self) -> Generator[None]:
        yield


async def _serve(servers: Sequence[uvicorn.Server]) -> None:
    def stop() -> None:
        for server in servers:
            server.should_exit = True

    for kind in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(kind, stop)
    async with asyncio.TaskGroup() as group:
        for server in servers:
            group.create_task(server.serve())


def _server(app: Any, port: int, files: TlsFiles | None = None) -> uvicorn.Server:
    tls: dict[str, Any] = {}
    if files is not None:
        tls = {
            "ssl_certfile": str(files.server.certificate),
            "ssl_keyfile": str(files.server.key),
            "ssl_ca_certs": str(files.ca),
            "ssl_cert_reqs": ssl.CERT_REQUIRED,
        }
    config = uvicorn.Config(
        app,
        host=_HOST, port=port, lifespan="off", log_level="warning", access_log=False,
        timeout_graceful_shutdown=2, **tls,
    )  # fmt: skip
    return _Server(config)


def _settings(ports: Ports, files: TlsFiles, password: Path, authorities: Path) -> list[str]:
    said = {
        "OPERATOR": "mss204",
        "MSS204__URL": f"https://{_HOST}:{ports.soap}{PATH}",
        "MSS204__AP_ID": AP_ID,
        "MSS204__AP_PASSWORD": f"$(cat {password.resolve()})",
        "MSS204__CERTIFICATE": str(files.client.certificate.resolve()),
        "MSS204__KEY": str(files.client.key.resolve()),
        "MSS204__CA": str(files.ca.resolve()),
        "MSS204__AUTHORITIES": str(authorities.resolve()),
    }
    also = {
        "OPERATOR": "csc",
        **_csc("CSC", ports, password),
    }
    lists = {"REMOTE": "csc", **_csc("REMOTE_CSC", ports, password)}
    return [
        f"# A simulated operator; its phones: http://{_HOST}:{ports.web}/phones/NUMBER/prompts",
        *(f"export KHONGGIAY_SIGNING__{key}={value}" for key, value in said.items()),
        "# The same operator as a signing service of the CSC API:",
        *(f"# export KHONGGIAY_SIGNING__{key}={value}" for key, value in also.items()),
        "# The remote keys that it keeps, which sign lists:",
        *(f"# export KHONGGIAY_SIGNING__{key}={value}" for key, value in lists.items()),
    ]


def _csc(name: str, ports: Ports, password: Path) -> dict[str, str]:
    return {
        f"{name}__URL": f"http://{_HOST}:{ports.web}",
        f"{name}__CLIENT_ID": CLIENT_ID,
        f"{name}__CLIENT_SECRET": f"$(cat {password.resolve()})",
    }
