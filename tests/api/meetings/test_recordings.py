"""Recordings: by the chair's decision alone, seen by everybody, kept with a log of who heard."""

import asyncio
import hashlib
import os
import shutil
from collections.abc import AsyncGenerator, Awaitable, Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from api import background, wiring
from api.demo.phone import Phone
from api.gate import CapabilityGate
from api.meetings import service
from api.meetings.recording import flows
from api.meetings.recording import service as recording
from api.meetings.recording.models import Recording, RecordingRead, RecordingTrack
from api.meetings.recording.rules import State
from api.meetings.rules import Move
from api.wiring import Engines
from core import streams
from core.audit import AuditRecord
from core.bounds import Program
from core.config import Rates, Settings
from core.db import Database
from core.media import Media
from core.worker import RunAgain, Worker
from realtime.media.recording import Recorder
from tests.support.answers import rows
from tests.support.clock import Clock
from tests.support.databases import spare_the_disk
from tests.support.gatherings import called, in_session
from tests.support.ministry import Ministry, Person
from tests.support.workers import LastingSandbox

As = Callable[[Person], Awaitable[Phone]]
SILENCE = bytes((0xF8, 0xFF, 0xFE))
A_WHILE = timedelta(minutes=2)


@pytest.fixture
def engine() -> str:
    return "aiortc"


@pytest.fixture
async def engines(
    database_url: str, tmp_path: Path, clock: Clock, keys: Path, workers: LastingSandbox,
    engine: str,
) -> AsyncGenerator[Engines]:  # fmt: skip
    """Every part of the embedded profile, with a media engine."""
    shutil.copytree(keys, tmp_path / "keys")
    media = Media(engine=engine)  # type: ignore[arg-type] # one of its words
    settings = Settings(
        data=tmp_path, database_url=database_url, rates=Rates(enabled=False), media=media
    )
    engines = wiring.assemble(settings, clock=clock, sandbox=workers)
    spare_the_disk(engines.db)
    yield engines
    await engines.db.dispose()


async def post(phone: Phone, meeting_id: UUID, step: str) -> Any:
    return await phone.send("POST", f"/meetings/{meeting_id}/recording/{step}")


def spoken(engines: Engines, recording_id: str, *people: Person, packets: int = 50) -> None:
    """Let the embedded engine's recorder write down some silence of each."""
    recorder = Recorder(engines.tapes.folder)
    recorder.follow(UUID(recording_id), [one.id for one in people])
    for number in range(packets):
        for one in people:
            recorder.take(one.id, "their phone", SILENCE, number * 960)
    recorder.close()


async def kept(engines: Engines, clock: Clock) -> None:
    clock.tick(A_WHILE)
    await Worker(engines.db, background.handlers(engines)).run_due()


async def names(db: Database, meeting_id: UUID) -> list[str]:
    async with db.read() as view:
        entries = await streams.read_after(view.session, f"room:{meeting_id}", 0)
    return [one.name for one in entries if "recording" in one.name]


async def test_the_chair_records_everybody_sees_it_and_it_is_written_down(
    db: Database, ministry: Ministry, as_: As, engines: Engines
) -> None:
    meeting_id, _ = await in_session(db, ministry)
    chair = await as_(ministry.leader)

    begun = (await post(chair, meeting_id, "start")).json()
    again = (await post(chair, meeting_id, "start")).json()

    assert (begun["state"], begun["started_by"]) == ("running", str(ministry.leader.id))
    assert again == begun
    gate = CapabilityGate(db)
    for person in (ministry.officer, ministry.colleague):
        seen = await gate.snapshot(person.actor, f"room:{meeting_id}")
        assert seen["recording"]["id"] == begun["id"]
    assert (await gate.floor(f"room:{meeting_id}")).recording == UUID(begun["id"])
    ended = (await post(chair, meeting_id, "stop")).json()
    assert (ended["state"], ended["stopped_by"]) == ("stopped", str(ministry.leader.id))
    assert (await gate.floor(f"room:{meeting_id}")).recording is None
    assert await names(db, meeting_id) == [
        "meeting.recording_started", "meeting.recording_stopped",
    ]  # fmt: skip
    audited = [(one.action, one.actor_id) for one in await rows(db, AuditRecord)]
    for action in ("meetings.start_recording", "meetings.stop_recording"):
        assert (action, ministry.leader.id) in audited


async def test_nobody_else_records_and_nothing_is_recorded_outside_the_session(
    db: Database, ministry: Ministry, as_: As
) -> None:
    meeting_id, _ = await in_session(db, ministry)
    for person in (ministry.secretary, ministry.officer, ministry.colleague):
        refusal = await post(await as_(person), meeting_id, "start")
        assert refusal.json()["type"] == "meetings.not_your_part"
    assert (await post(await as_(ministry.stranger), meeting_id, "start")).status_code == 404
    invited = await called(db, ministry, Move.APPROVE, Move.INVITE)
    chair = await as_(ministry.leader)

    early = await post(chair, invited, "start")

    assert early.json()["type"] == "meetings.wrong_state"
    assert (await post(chair, meeting_id, "stop")).status_code == 404
    assert await names(db, meeting_id) == []


