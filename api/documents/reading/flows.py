"""Pages are read one at a time, each kept before the next is begun: a kill costs one page."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

from api.documents import scans
from api.documents.desk import Desk
from api.documents.models import READING_JOB
from api.documents.ocr.port import Layout, Ocr, OcrAbsent, OcrFailed
from api.documents.pages.sandboxed import draw_scan
from api.documents.scans import PageReading, Turn
from api.documents.secrecy import highest, stamp_on_scan
from api.documents.words import text_of
from core.blobs.port import Blobs
from core.db import Database
from core.errors import AppError
from core.sandbox import Sandbox
from core.worker import Handler, RunAgain, Worker

#: Dots per inch; a page that is too much for the engine is tried once more, smaller.
FINE, COARSE = 200, 100
_NOW = timedelta(0)
#: An engine may be installed while we run.
_LOOK_AGAIN = timedelta(seconds=60)


@dataclass(frozen=True, slots=True)
class Tools:
    """What reading needs."""

    db: Database
    blobs: Blobs
    sandbox: Sandbox
    desk: Desk
    ocr: Ocr


async def read_scans(tools: Tools, workers: int) -> None:
    """Read what waits for ever, as soon as there is an engine."""
    while not await tools.ocr.is_there():  # noqa: ASYNC110 - nobody tells of an installation
        await asyncio.sleep(_LOOK_AGAIN.total_seconds())
    await worker(tools, workers).run()


def worker(tools: Tools, workers: int = 1) -> Worker:
    """Return what reads scans beside the other jobs, so that neither waits for the other."""
    return Worker(tools.db, handlers(tools), parallel=workers)


def handlers(tools: Tools) -> Mapping[str, Handler]:
    """Say which flow reads."""

    async def handle(payload: dict[str, Any]) -> None:
        await read_next(tools, UUID(payload["revision_id"]))

    return {READING_JOB: handle}


async def read_next(tools: Tools, revision_id: UUID) -> None:
    """Read the next page of a file, and come again for the one behind it.

    Raises:
        RunAgain: there may be more to read.
    """
    async with tools.db.read() as view:
        turn = await scans.next_turn(view, revision_id)
    if turn is None:
        return
    try:
        reading = await _read(tools, turn)
    except OcrAbsent as absent:
        raise RunAgain(_LOOK_AGAIN) from absent
    async with tools.db.begin() as tx:
        await scans.keep(tx, turn, reading)
    raise RunAgain(_NOW)


async def _read(tools: Tools, turn: Turn) -> PageReading:
    async with tools.desk.space() as space:
        path = space / "file.pdf"
        await tools.blobs.fetch(turn.sha256, path)
        for dots in (FINE, COARSE):
            try:
                return await read_page(tools, path, turn.page, dots)
            except (OcrFailed, AppError):
                continue
    return PageReading(words=None)


async def read_page(tools: Tools, path: Path, page: int, dots: int = FINE) -> PageReading:
    """Read a page of a file: its own words, and the stamps in frames and over it too."""
    async with tools.desk.space() as space:
        drawn = await tools.sandbox.run(draw_scan, path, page, dots, space)
        words = [] if drawn["is_blank"] else await tools.ocr.read(space / drawn["bare"])
        looked_at = [await tools.ocr.read(space / name, Layout.LINES) for name in drawn["stamped"]]
    stamp = highest(stamp_on_scan(text_of(seen)) for seen in (words, *looked_at))
    return PageReading(words, stamp, is_blank=drawn["is_blank"])
