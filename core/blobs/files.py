"""Blobs in a local folder: `ab/cdef…`, durable before they are acknowledged."""

import asyncio
import hashlib
import os
from collections.abc import AsyncGenerator, AsyncIterator
from pathlib import Path
from typing import BinaryIO
from uuid import uuid4

from core.blobs.port import StoredBlob
from core.errors import StorageDamaged
from core.integrity import is_digest, whole

CHUNK = 256 * 1024


class FileBlobs:
    """Keeps each blob as one file, mode 0600, in folders of mode 0700."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._partial = folder / "partial"
        self._partial.mkdir(parents=True, exist_ok=True, mode=0o700)

    async def put_file(self, source: Path) -> StoredBlob:
        """See `Blobs.put_file`."""
        return await asyncio.to_thread(self._put, source)

    async def read(self, sha256: str) -> AsyncIterator[bytes]:
        """See `Blobs.read`."""
        if not await self.exists(sha256):
            raise FileNotFoundError(sha256)
        return whole(_chunks(self._path(sha256)), sha256)

    async def fetch(self, sha256: str, target: Path) -> None:
        """See `Blobs.fetch`."""
        await asyncio.to_thread(self._copy, sha256, target)

    async def exists(self, sha256: str) -> bool:
        """See `Blobs.exists`."""
        return is_digest(sha256) and await asyncio.to_thread(self._path(sha256).exists)

    def sweep(self) -> int:
        """Remove what a killed process left half written; call it before serving."""
        leftovers = list(self._partial.iterdir())
        for leftover in leftovers:
            leftover.unlink()
        return len(leftovers)

    def _put(self, source: Path) -> StoredBlob:
        partial = self._partial / uuid4().hex
        try:
            digest = _copy_durably(source, partial)
            size = partial.stat().st_size
            target = self._path(digest)
            target.parent.mkdir(mode=0o700, exist_ok=True)
            partial.replace(target)
            # Also when it was there before: whoever put it may have died just before this.
            _sync_folder(target.parent)
            _sync_folder(self._folder)
        finally:
            partial.unlink(missing_ok=True)
        return StoredBlob(digest, size)

    def _copy(self, sha256: str, target: Path) -> None:
        with self._path(sha256).open("rb") as file, target.open("wb") as copy:
            digest = _copy_hashed(file, copy)
        if digest != sha256:
            target.unlink()
            raise StorageDamaged(sha256=sha256)

    def _path(self, sha256: str) -> Path:
        if not is_digest(sha256):
            raise FileNotFoundError(sha256)
        return self._folder / sha256[:2] / sha256[2:]


async def _chunks(path: Path) -> AsyncGenerator[bytes]:
    with await asyncio.to_thread(path.open, "rb") as file:
        while chunk := await asyncio.to_thread(file.read, CHUNK):
            yield chunk


def _copy_durably(source: Path, target: Path) -> str:
    descriptor = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with source.open("rb") as file, os.fdopen(descriptor, "wb") as copy:
        digest = _copy_hashed(file, copy)
        copy.flush()
        os.fsync(copy.fileno())
    return digest


def _copy_hashed(file: BinaryIO, copy: BinaryIO) -> str:
    digest = hashlib.sha256()
    while chunk := file.read(CHUNK):
        digest.update(chunk)
        copy.write(chunk)
    return digest.hexdigest()


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
