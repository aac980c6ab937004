"""Files that are whole or absent: what the simulated operator must not forget in a crash."""

import os
from pathlib import Path
from tempfile import NamedTemporaryFile


def write_once(path: Path, content: bytes) -> bytes:
    """Write a file for its owner alone; the first writer wins, and everyone gets what he wrote."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    with NamedTemporaryFile(dir=path.parent, prefix=".", delete=False) as draft:
        draft.write(content)
        draft.flush()
        os.fsync(draft.fileno())
    try:
        path.hardlink_to(draft.name)
    except FileExistsError:
        return path.read_bytes()
    finally:
        Path(draft.name).unlink()
    _settle(path.parent)
    return content


def _settle(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
