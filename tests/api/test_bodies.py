"""No body is larger than its limit."""

from collections.abc import AsyncIterator
from http import HTTPStatus

import httpx2 as httpx
import pytest

from api.wiring import Engines

JSON = {"content-type": "application/json"}


@pytest.fixture(autouse=True)
def _small(engines: Engines) -> None:
    engines.settings.http.body_limit = 1000
    engines.settings.http.upload_limit = 5000


async def chunks(size: int) -> AsyncIterator[bytes]:
    for _ in range(size // 100):
        yield b" " * 100


@pytest.mark.parametrize("streamed", [False, True])
async def test_words_over_the_limit_are_refused(http: httpx.AsyncClient, streamed: bool) -> None:  # noqa: FBT001
    body = chunks(1100) if streamed else b" " * 1100

    refusal = await http.post("/sessions/console", content=body, headers=JSON)

    assert refusal.status_code == HTTPStatus.REQUEST_ENTITY_TOO_LARGE
    assert refusal.headers["content-type"] == "application/problem+json"
    assert refusal.json()["facts"] == {"limit": 1000}


async def test_words_up_to_the_limit_are_read(http: httpx.AsyncClient) -> None:
    refusal = await http.post("/sessions/console", content=b" " * 1000, headers=JSON)

    assert refusal.json()["type"] == "malformed"


async def test_a_file_may_be_larger_than_words_but_not_endless(http: httpx.AsyncClient) -> None:
    def of(size: int) -> dict[str, tuple[str, bytes, str]]:
        return {"file": ("a.pdf", b"x" * size, "application/pdf")}

    assert (await http.post("/verify", files=of(3000))).json()["type"] == "verify.not_a_pdf"
    assert (await http.post("/verify", files=of(6000))).json()["type"] == "too_large"
