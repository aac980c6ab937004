"""What every bus must do. An adapter is done when this passes for it."""

import asyncio

import pytest

from core.bus.local import LocalBus
from core.bus.port import Bus, Wake

FIRST, SECOND = (Wake("room:1", n, b"{}") for n in (1, 2))


@pytest.fixture(params=[LocalBus], ids=lambda adapter: adapter.__name__)
def bus(request: pytest.FixtureRequest) -> Bus:
    adapter: Bus = request.param()
    return adapter


async def test_every_subscriber_hears_every_message_in_order(bus: Bus) -> None:
    async with bus.subscribe() as one, bus.subscribe() as other, asyncio.timeout(5):
        bus.publish(FIRST)
        bus.publish(SECOND)

        for messages in (one, other):
            assert [await anext(messages), await anext(messages)] == [FIRST, SECOND]


async def test_a_late_subscriber_hears_only_what_follows(bus: Bus) -> None:
    bus.publish(FIRST)
    async with bus.subscribe() as messages, asyncio.timeout(5):
        bus.publish(SECOND)

        assert await anext(messages) == SECOND


async def test_an_ephemeral_frame_has_no_position(bus: Bus) -> None:
    passing = Wake("room:1", None, b"{}")
    async with bus.subscribe() as messages, asyncio.timeout(5):
        bus.publish(passing)

        assert await anext(messages) == passing
