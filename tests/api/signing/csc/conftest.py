"""An application that a leader has allowed to ask their phone."""

from collections.abc import Awaitable, Callable

import httpx2 as httpx
import pytest

from api.demo.phone import Phone
from api.wiring import Engines
from tests.support.csc import Application, registered
from tests.support.ministry import Ministry, Person
from tests.support.signing import give_number, operator

As = Callable[[Person], Awaitable[Phone]]


@pytest.fixture(autouse=True)
def _phones_that_sign_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KHONGGIAY_SIGNING__SIMULATED_DELAY", "0")
    monkeypatch.setenv("KHONGGIAY_SIGNING__CSC_MULTISIGN", "3")


@pytest.fixture
async def leader(as_: As, ministry: Ministry) -> Phone:
    return await as_(ministry.leader)


@pytest.fixture
async def third(
    _phones_that_sign_at_once: None,
    engines: Engines,
    ministry: Ministry,
    http: httpx.AsyncClient,
    leader: Phone,
) -> Application:
    application = await registered(engines, ministry, http)
    await application.log_in(leader)
    return application


@pytest.fixture
def has(engines: Engines, ministry: Ministry) -> Callable[[str], Awaitable[None]]:
    """Give the leader another phone: `await has(number)`."""

    async def give(phone: str) -> None:
        await give_number(engines, ministry, phone)

    return give


@pytest.fixture
def prompts(engines: Engines) -> Callable[[], int]:
    """Count the prompts that ever went to a phone."""
    return operator(engines).prompts
