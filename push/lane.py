"""A lane: one gateway's messages, sent side by side; a sick provider holds up no other lane."""

import asyncio
import random
from collections.abc import Coroutine
from datetime import datetime, timedelta
from typing import Any, TypeVar

import structlog

from core.db import Database
from push import quiet
from push.circuit import Circuit
from push.composing import Composer, NothingToTell
from push.gateway.port import (
    Gateway,
    Gone,
    Later,
    Outcome,
    Rejected,
    Sent,
    Unauthorized,
    Unreachable,
)
from push.leases import Fate, Leased, Leases
from push.rules import MAX_ATTEMPTS, TIME_TO_LIVE, Move, Precedence, pause

#: How many messages a lane has in hand.
WINDOW = 64
#: It takes more when there is room for so many: half a window costs one transaction, as one does.
LEAST = 24
#: How long what became of a message waits for others, in seconds: they are noted together.
LINGER = 0.03
POLL_SECONDS = 1.0
REFUSED = "credentials_refused"
_log = structlog.get_logger()
T = TypeVar("T")


class Lane:
    """Leases, sends and settles, until it is cancelled."""

    def __init__(self, db: Database, gateway: Gateway, composer: Composer) -> None:
        self._db = db
        self._gateway = gateway
        self._composer = composer
        self._leases = Leases(db, gateway.kinds)
        self._circuits: dict[str, Circuit] = {}
        self._in_hand = 0
        self._fates: list[Fate] = []
        self._settling = asyncio.Event()
        self._transactions: set[asyncio.Future[Any]] = set()

    async def run(self) -> None:
        """Work until cancelled, then note what has been sent: it need not be sent again."""
        self._in_hand, self._fates = 0, []
        try:
            await self._work()
        finally:
            if self._transactions:
                await asyncio.wait(self._transactions)
            if self._fates:
                await self._leases.settle(self._fates)

    async def _work(self) -> None:
        """Work for ever: woken by commits, and by a poll for what another process left."""
        async with self._db.commits() as stirred, asyncio.TaskGroup() as group:
            group.create_task(self._settle_for_ever())
            while True:
                stirred.clear()
                taken = await self._take()
                for leased in taken:
                    group.create_task(self._carry(leased, stirred))
                if not taken:
                    await _wait(stirred)

    async def run_due(self) -> int:
        """Send one window of due messages, settle them and return how many there were."""
        taken = await self._leases.take(WINDOW)
        if taken:
            await self._leases.settle(await asyncio.gather(*map(self._send, taken)))
        return len(taken)

    async def _take(self) -> list[Leased]:
        room = WINDOW - self._in_hand
        taken = await self._whole(self._leases.take(room)) if room >= LEAST else []
        self._in_hand += len(taken)
        return taken

    async def _carry(self, leased: Leased, stirred: asyncio.Event) -> None:
        fate = await self._send(leased)  # before the list is looked up: it changes meanwhile
        self._fates.append(fate)
        self._settling.set()
        self._in_hand -= 1
        if WINDOW - self._in_hand == LEAST:
            stirred.set()

    async def _settle_for_ever(self) -> None:
        while True:
            await self._settling.wait()
            await asyncio.sleep(LINGER)
            self._settling.clear()
            fates, self._fates = self._fates, []
            await self._whole(self._leases.settle(fates))

    async def _whole(self, transaction: Coroutine[Any, Any, T]) -> T:
        """Let a transaction come to its end, even when we are cancelled meanwhile."""
        running = asyncio.ensure_future(transaction)
        self._transactions.add(running)
        running.add_done_callback(self._transactions.discard)
        return await asyncio.shield(running)

    async def _send(self, leased: Leased) -> Fate:
        held = self._held_back(leased, self._db.clock())
        return held if held is not None else await self._try(leased)

    def _held_back(self, leased: Leased, now: datetime) -> Fate | None:
        """Say why a message is not sent now, if there is a reason."""
        if leased.expires_at <= now:
            return Fate(leased, Move.EXPIRE)
        quiet_until = _quiet_until(leased, now)
        if quiet_until is not None:
            lives = quiet_until + TIME_TO_LIVE[leased.urgency]
            return Fate(leased, None, quiet_until, lives, quiet.REASON, counts=False)
        circuit = self._circuits.get(self._gateway.provider_of(leased.address))
        held_until = circuit.wait_until(now) if circuit else None
        if held_until is not None:
            return Fate(leased, next_at=held_until, error=REFUSED, counts=False)
        return None

    async def _try(self, leased: Leased) -> Fate:
        provider = self._gateway.provider_of(leased.address)
        try:
            lives = leased.expires_at - self._db.clock()
            message = await self._composer.compose(leased, lives)
            outcome = await self._gateway.send(leased.address, message)
        except NothingToTell:
            return Fate(leased, Move.SUPPRESS)
        except Unauthorized:
            return self._held(leased, provider)
        except Unreachable as error:
            return self._again(leased, timedelta(), str(error) or "unreachable")
        except Exception as error:  # noqa: BLE001 - whatever a gateway raises, the message is kept
            _log.warning("push.gateway_failed", message=str(leased.id), error=type(error).__name__)
            return self._again(leased, timedelta(), type(error).__name__)
        self._circuits.pop(provider, None)
        return self._fate(leased, outcome)

    def _fate(self, leased: Leased, outcome: Outcome) -> Fate:
        match outcome:
            case Sent():
                return Fate(leased, Move.SEND)
            case Gone():
                return Fate(leased, Move.LOSE_ADDRESS)
            case Later(after=wanted):
                return self._again(leased, wanted, "asked_to_wait")
            case Rejected(why=why):
                return self._dead(leased, why)

    def _again(self, leased: Leased, wanted: timedelta, error: str) -> Fate:
        if leased.attempt >= MAX_ATTEMPTS:
            return self._dead(leased, error)
        drawn = pause(leased.attempt, random.random())  # noqa: S311 - jitter
        return Fate(leased, next_at=self._db.clock() + max(wanted, drawn), error=error)

    def _dead(self, leased: Leased, error: str) -> Fate:
        _log.warning("push.dead", message=str(leased.id), error=error)
        return Fate(leased, Move.GIVE_UP, error=error)

    def _held(self, leased: Leased, provider: str) -> Fate:
        """Keep a message that met a refusal of our credentials, and all that would follow it."""
        until = self._circuits.setdefault(provider, Circuit()).blow(self._db.clock())
        _log.error("push.credentials_refused", provider=provider, until=until.isoformat())
        return Fate(leased, next_at=until, error=REFUSED, counts=False)


def _quiet_until(leased: Leased, now: datetime) -> datetime | None:
    if leased.quiet is None or leased.precedence <= Precedence.AT_ONCE:
        return None
    return leased.quiet.end_after(now)


async def _wait(stirred: asyncio.Event) -> None:
    try:
        async with asyncio.timeout(POLL_SECONDS):
            await stirred.wait()
    except TimeoutError:
        pass
