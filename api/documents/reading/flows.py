"""Pages are read one at a time, each kept before the next is begun: a kill costs one page."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

from fastapi import UploadFile

from api.documents import fields, scans
from api.documents.desk import Desk
from api.documents.models import READING_JOB
from api.documents.ocr.port import Layout, Ocr, OcrAbsent, OcrFailed
from api.documents.pages.sandboxed import PDF, draw_scan, inspect_file, words_of
from api.documents.pages.sandboxed import text_of as text_of_file
from api.documents.rules import must_not_be_secret
from api.documents.scans import PageReading, Turn
from api.documents.secrecy import highest, stamp_on_scan
from api.documents.uploads import save
from api.documents.words import Line, Word, lines_of, lines_without_places, text_of
from core.actor import Actor, Role
from core.blobs.port import Blobs
from core.db import Database
from core.errors import AppError
from core.sandbox import Sandbox
from core.worker import Handler, RunAgain, Worker

#: Dots per inch; a page that is too much for the engine is tried once more, smaller.
FINE, COARSE = 200, 100
_NOW = timedelta(0)
#: Pages with text of their own in which a signature is looked for.
_LOOKED_AT = 40
#: Pages of a scan that a clerk waits for: a second or two for each.
_FIRST, _LAST = 1, 2
#: An engine may be installed while we run.
_LOOK_AGAIN = timedelta(seconds=60)


@dataclass(frozen=True, slots=True)
class Proposed:
    """What a file's layout shows.

    Attributes:
        pages: how many the file has.
        unread: how many of them are pictures that were not read.
        title: what the file says of itself.
        fields: in the order of the paper.
    """

    pages: int
    unread: int
    title: str | None
    fields: list[fields.Proposal]


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
    framed = [line for seen in looked_at for line in lines_of(seen)]
    return PageReading(words, stamp, is_blank=drawn["is_blank"], framed=framed)


# --- what a clerk is proposed --------------------------------------------------------------


async def propose(tools: Tools, actor: Actor, upload: UploadFile) -> Proposed:
    """Return the fields that a file's layout shows; nothing of the file is kept.

    Of a scan the first and the last pages are read at once, if there is an engine.
    """
    actor.must_be(Role.CLERK)
    async with tools.desk.space() as space:
        path = await save(upload, space / "received.pdf")
        facts = await tools.sandbox.run(inspect_file, path)
        must_not_be_secret("", "", (), facts["stamp"])
        pages = await _own_lines(tools, path, facts["media_type"])
        scanned = _first_and_last(facts["unread"], facts["pages"])
        read = [page for page in scanned if await _read_at_once(tools, path, page, pages)]
    proposals = await asyncio.to_thread(fields.propose, sorted(pages.items()))
    unread = len(facts["unread"]) - len(read)
    return Proposed(facts["pages"], unread, facts["title"], proposals)


async def _own_lines(tools: Tools, path: Path, media_type: str) -> dict[int, list[Line]]:
    """Return the lines that a file has as text; a Word file does not say where they stand."""
    if media_type == PDF:
        words = await tools.sandbox.run(words_of, path, _LOOKED_AT)
        return {n: list(lines_of(Word(*each) for each in page)) for n, page in enumerate(words)}
    texts = await tools.sandbox.run(text_of_file, path)
    return {n: list(lines_without_places(text)) for n, text in enumerate(texts[:_LOOKED_AT])}


def _first_and_last(unread: list[int], pages: int) -> list[int]:
    ends = {*range(_FIRST), *range(max(0, pages - _LAST), pages)}
    return [page for page in unread if page in ends]


async def _read_at_once(tools: Tools, path: Path, page: int, pages: dict[int, list[Line]]) -> bool:
    try:
        async with tools.desk.alone("a scan that a clerk waits for"):
            reading = await read_page(tools, path, page)
    except (OcrAbsent, OcrFailed):
        return False
    must_not_be_secret("", "", (), reading.stamp)
    pages[page] = [*lines_of(reading.words or []), *reading.framed]
    return True
