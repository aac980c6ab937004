"""An office whose officials sign in at a real identity provider."""

import shutil
from collections.abc import AsyncGenerator, Iterator
from datetime import datetime
from pathlib import Path

import pytest
from fastapi import FastAPI
from pydantic import SecretStr
from typing_extensions import override

from api import wiring
from api.wiring import Engines
from core.access import SingleSignOn
from core.clock import utc_now
from core.config import Settings
from realtime.endpoint import SERVER_OPTIONS
from tests.support.clock import Clock
from tests.support.databases import spare_the_disk
from tests.support.oidc.real import Browser, RealProvider, real_provider
from tests.support.serving import Served, served
from tests.support.workers import LastingSandbox

CLIENT, SECRET, BACK = "khonggiay", "a secret: with + and /", "https://office.example/signed-in"
LOGOUT = "/sessions/single-sign-on/logout"


class Now(Clock):
    """The provider's clock is the real one, and so is ours here."""

    @override
    def __call__(self) -> datetime:
        return utc_now()


@pytest.fixture
def clock() -> Clock:
    return Now()


@pytest.fixture(scope="session")
def provider() -> Iterator[RealProvider]:
    with real_provider() as provider:
        yield provider


@pytest.fixture(params=["RS256"])
def algorithm(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(params=[SECRET])
def secret(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
async def engines(
    database_url: str, tmp_path: Path, clock: Clock, keys: Path, workers: LastingSandbox,
    provider: RealProvider, algorithm: str, secret: str,
) -> AsyncGenerator[Engines]:  # fmt: skip
    shutil.copytree(keys, tmp_path / "keys")
    sign_on = SingleSignOn.model_validate(
        {
            "issuer": provider.issuer,
            "client_id": CLIENT,
            "client_secret": SecretStr(secret),
            "redirect_uri": BACK,
            "algorithm": algorithm,
            "local_accounts": True,
        }
    )
    settings = Settings(data=tmp_path, database_url=database_url, single_sign_on=sign_on)
    engines = wiring.assemble(settings, clock=clock, sandbox=workers)
    spare_the_disk(engines.db)
    yield engines
    await engines.db.dispose()


@pytest.fixture
async def office(
    app: FastAPI, provider: RealProvider, algorithm: str, secret: str
) -> AsyncGenerator[Served]:
    """The office's server, known to the provider."""
    async with served(app, **SERVER_OPTIONS) as office:
        with_secret = {"client_secret": secret, "token_endpoint_auth_method": "client_secret_basic"}
        provider.serve(
            client_id=CLIENT,
            **(with_secret if secret else {"token_endpoint_auth_method": "none"}),
            redirect_uris=[BACK],
            id_token_signed_response_alg=algorithm,
            backchannel_logout_uri=f"{office.url}{LOGOUT}",
            backchannel_logout_session_required=True,
        )
        yield office


@pytest.fixture
async def browser(provider: RealProvider) -> AsyncGenerator[Browser]:
    browser = Browser(provider.issuer)
    yield browser
    await browser.close()
