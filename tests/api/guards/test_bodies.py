"""No body is larger than its limit, or slower than can be waited for."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress
from http import HTTPStatus

import httpx2 as httpx
import pytest
from fastapi import FastAPI, Request

from api.app import create_app
from api.wiring import Engines
from tests.support.serving import served

HEAD = b"POST /sessions/console HTTP/1.1\r\nhost: here\r\ncontent-type: application/json\r\n"
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


async def test_a_body_that_falls_silent_is_given_up(engines: Engines, app: FastAPI) -> None:
    engines.settings.http.body_seconds = 0.05
    async with served(app) as office:
        reader, writer = await asyncio.open_connection("127.0.0.1", office.port)
        writer.write(HEAD + b"content-length: 100\r\n\r\n{")

        answer = (await reader.read()).decode()

        assert answer.startswith("HTTP/1.1 408")
        assert '"too_slow"' in answer
        writer.close()
        await writer.wait_closed()


async def test_a_body_that_drips_for_ever_is_given_up(engines: Engines, app: FastAPI) -> None:
    engines.settings.http.body_seconds = 0.2
    async with served(app) as office:
        reader, writer = await asyncio.open_connection("127.0.0.1", office.port)
        writer.write(HEAD + b"content-length: 1000\r\n\r\n{")
        answer = asyncio.create_task(reader.read())

        while not answer.done():
            writer.write(b" ")
            await asyncio.wait([answer], timeout=0.01)

        assert answer.result().startswith(b"HTTP/1.1 408")
        writer.close()
        with suppress(ConnectionError):
            await writer.wait_closed()


async def test_a_slow_answer_is_not_taken_for_a_slow_body(engines: Engines) -> None:
    engines.settings.http.body_seconds = 0.05
    app = create_app(engines, works=False)

    @app.post("/slowly")
    async def slowly(request: Request) -> bool:
        await request.body()
        with suppress(TimeoutError):
            async with asyncio.timeout(0.1):
                await request.receive()
        return True

    async with served(app) as office, httpx.AsyncClient(trust_env=False) as client:
        answer = await client.post(f"{office.url}/slowly", json={})

    assert answer.json() is True
