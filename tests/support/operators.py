"""Operators of every kind, each behind a real port of this process."""

import ssl
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from pydantic import SecretStr

from api.signing.mssp.csc import CscMssp
from api.signing.mssp.csc_client import CscClient
from api.signing.mssp.ledger import Ledger
from api.signing.mssp.mss204 import Mss204Mssp
from api.signing.mssp.port import Mssp
from api.signing.mssp.simulated import SimulatedMssp
from api.signing.mssp.simulated_csc import CLIENT_ID, CscKeys, CscOperator
from api.signing.mssp.simulated_soap import PATH, SoapOperator
from api.signing.mssp.simulated_tls import TlsFiles, tls_files
from api.signing.mssp.simulated_web import web_app
from api.signing.remote.csc import CscRemote
from api.signing.remote.port import RemoteKeys
from core.config import CscService, Mss204
from core.db import Database
from tests.support.serving import served

#: How the same operator is reached: inside this process, and by each of our clients.
WAYS = ("simulated", "mss204", "csc_v1", "csc_v2")
AP_ID, AP_PASSWORD = "khonggiay", "a password"


@dataclass(frozen=True)
class Soap:
    """A SOAP operator that runs, and what its client needs."""

    port: int
    core: SimulatedMssp
    files: TlsFiles

    def settings(self) -> Mss204:
        return Mss204(
            url=f"https://127.0.0.1:{self.port}{PATH}",
            ap_id=AP_ID,
            ap_password=SecretStr(AP_PASSWORD),
            certificate=self.files.client.certificate,
            key=self.files.client.key,
            ca=self.files.ca,
        )


@asynccontextmanager
async def soap_operator(folder: Path, core: SimulatedMssp) -> AsyncGenerator[Soap]:
    """Serve the SOAP dialect over mutual TLS."""
    files = tls_files(folder / "tls")
    app = SoapOperator(core, AP_ID, AP_PASSWORD).app()
    async with served(
        app,
        ssl_certfile=str(files.server.certificate),
        ssl_keyfile=str(files.server.key),
        ssl_ca_certs=str(files.ca),
        ssl_cert_reqs=ssl.CERT_REQUIRED,
    ) as server:
        yield Soap(server.port, core, files)


@asynccontextmanager
async def mss204(folder: Path, core: SimulatedMssp, db: Database) -> AsyncGenerator[Mss204Mssp]:
    """Our client of that operator."""
    async with soap_operator(folder, core) as operator:
        client = Mss204Mssp(operator.settings(), Ledger(db))
        yield client
        await client.close()


@asynccontextmanager
async def csc(
    folder: Path, core: SimulatedMssp, db: Database, version: Literal["v1", "v2"]
) -> AsyncGenerator[CscMssp]:
    """Serve the CSC dialects over TLS, and be their client."""
    files = tls_files(folder / "tls")
    app = web_app(core, CscOperator(core, AP_PASSWORD).routes())
    async with served(
        app,
        ssl_certfile=str(files.server.certificate),
        ssl_keyfile=str(files.server.key),
    ) as server:
        settings = CscService(
            url=f"https://127.0.0.1:{server.port}",
            version=version,
            client_id=CLIENT_ID,
            client_secret=SecretStr(AP_PASSWORD),
            ca=files.ca,
        )
        client = CscMssp(settings, Ledger(db))
        yield client
        await client.close()


@asynccontextmanager
async def remote_keys(
    folder: Path, keys: RemoteKeys, core: SimulatedMssp
) -> AsyncGenerator[CscRemote]:
    """Serve keys that sign lists over TLS, and be their client."""
    files = tls_files(folder / "tls")
    app = web_app(core, CscOperator(core, AP_PASSWORD, CscKeys(keys, core)).routes())
    async with served(
        app,
        ssl_certfile=str(files.server.certificate),
        ssl_keyfile=str(files.server.key),
    ) as server:
        settings = CscService(
            url=f"https://127.0.0.1:{server.port}",
            client_id=CLIENT_ID,
            client_secret=SecretStr(AP_PASSWORD),
            ca=files.ca,
        )
        client = CscRemote(CscClient(settings, core.clock), core)
        yield client
        await client.close()


@asynccontextmanager
async def reached(
    way: str, folder: Path, core: SimulatedMssp, db: Database
) -> AsyncGenerator[Mssp]:
    """Reach the operator in one of its `WAYS`."""
    if way == "simulated":
        yield core
    elif way == "mss204":
        async with mss204(folder, core, db) as client:
            yield client
    else:
        async with csc(folder, core, db, "v1" if way == "csc_v1" else "v2") as service:
            yield service
