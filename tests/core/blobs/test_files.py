"""Blobs in a local folder: rights and leftovers."""

import stat
from pathlib import Path

from core.blobs.files import FileBlobs


async def test_only_the_owner_may_read_a_blob(tmp_path: Path) -> None:
    source = tmp_path / "source"
    source.write_bytes(b"x")

    await FileBlobs(tmp_path / "blobs").put_file(source)

    files = [path for path in (tmp_path / "blobs").rglob("*") if path.is_file()]
    assert [stat.S_IMODE(path.stat().st_mode) for path in files] == [0o600]


async def test_a_sweep_removes_what_a_killed_process_left(tmp_path: Path) -> None:
    blobs = FileBlobs(tmp_path / "blobs")
    (tmp_path / "blobs" / "partial" / "half").write_bytes(b"half")

    assert blobs.sweep() == 1

    assert list((tmp_path / "blobs" / "partial").iterdir()) == []
