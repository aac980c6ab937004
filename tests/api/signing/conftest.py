"""One desk for all tests of a run: making keys is the slow part."""

from pathlib import Path

import pytest

from tests.support.signed_papers import Desk


@pytest.fixture(scope="session")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Desk:
    return Desk(tmp_path_factory.mktemp("desk"))


@pytest.fixture(scope="session")
def issued(desk: Desk) -> Path:
    """A finished paper; tests change copies of it."""
    return desk.issued()


@pytest.fixture(scope="session")
def certified(desk: Desk) -> Path:
    """A paper that only the leader has signed; tests change copies of it."""
    return desk.certified()
