"""Running a foreign program under limits, once, on what may be hostile; `limited` sets them."""

import asyncio
import os
import sys
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

from core.bounds import Program


class Ended(NamedTuple):
    """How a program ended: its exit status, below 0 the signal; what it printed, to both sides."""

    status: int
    told: bytes
    complaint: bytes


async def run(
    program: Program,
    *arguments: str,
    said: bytes = b"",
    folder: Path | None = None,
    environment: dict[str, str] | None = None,
) -> Ended:
    """Run a program to its end.

    Args:
        program: its command, and what the run may cost.
        arguments: of its command line.
        said: what it reads.
        folder: where it works.
        environment: variables beside the few that every program gets.

    Raises:
        TimeoutError: it took more of the clock than it may; it is dead then.
    """
    most = (program.memory_bytes, program.cpu_seconds, program.largest_file)
    limits = (str(one) for one in most)
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-P", "-m", "core.sandbox.limited", *limits, program.command, *arguments,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        cwd=folder,
        env=_environment() | (environment or {}),
    )  # fmt: skip
    try:
        async with asyncio.timeout(program.wall_seconds):
            told, complaint = await process.communicate(said)
    finally:
        if process.returncode is None:
            with suppress(ProcessLookupError):
                process.kill()
            await process.wait()
    return Ended(process.returncode or 0, told, complaint)


def _environment() -> dict[str, str]:
    ours = ":".join(str(Path(path).absolute()) for path in sys.path)
    return {"PYTHONPATH": ours, "PATH": os.defpath, "LANG": "C.UTF-8"}
