"""One key ceremony for all tests: it takes as long as many of them."""

import asyncio

import pytest

from tests.support.secret_votes import Committee, make_committee, must_have_the_tool


@pytest.fixture(scope="session")
def committee(tmp_path_factory: pytest.TempPathFactory) -> Committee:
    must_have_the_tool()
    return asyncio.run(make_committee(tmp_path_factory.mktemp("committee")))
