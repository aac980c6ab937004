"""How fast something may come: so many at once, and so many more each second (a token bucket)."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Pace:
    """A bucket of `burst` tokens, filled by `per_second`; whoever takes keeps one number.

    That number is the moment at which the bucket is full again; a bucket nobody has taken from is
    as good as one that was forgotten.
    """

    burst: int
    per_second: float

    def taken(self, full_at: float, now: float) -> float:
        """Return the moment at which the bucket is full again once one more is taken."""
        return max(full_at, now) + 1 / self.per_second

    def wait(self, full_at: float, now: float) -> float:
        """Return how long it takes until there is a token to take; 0: there is one."""
        room = (self.burst - 1) / self.per_second
        return max(0.0, full_at - now - room)
