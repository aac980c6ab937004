"""One phone's conversation without a socket: deadlines, limits, acknowledgements, positions."""

import json
from datetime import UTC, datetime
from functools import partial
from typing import Any
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from realtime import frames
from realtime.effects import Acked, Admit, Effect, Find, Hang, Leave, Listen, Recheck, Run, Say
from realtime.frames import Code
from realtime.guests import Guest, Phase
from realtime.limits import Limits
from realtime.positions import Found, lost
from realtime.session import Session

NOW = datetime(2026, 1, 5, 8, tzinfo=UTC)
LIMITS = Limits(streams=2, replay=10, burst=20, rate=1.0)
ROOM, TASK, USER = "room:1", "task:1", "user:1"


class Time:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


class Talk:
    """A session and its time."""

    def __init__(self, limits: Limits = LIMITS) -> None:
        self.time = Time()
        self.session = Session("c1", limits, time=self.time, wall=lambda: NOW)

    def say(self, t: str, **fields: Any) -> list[Effect]:
        return self.session.hear(json.dumps({"t": t, **fields}))

    def after(self, seconds: float) -> list[Effect]:
        self.time.now += seconds
        was_due = self.session.is_due(self.time.now)
        effects = self.session.tick()
        assert was_due or not effects, "a tick was needed that nobody would have made"
        return effects

    def admitted(self, seconds: float = 3600.0) -> "Talk":
        guest = Guest("p1", uuid4(), "d1", NOW, seconds)
        assert self.session.admitted(guest) == []
        return self

    def talking(self, **fields: Any) -> "Talk":
        (find,) = self.admitted().say("hello", v=1, **fields)
        assert isinstance(find, Find)
        self.session.found(find, {s: Found("e1", 5, 5) for s in find.wants})
        return self

    def hears(self, stream: str, head: int = 5) -> Listen:
        *_, find = self.say("sub", i=1, s=stream, **{"from": "head"})
        assert isinstance(find, Find)
        _, listen = self.session.found(find, {stream: Found("e1", head)})
        assert isinstance(listen, Listen)
        return listen


def codes(effects: list[Effect]) -> list[Code]:
    return [effect.code for effect in effects if isinstance(effect, Hang)]


def said(effects: list[Effect]) -> list[Any]:
    return [effect.frame for effect in effects if isinstance(effect, Say)]


def test_a_ticket_has_to_come_in_time() -> None:
    talk = Talk()

    assert talk.after(4.9) == []
    assert codes(talk.after(0.2)) == [Code.UNAUTHENTICATED]


def test_hello_has_to_follow_the_ticket_in_time() -> None:
    talk = Talk().admitted()

    assert talk.after(4.9) == []
    assert codes(talk.after(0.2)) == [Code.BAD_FRAME]


def test_hello_without_a_ticket_is_refused() -> None:
    assert codes(Talk().say("hello", v=1)) == [Code.UNAUTHENTICATED]


def test_a_request_before_hello_is_refused() -> None:
    assert codes(Talk().admitted().say("ack", p={ROOM: 1})) == [Code.BAD_FRAME]


def test_hello_from_another_device_than_the_tickets_is_refused() -> None:
    assert codes(Talk().admitted().say("hello", v=1, dev="d2")) == [Code.REVOKED]


def test_the_time_of_the_ticket_ends_the_conversation() -> None:
    talk = Talk(Limits(heartbeat=240))
    talk.admitted(seconds=30).say("hello", v=1)

    assert talk.after(29) == []
    assert codes(talk.after(1)) == [Code.UNAUTHENTICATED]


def test_a_silent_phone_is_asked_and_then_given_up() -> None:
    talk = Talk().talking(hb=15)

    assert talk.after(14.9) == []
    assert said(talk.after(0.1)) == [frames.Ping()]
    assert talk.after(9.9) == []
    assert codes(talk.after(0.1)) == [Code.SLOW]


def test_any_word_is_a_sign_of_life() -> None:
    talk = Talk().talking(hb=15)
    talk.after(15)

    talk.say("pong")

    assert talk.after(14.9) == []
    assert said(talk.after(0.1)) == [frames.Ping()]


def test_a_ping_is_answered() -> None:
    assert said(Talk().talking().say("ping")) == [frames.Pong()]


@pytest.mark.parametrize(
    ("position", "found", "why"),
    [
        (("e1", 5), Found("e1", 5), None),
        (("e1", 4), Found("e1", 5, 5), None),
        (("e1", 0), Found("e1", 10, 1), None),
        (("e1", 0), Found("e1", 11, 1), "too_many"),
        (("e2", 5), Found("e1", 5), "epoch"),
        (("e1", 6), Found("e1", 5), "epoch"),
        (("e1", 2), Found("e1", 5, 4), "trimmed"),
        (("e1", 2), Found("e1", 5, None), "trimmed"),
    ],
)
def test_a_position_is_resumed_when_the_log_has_all_that_follows(
    position: tuple[str, int], found: Found, why: str | None
) -> None:
    assert lost(position, found, most=10) == why


