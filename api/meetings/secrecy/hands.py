"""What the people of a secret vote do on machines of their own, with `belenios-tool`.

No secret of theirs ever comes to the server: a trustee's key, a credential and a marked ballot stay
in the folder they were made in.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import orjson

from api.meetings.secrecy import archive
from api.meetings.secrecy.ballots import tracker_of
from api.meetings.secrecy.rules import Step
from api.meetings.secrecy.teller.port import TellerRefused
from api.meetings.secrecy.tool import Tool

_KEY = "generate-trustee-key-threshold"


@dataclass(frozen=True, slots=True)
class Trustee:
    """One trustee's folder; whoever reads it can do what they can."""

    tool: Tool
    folder: Path

    async def certificate(self) -> str:
        """Make a key, once, and return what makes it known (step 1)."""
        if not self._files("cert"):
            await self.tool.setup(self.folder, _KEY, "--step", "1")
        return self._the("cert").read_text().strip()

    async def polynomial(self, certificates: Sequence[str], threshold: int) -> str:
        """Return this trustee's share for each of the others, sealed (step 3)."""
        said = self._with(certificates)
        told = await self.tool.setup(
            self.folder, _KEY, *said, "--step", "3", "--threshold", str(threshold)
        )
        return told.strip()

    async def output(self, certificates: Sequence[str], sealed: str) -> str:
        """Check what the others have sealed, and return a verification key for it (step 5)."""
        said = self._with(certificates)
        told = await self.tool.setup(self.folder, _KEY, *said, "--step", "5", said=f"{sealed}\n")
        return told.strip()

    async def factors(self, content: bytes, number: int, key: str) -> str:
        """Open this trustee's part of the sum, after everything in the archive was verified."""
        uuid = archive.setup_of(content).uuid
        with TemporaryDirectory(prefix="khonggiay-trustee-") as name:
            folder = Path(name)
            (folder / f"{uuid}.bel").write_bytes(content)
            (folder / "sealed").write_text(key)
            (folder / "own").write_text(self._the("key").read_text())
            await self.tool.run(folder, "election", "verify")
            named = ("--key", "own", "--decryption-key", "sealed", "--trustee-id", str(number))
            told = await self.tool.run(folder, "election", "decrypt-threshold", *named)
        return told.partition("\n")[0]

    async def next(self, ceremony: dict[str, object]) -> tuple[Step, str]:
        """Return what to say next, from what `GET …/ceremony` answers."""
        certificates = [str(one) for one in _list(ceremony["certificates"])]
        match Step(str(ceremony["step"])):
            case Step.CERTIFICATE:
                return Step.CERTIFICATE, await self.certificate()
            case Step.POLYNOMIAL:
                threshold = int(str(ceremony["threshold"]))
                return Step.POLYNOMIAL, await self.polynomial(certificates, threshold)
            case Step.OUTPUT:
                return Step.OUTPUT, await self.output(certificates, str(ceremony["input"]))

    def _with(self, certificates: Sequence[str]) -> tuple[str, ...]:
        lines = "".join(f"{one}\n" for one in certificates)
        (self.folder / "certificates").write_text(lines)
        return ("--certs", "certificates", "--key", self._the("key").name)

    def _the(self, kind: str) -> Path:
        (found,) = self._files(kind)
        return found

    def _files(self, kind: str) -> list[Path]:
        return list(self.folder.glob(f"*.{kind}"))


async def credentials(tool: Tool, uuid: str, count: int) -> tuple[list[str], list[str]]:
    """Make credentials for an election.

    Returns:
        their public parts, and their private ones; neither list tells which belongs to which.
    """
    with TemporaryDirectory(prefix="khonggiay-credentials-") as name:
        folder = Path(name)
        await tool.setup(folder, "generate-credentials", "--uuid", uuid, "--count", str(count))
        return _credentials_in(folder)


def _credentials_in(folder: Path) -> tuple[list[str], list[str]]:
    (public,), (private,) = folder.glob("*.pubcreds"), folder.glob("*.privcreds")
    listed: list[str] = orjson.loads(public.read_bytes())
    slips = [line.split()[1] for line in private.read_text().splitlines()]
    return sorted(one.partition(",")[0] for one in listed), sorted(slips)


async def ballot(tool: Tool, content: bytes, credential: str, choice: int) -> str:
    """Mark a choice, counted from 0, and seal the ballot with a credential."""
    setup = archive.setup_of(content)
    answers = orjson.loads(setup.election)["questions"][0]["answers"]
    marked = [[int(number == choice) for number in range(len(answers))]]
    with TemporaryDirectory(prefix="khonggiay-ballot-") as name:
        folder = Path(name)
        (folder / f"{setup.uuid}.bel").write_bytes(content)
        (folder / "credential").write_text(credential)
        (folder / "marked").write_bytes(orjson.dumps(marked))
        told = await tool.run(
            folder, "election", "generate-ballot", "--privcred", "credential", "--ballot", "marked"
        )
    return told.strip()


@dataclass(frozen=True, slots=True)
class Recount:
    """What a recount of a published archive found.

    Attributes:
        counts: for each choice; None where the archive holds no result.
        ballots: how many are in it.
        faults: why it cannot be believed; empty: it holds.
    """

    counts: list[int] | None
    ballots: int
    faults: list[str]


@dataclass(frozen=True, slots=True)
class Remembered:
    """What people outside the server have kept.

    Attributes:
        setup: the first hash of the archive, as it was when the vote opened.
        head: the last hash of the archive, as the room was told.
        trackers: of voters' ballots.
    """

    setup: str | None = None
    head: str | None = None
    trackers: Sequence[str] = ()


async def recount(tool: Tool, content: bytes, known: Remembered) -> Recount:
    """Verify an archive with the protocol's own tool, and against what people have kept."""
    try:
        setup = archive.setup_of(content)
        listed = list(archive.texts_of(content, archive.BALLOT))
        results = list(archive.texts_of(content, archive.RESULT))
        counts = archive.counts_of(results[-1]) if results else None
    except (ValueError, KeyError, TypeError, StopIteration):
        return Recount(None, 0, ["unreadable"])
    faults = [*_against(content, setup, listed, known)]
    if not faults:
        faults = await _judged(tool, setup.uuid, content)
    return Recount(counts, len(listed), faults)


def _against(
    content: bytes, setup: archive.Setup, listed: Sequence[str], known: Remembered
) -> list[str]:
    faults = []
    if known.setup is not None and setup.head != known.setup:
        faults.append("setup")
    if known.head is not None and archive.head_of(content) != known.head:
        faults.append("head")
    there = {tracker_of(one) for one in listed}
    return faults + [f"missing {one}" for one in known.trackers if one not in there]


async def _judged(tool: Tool, uuid: str, content: bytes) -> list[str]:
    """Let the tool verify all; the sum that is published it makes anew, and so do we compare it."""
    with TemporaryDirectory(prefix="khonggiay-recount-") as name:
        folder = Path(name)
        (folder / f"{uuid}.bel").write_bytes(content)
        try:
            await tool.run(folder, "election", "verify")
            told = list(archive.texts_of(content, archive.TALLY))
            if not told:
                return []
            made = await tool.run(folder, "election", "compute-encrypted-tally")
        except TellerRefused as refusal:
            return [f"belenios-tool: {refusal}"]
    return [] if told == [made.split("\n")[1]] else ["sum"]


def _list(value: object) -> list[object]:
    return value if isinstance(value, list) else []
