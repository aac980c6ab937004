"""Files lie on the desk only while somebody works on them."""

import asyncio
from dataclasses import replace
from pathlib import Path

import pytest

from api.app import create_app
from api.documents.desk import Desk
from api.wiring import Engines


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


async def test_a_server_that_starts_again_sweeps_its_desk(engines: Engines) -> None:
    left = engines.settings.data / "desk" / "left"
    left.mkdir()
    embedded = engines.settings.model_copy(update={"database_url": ""})
    app = create_app(replace(engines, settings=embedded))

    async with app.router.lifespan_context(app):
        await asyncio.sleep(0)

        assert not left.exists()
