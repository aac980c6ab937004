"""Grouped commits: one transaction for what comes in a moment, an answer for each, and no order."""

import asyncio
from collections.abc import Sequence

import pytest

from core.grouped import Grouped


class Desk:
    """Writes down what is committed together."""

    def __init__(self) -> None:
        self.commits: list[list[int]] = []
        self.group = Grouped(self.commit, window=0.0, most=40)

    async def commit(self, items: Sequence[int]) -> Sequence[str]:
        self.commits.append(list(items))
        if -1 in items:
            raise OSError("no space left")
        return [f"kept {one}" for one in items]


async def test_everybody_gets_their_own_answer_and_few_commits_are_made() -> None:
    desk = Desk()

    answers = await asyncio.gather(*(desk.group.put(one) for one in range(100)))

    assert answers == [f"kept {one}" for one in range(100)]
    assert [len(one) for one in desk.commits] == [40, 40, 20]
    assert sorted(one for commit in desk.commits for one in commit) == list(range(100))


async def test_nothing_is_written_in_the_order_in_which_it_came() -> None:
    desk = Desk()

    await asyncio.gather(*(desk.group.put(one) for one in range(40)))

    (written,) = desk.commits
    assert written != sorted(written)  # by chance once in 10^47


async def test_a_commit_that_fails_fails_for_all_of_it_and_for_no_other() -> None:
    desk = Desk()
    failing = [asyncio.create_task(desk.group.put(one)) for one in (1, -1, 2)]

    for one in failing:
        with pytest.raises(OSError, match="no space"):
            await one

    assert await desk.group.put(3) == "kept 3"


async def test_who_goes_away_before_the_answer_disturbs_nobody() -> None:
    desk = Desk()
    gone = asyncio.create_task(desk.group.put(1))
    stays = asyncio.create_task(desk.group.put(2))
    await asyncio.wait([gone], timeout=0)
    gone.cancel()

    assert await stays == "kept 2"
    assert sorted(desk.commits[0]) == [1, 2]
