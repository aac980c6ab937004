"""A server that is asked to stop finishes what it can, and answers what it cannot."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from api.demo.socket import Socket
from tests.journeys.world import World, world
from tests.support.databases import SqliteFactory

pytestmark = pytest.mark.story

_PATH = "/documents/incoming"
_PART = b'--B\r\ncontent-disposition: form-data; name="file"; filename="a.pdf"\r\n\r\n%PDF-1.7\n'


async def test_whoever_is_cut_off_is_told(tmp_path: Path, sqlite: SqliteFactory) -> None:
    async with world(tmp_path, sqlite) as here:
        socket = await Socket.open(here.phones["officer"], here.server.url)
        async with endless_upload(here) as answer:
            status = await asyncio.to_thread(here.server.stop)

            assert status == 0
            said = (await answer.read()).decode()
            assert said.startswith("HTTP/1.1 503 ")
            assert '"type":"stopping"' in said
        goodbye = await socket.wait(lambda frame: frame["t"] == "bye")
        assert goodbye["code"] == 4503
        assert "Traceback" not in (tmp_path / "server.log").read_text()
        assert list((tmp_path / "desk").iterdir()) == []


@asynccontextmanager
async def endless_upload(here: World) -> AsyncGenerator[asyncio.StreamReader]:
    """Begin to send a file that never ends; give it once the server has it in hand."""
    clerk, server = here.phones["clerk"], here.server
    proof = clerk.proof("POST", server.url + _PATH, access_token=clerk.access_token)
    head = [
        f"POST {_PATH} HTTP/1.1",
        f"host: 127.0.0.1:{server.port}",
        f"authorization: DPoP {clerk.access_token}",
        f"dpop: {proof}",
        "content-type: multipart/form-data; boundary=B",
        "content-length: 1000000",
        "expect: 100-continue",
    ]
    answer, upload = await asyncio.open_connection("127.0.0.1", server.port)
    upload.write("\r\n".join([*head, "", ""]).encode() + _PART)
    assert (await answer.readline()).startswith(b"HTTP/1.1 100 ")
    await answer.readline()
    yield answer
    upload.close()
