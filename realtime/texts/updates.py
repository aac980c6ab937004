"""What an update of Yjs brings, read with bounds before the library that applies it sees it.

Read is version 1 of the format (`Y.encodeStateAsUpdate`, npm `yjs` 13). Taken is what makes a plain
text: runs of characters, deleted runs, and the ids they stand beside. Whatever else Yjs can carry
(marks, embedded objects, maps, types within types, documents within documents) is refused here, so
that nothing nested and nothing of another shape is ever built from what somebody has sent.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from realtime.texts.lib0 import BadBytes, Reader

#: Yjs counts the characters of each writer from 0, in 32 bits.
MOST_CLOCK = 2**31 - 1
NOTHING = b"\x00\x00"
#: How many runs one update may bring: reading them keeps everybody else on the node waiting.
MOST_RUNS = 5_000
#: How many deleted ranges. Each is read in a moment, and a client that comes back names all that
#: was ever deleted, by anybody.
MOST_RANGES = 20_000

_GARBAGE, _DELETED, _STRING = 0, 1, 4
_HAS_ORIGIN, _HAS_RIGHT_ORIGIN, _KIND = 0x80, 0x40, 0x1F
_ALLOWED = _HAS_ORIGIN | _HAS_RIGHT_ORIGIN | _KIND
_OF_A_ROOT = 1
_LONGEST_NAME = 64

Id = tuple[int, int]


class BadUpdate(ValueError):
    """Not an update of a plain text, or one that leans on something that is not there."""


@dataclass(slots=True)
class Contents:
    """What an update brings.

    Attributes:
        runs: for each writer, where its first new character stands and where its last one ends.
        leans_on: characters that must be there.
        deletes: for each writer, where the last of what is deleted ends.
        units: characters that are new, in UTF-16.
        pieces: in how many runs they come.
        ranges: how many ranges are deleted.
    """

    runs: dict[int, Id] = field(default_factory=dict)
    leans_on: set[Id] = field(default_factory=set)
    deletes: dict[int, int] = field(default_factory=dict)
    units: int = 0
    pieces: int = 0
    ranges: int = 0

    def after(self, known: Mapping[int, int]) -> dict[int, int]:
        """Return how far each writer's characters are known once this is applied to `known`.

        Raises:
            BadUpdate: it leans on characters that are not there.
        """
        then = dict(known)
        for writer, (begin, end) in self.runs.items():
            if begin > known.get(writer, 0):
                raise BadUpdate("a gap")
            then[writer] = max(known.get(writer, 0), end)
        needs = [*self.leans_on, *((writer, end - 1) for writer, end in self.deletes.items())]
        if any(clock >= then.get(writer, 0) for writer, clock in needs):
            raise BadUpdate("leans on nothing")
        return then


def read(update: bytes, root: str) -> Contents:
    """Read an update of the text that the document calls `root`.

    Raises:
        BadUpdate: it is none.
    """
    reader, found = Reader(update), Contents()
    try:
        for _ in range(reader.number()):
            _read_runs(reader, found, root)
        for _ in range(reader.number()):
            _read_deletes(reader, found)
        reader.end()
    except BadBytes as error:
        raise BadUpdate(str(error)) from None
    return found


def read_vector(vector: bytes) -> dict[int, int]:
    """Read how far each writer's characters are known.

    Raises:
        BadUpdate: it is no state vector.
    """
    reader = Reader(vector)
    try:
        pairs = [(reader.number(), reader.number(MOST_CLOCK)) for _ in range(_count(reader))]
        reader.end()
    except BadBytes as error:
        raise BadUpdate(str(error)) from None
    if len(dict(pairs)) != len(pairs):
        raise BadUpdate("a writer twice")
    return dict(pairs)


def _count(reader: Reader) -> int:
    """Read how many things follow; each takes a byte at least."""
    return reader.number(reader.left)


def _read_runs(reader: Reader, found: Contents, root: str) -> None:
    count = _count(reader)
    writer, begin = reader.number(), reader.number(MOST_CLOCK)
    if not count or writer in found.runs:
        raise BadUpdate("a writer without a run, or twice")
    found.pieces += count
    if found.pieces > MOST_RUNS:
        raise BadUpdate("too many runs")
    end = begin
    for _ in range(count):
        end += _read_run(reader, found, root)
        if end > MOST_CLOCK:
            raise BadUpdate("too many characters")
    found.runs[writer] = (begin, end)


def _read_run(reader: Reader, found: Contents, root: str) -> int:
    """Read a run of characters and return how many there are."""
    info = reader.byte()
    if info & ~_ALLOWED:
        raise BadUpdate("not of a text")
    if info == _GARBAGE:
        return _length(reader)
    _read_place(reader, found, root, info)
    kind = info & _KIND
    if kind == _DELETED:
        return _length(reader)
    if kind != _STRING:
        raise BadUpdate("not of a text")
    text = reader.text(reader.left)
    units = len(text.encode("utf-16-le")) // 2
    if not units or "\x00" in text:
        raise BadUpdate("a text that is none")
    found.units += units
    return units


def _read_place(reader: Reader, found: Contents, root: str, info: int) -> None:
    beside = bool(info & _HAS_ORIGIN) + bool(info & _HAS_RIGHT_ORIGIN)
    for _ in range(beside):
        found.leans_on.add((reader.number(), reader.number(MOST_CLOCK)))
    if not beside and (reader.number() != _OF_A_ROOT or reader.text(_LONGEST_NAME) != root):
        raise BadUpdate("of another text")


def _read_deletes(reader: Reader, found: Contents) -> None:
    writer, count = reader.number(), _count(reader)
    if writer in found.deletes:
        raise BadUpdate("a writer twice")
    found.ranges += count
    if found.ranges > MOST_RANGES:
        raise BadUpdate("too many ranges")
    last = 0
    for _ in range(count):
        begin = reader.number(MOST_CLOCK)
        last = max(last, begin + _length(reader))
    if not count or last > MOST_CLOCK:
        raise BadUpdate("a deletion of nothing, or of too much")
    found.deletes[writer] = last


def _length(reader: Reader) -> int:
    length = reader.number(MOST_CLOCK)
    if not length:
        raise BadUpdate("a run of nothing")
    return length
