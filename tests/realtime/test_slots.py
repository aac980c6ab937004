"""Receive slots: who sits where, and that a change of speaker breaks no stream."""

from contextlib import suppress
from itertools import pairwise
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from realtime.errors import BadDescription
from realtime.media.descriptions import MOST_CANDIDATES, NOBODY, checked
from realtime.media.port import SLOTS
from realtime.media.slots import PACKET, Splice, seated

PEOPLE = st.lists(st.integers(1, 6).map(lambda n: UUID(int=n)), unique=True, max_size=5)
SEQ, TIME = 1 << 16, 1 << 32


@given(rounds=st.lists(PEOPLE, max_size=8))
def test_a_speaker_keeps_the_slot_and_nobody_has_two(rounds: list[list[UUID]]) -> None:
    slots: tuple[UUID | None, ...] = (None,) * SLOTS
    for speakers in rounds:
        before, slots = slots, seated(slots, speakers)
        heard = [who for who in slots if who]
        assert len(slots) == SLOTS
        assert len(heard) == len(set(heard)) == min(SLOTS, len(speakers))
        assert set(heard) <= set(speakers)
        for index, who in enumerate(before):
            assert slots[index] == who or who not in speakers


#: A speaker's turn: its stream's first number and time stamp, how many packets, the pause before.
TURN = st.tuples(
    st.integers(0, SEQ - 1), st.integers(0, TIME - 1), st.integers(1, 40), st.floats(0, 5000)
)


@given(turns=st.lists(TURN, min_size=1, max_size=6))
def test_numbers_go_on_one_by_one_and_time_goes_on_whoever_speaks(
    turns: list[tuple[int, int, int, float]],
) -> None:
    splice, at, out = Splice(), 0.0, []
    for source, (seq, time, count, pause) in enumerate(turns):
        at += pause
        for n in range(count):
            at += 0.02
            out.append(splice.numbers(source, (seq + n) % SEQ, (time + n * PACKET) % TIME, at))
        first = out[-count]
        assert first is not None
        assert first.begins

    numbers = [one for one in out if one]
    assert len(numbers) == len(out)
    for before, after in pairwise(numbers):
        assert (after.seq - before.seq) % SEQ == 1
        assert PACKET <= (after.time - before.time) % TIME < TIME // 2


def test_what_was_lost_on_the_way_in_is_missing_on_the_way_out() -> None:
    splice = Splice()
    came = [splice.numbers("a", seq, seq * PACKET, seq / 50) for seq in (10, 11, 14, 13)]

    assert [one.seq - 1 for one in came if one] == [0, 1, 4, 3]
    assert [one.begins for one in came if one] == [True, False, False, False]


def test_a_packet_from_before_the_change_is_dropped() -> None:
    splice = Splice()
    splice.numbers("a", 100, 0, 0.0)
    splice.numbers("b", 500, 0, 0.1)

    assert splice.numbers("b", 499, 0, 0.2) is None


def test_a_leap_in_the_numbers_is_another_stream_and_leaves_no_hole() -> None:
    splice = Splice()
    first = splice.numbers("a", 0, 0, 0.0)
    leapt = splice.numbers("a", 40_000, 40_000 * PACKET, 800.0)

    assert first is not None
    assert leapt is not None
    assert (leapt.seq - first.seq, leapt.begins) == (1, True)


AUDIO = "v=0\r\nm=audio 9 UDP/TLS/RTP/SAVPF 111\r\n"


def test_an_address_of_the_phones_own_network_is_not_looked_up() -> None:
    given_ = AUDIO + "a=candidate:1 1 udp 2113937151 6f1c0f7e-2b55.local 51000 typ host\r\n"

    assert f" {NOBODY} 51000 typ host" in checked(given_, ["audio"])


@pytest.mark.parametrize(
    "sdp",
    [
        "v=0\r\n",
        AUDIO + "m=video 9 UDP/TLS/RTP/SAVPF 96\r\n",
        AUDIO + "m=audio 9 UDP/TLS/RTP/SAVPF 111\r\n",
        AUDIO + "a=candidate:1 1 udp 1 192.0.2.9 9 typ host\r\n" * (MOST_CANDIDATES + 1),
    ],
)
def test_more_than_an_engine_takes_is_refused(sdp: str) -> None:
    with pytest.raises(BadDescription):
        checked(sdp, ["audio", "application"])


@given(text=st.text())
def test_any_text_is_checked_or_refused(text: str) -> None:
    with suppress(BadDescription):
        assert checked(text, ["audio"]).count("m=audio") >= 1