def test_a_resumed_stream_goes_on_where_the_phone_was() -> None:
    talk = Talk().admitted()
    (find,) = talk.say("hello", v=1, resume={USER: ["e1", 3]})
    assert isinstance(find, Find)

    welcome, listen = talk.session.found(find, {USER: Found("e1", 5, 4)})

    assert isinstance(welcome, Say)
    assert isinstance(listen, Listen)
    assert listen.listening.position == 3


def test_a_lost_position_listens_to_nothing_until_a_snapshot_is_asked_for() -> None:
    talk = Talk().admitted()
    (find,) = talk.say("hello", v=1, resume={USER: ["old", 3]})
    assert isinstance(find, Find)

    effects = talk.session.found(find, {USER: Found("e1", 5, 4)})

    assert [type(effect) for effect in effects] == [Say]
    assert talk.session.streams == {}


def test_a_phone_hears_a_limited_number_of_streams() -> None:
    talk = Talk().talking()
    talk.hears(ROOM)
    talk.hears(TASK)

    (refusal,) = said(talk.say("sub", i=3, s=USER, **{"from": "head"}))

    assert refusal.code == "realtime.too_many_streams"
    assert refusal.facts == {"most": 2}


def test_a_left_stream_makes_room_for_another() -> None:
    talk = Talk().talking()
    listen = talk.hears(ROOM)
    talk.hears(TASK)

    leave, ok = talk.say("unsub", i=3, s=ROOM)

    assert leave == Leave(listen.listening)
    assert ok == Say(frames.Ok(i=3))
    talk.hears(USER)


def test_a_stream_that_is_not_heard_cannot_be_left() -> None:
    (refusal,) = said(Talk().talking().say("unsub", i=3, s=ROOM))

    assert refusal.code == "realtime.not_listening"


def test_a_second_subscription_waits_for_the_first() -> None:
    talk = Talk().talking()
    talk.say("sub", i=1, s=ROOM, **{"from": "head"})

    (refusal,) = said(talk.say("sub", i=2, s=ROOM, **{"from": "head"}))

    assert refusal.code == "realtime.still_answering"


def test_subscribing_again_replaces_the_subscription() -> None:
    talk = Talk().talking()
    first = talk.hears(ROOM)

    leave, find = talk.say("sub", i=2, s=ROOM, **{"from": "snapshot"})

    assert leave == Leave(first.listening)
    assert find == Find(2, {ROOM: "snapshot"})
    assert not first.listening.open


def test_acknowledgements_never_go_back() -> None:
    talk = Talk().talking()
    talk.hears(ROOM).listening.position = 9

    assert talk.say("ack", p={ROOM: 9}) == [Acked({ROOM: 9})]
    assert talk.say("ack", p={ROOM: 7}) == []
    assert talk.after(5) == []


def test_acknowledgements_are_passed_on_once_a_second() -> None:
    talk = Talk().talking()
    talk.hears(ROOM).listening.position = 9
    talk.say("ack", p={ROOM: 6})

    assert talk.say("ack", p={ROOM: 7}) == []
    assert talk.say("ack", p={ROOM: 8}) == []
    assert talk.after(1.0) == [Acked({ROOM: 8})]
    assert talk.after(1.0) == []


def test_what_a_phone_said_last_that_it_has_counts_when_it_goes() -> None:
    """Else it would be rung for what it has just shown."""
    for goes in (Session.leave_all, partial(Session.hang, code=Code.SLOW)):
        talk = Talk().talking()
        talk.hears(ROOM).listening.position = 9
        talk.say("ack", p={ROOM: 6})
        talk.say("ack", p={ROOM: 8})

        assert goes(talk.session)[0] == Acked({ROOM: 8})
        assert goes(talk.session) == []


def test_what_was_not_sent_cannot_be_acknowledged() -> None:
    talk = Talk().talking()
    talk.hears(ROOM, head=5)

    assert codes(talk.say("ack", p={ROOM: 6})) == [Code.BAD_FRAME]


def test_an_acknowledgement_of_a_left_stream_does_no_harm() -> None:
    assert Talk().talking().say("ack", p={ROOM: 6}) == []


def test_a_phone_may_speak_in_bursts_but_not_for_ever() -> None:
    talk = Talk().talking()
    for _ in range(19):
        talk.say("pong")

    assert codes(talk.say("pong")) == [Code.RATE]


def test_patience_gives_a_phone_its_words_back() -> None:
    talk = Talk().talking()
    for _ in range(40):
        talk.time.now += 1
        assert codes(talk.say("pong")) == []


def test_a_command_is_run_with_its_key() -> None:
    key = uuid4()

    effects = Talk().talking().say("cmd", i=4, k="page.turn", s=ROOM, key=str(key), d={"page": 2})

    assert effects == [Run(4, "page.turn", ROOM, key, {"page": 2})]


