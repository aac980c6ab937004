"""Bytes that were costly to make, kept in memory for a while: the least used go first."""

from collections import OrderedDict


class Kept:
    """At most so many bytes, each under a name that says all that went into them."""

    def __init__(self, most: int) -> None:
        self._most, self._held = most, 0
        self._by_name: OrderedDict[str, bytes] = OrderedDict()

    def get(self, name: str) -> bytes | None:
        """Return what is kept under a name, if it still is."""
        data = self._by_name.get(name)
        if data is not None:
            self._by_name.move_to_end(name)
        return data

    def keep(self, name: str, data: bytes) -> None:
        """Keep something, and let go of what has not been asked for the longest."""
        self._held += len(data) - len(self._by_name.pop(name, b""))
        self._by_name[name] = data
        while self._held > self._most:
            _, gone = self._by_name.popitem(last=False)
            self._held -= len(gone)
