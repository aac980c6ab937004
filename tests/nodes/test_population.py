"""Every durable event exactly once, in order, on every phone, whatever dies or drops."""

import os
import random

import pytest

from tests.nodes.population import population

#: One process on its own database, or several behind one; the bus is as bad for both.
PROFILES = {"sqlite": 1, "postgresql": 3}


def seed() -> int:
    """Return the seed of what happens; `KHONGGIAY_TEST_SEED` repeats a run."""
    return int(os.environ.get("KHONGGIAY_TEST_SEED") or random.randrange(10**6))


async def live(database_url: str, *, drops: int, phones: int) -> None:
    chosen = seed()
    print(f"KHONGGIAY_TEST_SEED={chosen}")  # noqa: T201 - shown when the test fails
    nodes = PROFILES[database_url.partition("+")[0]]
    async with population(database_url, chosen, nodes=nodes, phones=phones) as all_of_them:
        await all_of_them.live_through(drops)
        await all_of_them.settle()

        assert all_of_them.drops >= drops
        assert all_of_them.facts > drops / 4
        print(all_of_them.kills, "kills", all_of_them.facts, "facts")  # noqa: T201 - the same


async def test_some_hundred_drops_lose_and_repeat_nothing(database_url: str) -> None:
    await live(database_url, drops=150, phones=16)


@pytest.mark.slow
@pytest.mark.timeout(1800)
async def test_ten_thousand_drops_lose_and_repeat_nothing(database_url: str) -> None:
    await live(database_url, drops=10_000, phones=60)
