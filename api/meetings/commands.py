"""What a socket command is: the shape of its data, and what it does in one transaction."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Command:
    """One kind of command.

    Attributes:
        shape: what stands in the frame's `d`.
        do: called with the transaction, the actor, the meeting's id and what was said.
    """

    shape: type[BaseModel]
    do: Callable[..., Awaitable[Json]]
