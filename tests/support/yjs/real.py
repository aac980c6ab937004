"""Editors of npm's yjs in a process of node; they are told one step after the other."""

import asyncio
import json
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from tests.support.npm import installed

HERE = Path(__file__).parent
PATIENCE = 30


class Editors:
    """The process; each editor in it has a name."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process

    async def do(self, step: str, **said: Any) -> dict[str, Any]:
        """Have a step done, and return what came of it."""
        if self._process.stdin is None or self._process.stdout is None:
            raise RuntimeError
        self._process.stdin.write(json.dumps({"step": step, **said}).encode() + b"\n")
        async with asyncio.timeout(PATIENCE):
            answer: dict[str, Any] = json.loads(await self._process.stdout.readline())
        assert "error" not in answer, answer
        return answer


@asynccontextmanager
async def editors() -> AsyncGenerator[Editors]:
    """Run node with the locked packages."""
    folder = installed(HERE, "yjs")
    script = (HERE / "editors.mjs").read_text("utf-8")
    process = await asyncio.create_subprocess_exec(
        "node", "--input-type=module", "--eval", script, cwd=folder,
        stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE,
    )  # fmt: skip
    try:
        yield Editors(process)
    finally:
        process.kill()
        await process.wait()
