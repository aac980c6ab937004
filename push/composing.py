"""Composing: what leaves for a phone, sealed for whoever gave keys."""

import asyncio
from datetime import timedelta

import orjson

from push.gateway.port import Message
from push.leases import Leased
from push.sealing import seal


async def compose(leased: Leased, time_to_live: timedelta) -> Message:
    """Write the message of a lease."""
    bare = Message(leased.id, leased.urgency, time_to_live)
    if leased.keys is None:
        return bare
    plain = orjson.dumps(bare.payload())
    sealed = await asyncio.to_thread(seal, plain, leased.keys)  # its library is loaded there, too
    return Message(leased.id, leased.urgency, time_to_live, sealed)
