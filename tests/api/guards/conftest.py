"""The guards' own application: their limits are read when it is assembled."""

import pytest
from fastapi import FastAPI

from api.app import create_app
from api.wiring import Engines


@pytest.fixture
def app(engines: Engines) -> FastAPI:
    return create_app(engines, works=False)
