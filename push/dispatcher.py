"""The dispatcher: takes due messages, hands them to their gateways, notes what came of it.

A message is leased, sent outside any transaction, and its outcome noted. A crash in between sends
it again with the same id, which a phone shows once.
"""

import asyncio
from collections.abc import Sequence

from sqlmodel import col, or_, select, update

from core.db import Database, Tx
from push import messages
from push.composing import Composer, WordsOf, no_words
from push.gateway.port import Gateway
from push.lane import Lane
from push.models import PushAddress, PushMessage
from push.rules import Move

EXPIRE_EVERY_SECONDS = 5.0


class Dispatcher:
    """Sends what is due until it is cancelled: a lane for each gateway.

    Args:
        db: has the messages.
        gateways: the ways to phones.
        words_of: says what may be told to devices that asked for words.
    """

    def __init__(
        self, db: Database, gateways: Sequence[Gateway], words_of: WordsOf = no_words
    ) -> None:
        self._db = db
        self._gateways = gateways
        self._lanes = [Lane(db, gateway, Composer(db, words_of)) for gateway in gateways]

    async def run(self) -> None:
        """Work for ever, then let go of every connection."""
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(self._expire_for_ever())
                for lane in self._lanes:
                    group.create_task(lane.run())
        finally:
            for gateway in self._gateways:
                await gateway.close()

    async def reclaim(self) -> None:
        """Take back what a killed process had leased; only a dispatcher that works alone may."""
        leased = update(PushMessage).where(col(PushMessage.leased_until).is_not(None))
        async with self._db.begin() as tx:
            await tx.session.exec(leased.values(leased_until=None))

    async def run_due(self) -> int:
        """Send one window of due messages on each lane, and return how many there were."""
        await self._expire()
        return sum([await lane.run_due() for lane in self._lanes])

    async def _expire_for_ever(self) -> None:
        while True:
            await self._expire()
            await asyncio.sleep(EXPIRE_EVERY_SECONDS)

    async def _expire(self) -> None:
        async with self._db.begin() as tx:
            await expire(tx)


async def expire(tx: Tx) -> None:
    """Give up what nobody needs any more, or no address leads to, and no worker has in hand.

    An address is lost with one message; the others to it go here, and the devices in reserve ring.
    """
    leased_until = col(PushMessage.leased_until)
    is_free = or_(leased_until.is_(None), leased_until <= tx.now)
    await messages.move_on(tx, Move.EXPIRE, col(PushMessage.expires_at) <= tx.now, is_free)
    is_lost = col(PushMessage.device_id).not_in(select(PushAddress.device_id))
    lost = await messages.move_on(tx, Move.LOSE_ADDRESS, is_lost, is_free)
    if lost:
        await messages.call_up(tx, await messages.told_by(tx, lost))
