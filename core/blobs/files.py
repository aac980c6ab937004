"""Blobs in a local folder: `ab/cdef…`, durable before they are acknowledged."""

import asyncio
import hashlib
import os
import shutil
from collections.abc import AsyncIterator
from pathlib import Path
from uuid import uuid4

from core.blobs.port import StoredBlob

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
        with await asyncio.to_thread(self._path(sha256).open, "rb") as file:
            while chunk := await asyncio.to_thread(file.read, CHUNK):
                yield chunk

    async def fetch(self, sha256: str, target: Path) -> None:
        """See `Blobs.fetch`."""
        await asyncio.to_thread(shutil.copyfile, self._path(sha256), target)

    async def exists(self, sha256: str) -> bool:
        """See `Blobs.exists`."""
        return await asyncio.to_thread(self._path(sha256).exists)

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

    def _path(self, sha256: str) -> Path:
        if len(sha256) != hashlib.sha256().digest_size * 2 or not sha256.isalnum():
            raise FileNotFoundError(sha256)
        return self._folder / sha256[:2] / sha256[2:]


def _copy_durably(source: Path, target: Path) -> str:
    digest = hashlib.sha256()
    descriptor = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with source.open("rb") as file, os.fdopen(descriptor, "wb") as copy:
        while chunk := file.read(CHUNK):
            digest.update(chunk)
            copy.write(chunk)
        copy.flush()
        os.fsync(copy.fileno())
    return digest.hexdigest()


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
