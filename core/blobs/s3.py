"""Blobs in an S3 bucket: one for all nodes."""

import asyncio
import hashlib
from collections.abc import AsyncGenerator, AsyncIterator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import obstore
from obstore.exceptions import AlreadyExistsError, BaseError
from obstore.store import S3Store

from core.blobs.port import StoredBlob
from core.errors import StorageUnavailable
from core.integrity import digest_of, is_digest, whole

if TYPE_CHECKING:  # the library has them for type checkers only
    from obstore.store import ClientConfig, S3Config

#: What is sent or asked for at once. A slow phone holds no request of ours open: the next part is
#: asked for when it has read the last one.
PART = 8 * 1024 * 1024
PARALLEL = 2
CONNECT, REQUEST, PATIENCE = (timedelta(seconds=number) for number in (5, 30, 60))


@dataclass(frozen=True, slots=True)
class Bucket:
    """Where the blobs are.

    Attributes:
        name: of the bucket; `prefix` parts it between installations.
        endpoint: of a server of one's own; empty: that of the region.
        access_key, secret_key: empty: what the machine itself is given.
        ca: the certificates of the authority that the server is trusted by, beside the system's.
        patience: how long a request is tried again before it fails.
    """

    name: str
    prefix: str = ""
    endpoint: str = ""
    region: str = "us-east-1"
    access_key: str = ""
    secret_key: str = ""
    ca: Path | None = None
    patience: timedelta = PATIENCE


class S3Blobs:
    """Keeps each blob as one object; it appears whole or not at all."""

    def __init__(self, bucket: Bucket) -> None:
        self._store = _store(bucket)

    async def put_file(self, source: Path) -> StoredBlob:
        """See `Blobs.put_file`."""
        sha256, size = await asyncio.to_thread(digest_of, source)
        kept = await self._size(sha256)
        if kept != size:
            await self._put(source, StoredBlob(sha256, size), damaged=kept is not None)
        return StoredBlob(sha256, size)

    async def read(self, sha256: str) -> AsyncIterator[bytes]:
        """See `Blobs.read`."""
        size = await self._size(sha256)
        if size is None:
            raise FileNotFoundError(sha256)
        return whole(self._parts(sha256, size), sha256)

    async def fetch(self, sha256: str, target: Path) -> None:
        """See `Blobs.fetch`."""
        parts = await self.read(sha256)
        try:
            with await asyncio.to_thread(target.open, "wb") as file:
                async for part in parts:
                    await asyncio.to_thread(file.write, part)
        except BaseException:
            await asyncio.to_thread(target.unlink, missing_ok=True)
            raise

    async def exists(self, sha256: str) -> bool:
        """See `Blobs.exists`."""
        return await self._size(sha256) is not None

    async def _size(self, sha256: str) -> int | None:
        if not is_digest(sha256):
            return None
        with _answering():
            try:
                return (await obstore.head_async(self._store, _key(sha256)))["size"]
            except FileNotFoundError:
                return None

    async def _put(self, source: Path, blob: StoredBlob, *, damaged: bool) -> None:
        key = _key(blob.sha256)
        with _answering():
            if blob.size > PART:  # an upload that is given up shows nothing
                parts = _unchanged(source, blob.sha256)
                await obstore.put_async(
                    self._store, key, parts, chunk_size=PART, max_concurrency=PARALLEL
                )
                return
            content = b"".join([part async for part in _unchanged(source, blob.sha256)])
            await obstore.put_async(
                self._store, key, content, mode="overwrite" if damaged else "create"
            )

    async def _parts(self, sha256: str, size: int) -> AsyncGenerator[bytes]:
        for start in range(0, size, PART):
            length = min(PART, size - start)
            with _answering():
                part = await obstore.get_range_async(
                    self._store, _key(sha256), start=start, length=length
                )
            yield bytes(part)


class SourceChanged(Exception):
    """A file was changed while it was stored; nothing was."""


def _store(bucket: Bucket) -> S3Store:
    client: ClientConfig = {
        "connect_timeout": CONNECT,
        "timeout": REQUEST,
        "allow_http": bucket.endpoint.startswith("http://"),
    }
    if bucket.ca is not None:
        client["root_certificate"] = bucket.ca.read_bytes()
    config: S3Config = {"region": bucket.region, "checksum_algorithm": "SHA256"}
    if bucket.endpoint:
        config["endpoint"] = bucket.endpoint
    if bucket.access_key:
        config["access_key_id"] = bucket.access_key
        config["secret_access_key"] = bucket.secret_key
    return S3Store(
        bucket.name,
        prefix=bucket.prefix or None,
        config=config,
        client_options=client,
        retry_config={"max_retries": 20, "retry_timeout": bucket.patience},
    )


def _key(sha256: str) -> str:
    return f"{sha256[:2]}/{sha256[2:]}"


async def _unchanged(source: Path, sha256: str) -> AsyncIterator[bytes]:
    digest = hashlib.sha256()
    with await asyncio.to_thread(source.open, "rb") as file:
        while part := await asyncio.to_thread(file.read, PART):
            digest.update(part)
            yield part
    if digest.hexdigest() != sha256:
        raise SourceChanged(source)


@contextmanager
def _answering() -> Iterator[None]:
    """Turn the library's troubles into ours; the bucket's address stays out of them."""
    try:
        yield
    except AlreadyExistsError:  # the same content: another node was faster
        return
    except BaseError as error:
        raise StorageUnavailable from error
