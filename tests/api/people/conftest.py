"""Phones that nobody knows yet."""

import httpx2 as httpx
import pytest

from api.demo.phone import Phone
from tests.support.clock import Clock
from tests.support.ministry import BASE_URL


@pytest.fixture
def phone(http: httpx.AsyncClient, clock: Clock) -> Phone:
    return Phone(http, BASE_URL, clock=clock)
