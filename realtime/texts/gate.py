"""What shared texts ask of the rest of the product; `api.carriers` registers the answers."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol

from core.actor import Actor
from core.errors import AppError
from realtime.frames import Code
from realtime.gate import Admitted
from realtime.texts.document import SharedText


@dataclass(frozen=True, slots=True)
class Written:
    """An update as somebody sent it; `is_first` of their socket."""

    actor: Actor
    update: bytes
    is_first: bool = False


@dataclass(frozen=True, slots=True)
class Refused:
    """Why an update was not kept, and how the socket ends if what it holds is beyond repair."""

    why: AppError
    ends: Code | None = None


@dataclass(frozen=True, slots=True)
class Kept:
    """What became of some updates.

    Attributes:
        updates: what is to be passed on: what was found in the log, then what was kept now.
        refused: the updates that were not kept, by their place among those given.
    """

    updates: list[bytes] = field(default_factory=list)
    refused: dict[int, Refused] = field(default_factory=dict)


class TextGate(Protocol):
    """Decides who comes in, who reads and writes which text, and keeps what is written."""

    async def admit(self, ticket: str, /) -> Admitted:
        """Use up `ticket`: the second use is refused."""
        ...

    async def may_read(self, actor: Actor, text: str, /) -> bool:
        """Say whether `actor` may read a text; what does not exist may not be read either."""
        ...

    async def refusal(self, actor: Actor, text: str, /) -> AppError | None:
        """Say why `actor` may not write the text now, if so."""
        ...

    def blank(self, text: str, /) -> SharedText:
        """Return the text as it is before anybody wrote."""
        ...

    async def catch_up(self, text: str, shared: SharedText, /) -> list[bytes]:
        """Apply what the log has behind the position of `shared`, and return it."""
        ...

    async def keep(self, text: str, shared: SharedText, written: Sequence[Written], /) -> Kept:
        """Apply and commit what was written by those who may; each update is judged by itself.

        What it raises means that nothing was kept, and that `shared` is of no use any more.
        """
        ...
