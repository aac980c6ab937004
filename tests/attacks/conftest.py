"""An office under attack."""

from collections.abc import Awaitable, Callable
from pathlib import Path

import httpx2 as httpx
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from api.demo.phone import Phone
from tests.attacks.world import Attacker
from tests.support.clock import Clock
from tests.support.ministry import Ministry, Person


@pytest.fixture(scope="session")
def stolen(keys: Path) -> rsa.RSAPrivateKey:
    """The server's own key."""
    pem = (keys / "access-token.pem").read_bytes()
    stolen = serialization.load_pem_private_key(pem, None)
    assert isinstance(stolen, rsa.RSAPrivateKey)
    return stolen


@pytest.fixture
async def attacker(
    http: httpx.AsyncClient, clock: Clock, ministry: Ministry,
    as_: Callable[[Person], Awaitable[Phone]], stolen: rsa.RSAPrivateKey,
) -> Attacker:  # fmt: skip
    return Attacker(http, await as_(ministry.leader), clock, stolen)
