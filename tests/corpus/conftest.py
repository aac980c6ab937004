"""One workshop for all tests of a run: making keys is the slow part."""

import pytest

from tests.corpus.workshop import Workshop


@pytest.fixture(scope="session")
def workshop(tmp_path_factory: pytest.TempPathFactory) -> Workshop:
    return Workshop(tmp_path_factory.mktemp("workshop"))
