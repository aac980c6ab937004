"""What the project asks of whoever knows the voting protocol: all of its cryptography.

Texts go in and come out exactly as the protocol hashes them, each without a line break.
"""

from collections.abc import Sequence
from typing import NamedTuple, Protocol

from api.meetings.secrecy.archive import Archive


class TellerRefused(Exception):
    """What was given does not hold.

    Attributes:
        ballot: the tracker of the ballot that does not, if it is one.
    """

    def __init__(self, why: str, ballot: str | None = None) -> None:
        super().__init__(why)
        self.ballot = ballot


class TellerFailed(Exception):
    """The teller gave out: it broke, or took too much memory or time."""


class TellerAbsent(Exception):
    """There is no teller here."""


class Concluded(NamedTuple):
    """What a key ceremony leaves: the common parameters, and each trustee's sealed part."""

    parameters: str
    keys: list[str]


class Founded(NamedTuple):
    """An election: its question with the common key, and the trustees' structure."""

    election: str
    trustees: str


class Tallied(NamedTuple):
    """The encrypted sum of all ballots, and what says how many they are."""

    tally: str
    sized: str


class Teller(Protocol):
    """Sets votes up, verifies and counts them; holds no secret.

    Raises, wherever something is given to it: TellerRefused, TellerFailed, TellerAbsent.
    """

    async def is_there(self) -> bool:
        """Say whether secret votes can be held now; the tool may be installed later."""
        ...

    async def certify(self, certificate: str) -> None:
        """Check a trustee's certificate."""
        ...

    async def deal(self, certificates: Sequence[str], polynomials: Sequence[str]) -> list[str]:
        """Return for each trustee what the others have sealed for them."""
        ...

    async def conclude(
        self, certificates: Sequence[str], polynomials: Sequence[str], outputs: Sequence[str]
    ) -> Concluded:
        """Put the common key together."""
        ...

    async def found(self, uuid: str, template: str, parameters: str) -> Founded:
        """Make an election of a question and a key."""
        ...

    async def verify(self, uuid: str, archive: Archive) -> None:
        """Verify everything that an archive holds."""
        ...

    async def tally(self, uuid: str, archive: Archive) -> Tallied:
        """Sum up the ballots without opening one."""
        ...

    async def result(self, uuid: str, archive: Archive) -> str | None:
        """Put the partial decryptions of the sum together, each verified; None: not enough yet."""
        ...
