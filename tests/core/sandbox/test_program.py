"""A foreign program writes no larger file than its settings say."""

from pathlib import Path

import pytest

from core.bounds import Program
from core.sandbox import program

MEGABYTE = 1024**2


@pytest.mark.parametrize(("most", "is_whole"), [(MEGABYTE, False), (4 * MEGABYTE, True)])
async def test_a_program_writes_files_up_to_its_own_limit(
    tmp_path: Path, most: int, *, is_whole: bool
) -> None:
    copier = Program(
        command="dd", memory_bytes=1024**3, cpu_seconds=5, wall_seconds=10, largest_file=most
    )
    target = tmp_path / "written"

    ended = await program.run(copier, "if=/dev/zero", f"of={target}", "bs=1M", "count=2")

    assert (ended.status == 0) is is_whole
    assert target.stat().st_size == min(most, 2 * MEGABYTE)
