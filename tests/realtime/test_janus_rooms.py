"""What is to be recorded of a room in Janus: what is passed on, as long as it is sent."""

from uuid import UUID

import pytest

from realtime.media.janus_rooms import Publisher, Room
from realtime.media.port import Floor, Source

WHO, OTHER, RECORDING = UUID(int=1), UUID(int=2), UUID(int=3)
VOICE, SCREEN = (WHO, Source.VOICE), (WHO, Source.SCREEN)
SPEAKS = Floor(slots=(WHO, None, None), recording=RECORDING)
SHARES = Floor(sharer=WHO, recording=RECORDING)
SILENT = Floor(slots=(OTHER, None, None), sharer=OTHER, recording=RECORDING)


@pytest.mark.parametrize(
    ("floor", "key", "is_up", "recorded"),
    [
        (SPEAKS, VOICE, True, RECORDING),
        (SPEAKS, VOICE, False, None),
        (SPEAKS, SCREEN, True, None),
        (SHARES, SCREEN, True, RECORDING),
        (SHARES, VOICE, True, None),
        (SILENT, VOICE, True, None),
        (SILENT, SCREEN, True, None),
        (Floor(slots=(WHO, None, None)), VOICE, True, None),
    ],
)
def test_what_is_passed_on_is_recorded(
    floor: Floor, key: tuple[UUID, Source], *, is_up: bool, recorded: UUID | None
) -> None:
    room = Room("room:1", {}, floor)
    room.publishers[key] = Publisher(1, 1, "peer", is_up=is_up)

    assert room.recorded(key) == recorded


@pytest.mark.parametrize(("floor", "key"), [(SPEAKS, VOICE), (SHARES, SCREEN)])
def test_of_a_sender_who_has_gone_nothing_is_recorded(
    floor: Floor, key: tuple[UUID, Source]
) -> None:
    assert Room("room:1", {}, floor).recorded(key) is None
