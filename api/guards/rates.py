"""Nobody may be in more of a hurry than the others can bear: by address, official and device.

Addresses are counted before anything is looked at; officials and devices once a request has proved
whose it is, so that nobody uses up what belongs to somebody else.
"""

import time
from collections.abc import Callable
from functools import lru_cache
from ipaddress import IPv6Address
from math import ceil

from starlette.types import ASGIApp, Receive, Scope, Send

from api.guards.refusing import refuse
from core.actor import Actor
from core.config import Rates as Paces
from core.errors import TooFast
from core.pace import Pace

#: What guesses at secrets or costs much has a pace of its own, counted by address.
AT_THE_DOOR = {
    ("POST", "/sessions"): "login",
    ("POST", "/sessions/console"): "login",
    ("POST", "/sessions/single-sign-on"): "login",
    ("POST", "/sessions/single-sign-on/complete"): "login",
    ("POST", "/sessions/refresh"): "refresh",
    ("POST", "/verify"): "verify",
    ("POST", "/signatures/verifications"): "verify",
}
TICKETS = ("POST", "/realtime/tickets")
#: Whoever watches over the server asks as often as they like.
EXEMPT = "/health/"

Clock = Callable[[], float]


class Buckets:
    """One bucket for each key, in bounded memory."""

    def __init__(self, pace: Pace, clock: Clock, *, most: int = 50_000) -> None:
        self._pace, self._clock, self._most = pace, clock, most
        self._full_at: dict[object, float] = {}

    def take(self, key: object) -> float:
        """Take a token, or return how many seconds there will be none."""
        now = self._clock()
        full_at = self._full_at.get(key, 0.0)
        wait = self._pace.wait(full_at, now)
        if not wait:
            if len(self._full_at) >= self._most:
                self._forget(now)
            self._full_at[key] = self._pace.taken(full_at, now)
        return wait

    def _forget(self, now: float) -> None:
        """Forget the buckets that are full; of too many others, those that are fullest."""
        kept = {key: full_at for key, full_at in self._full_at.items() if full_at > now}
        if len(kept) >= self._most:
            emptiest = sorted(kept.items(), key=lambda item: item[1])[-self._most // 2 :]
            kept = dict(emptiest)
        self._full_at = kept


class Rates:
    """The buckets of one process; several nodes have each their own."""

    def __init__(self, paces: Paces, clock: Clock = time.monotonic) -> None:
        self._enabled = paces.enabled
        self._buckets = {
            name: Buckets(pace, clock) for name, pace in paces if isinstance(pace, Pace)
        }

    def must_not_rush_in(self, method: str, path: str, address: str) -> None:
        """Refuse an address that sends too many requests, or too many of a costly kind."""
        if not self._enabled or path.startswith(EXEMPT):
            return
        key = network_of(address)
        costly = AT_THE_DOOR.get((method, path))
        if costly is not None:
            self._take(costly, key)
        self._take("address", key)

    def must_not_rush(self, method: str, path: str, actor: Actor) -> None:
        """Refuse an official or a device that sends too many requests."""
        if not self._enabled:
            return
        if actor.device_id is not None:
            if (method, path) == TICKETS:
                self._take("ticket", actor.device_id)
            self._take("device", actor.device_id)
        self._take("official", actor.id)

    def _take(self, bucket: str, key: object) -> None:
        wait = self._buckets[bucket].take(key)
        if wait:
            raise TooFast(retry_after_seconds=ceil(wait))


class AddressRates:
    """An ASGI layer that lets no address rush in, with requests or with handshakes."""

    def __init__(self, app: ASGIApp, rates: Rates) -> None:
        self._app, self._rates = app, rates

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, or tell how long to wait."""
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        method = scope["method"] if scope["type"] == "http" else "GET"
        try:
            self._rates.must_not_rush_in(method, scope["path"], address_of(scope))
        except TooFast as refusal:
            await refuse(refusal, scope, send)
            return
        await self._app(scope, receive, send)


def address_of(scope: Scope) -> str:
    """Return the address that a request comes from; behind trusted proxies, the one they name."""
    client = scope.get("client")
    return str(client[0]) if client else ""


@lru_cache(4096)
def network_of(address: str) -> str:
    """Return what one caller has to themselves: of IPv6 that is a /64, not one address."""
    if ":" not in address:
        return address
    try:
        whole = IPv6Address(address)
    except ValueError:
        return address
    return str(whole.ipv4_mapped or int(whole) >> 64)