def test_a_reset_stream_is_heard_no_more() -> None:
    talk = Talk().talking()
    listen = talk.hears(ROOM)

    leave, reset = talk.session.reset(ROOM, "trimmed")

    assert leave == Leave(listen.listening)
    assert reset == Say(frames.Reset(s=ROOM, why="trimmed"))
    assert talk.session.reset(ROOM, "trimmed") == []


def test_it_is_asked_again_whether_a_phone_may_hear_what_it_hears() -> None:
    talk = Talk(Limits(heartbeat=240, recheck=60)).talking()
    listen = talk.hears(ROOM)
    assert talk.after(59.9) == []

    (recheck,) = talk.after(0.1)
    assert recheck == Recheck()
    lost = talk.session.rechecked([ROOM, TASK])

    assert lost == [Leave(listen.listening), Say(frames.Reset(s=ROOM, why="gone"))]
    assert talk.after(60) == []


def test_a_question_for_rights_that_failed_is_asked_again_later() -> None:
    talk = Talk(Limits(heartbeat=240, recheck=60)).talking()
    talk.hears(ROOM)
    (recheck,) = talk.after(60)
    assert isinstance(recheck, Recheck)

    assert talk.session.failed(recheck) == []
    assert talk.after(4.9) == []
    assert talk.after(0.1) == [recheck]


def test_whoever_may_hear_less_is_asked_at_once() -> None:
    talk = Talk(Limits(heartbeat=240, recheck=60))
    assert talk.session.recheck() == []  # nobody yet
    talk.talking()
    talk.hears(ROOM)

    assert talk.session.recheck() == [Recheck()]
    assert talk.after(59.9) == []


def test_a_failed_resume_ends_the_conversation() -> None:
    talk = Talk().admitted()
    (find,) = talk.say("hello", v=1, resume={USER: ["e1", 3]})
    assert isinstance(find, Find)

    assert codes(talk.session.failed(find)) == [Code.INTERNAL]


def test_a_failed_subscription_may_be_repeated() -> None:
    talk = Talk().talking()
    (find,) = talk.say("sub", i=2, s=ROOM, **{"from": "head"})
    assert isinstance(find, Find)

    (refusal,) = said(talk.session.failed(find))

    assert (refusal.code, refusal.retry) == ("internal", 5)
    talk.hears(ROOM)


def test_an_answer_that_comes_after_the_end_is_dropped() -> None:
    talk = Talk().talking()
    (find,) = talk.say("sub", i=2, s=ROOM, **{"from": "head"})
    assert isinstance(find, Find)
    talk.session.hang(Code.REVOKED)

    assert talk.session.found(find, {ROOM: Found("e1", 1)}) == []
    assert talk.session.streams == {}


ANY_FIELD = st.sampled_from(
    ["t", "i", "s", "k", "d", "p", "from", "key", "v", "resume", "hb", "ticket", "x"]
)
ANY_VALUE = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8)
    | st.sampled_from(["hello", "sub", "cmd", "ack", "auth", ROOM, "head", "page.turn"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=6,
)  # fmt: skip


@given(st.lists(st.text() | st.dictionaries(ANY_FIELD, ANY_VALUE).map(json.dumps), max_size=5))
def test_whatever_a_phone_says_it_is_answered_or_cut_and_then_left_alone(words: list[str]) -> None:
    session = Talk().talking().session

    for word in words:
        closed = session.phase is Phase.CLOSED
        effects = session.hear(word)
        assert not (closed and effects)

    assert session.phase in (Phase.TALKING, Phase.CLOSED)


WORDS = st.sampled_from(["ping", "pong", "sub", "ack", "unsub", "nothing"])


@given(st.lists(st.tuples(st.floats(0, 70), WORDS), max_size=30))
def test_a_phone_that_is_not_due_would_find_no_deadline(steps: list[tuple[float, str]]) -> None:
    talk, position = Talk(Limits(rate=50.0)).talking(), 5

    for seconds, word in steps:
        talk.after(seconds)  # it asserts what this test says
        if talk.session.phase is Phase.CLOSED:
            break
        match word:
            case "sub":
                talk.hears(ROOM, position)
            case "ack":
                talk.say("ack", p=dict.fromkeys(talk.session.streams, position))
            case "unsub":
                talk.session.reset(ROOM, "epoch")
            case "ping" | "pong":
                talk.say(word)
            case _:
                pass
        talk.after(0)
        assert not talk.session.is_due(talk.time.now)


@given(st.binary(max_size=64))
def test_binary_messages_are_no_frames(message: bytes) -> None:
    assert codes(Talk().talking().session.hear(message)) == [Code.BAD_FRAME]


def test_a_ticket_frame_asks_whom_it_lets_in() -> None:
    assert Talk().say("auth", ticket="abc") == [Admit("abc", None)]
