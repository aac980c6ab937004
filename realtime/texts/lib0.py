"""The encoding that Yjs speaks (lib0), read with bounds and written.

A number is little-endian in groups of 7 bits; the high bit says that more follow. Only the shortest
form is taken: what we read and what the library reads can then be no two things.
"""

#: The largest whole number that JavaScript keeps exactly.
MOST_NUMBER = 2**53 - 1
_GROUPS = 8


class BadBytes(ValueError):
    """The bytes do not say what they should."""


class Reader:
    """Reads bytes from their beginning to their end, and never past it."""

    __slots__ = ("_at", "_data")

    def __init__(self, data: bytes) -> None:
        self._data, self._at = data, 0

    @property
    def left(self) -> int:
        """How many bytes are not read yet."""
        return len(self._data) - self._at

    def byte(self) -> int:
        """Read one byte."""
        if not self.left:
            raise BadBytes("too short")
        self._at += 1
        return self._data[self._at - 1]

    def number(self, most: int = MOST_NUMBER) -> int:
        """Read a whole number up to `most`."""
        value = 0
        for group in range(_GROUPS):
            byte = self.byte()
            value |= (byte & 0x7F) << (7 * group)
            if byte < 0x80:  # noqa: PLR2004 - the high bit
                if value > most or (group and not byte):
                    break
                return value
        raise BadBytes("not a number that is allowed here")

    def block(self, most: int) -> bytes:
        """Read bytes that stand behind their length."""
        size = self.number(most)
        if size > self.left:
            raise BadBytes("too short")
        self._at += size
        return self._data[self._at - size : self._at]

    def text(self, most: int) -> str:
        """Read a text of at most `most` bytes of UTF-8."""
        try:
            return self.block(most).decode()
        except UnicodeDecodeError:
            raise BadBytes("not UTF-8") from None

    def end(self) -> None:
        """Refuse whatever else comes."""
        if self.left:
            raise BadBytes("too long")


def number(value: int) -> bytes:
    """Write a whole number."""
    groups = bytearray()
    while value > 0x7F:  # noqa: PLR2004 - what fits into seven bits
        groups.append(0x80 | (value & 0x7F))
        value >>= 7
    groups.append(value)
    return bytes(groups)


def block(data: bytes) -> bytes:
    """Write bytes behind their length."""
    return number(len(data)) + data
