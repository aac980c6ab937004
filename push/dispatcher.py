"""The dispatcher: takes due messages, hands them to a gateway, notes what came of it.

A message is leased, sent outside any transaction, and its outcome noted. A crash in between sends
it again with the same id, which a phone shows once.
"""

import asyncio
import random
from collections.abc import Mapping
from datetime import timedelta

import structlog
from sqlmodel import col, select, update

from core.db import Database
from push.gateway.port import Gateway, Gone, Later, Message, Outcome, Sent, Unreachable
from push.models import PushAddress, PushMessage
from push.rules import MAX_ATTEMPTS, Move, State, pause
from push.service import move_on

LEASE = timedelta(seconds=60)
POLL_SECONDS = 1.0
BATCH = 50
_log = structlog.get_logger()


class Dispatcher:
    """Sends what is due until it is cancelled."""

    def __init__(self, db: Database, gateways: Mapping[str, Gateway]) -> None:
        self._db = db
        self._gateways = gateways

    async def run(self) -> None:
        """Work for ever: woken by commits, and by a poll for what another process left."""
        async with self._db.commits() as committed:
            while True:
                committed.clear()
                while await self.run_due():
                    pass
                try:
                    async with asyncio.timeout(POLL_SECONDS):
                        await committed.wait()
                except TimeoutError:
                    pass

    async def reclaim(self) -> None:
        """Take back what a killed process had leased; only a dispatcher that works alone may."""
        async with self._db.begin() as tx:
            waiting = update(PushMessage).where(col(PushMessage.state) == State.WAITING)
            leased = waiting.where(col(PushMessage.attempt) > 0)
            await tx.session.exec(leased.values(next_at=tx.now))

    async def run_due(self) -> int:
        """Send one batch of due messages and return how many there were."""
        leased = await self._lease()
        await asyncio.gather(*(self._send(message, address) for message, address in leased))
        return len(leased)

    async def _lease(self) -> list[tuple[PushMessage, PushAddress | None]]:
        due = (
            select(PushMessage)
            .where(col(PushMessage.state) == State.WAITING)
            .where(col(PushMessage.next_at) <= self._db.clock())
            .order_by(col(PushMessage.next_at))
            .limit(BATCH)
        )
        async with self._db.read() as view:
            if (await view.session.exec(due)).first() is None:
                return []
        async with self._db.begin() as tx:
            messages = (await tx.session.exec(due.with_for_update(skip_locked=True))).all()
            for message in messages:
                message.attempt += 1
                message.next_at = tx.now + LEASE
            return [(m, await tx.session.get(PushAddress, m.device_id)) for m in messages]

    async def _send(self, message: PushMessage, address: PushAddress | None) -> None:
        left = message.expires_at - self._db.clock()
        if left <= timedelta():
            await self._note(message, Move.EXPIRE)
            return
        try:
            outcome = await self._ask(Message(message.id, message.urgency, left), address)
        except Unreachable:
            await self._try_later(message, pause(message.attempt, random.random()))  # noqa: S311
            return
        match outcome:
            case Sent():
                await self._note(message, Move.SEND)
            case Gone():
                await self._note(message, Move.LOSE_ADDRESS)
            case Later(after=wanted):
                await self._try_later(message, wanted)

    async def _ask(self, message: Message, address: PushAddress | None) -> Outcome:
        gateway = self._gateways.get(address.kind) if address else None
        if gateway is None or address is None:
            return Gone()
        return await gateway.send(address.value, message)

    async def _try_later(self, message: PushMessage, wanted: timedelta) -> None:
        if message.attempt >= MAX_ATTEMPTS:
            _log.warning("push.dead", message=str(message.id))
            await self._note(message, Move.GIVE_UP)
            return
        async with self._db.begin() as tx:
            kept = await tx.session.get_one(PushMessage, message.id)
            kept.next_at = tx.now + wanted
            tx.session.add(kept)

    async def _note(self, message: PushMessage, move: Move) -> None:
        async with self._db.begin() as tx:
            kept = await tx.session.get_one(PushMessage, message.id, with_for_update=True)
            if kept.state is State.DELIVERED:  # the receipt was faster than our note
                return
            move_on(tx, kept, move)
            if move is Move.SEND:
                kept.sent_at = tx.now
            address = await tx.session.get(PushAddress, kept.device_id)
            if move is Move.LOSE_ADDRESS and address is not None:
                await tx.session.delete(address)
