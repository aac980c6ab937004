"""What a drafter asks for: plain values."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from api.signing.rules import Order, Part


@dataclass(frozen=True, slots=True)
class Wanted:
    """Who is to decide about a draft.

    Attributes:
        signer_id: who signs, last of all.
        version: of the draft that the drafter saw.
        initials: who initials it before.
        order: of those.
        sign_order: of those who sign, where the paper has room for several; the signer comes last.
        deadline: until when they have time.
    """

    signer_id: UUID
    version: int | None = None
    initials: tuple[UUID, ...] = ()
    order: Order = Order.FREE
    sign_order: Order = Order.FREE
    deadline: datetime | None = None


@dataclass(frozen=True, slots=True)
class Place:
    """What is asked of one of them.

    Attributes:
        on_paper: where the signature stands: 0 is the signer's place, from 1 those beside.
    """

    official_id: UUID
    role: Part
    turn: int
    deadline: datetime
    on_paper: int = 0
