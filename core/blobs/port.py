"""What the project asks of a store for files."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol


@dataclass(frozen=True, slots=True)
class StoredBlob:
    """A stored file.

    Attributes:
        sha256: lower-case hexadecimal SHA-256 of the content; the blob's name.
        size: bytes.
    """

    sha256: str
    size: int


class Blobs(Protocol):
    """Content-addressed files: written whole or not at all, never changed."""

    async def put_file(self, source: Path) -> StoredBlob:
        """Store a copy of a local file; the same content is stored once."""
        ...

    def read(self, sha256: str) -> AsyncIterator[bytes]:
        """Stream a blob's bytes.

        Raises:
            FileNotFoundError: there is no such blob.
        """
        ...

    async def fetch(self, sha256: str, target: Path) -> None:
        """Write a blob's bytes into a new local file."""
        ...

    async def exists(self, sha256: str) -> bool:
        """Say whether the blob is stored."""
        ...
