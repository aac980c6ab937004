"""What engines have written becomes part of the meeting's record, whoever died meanwhile."""

import asyncio
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import structlog

from api.meetings.recording import service
from api.meetings.recording.models import Recording
from api.meetings.recording.rules import State, Take, take_of
from api.meetings.recording.service import Kept
from core.blobs.port import Blobs
from core.bounds import Program
from core.db import Database
from core.sandbox import program
from core.worker import RunAgain

#: While an engine writes a file, its name ends with this.
WRITING = ".part"
#: A file that nobody has written to for so long was left by an engine that died.
SILENT = timedelta(minutes=1)
#: Janus's own keep their names while they are written; nobody writes to one that rested so long.
RESTED = timedelta(seconds=5)
#: A larger file of Janus's has packets, whatever kept the program from finding them.
MOST_WITHOUT_PACKETS = 4096
MEDIA = {"audio": ("ogg", "audio/ogg"), "video": ("webm", "video/webm")}

_log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Tapes:
    """What keeping a recording needs.

    Attributes:
        folder: where engines write, one folder for each recording.
        unpack: makes files that players read of Janus's own.
    """

    db: Database
    blobs: Blobs
    folder: Path
    unpack: Program


async def keep(tapes: Tapes, payload: dict[str, Any]) -> None:
    """Keep a recording that has ended; may be run again.

    What engines have written goes only once it is kept: whatever fails before leaves it there.

    Raises:
        RuntimeError: the folder of all recordings is not there, or a file could not be unpacked.
    """
    recording_id = UUID(payload["recording_id"])
    folder = tapes.folder / str(recording_id)
    async with tapes.db.read() as view:
        recording = await view.session.get_one(Recording, recording_id)
    if recording.state is State.STOPPED:
        if not await asyncio.to_thread(tapes.folder.is_dir):
            raise RuntimeError("the folder that engines write to is not there")
        found = await asyncio.to_thread(_finished, folder, tapes.db.clock().timestamp())
        tracks = [track for one in found if (track := await _kept(tapes, *one)) is not None]
        async with tapes.db.begin() as tx:
            await service.keep(tx, recording_id, tracks)
    await asyncio.to_thread(shutil.rmtree, folder, ignore_errors=True)


def _finished(folder: Path, now: float) -> Sequence[tuple[Path, Take]]:
    """Return the files of a recording, or ask to be run again while one is still written."""
    found = []
    for one in sorted(folder.iterdir()) if folder.is_dir() else ():
        take = take_of(one.name.removesuffix(WRITING))
        if take is None:
            continue
        about, rest = one.stat(), _rest_of(one.name)
        if rest and now - about.st_mtime < rest.total_seconds():
            raise RunAgain(service.A_MOMENT)
        if about.st_size:
            found.append((one, take))
    return found


def _rest_of(name: str) -> timedelta:
    """Return how long nobody must have written to a file before it is taken for finished."""
    if name.endswith(WRITING):
        return SILENT
    return RESTED if name.endswith(".mjr") else timedelta()


async def _kept(tapes: Tapes, file: Path, take: Take) -> Kept | None:
    if take.format == "mjr":
        unpacked = await _unpacked(tapes.unpack, take, file)
        if unpacked is None:
            return None
        file = unpacked
    stored = await tapes.blobs.put_file(file)
    return Kept(take, MEDIA[take.medium][1], stored.sha256, stored.size)


async def _unpacked(unpack: Program, take: Take, file: Path) -> Path | None:
    """Return what players read of a file of Janus's; one without a single packet is nothing."""
    target = file.with_suffix(f".{MEDIA[take.medium][0]}")
    ended = await program.run(unpack, str(file), str(target))
    if ended.status != 0:
        if (await asyncio.to_thread(file.stat)).st_size > MOST_WITHOUT_PACKETS:
            raise RuntimeError(f"a recording was not unpacked: status {ended.status}")
        _log.warning("recording.not_unpacked", status=ended.status)
        return None
    return target
