"""Reports on files of ours, remembered for a while: a code on a wall is scanned by many."""

from collections import OrderedDict
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

#: A certificate may be taken off the list meanwhile: nobody waits longer for that.
KEPT = timedelta(minutes=5)
MOST = 1000


@dataclass
class Reports:
    """The newest reports of this process, by the SHA-256 of the file."""

    _kept: OrderedDict[str, tuple[datetime, dict[str, Any]]] = field(default_factory=OrderedDict)

    def recall(self, sha256: str, now: datetime) -> dict[str, Any] | None:
        """Return a report that is not too old."""
        at, report = self._kept.get(sha256, (None, None))
        return report if at is not None and now - at < KEPT else None

    def keep(self, sha256: str, now: datetime, report: dict[str, Any]) -> None:
        """Remember a report, and forget the oldest beyond the limit."""
        self._kept[sha256] = (now, report)
        self._kept.move_to_end(sha256)
        while len(self._kept) > MOST:
            self._kept.popitem(last=False)
