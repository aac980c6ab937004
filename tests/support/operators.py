"""Operators of every kind, each behind a real port of this process."""

import ssl
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from pydantic import SecretStr

from api.signing.mssp.ledger import Ledger
from api.signing.mssp.mss204 import Mss204Mssp
from api.signing.mssp.simulated import SimulatedMssp
from api.signing.mssp.simulated_soap import PATH, SoapOperator
from api.signing.mssp.simulated_tls import TlsFiles, tls_files
from core.config import Mss204
from core.db import Database
from tests.support.serving import served

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
