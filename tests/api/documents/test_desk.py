"""Files lie on the desk only while somebody works on them."""

import asyncio
from pathlib import Path

import pytest

from api import wiring
from api.documents.desk import Desk
from core.config import Settings


async def test_a_space_is_private_and_gone_afterwards(tmp_path: Path) -> None:
    desk = Desk(tmp_path / "desk")

    async with desk.space() as space:
        (space / "file.pdf").write_bytes(b"content")
        mode = space.stat().st_mode & 0o777

    assert mode == 0o700
    assert list((tmp_path / "desk").iterdir()) == []


async def test_a_failure_clears_the_space_too(tmp_path: Path) -> None:
    desk = Desk(tmp_path / "desk")

    with pytest.raises(ZeroDivisionError):
        async with desk.space() as space:
            (space / "file.pdf").write_bytes(b"content")
            raise ZeroDivisionError

    assert list((tmp_path / "desk").iterdir()) == []


def test_what_a_killed_process_left_is_swept(tmp_path: Path) -> None:
    desk = Desk(tmp_path / "desk")
    (tmp_path / "desk" / "left").mkdir()
    (tmp_path / "desk" / "left" / "half.pdf").write_bytes(b"half")

    swept = desk.sweep()

    assert swept == 1
    assert list((tmp_path / "desk").iterdir()) == []


async def test_the_same_work_is_done_by_one_at_a_time(tmp_path: Path) -> None:
    desk = Desk(tmp_path / "desk")
    inside: list[str] = []
    order: list[tuple[str, ...]] = []

    async def work(name: str, key: str) -> None:
        async with desk.alone(key):
            inside.append(name)
            await asyncio.sleep(0)
            order.append(tuple(inside))
            inside.remove(name)

    await asyncio.gather(work("a", "1"), work("b", "1"), work("c", "2"))

    assert not any({"a", "b"} <= set(together) for together in order)
    assert any("c" in together and len(together) > 1 for together in order)


def test_a_server_that_starts_again_sweeps_what_a_killed_one_left(tmp_path: Path) -> None:
    settings = Settings(data=tmp_path)
    left = [tmp_path / "desk" / "left", tmp_path / "blobs" / "partial" / "left"]
    left[0].mkdir(parents=True)
    left[1].parent.mkdir(parents=True)
    left[1].write_bytes(b"half")

    wiring.sweep(settings)

    assert not any(path.exists() for path in left)
