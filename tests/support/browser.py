"""A headless Chromium (Debian's) with a microphone that beeps, driven over its DevTools protocol.

The protocol is one WebSocket and three commands of it: the library that is here anyway does. A
browser driver would be another dependency, with a server of its own.
"""

import asyncio
import itertools
import json
import os
import shutil
import subprocess
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
from websockets.asyncio.client import ClientConnection, connect

from tests.support.databases import lacking

PATIENCE = 60
FLAGS = (
    "--headless=new", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run",
    "--remote-debugging-port=0", "--remote-allow-origins=*",
    "--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream",
    "--autoplay-policy=no-user-gesture-required",
)  # fmt: skip


class Page:
    """One page, whose script can be called."""

    def __init__(self, socket: ClientConnection) -> None:
        self._socket, self._number = socket, itertools.count(1)

    async def run(self, script: str) -> Any:
        """Return what a piece of script comes to, awaited; its error is raised."""
        said = {"expression": script, "awaitPromise": True, "returnByValue": True}
        answer = await self._ask("Runtime.evaluate", said)
        if "exceptionDetails" in answer:
            raise RuntimeError(json.dumps(answer["exceptionDetails"])[:800])
        return answer["result"].get("value")

    async def open(self, url: str) -> None:
        """Open an address, and wait until its script is there."""
        await self._ask("Page.navigate", {"url": url})
        async with asyncio.timeout(PATIENCE):
            while await self.run("document.readyState") != "complete":  # noqa: ASYNC110
                await asyncio.sleep(0.05)  # the event may have been before the question

    async def _ask(self, method: str, params: dict[str, Any]) -> dict[str, Any]:
        number = next(self._number)
        await self._socket.send(json.dumps({"id": number, "method": method, "params": params}))
        async with asyncio.timeout(PATIENCE):
            while True:
                said = json.loads(await self._socket.recv())
                if said.get("id") == number:
                    assert "error" not in said, said
                    return dict(said["result"])


@asynccontextmanager
async def page(folder: Path) -> AsyncGenerator[Page]:
    """Run a browser for as long as its page is needed."""
    command = shutil.which("chromium")
    if command is None:
        lacking("a browser (Debian's chromium)")
    profile = folder / "chromium"
    profile.mkdir()
    process = _start(str(command), profile)
    try:
        port = await _port(profile / "DevToolsActivePort")
        async with httpx.AsyncClient(trust_env=False) as client:
            tabs = (await client.get(f"http://127.0.0.1:{port}/json/list")).json()
        address = next(each for each in tabs if each["type"] == "page")["webSocketDebuggerUrl"]
        async with connect(address, max_size=None, proxy=None) as socket:
            yield Page(socket)
    finally:
        process.terminate()
        process.wait(timeout=PATIENCE)


def _start(command: str, profile: Path) -> subprocess.Popen[bytes]:
    as_root = ["--no-sandbox"] if os.geteuid() == 0 else []  # it refuses to run as root otherwise
    words = [command, *FLAGS, *as_root, f"--user-data-dir={profile}", "about:blank"]
    with (profile / "out").open("wb") as out:
        return subprocess.Popen(words, stdout=out, stderr=out)


async def _port(told: Path) -> int:
    async with asyncio.timeout(PATIENCE):
        while not (told.exists() and told.read_text("utf-8").count("\n")):  # noqa: ASYNC110
            await asyncio.sleep(0.05)  # a file of another program's
    return int(told.read_text("utf-8").splitlines()[0])
