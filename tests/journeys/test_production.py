"""A production server starts on real parts, and has nothing of the simulated ones."""

import subprocess
import sys
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from os import environ
from pathlib import Path

import httpx
import pytest

from api.signing.mssp.simulated import SimulatedMssp
from api.signing.mssp.simulated_ca import SimulatedCa
from api.signing.mssp.simulated_csc import CLIENT_ID, CscOperator
from api.signing.mssp.simulated_tls import tls_files
from api.signing.mssp.simulated_web import web_app
from api.signing.seal.pkcs11 import Token
from tests.support import operators
from tests.support.fcm import FcmServer
from tests.support.server import Server
from tests.support.serving import served
from tests.support.softhsm import PIN, soft_token

pytestmark = pytest.mark.story

#: Shown by simulated parts alone.
SIMULATED = ("/simulated/push", "/simulated/phone/prompts")


@pytest.fixture(scope="module")
def token(tmp_path_factory: pytest.TempPathFactory) -> Token:
    return soft_token(tmp_path_factory.mktemp("hsm"))


@pytest.fixture(scope="module")
def core(tmp_path_factory: pytest.TempPathFactory) -> SimulatedMssp:
    """An operator elsewhere: its folder is not the server's."""
    folder = tmp_path_factory.mktemp("operator")
    return SimulatedMssp(folder / "prompts", SimulatedCa(folder / "authority"))


def common(token: Token, folder: Path) -> dict[str, str]:
    """Return what every production server here sets: seal, time, push."""
    return {
        "ENV": "production",
        "HTTP__PUBLIC_URL": "https://office.example",
        "SIGNING__SEAL__MODULE": str(token.module),
        "SIGNING__SEAL__TOKEN": token.label,
        "SIGNING__SEAL__PIN": PIN,
        "TRUST_SERVICES__TIMESTAMPS": '["https://tsa.example/tsa"]',
        "TRUST_SERVICES__HOSTS": '[".example"]',
        "PUSH__WEBPUSH__CONTACT": "mailto:admin@bo.gov.vn",
        "PUSH__FCM__CREDENTIALS": str(FcmServer().account(folder)),
    }


@asynccontextmanager
async def speaking(way: str, core: SimulatedMssp, folder: Path) -> AsyncGenerator[dict[str, str]]:
    """Serve the operator's wire format, and return how it is set."""
    if way == "mss204":
        async with operators.soap_operator(folder, core) as soap:
            known = soap.settings()
            yield {
                "SIGNING__OPERATOR": "mss204",
                "SIGNING__REMOTE": "none",
                "SIGNING__MSS204__URL": known.url,
                "SIGNING__MSS204__AP_ID": known.ap_id,
                "SIGNING__MSS204__AP_PASSWORD": operators.AP_PASSWORD,
                "SIGNING__MSS204__CERTIFICATE": str(known.certificate),
                "SIGNING__MSS204__KEY": str(known.key),
                "SIGNING__MSS204__CA": str(known.ca),
            }
        return
    files = tls_files(folder / "tls")
    app = web_app(core, CscOperator(core, operators.AP_PASSWORD).routes())
    tls = {"ssl_certfile": str(files.server.certificate), "ssl_keyfile": str(files.server.key)}
    async with served(app, **tls) as server:
        yield {"SIGNING__OPERATOR": "csc", "SIGNING__REMOTE": "csc"} | {
            f"SIGNING__{name}__{key}": value
            for name in ("CSC", "REMOTE_CSC")
            for key, value in {
                "URL": f"https://127.0.0.1:{server.port}",
                "CLIENT_ID": CLIENT_ID,
                "CLIENT_SECRET": operators.AP_PASSWORD,
                "CA": str(files.ca),
            }.items()
        }


@pytest.mark.parametrize("way", ["mss204", "csc"])
async def test_a_server_with_real_parts_starts_and_has_no_simulated_one(
    tmp_path: Path, token: Token, core: SimulatedMssp, way: str
) -> None:
    async with speaking(way, core, tmp_path) as operator:
        folder = tmp_path / "data"
        server = Server(folder, **common(token, tmp_path), **operator)
        server.start()
        try:
            await server.ready()
            async with httpx.AsyncClient(base_url=server.url, trust_env=False) as client:
                answers = [await client.get(path) for path in SIMULATED]
                said = {"account": "a", "password": "b"}
                console = await client.post("/sessions/console", json=said)
        finally:
            status = server.stop()

    assert [answer.status_code for answer in answers] == [httpx.codes.NOT_FOUND] * 2
    assert {answer.json()["type"] for answer in answers} == {"unknown_path"}
    assert console.is_client_error
    assert status == 0
    assert not [path for path in folder.rglob("*") if "simulated" in path.name]
    assert not (folder / "demo").exists()


@pytest.fixture
def refused(tmp_path: Path) -> subprocess.CompletedProcess[str]:
    """A server of which nothing is set but that it is in production, with the demo's ministry."""
    return subprocess.run(
        [sys.executable, "-m", "api", "serve", "--demo", "--port", "0"],
        env=environ | {"KHONGGIAY_DATA": str(tmp_path / "data"), "KHONGGIAY_ENV": "production"},
        capture_output=True,
        text=True,
        check=False,
    )


def test_a_server_with_simulated_parts_names_them_and_what_to_set_and_builds_none(
    refused: subprocess.CompletedProcess[str], tmp_path: Path
) -> None:
    said = refused.stdout + refused.stderr
    assert refused.returncode == 1
    for setting in (
        "KHONGGIAY_SIGNING__OPERATOR=mss204", "KHONGGIAY_SIGNING__SEAL__MODULE",
        "KHONGGIAY_SIGNING__REMOTE=csc", "KHONGGIAY_TRUST_SERVICES__TIMESTAMPS",
        "KHONGGIAY_PUSH__WEBPUSH__CONTACT", "--demo",
    ):  # fmt: skip
        assert said.count(setting) == 2, setting  # once in each language
    assert "KHONGGIAY_SHARED" not in said  # what is not there is not spoken of
    assert [path.name for path in (tmp_path / "data").iterdir()] == ["serve.lock"]
