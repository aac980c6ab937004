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
    """Content-addressed files: written whole or not at all, never changed.

    What is read is compared with its name: damaged content never passes for whole. Every method
    may raise `StorageUnavailable`.
    """

    async def put_file(self, source: Path) -> StoredBlob:
        """Store a copy of a local file; the same content is stored once."""
        ...

    async def read(self, sha256: str) -> AsyncIterator[bytes]:
        """Find a blob, then stream its bytes.

        Raises:
            FileNotFoundError: there is no such blob; raised before the first byte.
            StorageDamaged: the content is not what was stored; raised before the last byte.
        """
        ...

    async def fetch(self, sha256: str, target: Path) -> None:
        """Write a blob's bytes into a new local file.

        Raises:
            FileNotFoundError: there is no such blob.
            StorageDamaged: the content is not what was stored; no file is left.
        """
        ...

    async def exists(self, sha256: str) -> bool:
        """Say whether the blob is stored."""
        ...
