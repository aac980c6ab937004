"""One phone's conversation, without a socket: frames and answers in, effects out.

Whoever runs it carries out the effects in order: `Say` and `Hang` at once, questions (`Admit`,
`Find`) and errands (`Run`, `Relay`, `Acked`, `Recheck`) one after the other, handing the answers
back in.
"""

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, assert_never

from core.errors import AppError, NotFound
from core.pace import Pace
from core.retention import KEEP
from realtime import frames, pictures, pointing, signalling
from realtime.effects import (
    Acked,
    Admit,
    Effect,
    Errand,
    Fetch,
    Find,
    Hang,
    Leave,
    Listen,
    Play,
    Recheck,
    Relay,
    Run,
    Say,
    Show,
)
from realtime.errors import (
    KeyMissing,
    NotListening,
    StillAnswering,
    TooFast,
    TooManyStreams,
)
from realtime.frames import Code, Start
from realtime.guests import Guest, Phase
from realtime.limits import Limits
from realtime.positions import Found, Listening, starting_point

KEPT = {kind: int(time.total_seconds()) for kind, time in KEEP.items()}


class Session:
    """The conversation; `time` counts seconds and never jumps, `wall` is what people read."""

    def __init__(
        self, conn: str, limits: Limits, *, time: Callable[[], float], wall: Callable[[], datetime]
    ) -> None:
        self.conn = conn
        self.limits = limits
        self.phase = Phase.STRANGER
        self.streams: dict[str, Listening] = {}
        self._time, self._wall = time, wall
        self._asked: set[str] = set()
        self._guest: Guest | None = None
        self._unpassed: dict[str, int] = {}
        now = time()
        self._hello_by, self._ends_at = now + limits.hello, float("inf")
        self._pace, self._full_at = Pace(limits.burst, limits.rate), now
        self._pointing, self._steady_at = Pace(limits.pointing, limits.pointing), now
        self._heard_at, self._passed_at = now, now - limits.ack
        self._rechecked_at = now
        self._pinged_at: float | None = None
        self._beat = limits.heartbeat
        self._due = now

    # What the phone says

    def hear(self, raw: str | bytes) -> list[Effect]:
        """Take in one message of the phone."""
        if self.phase is Phase.CLOSED:
            return []
        self._heard_at, self._pinged_at = self._time(), None
        self._stir()
        if not self._may_speak():
            return self.hang(Code.RATE, self.limits.retry)
        if len(raw) > self.limits.frame:
            return self.hang(Code.TOO_LARGE)
        try:
            frame = frames.parse(raw) if isinstance(raw, str) else None
        except frames.BadFrame:
            frame = None
        return self._take(frame) if frame else self.hang(Code.BAD_FRAME)

    def _take(self, frame: frames.FromPhone) -> list[Effect]:
        match frame:
            case frames.PhonePing():
                return [Say(frames.Pong())]
            case frames.PhonePong():
                return []
            case frames.Auth():
                return self._auth(frame)
            case frames.Hello():
                return self._hello(frame)
            case _ if self.phase is not Phase.TALKING:
                return self.hang(Code.BAD_FRAME)
            case _:
                return self._request(frame)

    def _request(self, frame: frames.Sub | frames.Unsub | frames.Cmd | frames.Ack) -> list[Effect]:
        if isinstance(frame, frames.Ack):
            return self._ack(frame)
        try:
            match frame:
                case frames.Sub():
                    return self._sub(frame)
                case frames.Unsub():
                    return self._unsub(frame)
                case frames.Cmd():
                    return self._cmd(frame)
                case _:
                    assert_never(frame)
        except AppError as refusal:
            return self.refused(frame.i, refusal)

    def _auth(self, frame: frames.Auth) -> list[Effect]:
        first = self.phase is Phase.STRANGER
        if first == (frame.i is None):
            return [Admit(frame.ticket, frame.i)]
        return self.hang(Code.BAD_FRAME)

    def _hello(self, frame: frames.Hello) -> list[Effect]:
        guest = self._guest
        if self.phase is not Phase.GUEST or guest is None:
            wrong = Code.UNAUTHENTICATED if self.phase is Phase.STRANGER else Code.BAD_FRAME
            return self.hang(wrong)
        if frame.dev is not None and frame.dev != guest.device:
            return self.hang(Code.REVOKED)
        self.phase = Phase.TALKING
        self._beat = frame.hb or self.limits.heartbeat
        self._asked |= frame.resume.keys()
        return [Find(None, dict(frame.resume))]

    def _sub(self, frame: frames.Sub) -> list[Effect]:
        self._must_be_settled(frame.s)
        effects = self._drop(frame.s)
        if len(self.streams) + len(self._asked) >= self.limits.streams:
            raise TooManyStreams(most=self.limits.streams)
        self._asked.add(frame.s)
        return [*effects, Find(frame.i, {frame.s: frame.start})]

    def _unsub(self, frame: frames.Unsub) -> list[Effect]:
        self._must_be_settled(frame.s)
        if frame.s not in self.streams:
            raise NotListening(stream=frame.s)
        return [*self._drop(frame.s), Say(frames.Ok(i=frame.i))]

    def _cmd(self, frame: frames.Cmd) -> list[Effect]:
        if frame.k.startswith(signalling.PREFIX):
            word = signalling.read(frame.k, frame.d)
            self._must_be_in_room(frame.s)
            return [Relay(frame.i, frame.k, frame.s, word)]
        if frame.k.startswith(signalling.MEDIA_PREFIX):
            to_engine = signalling.read_for_engine(frame.k, frame.d)
            self._must_be_in_room(frame.s)
            return [Play(frame.i, frame.s, to_engine)]
        if frame.k in pointing.KINDS:
            shown = pointing.read(frame.k, frame.d)
            self._must_be_in_room(frame.s)
            self._must_not_rush()
            return [Show(frame.i, frame.k, frame.s, shown)]
        if frame.k == pictures.KIND:
            wanted = pictures.read(frame.d)
            self._must_be_in_room(frame.s)
            return [Fetch(frame.i, frame.s, wanted)]
        if frame.key is None:
            raise KeyMissing
        return [Run(frame.i, frame.k, frame.s, frame.key, frame.d)]

    def _must_be_in_room(self, stream: str) -> None:
        if stream not in self.streams or not stream.startswith("room:"):
            raise NotListening(stream=stream)

    def _must_not_rush(self) -> None:
        now = self._time()
        if self._pointing.wait(self._steady_at, now):
            raise TooFast
        self._steady_at = self._pointing.taken(self._steady_at, now)

    def _ack(self, frame: frames.Ack) -> list[Effect]:
        for stream, seq in frame.p.items():
            listening = self.streams.get(stream)
            if listening is None or seq <= listening.acked:
                continue  # left or reset meanwhile; or said before
            if seq > listening.position:
                return self.hang(Code.BAD_FRAME)
            listening.acked = self._unpassed[stream] = seq
        return self._pass_acks()

    def _pass_acks(self) -> list[Effect]:
        if not self._unpassed or self._time() - self._passed_at < self.limits.ack:
            return []
        positions, self._unpassed = self._unpassed, {}
        self._passed_at = self._time()
        return [Acked(positions)]

    # What others answer

    def admitted(self, guest: Guest, i: int | None = None) -> list[Effect]:
        """Let the phone in; with `i`, let it stay longer."""
        if self.phase is Phase.CLOSED:
            return []
        if self._guest is not None and not guest.is_same_as(self._guest):
            return self.hang(Code.UNAUTHENTICATED)
        self._guest, self._ends_at = guest, self._time() + guest.seconds_left
        self._stir()
        if i is not None:
            return [Say(frames.Ok(i=i, exp=guest.expires_at))]
        self.phase = Phase.GUEST
        self._hello_by = self._time() + self.limits.hello
        return []

    def found(self, find: Find, answers: Mapping[str, Found | None]) -> list[Effect]:
        """Answer a subscription, or welcome the phone; None: the stream may not be heard."""
        self._asked -= find.wants.keys()
        self._stir()
        if self.phase is Phase.CLOSED:
            return []
        states, listenings = {}, []
        for stream, start in find.wants.items():
            answer = answers[stream]
            states[stream], listening = self._settle(stream, start, answer)
            if answer and listening:
                self.streams[stream] = listening
                listenings.append(Listen(listening, answer.head))
        if find.i is None:
            return [Say(self._welcome(states)), *listenings]
        (stream,) = find.wants
        answer = answers[stream]
        if answer is None:
            return self.refused(find.i, NotFound())
        told = states[stream].model_dump()
        return [Say(frames.Ok(i=find.i, snap=answer.snap, **told)), *listenings]

    def _settle(
        self, stream: str, start: Start, found: Found | None
    ) -> tuple[frames.StreamState, Listening | None]:
        if found is None:
            return frames.StreamState(state="refused"), None
        position, why = starting_point(start, found, most=self.limits.replay)
        told = frames.StreamState(
            ep=found.epoch,
            head=found.head,
            state="resync" if why else "recovered",
            n=found.head - position,
            why=why,
        )
        return told, None if why else Listening(stream, found.epoch, position)

    def _welcome(self, states: dict[str, frames.StreamState]) -> frames.Welcome:
        guest = self._guest
        if guest is None:
            raise RuntimeError("nobody is welcomed before the ticket")
        return frames.Welcome(
            conn=self.conn,
            peer=guest.peer,
            now=self._wall(),
            hb=self._beat,
            exp=guest.expires_at,
            keep=KEPT,
            streams=states,
        )

    def done(self, i: int, answer: dict[str, Any] | None = None) -> list[Effect]:
        """Tell the phone that its request is done."""
        return [Say(frames.Ok(i=i, d=answer))]

    def refused(self, i: int, refusal: AppError) -> list[Effect]:
        """Tell the phone why its request is refused."""
        again = refusal.facts.get("retry_after")
        retry = again if isinstance(again, int) else None
        return [Say(frames.Err(i=i, code=refusal.code, retry=retry, facts=refusal.facts))]

    def failed(self, errand: Errand) -> list[Effect]:
        """Tell the phone that its request met a fault of ours; the same key may be sent again."""
        self._stir()
        if isinstance(errand, Recheck):  # a right may have been lost: ask again soon
            self._rechecked_at += self.limits.retry - self.limits.recheck
        if isinstance(errand, Acked | Recheck):
            return []
        if isinstance(errand, Find):
            self._asked -= errand.wants.keys()
        if errand.i is None:
            return self.hang(Code.INTERNAL, self.limits.retry)
        return [Say(frames.Err(i=errand.i, code="internal", retry=self.limits.retry))]

    # What time and others do

    def is_due(self, now: float) -> bool:
        """Say whether a tick may find anything: of ten thousand silent phones hardly one."""
        return now >= self._due

    def _stir(self) -> None:
        """Note that a deadline may have come nearer: the next tick looks."""
        self._due = self._time()

    def tick(self) -> list[Effect]:
        """Look at every deadline."""
        effects = self._look(self._time())
        self._due = min(self._deadlines())
        return effects

    def _deadlines(self) -> Iterator[float]:
        """Give the times before which a tick does nothing, unless the session is stirred."""
        if self.phase is Phase.CLOSED:
            yield math.inf
            return
        yield self._ends_at
        if self.phase is not Phase.TALKING:
            yield self._hello_by
            return
        pinged = self._pinged_at
        yield self._heard_at + self._beat if pinged is None else pinged + self.limits.dead
        if self._unpassed:
            yield self._passed_at + self.limits.ack
        if self.streams:
            yield self._rechecked_at + self.limits.recheck

    def _look(self, now: float) -> list[Effect]:
        if self.phase is Phase.CLOSED:
            return []
        if now >= self._ends_at:
            return self.hang(Code.UNAUTHENTICATED)
        if self.phase is not Phase.TALKING:
            late = now >= self._hello_by
            stranger = self.phase is Phase.STRANGER
            return self.hang(Code.UNAUTHENTICATED if stranger else Code.BAD_FRAME) if late else []
        return [*self._heartbeat(now), *self._pass_acks(), *self._recheck(now)]

    def _recheck(self, now: float) -> list[Effect]:
        is_due = now - self._rechecked_at >= self.limits.recheck
        return self.recheck() if is_due and self.streams else []

    def recheck(self) -> list[Effect]:
        """Have it asked what the phone may still hear; whatever is being looked up comes first."""
        if self.phase is not Phase.TALKING:
            return []
        self._rechecked_at = self._time()
        return [Recheck()]

    def _heartbeat(self, now: float) -> list[Effect]:
        if self._pinged_at is not None:
            dead = now - self._pinged_at >= self.limits.dead
            return self.hang(Code.SLOW) if dead else []
        if now - self._heard_at < self._beat:
            return []
        self._pinged_at = now
        return [Say(frames.Ping())]

    def rechecked(self, lost: Sequence[str]) -> list[Effect]:
        """Let the phone hear no more what it has lost the right to."""
        return [effect for stream in lost for effect in self.reset(stream, "gone")]

    def reset(self, stream: str, why: frames.Why) -> list[Effect]:
        """Tell the phone that its position in `stream` is of no use any more."""
        if stream not in self.streams or self.phase is Phase.CLOSED:
            return []
        return [*self._drop(stream), Say(frames.Reset(s=stream, why=why))]

    def hang(self, code: Code, retry: int | None = None) -> list[Effect]:
        """End the conversation."""
        if self.phase is Phase.CLOSED:
            return []
        self.phase = Phase.CLOSED
        return [*self.leave_all(), Hang(code, retry)]

    def leave_all(self) -> list[Effect]:
        """Leave every stream: the phone is gone, and what it said last that it has still counts."""
        self.phase = Phase.CLOSED
        rest: list[Effect] = [Acked(self._unpassed)] if self._unpassed else []
        self._unpassed = {}
        return [*rest, *(e for stream in list(self.streams) for e in self._drop(stream))]

    def _drop(self, stream: str) -> list[Effect]:
        listening = self.streams.pop(stream, None)
        self._unpassed.pop(stream, None)
        if listening is None:
            return []
        listening.open = listening.live = False
        return [Leave(listening)]

    def _must_be_settled(self, stream: str) -> None:
        if stream in self._asked:
            raise StillAnswering(stream=stream)

    def _may_speak(self) -> bool:
        now = self._time()
        if self._pace.wait(self._full_at, now):
            return False
        self._full_at = self._pace.taken(self._full_at, now)
        return True
