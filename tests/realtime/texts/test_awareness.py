"""What is shown of people at a text: theirs alone, with their name by us, and soon forgotten."""

from uuid import uuid4

import orjson
import pytest

from realtime.texts.awareness import MOST_OWN, MOST_STATE, SILENCE, Awareness
from realtime.texts.lib0 import BadBytes, Reader, block, number

ME, OTHER, WHO = object(), object(), uuid4()


def states(*shown: tuple[int, int, object]) -> bytes:
    entries = [number(c) + number(clock) + block(orjson.dumps(s)) for c, clock, s in shown]
    return number(len(entries)) + b"".join(entries)


def told(update: bytes | None) -> list[tuple[int, int, object]]:
    if update is None:
        return []
    reader = Reader(update)
    return [
        (reader.number(), reader.number(), orjson.loads(reader.text(MOST_STATE + 100)))
        for _ in range(reader.number())
    ]


def test_what_somebody_shows_is_passed_on_with_their_id() -> None:
    passed = Awareness().take(ME, states((1, 1, {"user": "An", "who": "somebody else"})), WHO, 0)

    assert told(passed) == [(1, 1, {"user": "An", "who": str(WHO)})]


def test_nobody_speaks_for_another_socket() -> None:
    awareness = Awareness()
    awareness.take(ME, states((1, 1, {"at": 1})), WHO, 0)

    assert awareness.take(OTHER, states((1, 9, {"at": 2}), (1, 10, None)), uuid4(), 0) is None
    assert told(awareness.everything()) == [(1, 1, {"at": 1, "who": str(WHO)})]


def test_older_news_is_none() -> None:
    awareness = Awareness()
    awareness.take(ME, states((1, 5, {})), WHO, 0)

    assert awareness.take(ME, states((1, 5, {"late": True})), WHO, 0) is None
    assert awareness.take(ME, states((1, 4, None)), WHO, 0) is None
    assert told(awareness.take(ME, states((1, 5, None)), WHO, 0)) == [(1, 5, None)]
    assert awareness.everything() is None


def test_who_leaves_is_shown_no_more_and_may_come_back() -> None:
    awareness = Awareness()
    awareness.take(ME, states((1, 5, {})), WHO, 0)

    assert told(awareness.leave(ME, 0)) == [(1, 5, None)]
    assert awareness.everything() is None
    assert told(awareness.take(OTHER, states((1, 5, {})), WHO, 0)) == [(1, 5, {"who": str(WHO)})]


def test_nodes_tell_each_other_and_nobody_twice() -> None:
    here, there = Awareness(), Awareness()
    said = here.take(ME, states((1, 1, {})), WHO, 0)
    assert said is not None

    assert there.hear(said, 0) == said
    assert there.hear(said, 0) is None
    assert here.hear(said, 0) is None
    assert there.own() is None
    assert here.own() == said
    gone = here.leave(ME, 0)
    assert gone is not None
    assert told(there.hear(gone, 0)) == [(1, 1, None)]
    assert there.everything() is None


def test_a_phone_that_moved_from_a_dead_node_is_shown_again() -> None:
    there = Awareness()
    there.hear(states((1, 1, {"who": str(WHO)})), 0)

    assert told(there.take(ME, states((1, 2, {})), WHO, 0)) == [(1, 2, {"who": str(WHO)})]


def test_who_is_silent_is_forgotten() -> None:
    awareness = Awareness()
    awareness.take(ME, states((1, 1, {})), WHO, 0)
    awareness.forget_silent(SILENCE)
    assert awareness.everything() is not None

    awareness.forget_silent(SILENCE + 1)

    assert awareness.everything() is None


@pytest.mark.parametrize(
    "wrong",
    [
        b"",
        b"\x01",
        states((1, 1, {})) + b"\x00",
        number(1) + number(1) + number(1) + block(b"{{{"),
        states((1, 1, [1])),
        states((1, 1, "x")),
        states((1, 1, {"x": "y" * MOST_STATE})),
        number(1) + number(1) + number(1) + block(b'{"x":' * 400 + b"1"),
        states(*((client, 1, {}) for client in range(MOST_OWN + 1))),
        number(300) + b"\x01\x01\x02{}" * 300,
    ],
)
def test_what_is_no_state_or_too_much_is_refused(wrong: bytes) -> None:
    with pytest.raises(BadBytes):
        Awareness().take(ME, wrong, WHO, 0)
