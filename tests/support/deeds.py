"""What hostile files make a parser do: functions that run inside the sandbox."""

import ctypes
import os
import stat
import sys
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

from core.errors import NotFound


def echo(*values: Any) -> list[Any]:
    return list(values)


def refuse(what: str) -> None:
    raise NotFound(what=what)


def fail() -> None:
    raise ZeroDivisionError


def eat_memory() -> int:
    return len(bytearray(8 * 1024**3))


def spin() -> None:
    while True:
        pass


def sleep_long() -> None:
    time.sleep(600)


def crash() -> None:
    ctypes.string_at(0)


def chatter() -> str:
    sys.stdout.write("noise " * 1000)
    sys.stdout.flush()
    return "said"


def environment() -> list[str]:
    return sorted(os.environ)


def identity() -> int:
    return os.getpid()


def mark_and_spin(path: Path) -> None:
    path.write_text(str(os.getpid()))
    spin()


def lie(answer: bytes) -> None:
    """Answer past the worker, as a parser could that a file took over; then fall silent."""
    for descriptor in range(3, 20):
        with suppress(OSError):
            if stat.S_ISFIFO(os.fstat(descriptor).st_mode):
                os.write(descriptor, answer)
    sleep_long()


def abort() -> None:
    os.abort()


def quit_early() -> None:
    os._exit(0)


def grow() -> int:
    return len(b"x" * (600 * 1024**2))


def write_without_end(path: Path) -> None:
    with path.open("wb") as file:
        file.truncate(2 * 1024**3)


def answer_with_an_object() -> object:
    return object()