@pytest.mark.parametrize("engine", ["null"])
async def test_where_no_engine_records_it_is_refused_and_nobody_is_told_otherwise(
    db: Database, ministry: Ministry, as_: As
) -> None:
    meeting_id, _ = await in_session(db, ministry)

    refusal = await post(await as_(ministry.leader), meeting_id, "start")

    assert refusal.json()["type"] == "meetings.cannot_record"
    assert await names(db, meeting_id) == []


async def test_what_was_recorded_is_kept_and_who_fetches_it_is_written_down(
    db: Database, ministry: Ministry, as_: As, engines: Engines, clock: Clock
) -> None:
    meeting_id, _ = await in_session(db, ministry)
    chair, officer = await as_(ministry.leader), await as_(ministry.officer)
    begun = (await post(chair, meeting_id, "start")).json()
    spoken(engines, begun["id"], ministry.leader, ministry.officer)
    await post(chair, meeting_id, "stop")

    await kept(engines, clock)
    await officer.refresh()
    await chair.refresh()
    listed = (await officer.get(f"/meetings/{meeting_id}/recordings")).json()

    assert [one["state"] for one in listed["recordings"]] == ["kept"]
    whose = {one["official_id"] for one in listed["tracks"]}
    assert whose == {str(ministry.leader.id), str(ministry.officer.id)}
    track = listed["tracks"][0]
    heard = await officer.get(f"/meetings/{meeting_id}/recordings/tracks/{track['id']}")
    assert heard.headers["content-type"] == "audio/ogg"
    assert hashlib.sha256(heard.content).hexdigest() == track["sha256"]
    log = (await chair.get(f"/meetings/{meeting_id}/recordings/access-log")).json()
    assert [(one["track_id"], one["official_id"], one["times"]) for one in log] == [
        (track["id"], str(ministry.officer.id), 1)
    ]
    assert "meeting.recording_kept" in await names(db, meeting_id)
    assert not (engines.tapes.folder / begun["id"]).exists()


async def test_guests_and_strangers_hear_no_recording(
    db: Database, ministry: Ministry, as_: As, engines: Engines, clock: Clock
) -> None:
    meeting_id, _ = await in_session(db, ministry)
    chair = await as_(ministry.leader)
    begun = (await post(chair, meeting_id, "start")).json()
    spoken(engines, begun["id"], ministry.leader)
    await post(chair, meeting_id, "stop")
    await kept(engines, clock)
    (track,) = await rows(db, RecordingTrack)

    for person, status in ((ministry.colleague, 403), (ministry.stranger, 404)):
        phone = await as_(person)
        for path in ("recordings", f"recordings/tracks/{track.id}"):
            answer = await phone.send("GET", f"/meetings/{meeting_id}/{path}")
            assert answer.status_code == status


async def test_a_track_that_is_fetched_many_times_at_once_is_counted_each_time(
    db: Database, ministry: Ministry, as_: As, engines: Engines, clock: Clock
) -> None:
    meeting_id, _ = await in_session(db, ministry)
    chair = await as_(ministry.leader)
    begun = (await post(chair, meeting_id, "start")).json()
    spoken(engines, begun["id"], ministry.leader)
    await post(chair, meeting_id, "stop")
    await kept(engines, clock)
    (track,) = await rows(db, RecordingTrack)

    async def fetch() -> None:
        async with db.begin() as tx:
            await recording.open_track(tx, ministry.officer.actor, meeting_id, track.id)

    await asyncio.gather(*(fetch() for _ in range(4)))

    (read,) = await rows(db, RecordingRead)
    assert read.times == 4


async def test_a_recording_that_nobody_stopped_ends_with_the_meeting(
    db: Database, ministry: Ministry, as_: As, engines: Engines, clock: Clock
) -> None:
    meeting_id, _ = await in_session(db, ministry)
    begun = (await post(await as_(ministry.leader), meeting_id, "start")).json()
    spoken(engines, begun["id"], ministry.leader)

    async with db.begin() as tx:
        await service.advance(tx, ministry.secretary.actor, meeting_id, Move.CLOSE)
    await kept(engines, clock)

    assert len(await rows(db, RecordingTrack)) == 1


async def test_what_a_dying_engine_left_is_kept_when_nobody_writes_to_it_any_more(
    db: Database, ministry: Ministry, as_: As, engines: Engines, clock: Clock
) -> None:
    meeting_id, _ = await in_session(db, ministry)
    chair = await as_(ministry.leader)
    begun = (await post(chair, meeting_id, "start")).json()
    spoken(engines, begun["id"], ministry.leader)
    (whole,) = (engines.tapes.folder / begun["id"]).iterdir()
    left = whole.with_name(whole.name + ".part")
    whole.rename(left)
    await post(chair, meeting_id, "stop")

    worker = Worker(engines.db, background.handlers(engines))
    clock.tick(timedelta(seconds=30))
    written_at = clock().timestamp()
    os.utime(left, (written_at, written_at))
    await worker.run_due()
    assert await rows(db, RecordingTrack) == []
    clock.tick(timedelta(seconds=90))
    await worker.run_due()

    assert len(await rows(db, RecordingTrack)) == 1


