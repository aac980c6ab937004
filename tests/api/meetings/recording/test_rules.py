"""The life of a recording, and the names of what engines write."""

from datetime import UTC, datetime
from itertools import product
from uuid import UUID

import pytest

from api.meetings.recording.errors import WrongRecordingState
from api.meetings.recording.rules import BEGIN, Move, State, Take, after, take_of
from realtime.media.port import Source, name_of

WHO = UUID(int=7)
LIFE = {(State.RUNNING, Move.STOP): State.STOPPED, (State.STOPPED, Move.KEEP): State.KEPT}


@pytest.mark.parametrize(("state", "move"), list(product(State, Move)))
def test_a_recording_runs_is_stopped_and_is_kept(state: State, move: Move) -> None:
    if (state, move) in LIFE:
        assert after(state, move) is LIFE[state, move]
        return
    with pytest.raises(WrongRecordingState) as refusal:
        after(state, move)
    assert refusal.value.facts == {"state": state, "move": move}


def test_it_begins_by_running() -> None:
    assert BEGIN is State.RUNNING


@pytest.mark.parametrize(
    ("name", "source", "medium", "format_"),
    [
        (f"{WHO}.voice.1790000000123.ogg", "voice", "audio", "ogg"),
        (f"{WHO}.voice.1790000000123-audio-0.mjr", "voice", "audio", "mjr"),
        (f"{WHO}.voice.1790000000123-video-1.mjr", "voice", "video", "mjr"),
        (f"{WHO}.screen.1790000000123-video-0.mjr", "screen", "video", "mjr"),
    ],
)
def test_a_file_tells_whose_it_is_and_since_when(
    name: str, source: str, medium: str, format_: str
) -> None:
    begun_at = datetime.fromtimestamp(1790000000.123, UTC)

    assert take_of(name) == Take(WHO, source, medium, begun_at, format_)


@pytest.mark.parametrize(
    "name",
    [
        "",
        "../x.ogg",
        f"{WHO}.voice.ogg",
        f"{WHO}.voice.1x.ogg",
        f"{WHO}.camera.1.ogg",
        f"{WHO}.voice.1.ogg.part",
        f"{WHO}.voice.1.wav",
        f"{WHO}.voice.1-audio-0.ogg",
        f"{WHO}.voice.1.mjr",
        f"{WHO}.voice.1.ogg\n",
        f"x{WHO}.voice.1.ogg",
        f"{WHO}.voice.{'9' * 16}.ogg",
    ],
)
def test_whatever_else_lies_there_is_no_recording(name: str) -> None:
    assert take_of(name) is None


@pytest.mark.parametrize("source", list(Source))
def test_it_reads_what_engines_write(source: Source) -> None:
    before = datetime.now(UTC)

    take = take_of(f"{name_of(WHO, source)}.ogg")

    assert take is not None
    assert (take.official_id, take.source) == (UUID(str(WHO)), source)
    assert abs((take.begun_at - before).total_seconds()) < 5
