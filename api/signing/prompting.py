"""The talk with an operator about one prompt: network only; what comes of it is noted elsewhere."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from api.signing.mssp.codes import Refusal
from api.signing.mssp.port import (
    Mssp,
    OperatorUnreachable,
    Refused,
    Signed,
    Status,
    TransactionReused,
    UnknownPhone,
    UnknownTransaction,
)
from api.signing.pdf.certificate import Mechanism
from api.signing.rules import Move, is_too_late
from core.errors import AppError
from core.worker import RunAgain

POLL = timedelta(milliseconds=500)
BUSY = timedelta(seconds=2)

#: How the operator's refusal ends a request.
_ENDS = {
    Refusal.USER_CANCELLED: Move.REFUSE,
    Refusal.EXPIRED: Move.EXPIRE,
    Refusal.PHONE_NOT_REACHED: Move.MISS,
    Refusal.PIN_BLOCKED: Move.BLOCK,
    Refusal.CARD_BLOCKED: Move.BLOCK,
}


@dataclass(frozen=True, slots=True)
class Prompt:
    """What a phone is asked for, as it was noted before the network was touched."""

    transaction_id: UUID
    phone_number: str
    digest: bytes
    mechanism: Mechanism
    text: str
    dispatched_at: datetime


@dataclass(frozen=True, slots=True)
class Ended:
    """No signature will come."""

    move: Move
    reason: str
    code: int | None = None


Outcome = Signed | Ended | None


async def send(mssp: Mssp, prompt: Prompt) -> Outcome:
    """Have the phone prompted; nothing to tell yet, unless the operator will not."""
    try:
        await mssp.start(
            transaction_id=prompt.transaction_id,
            phone_number=prompt.phone_number,
            digest=prompt.digest,
            mechanism=prompt.mechanism,
            text=prompt.text,
        )
    except (UnknownPhone, TransactionReused) as refusal:
        return Ended(Move.FAIL, refusal.code)
    except OperatorUnreachable as away:  # nobody knows whether it arrived: its status will tell
        raise RunAgain(BUSY) from away
    return None


async def ask(mssp: Mssp, prompt: Prompt, now: datetime) -> Outcome:
    """Ask how far a prompt is; whoever comes back after a crash asks too, and prompts nobody.

    Only where the operator never heard of the transaction is the same one handed in again.
    """
    late = is_too_late(prompt.dispatched_at, now)
    try:
        status = await mssp.status(prompt.transaction_id)
    except OperatorUnreachable as away:
        return wait_or_end(away, late=late)
    except UnknownTransaction as unknown:
        return Ended(Move.MISS, unknown.code) if late else await send(mssp, prompt)
    return _meaning(status, late=late)


def wait_or_end(away: AppError, *, late: bool) -> Ended:
    """Ask a service that is away again later, but not for ever."""
    if not late:
        raise RunAgain(BUSY) from away
    return Ended(Move.MISS, away.code)


def _meaning(status: Status, *, late: bool) -> Outcome:
    match status:
        case Signed():
            return status
        case Refused(code) as refused:
            return Ended(_ENDS.get(refused.reason, Move.FAIL), refused.reason, code)
        case _ if late:
            return Ended(Move.EXPIRE, Refusal.EXPIRED)
        case _:
            raise RunAgain(POLL)
