"""Nobody checks codes faster than people scan papers: guessing and hammering end here."""

from collections import OrderedDict
from dataclasses import dataclass, field
from ipaddress import IPv6Address
from math import ceil

from api.signing.verify.errors import TooManyChecks
from core.pace import Pace

#: Of one address: an office's staff may stand behind one.
PACE = Pace(burst=30, per_second=1)
MOST = 10_000


@dataclass
class Turnstile:
    """Counts by address, in bounded memory; each process has its own."""

    pace: Pace = PACE
    _full_at: OrderedDict[str, float] = field(default_factory=OrderedDict)

    def must_not_rush(self, address: str, now: float) -> None:
        """Let one pass, or tell how long to wait."""
        key = _network_of(address)
        full_at = self._full_at.get(key, 0.0)
        wait = self.pace.wait(full_at, now)
        if wait:
            raise TooManyChecks(retry_after_seconds=ceil(wait))
        self._full_at[key] = self.pace.taken(full_at, now)
        self._full_at.move_to_end(key)
        while len(self._full_at) > MOST:
            self._full_at.popitem(last=False)


def _network_of(address: str) -> str:
    """Return what one caller has to themselves: of IPv6 that is a /64, not one address."""
    try:
        whole = IPv6Address(address)
    except ValueError:
        return address
    return str(whole.ipv4_mapped or int(whole) >> 64)
