"""An office under attack."""

from collections.abc import Awaitable, Callable

import httpx2 as httpx
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from api.demo.phone import Phone
from api.wiring import Engines
from tests.attacks.world import Attacker
from tests.support.clock import Clock
from tests.support.ministry import Ministry, Person


@pytest.fixture
async def attacker(
    engines: Engines, http: httpx.AsyncClient, clock: Clock, ministry: Ministry,
    as_: Callable[[Person], Awaitable[Phone]],
) -> Attacker:  # fmt: skip
    pem = (engines.settings.keys / "access-token.pem").read_bytes()
    stolen = serialization.load_pem_private_key(pem, None)
    assert isinstance(stolen, rsa.RSAPrivateKey)
    return Attacker(http, await as_(ministry.leader), clock, stolen)
