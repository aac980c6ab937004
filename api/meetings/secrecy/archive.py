"""The public record of a secret vote: the `UUID.bel` archive of Belenios 2.0.

A tar of texts, each named by its hash, and of events that each name the one before: whoever holds
the last hash holds them all. Made anew from the same parts it has the same bytes; ballots stand in
the order of their hashes, which says nothing of when they came.
Source: "Belenios specification", version 2.0, sections 4.4 and 4.10.
"""

import hashlib
import io
import tarfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import orjson

SETUP, BALLOT, END = "Setup", "Ballot", "EndBallots"
TALLY, PARTIAL, RESULT = "EncryptedTally", "PartialDecryption", "Result"


@dataclass(frozen=True, slots=True)
class Setup:
    """What a vote is held with, each part written as it is hashed.

    Attributes:
        uuid: Belenios' own name of the election.
        election: question, choices and the trustees' common key.
        trustees: their parts of it, and how many are needed.
        credentials: the public part of each credential.
    """

    uuid: str
    election: str
    trustees: str
    credentials: str

    @property
    def head(self) -> str:
        """The hash of the first event: it holds question, keys and credentials to what they are."""
        return opened(self, 0).head


class Archive:
    """An archive that grows event by event."""

    def __init__(self, seconds: int) -> None:
        self._seconds = seconds
        self._files = io.BytesIO()
        self._height = 0
        self.head = ""
        header = orjson.dumps({"version": 1, "timestamp": str(seconds)})
        self._put("BELENIOS", header)

    def add(self, kind: str, *texts: str) -> None:
        """Add an event; the last of its texts is what it is about, the others go before."""
        names = [self._data(text) for text in texts]
        event: dict[str, str | int] = {"parent": self.head} if self.head else {}
        event |= {"height": self._height, "type": kind}
        event |= {"payload": names[-1]} if names else {}
        written = orjson.dumps(event)
        self.head = hashlib.sha256(written).hexdigest()
        self._put(f"{self.head}.event.json", written)
        self._height += 1

    def content(self) -> bytes:
        """Return the file as it stands; without an end mark, since the tool appends."""
        return self._files.getvalue()

    def _data(self, text: str) -> str:
        name = hashlib.sha256(text.encode()).hexdigest()
        self._put(f"{name}.data.json", text.encode())
        return name

    def _put(self, name: str, content: bytes) -> None:
        self._files.write(_header(name, len(content), self._seconds))
        self._files.write(content + bytes(-len(content) % tarfile.BLOCKSIZE))


def opened(setup: Setup, seconds: int) -> Archive:
    """Return the archive of a vote that nobody has voted in.

    Args:
        setup: what the vote is held with.
        seconds: when it opened, since 1970; the one time that the archive tells.
    """
    archive = Archive(seconds)
    parts = (setup.election, setup.trustees, setup.credentials)
    names = [hashlib.sha256(part.encode()).hexdigest() for part in parts]
    named = dict(zip(("election", "trustees", "credentials"), names, strict=True))
    archive.add(SETUP, *parts, orjson.dumps(named).decode())
    return archive


def add_ballots(archive: Archive, ballots: Sequence[str]) -> None:
    """Add all ballots, by their hashes, and end the voting."""
    for ballot in sorted(ballots, key=lambda one: hashlib.sha256(one.encode()).digest()):
        archive.add(BALLOT, ballot)
    archive.add(END)


def add_partial(archive: Archive, trustee: int, factors: str) -> None:
    """Add what one trustee decrypted; trustees count from 1."""
    payload = hashlib.sha256(factors.encode()).hexdigest()
    owned = orjson.dumps({"owner": trustee, "payload": payload}).decode()
    archive.add(PARTIAL, factors, owned)


def texts_of(content: bytes, kind: str) -> Iterator[str]:
    """Yield what the events of one kind are about, in order.

    Raises:
        ValueError: it is no archive, or a text is not what its name says.
    """
    try:
        files = _files_of(content)
        for name, text in files.items():
            if name.endswith(".event.json"):
                event = orjson.loads(text)
                if event["type"] == kind and "payload" in event:
                    yield files[f"{event['payload']}.data.json"].decode()
    except (tarfile.TarError, KeyError, TypeError) as error:
        raise ValueError("archive") from error


def setup_of(content: bytes) -> Setup:
    """Return what a vote is held with.

    Raises:
        ValueError: it is no archive.
    """
    named = orjson.loads(next(texts_of(content, SETUP)))
    files = _files_of(content)
    election, trustees, credentials = (
        files[f"{named[part]}.data.json"].decode()
        for part in ("election", "trustees", "credentials")
    )
    return Setup(orjson.loads(election)["uuid"], election, trustees, credentials)


def head_of(content: bytes) -> str:
    """Return the hash of the last event; it holds all others.

    Raises:
        ValueError: it is no archive.
    """
    events = [name for name in _files_of(content) if name.endswith(".event.json")]
    if not events:
        raise ValueError("archive")
    return events[-1].partition(".")[0]


def counts_of(outcome: str) -> list[int]:
    """Return how many marks each choice has."""
    (counts,) = orjson.loads(outcome)["result"]
    return [int(count) for count in counts]


def _header(name: str, size: int, seconds: int) -> bytes:
    """Return a tar header of 1979 (V7); of those that `tarfile` writes the tool reads none."""
    owner = f"{0o644:07o}\0{0:07o}\0{0:07o}\0"
    begun = f"{name.ljust(100, chr(0))}{owner}{size:011o}\0{seconds:011o}\0".encode()
    checksum = sum(begun) + 8 * ord(" ") + ord("0")
    return (begun + f"{checksum:06o}\0 0".encode()).ljust(tarfile.BLOCKSIZE, b"\0")


def _files_of(content: bytes) -> dict[str, bytes]:
    with tarfile.open(fileobj=io.BytesIO(content), mode="r:") as tar:
        found = {one.name: _read(tar, one) for one in tar if one.isreg()}
    for name, text in found.items():
        stem, _, kind = name.partition(".")
        if kind and hashlib.sha256(text).hexdigest() != stem:
            raise ValueError(name)
    return found


def _read(tar: tarfile.TarFile, entry: tarfile.TarInfo) -> bytes:
    opened_ = tar.extractfile(entry)
    return opened_.read() if opened_ is not None else b""
