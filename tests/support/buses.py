"""The buses of some processes, as one test sees them."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

from core.bus.local import LocalBus
from core.bus.nats import NatsBus, NatsServers
from core.bus.port import Heard, Wake
from tests.support.waiting import PATIENCE, until


@asynccontextmanager
async def running(url: str, processes: int = 2) -> AsyncGenerator[list[NatsBus]]:
    """Run the buses of some processes, whether there is a server or not."""
    buses = [NatsBus(NatsServers(url), LocalBus()) for _ in range(processes)]
    tasks = [asyncio.create_task(bus.run()) for bus in buses]
    try:
        yield buses
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def until_they_hear_each_other(buses: list[NatsBus]) -> None:
    """Wait; on the way everybody is told to have lost something, and that is over then."""
    async with asyncio.timeout(PATIENCE), AsyncExitStack() as stack:
        hearing = [await stack.enter_async_context(bus.subscribe()) for bus in buses]
        await until(lambda: all(bus.is_connected for bus in buses))
        for number, bus in enumerate(buses):
            bus.publish(Wake("test:ready", number, b""))
        for heard in hearing:
            missing = set(range(len(buses)))
            while missing:
                one = await anext(heard)
                if isinstance(one, Wake):
                    missing.discard(one.seq or 0)


async def take(messages: AsyncIterator[Heard], count: int) -> list[Heard]:
    """Return the next messages."""
    async with asyncio.timeout(PATIENCE):
        return [await anext(messages) for _ in range(count)]


async def take_until(messages: AsyncIterator[Heard], last: Heard) -> list[Heard]:
    """Return what comes, up to and with `last`."""
    async with asyncio.timeout(PATIENCE):
        taken: list[Heard] = []
        while not taken or taken[-1] != last:
            taken.append(await anext(messages))
        return taken
