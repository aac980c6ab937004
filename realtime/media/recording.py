"""What the embedded engine records: each turn of a voice as Ogg Opus, as it came, never decoded."""

from collections.abc import Iterable
from fractions import Fraction
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import Any
from uuid import UUID

import av
import structlog
from av.error import FFmpegError

from realtime.media.port import Source, name_of
from realtime.media.slots import CLOCK_RATE, PACKET

#: While a file is written its name ends with this.
WRITING = ".part"
#: What is written stays even if the process dies a moment later.
_OPTIONS = {"flush_packets": "1", "page_duration": "200000"}
_TICK = Fraction(1, CLOCK_RATE)
_TIMES = 1 << 32

_log = structlog.get_logger()


@cache
def _header() -> Any:
    """Return a stream whose header says: Opus, 48 kHz; what plays in it, its packets say."""
    written = BytesIO()
    with av.open(written, "w", format="ogg") as made:
        stream = made.add_stream("libopus", rate=CLOCK_RATE)
        stream.layout = "stereo"
        silence = av.AudioFrame(format="s16", layout="stereo", samples=PACKET)
        silence.sample_rate, silence.pts = CLOCK_RATE, 0
        for plane in silence.planes:
            plane.update(bytes(plane.buffer_size))
        made.mux([*stream.encode(silence), *stream.encode(None)])
    written.seek(0)
    return av.open(written)


class Track:
    """One voice, from one stream of packets (RFC 7845)."""

    def __init__(self, path: Path, source: object, first: int) -> None:
        """Begin a file.

        Args:
            path: of the file once it is whole.
            source: what the packets are of.
            first: the time stamp of the first of them.
        """
        self.source = source
        self._path, self._first, self._last = path, first, -1
        path.parent.mkdir(parents=True, exist_ok=True)
        self._part = path.with_name(path.name + WRITING)
        self._file = av.open(str(self._part), "w", format="ogg", options=_OPTIONS)
        template = _header().streams.audio[0]
        self._stream = self._file.add_stream_from_template(template, opaque=True)

    def write(self, payload: bytes, at: int) -> None:
        """Write a packet with its time stamp; one that comes late or twice is left out."""
        passed = (at - self._first) % _TIMES
        if not self._last < passed < _TIMES // 2:
            return
        self._last = passed
        packet = av.Packet(payload)
        packet.stream, packet.time_base = self._stream, _TICK
        packet.pts = packet.dts = passed
        packet.duration = PACKET
        self._file.mux(packet)

    def close(self) -> None:
        """End the file, and give it its name."""
        self._file.close()
        self._part.rename(self._path)


class Recorder:
    """The voices of one room; what goes wrong with a file goes into the log, and no further."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._recording: UUID | None = None
        self._tracks: dict[UUID, Track] = {}

    def follow(self, recording: UUID | None, speakers: Iterable[UUID | None]) -> None:
        """Record under this name from now on, or not; whoever lost the floor has their file."""
        kept = set(speakers) if recording == self._recording else set()
        self._recording = recording
        for who in [one for one in self._tracks if one not in kept]:
            self._end(who)

    def take(self, who: UUID, source: object, payload: bytes, at: int) -> None:
        """Record a packet that is being passed on."""
        if self._recording is None:
            return
        try:
            track = self._tracks.get(who)
            if track is None or track.source != source:
                self._end(who)
                path = self._folder / str(self._recording) / f"{name_of(who, Source.VOICE)}.ogg"
                track = self._tracks[who] = Track(path, source, at)
            track.write(payload, at)
        except (OSError, FFmpegError) as error:
            _log.error("media.not_recorded", error=type(error).__name__)
            self._tracks.pop(who, None)

    def close(self) -> None:
        """End every file."""
        self.follow(None, ())

    def _end(self, who: UUID) -> None:
        track = self._tracks.pop(who, None)
        if track is None:
            return
        try:
            track.close()
        except (OSError, FFmpegError) as error:
            _log.error("media.not_recorded", error=type(error).__name__)
