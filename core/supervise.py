"""Keeping background work alive: a lost connection costs a pause, never the work."""

import asyncio
from collections.abc import Awaitable, Callable

import structlog

PAUSE_SECONDS = 1.0
_log = structlog.get_logger()


async def run_for_ever(name: str, start: Callable[[], Awaitable[None]]) -> None:
    """Run `start()` again whenever it ends or fails, until cancelled."""
    while True:
        try:
            await start()
        except Exception as error:  # noqa: BLE001 - whatever it was, the work must go on
            _log.warning("work.restarted", work=name, error=type(error).__name__)
        await asyncio.sleep(PAUSE_SECONDS)
