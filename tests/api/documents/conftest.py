"""Phones of the people who handle documents."""

from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from api.demo.phone import Phone
from tests.support.correspondence import letter
from tests.support.ministry import Ministry, Person

As = Callable[[Person], Awaitable[Phone]]


@pytest.fixture
def pdf(tmp_path: Path) -> Path:
    """A letter of two pages."""
    return letter(tmp_path)


@pytest.fixture
async def clerk(ministry: Ministry, as_: As) -> Phone:
    return await as_(ministry.clerk)


@pytest.fixture
async def leader(ministry: Ministry, as_: As) -> Phone:
    return await as_(ministry.leader)


@pytest.fixture
async def officer(ministry: Ministry, as_: As) -> Phone:
    return await as_(ministry.officer)


@pytest.fixture
async def stranger(ministry: Ministry, as_: As) -> Phone:
    return await as_(ministry.stranger)
