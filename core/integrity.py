"""Content that must be what its name says."""

import hashlib
from collections.abc import AsyncGenerator
from contextlib import aclosing
from pathlib import Path

from core.errors import StorageDamaged

_CHUNK = 1 << 20


async def whole(chunks: AsyncGenerator[bytes], sha256: str) -> AsyncGenerator[bytes]:
    """Pass `chunks` on, the last one only when all together have the digest `sha256`.

    Raises:
        StorageDamaged: they have another one; a reader that counts bytes misses the last chunk.
    """
    digest, held = hashlib.sha256(), b""
    async with aclosing(chunks):
        async for chunk in chunks:
            digest.update(chunk)
            if held:
                yield held
            held = chunk
    if digest.hexdigest() != sha256:
        raise StorageDamaged(sha256=sha256)
    yield held


def digest_of(path: Path) -> tuple[str, int]:
    """Return the SHA-256 and the size of a file."""
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256")
        return digest.hexdigest(), file.tell()


def digest_of_head(path: Path, size: int) -> str:
    """Return the SHA-256 of so many bytes at the beginning of a file."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while size and (chunk := file.read(min(size, _CHUNK))):
            digest.update(chunk)
            size -= len(chunk)
    return digest.hexdigest()


def is_digest(name: str) -> bool:
    """Say whether a name can be that of any content."""
    return len(name) == hashlib.sha256().digest_size * 2 and name.isascii() and name.isalnum()
