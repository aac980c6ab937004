"""Waiting for a signature that somebody's SIM gives."""

import asyncio
from typing import Any

from api.demo.cast import Cast
from api.demo.stage import Stage

_TRIES, _PAUSE = 300, 0.2
_ENDED_BADLY = {"refused", "expired", "unreachable", "blocked", "failed", "rejected", "declined"}


async def await_signature(stage: Stage, cast: Cast, request: dict[str, Any]) -> dict[str, Any]:
    """Return the leader's request once its signature stands in the file."""
    for _ in range(_TRIES):
        now: dict[str, Any] = (await cast.leader.get(f"/signature-requests/{request['id']}")).json()
        stage.expect(now["state"] not in _ENDED_BADLY, f"signing ended: {now['reason']}")
        if now["state"] == "embedded":
            return now
        await asyncio.sleep(_PAUSE)
    stage.expect(False, "the signature came in time")
    raise AssertionError
