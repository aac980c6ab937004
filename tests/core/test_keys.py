"""A key file is made once, whole, and for its owner's eyes only."""

import multiprocessing
import secrets
import stat
from pathlib import Path

from core.keys import load_or_make


def make() -> bytes:
    return secrets.token_bytes(32)


def load(path: Path) -> bytes:
    return load_or_make(path, make)


def test_the_second_start_finds_the_key_of_the_first(tmp_path: Path) -> None:
    first = load(tmp_path / "keys" / "key")

    assert load(tmp_path / "keys" / "key") == first


def test_nobody_else_may_read_it(tmp_path: Path) -> None:
    load(tmp_path / "keys" / "key")

    assert stat.S_IMODE((tmp_path / "keys" / "key").stat().st_mode) == 0o600
    assert stat.S_IMODE((tmp_path / "keys").stat().st_mode) == 0o700


def test_processes_that_start_together_agree_on_one_key(tmp_path: Path) -> None:
    with multiprocessing.get_context("spawn").Pool(4) as pool:
        keys = pool.map(load, [tmp_path / "key"] * 32)

    assert len(set(keys)) == 1
    assert [path.name for path in tmp_path.iterdir()] == ["key"]


def test_one_that_comes_between_looking_and_writing_wins(tmp_path: Path) -> None:
    path = tmp_path / "key"

    def late() -> bytes:
        path.write_bytes(b"the winner's")
        return b"the loser's"

    assert load_or_make(path, late) == b"the winner's"
