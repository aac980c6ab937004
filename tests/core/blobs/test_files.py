"""Blobs in a local folder: rights and leftovers."""

import asyncio
import os
import stat
import sys
from pathlib import Path

import pytest

from core.blobs.files import FileBlobs


async def test_only_the_owner_may_read_a_blob(tmp_path: Path) -> None:
    source = tmp_path / "source"
    source.write_bytes(b"x")

    await FileBlobs(tmp_path / "blobs").put_file(source)

    kept = list((tmp_path / "blobs").rglob("*"))
    assert {stat.S_IMODE(path.stat().st_mode) for path in kept if path.is_file()} == {0o600}
    assert {stat.S_IMODE(path.stat().st_mode) for path in kept if path.is_dir()} == {0o700}


async def test_a_sweep_removes_what_a_killed_process_left(tmp_path: Path) -> None:
    blobs = FileBlobs(tmp_path / "blobs")
    (tmp_path / "blobs" / "partial" / "half").write_bytes(b"half")

    assert blobs.sweep() == 1

    assert list((tmp_path / "blobs" / "partial").iterdir()) == []


async def test_a_store_that_failed_leaves_nothing(tmp_path: Path) -> None:
    blobs = FileBlobs(tmp_path / "blobs")

    with pytest.raises(FileNotFoundError):
        await blobs.put_file(tmp_path / "missing")

    assert [path for path in (tmp_path / "blobs").rglob("*") if path.is_file()] == []


SERVER = """
import asyncio, sys
from pathlib import Path
from core.blobs.files import FileBlobs

asyncio.run(FileBlobs(Path(sys.argv[1])).put_file(Path(sys.argv[2])))
"""


async def test_a_server_killed_while_storing_leaves_no_half_blob(tmp_path: Path) -> None:
    folder, source = tmp_path / "blobs", tmp_path / "source"
    os.mkfifo(source)
    server = await asyncio.create_subprocess_exec(
        sys.executable, "-c", SERVER, str(folder), str(source)
    )
    with await asyncio.to_thread(source.open, "wb", 0) as pipe:
        # A pipe holds 64 KiB: when all this is written, most of it was read and stored.
        await asyncio.to_thread(pipe.write, b"x" * 1024 * 1024)
        server.kill()
        await server.wait()

    assert [path.name for path in folder.iterdir()] == ["partial"]
    assert FileBlobs(folder).sweep() == 1