async def stopped_with(
    db: Database, ministry: Ministry, chair: Phone, engines: Engines, **sizes: int
) -> tuple[dict[str, str], list[Path]]:
    """Record what Janus writes, so many bytes of each; return how to keep it, and its files."""
    meeting_id, _ = await in_session(db, ministry)
    begun = (await post(chair, meeting_id, "start")).json()
    await post(chair, meeting_id, "stop")
    folder = engines.tapes.folder / begun["id"]
    folder.mkdir()
    files = []
    for medium, size in sizes.items():
        file = folder / f"{ministry.leader.id}.voice.1790000000123-{medium}-0.mjr"
        file.write_bytes(bytes(size))
        written_at = engines.db.clock().timestamp()
        os.utime(file, (written_at, written_at))
        files.append(file)
    return {"recording_id": begun["id"]}, files


def unpacking_with(engines: Engines, command: str) -> flows.Tapes:
    limits = {"memory_bytes": 1024**3, "cpu_seconds": 5, "wall_seconds": 5}
    return replace(engines.tapes, unpack=Program(command=command, **limits))


@pytest.mark.parametrize("command", ["false", "no-program-of-this-name"])
async def test_what_cannot_be_unpacked_stays_until_it_can_be(
    db: Database, ministry: Ministry, as_: As, engines: Engines, clock: Clock, command: str
) -> None:
    chair = await as_(ministry.leader)
    payload, (file,) = await stopped_with(db, ministry, chair, engines, audio=5000)
    clock.tick(A_WHILE)

    with pytest.raises(RuntimeError, match="status"):
        await flows.keep(unpacking_with(engines, command), payload)

    assert file.stat().st_size == 5000
    assert [one.state for one in await rows(db, Recording)] == [State.STOPPED]
    # `cp` copies what it is to unpack.
    await flows.keep(unpacking_with(engines, "cp"), payload)
    assert [one.size for one in await rows(db, RecordingTrack)] == [5000]
    assert not file.exists()


async def test_a_recording_without_a_packet_is_kept_without_a_track(
    db: Database, ministry: Ministry, as_: As, engines: Engines, clock: Clock
) -> None:
    chair = await as_(ministry.leader)
    payload, (file,) = await stopped_with(db, ministry, chair, engines, audio=90)
    clock.tick(A_WHILE)

    await flows.keep(unpacking_with(engines, "false"), payload)

    assert [one.state for one in await rows(db, Recording)] == [State.KEPT]
    assert await rows(db, RecordingTrack) == []
    assert not file.exists()


async def test_where_the_folder_of_all_recordings_is_missing_nothing_counts_as_kept(
    db: Database, ministry: Ministry, as_: As, engines: Engines
) -> None:
    meeting_id, _ = await in_session(db, ministry)
    chair = await as_(ministry.leader)
    begun = (await post(chair, meeting_id, "start")).json()
    await post(chair, meeting_id, "stop")
    payload = {"recording_id": begun["id"]}

    elsewhere = replace(engines.tapes, folder=engines.tapes.folder / "not mounted")
    with pytest.raises(RuntimeError, match="not there"):
        await flows.keep(elsewhere, payload)
    assert [one.state for one in await rows(db, Recording)] == [State.STOPPED]

    await flows.keep(engines.tapes, payload)
    assert [one.state for one in await rows(db, Recording)] == [State.KEPT]


async def test_what_an_earlier_try_unpacked_is_no_second_track(
    db: Database, ministry: Ministry, as_: As, engines: Engines, clock: Clock
) -> None:
    chair = await as_(ministry.leader)
    payload, (file,) = await stopped_with(db, ministry, chair, engines, audio=5000)
    file.with_suffix(".ogg").write_bytes(b"begun and not ended")
    clock.tick(A_WHILE)

    await flows.keep(unpacking_with(engines, "cp"), payload)

    assert [one.size for one in await rows(db, RecordingTrack)] == [5000]


async def test_a_file_that_janus_may_still_write_to_is_waited_for(
    db: Database, ministry: Ministry, as_: As, engines: Engines, clock: Clock
) -> None:
    chair = await as_(ministry.leader)
    payload, (file,) = await stopped_with(db, ministry, chair, engines, audio=5000)
    clock.tick(timedelta(seconds=4))
    tapes = unpacking_with(engines, "cp")

    with pytest.raises(RunAgain):
        await flows.keep(tapes, payload)

    assert file.exists()
    clock.tick(timedelta(seconds=2))
    await flows.keep(tapes, payload)
    assert len(await rows(db, RecordingTrack)) == 1
