"""Passwords: argon2id, in a thread, and never inside a transaction."""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerifyMismatchError

_hasher = PasswordHasher()
#: Each check takes 64 MiB; a flood of log-ins queues here instead of eating the memory.
_threads = ThreadPoolExecutor(2, thread_name_prefix="password")


def hash_password(password: str) -> str:
    """Return the argon2id hash to keep."""
    return _hasher.hash(password)


async def is_right(password: str, kept: str | None) -> bool:
    """Say whether the password fits; an unknown account costs as much as a wrong password."""
    checking = asyncio.get_running_loop().run_in_executor(_threads, _verify, password, kept)
    return await checking and kept is not None


@cache
def _nobody() -> str:
    """Return what is checked when there is no such account."""
    return _hasher.hash("nobody has this password")


def _verify(password: str, kept: str | None) -> bool:
    try:
        return _hasher.verify(kept or _nobody(), password)
    except (VerifyMismatchError, InvalidHashError):
        return False
