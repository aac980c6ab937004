"""Secrets kept in files: written once, whole or not at all, readable by the owner alone."""

import os
import secrets
from collections.abc import Callable
from pathlib import Path


def load_or_make(path: Path, make: Callable[[], bytes]) -> bytes:
    """Return what `path` holds; of two processes that start together the first one makes it."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    if not path.exists():
        _write_once(path, make())
    return path.read_bytes()


def _write_once(path: Path, content: bytes) -> None:
    partial = path.with_name(f"{path.name}.{secrets.token_hex(8)}")
    descriptor = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    try:
        os.link(partial, path)
    except FileExistsError:
        pass
    finally:
        partial.unlink()
