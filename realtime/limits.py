"""What one phone may cost, and how long anything may take."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """Sizes in bytes, times in seconds.

    Attributes:
        hello: from opening to the ticket, and from there to `hello`.
        heartbeat: silence after which the server pings; a phone may ask for 15 to 240.
        dead: from that ping to the end.
        frame: the largest frame a phone may send.
        streams: how many streams one phone may hear.
        replay: how many events are replayed; beyond that a snapshot is cheaper.
        burst: how many frames a phone may send at once; `rate` come back each second.
        pointing: how often a second a phone may move its pointer or draw on.
        waiting: how many questions and commands of one phone may be unanswered.
        ack: acknowledgements are passed on at most once in this time.
        passing: unsent bytes beyond which a phone is spared what passes (pointer, ink).
        backlog: unsent bytes that make a phone a slow reader.
        backlog_most: unsent bytes at which it is cut at once.
        patience: how long a slow reader may stay slow.
        poll: how often the heads of the streams are compared with the log.
        sweep: how often deadlines are looked at.
        recheck: how often it is asked whether a phone may still hear its streams.
        settle: how long arrivals are gathered before a room hears of them.
        linger: how long departures are: most phones that go are back at once.
        parts: how often a node tells the others anew who is connected to it.
        media: how long a phone that left a room is still passed voices: most are back at once.
        retry: the longest wait a phone is told to draw its own from.
    """

    hello: float = 5.0
    heartbeat: int = 25
    dead: float = 10.0
    frame: int = 64 * 1024
    streams: int = 64
    replay: int = 1000
    burst: int = 200
    rate: float = 50.0
    pointing: int = 20
    waiting: int = 32
    ack: float = 1.0
    passing: int = 8 * 1024
    backlog: int = 256 * 1024
    backlog_most: int = 512 * 1024
    patience: float = 3.0
    poll: float = 3.0
    sweep: float = 0.5
    recheck: float = 60.0
    settle: float = 0.1
    linger: float = 1.0
    parts: float = 10.0
    media: float = 10.0
    retry: int = 5
