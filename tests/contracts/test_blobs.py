"""What every store of blobs must do. An adapter is done when this passes for it."""

import asyncio
import hashlib
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import obstore
import pytest

from core.blobs.files import FileBlobs
from core.blobs.port import Blobs
from core.blobs.s3 import PART, S3Blobs
from core.errors import StorageDamaged
from tests.support.stores import S3Server, s3_server

CONTENT = b"\x00PDF\xff" * 200_000
#: Smaller than a part, several parts, exactly parts.
SIZES = {"empty": 0, "small": 10, "large": PART + 17, "two parts": 2 * PART}


@dataclass
class Store:
    """A store, and how its content is damaged behind its back."""

    blobs: Blobs
    damage: Callable[[str, bytes], Awaitable[None]]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[S3Server]:
    with s3_server(tmp_path_factory.mktemp("s3")) as running:
        yield running


@pytest.fixture(params=["files", "s3"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Store:
    return _files(tmp_path) if request.param == "files" else _s3(request.getfixturevalue("server"))


def _files(folder: Path) -> Store:
    async def damage(sha256: str, content: bytes) -> None:
        (folder / "blobs" / sha256[:2] / sha256[2:]).write_bytes(content)

    return Store(FileBlobs(folder / "blobs"), damage)


def _s3(server: S3Server) -> Store:
    blobs = S3Blobs(server.bucket())

    async def damage(sha256: str, content: bytes) -> None:
        await obstore.put_async(blobs._store, f"{sha256[:2]}/{sha256[2:]}", content)

    return Store(blobs, damage)


@pytest.fixture
def blobs(store: Store) -> Blobs:
    return store.blobs


@pytest.fixture
def source(tmp_path: Path) -> Path:
    path = tmp_path / "source"
    path.write_bytes(CONTENT)
    return path


async def joined(chunks: AsyncIterator[bytes]) -> bytes:
    return b"".join([chunk async for chunk in chunks])


async def test_a_blob_is_named_by_its_content(blobs: Blobs, source: Path) -> None:
    stored = await blobs.put_file(source)

    assert (stored.sha256, stored.size) == (hashlib.sha256(CONTENT).hexdigest(), len(CONTENT))


@pytest.mark.parametrize("size", SIZES.values(), ids=SIZES)
async def test_what_was_stored_is_read_again(
    blobs: Blobs, source: Path, tmp_path: Path, size: int
) -> None:
    content = (CONTENT * (size // len(CONTENT) + 1))[:size]
    source.write_bytes(content)
    stored = await blobs.put_file(source)
    await blobs.fetch(stored.sha256, tmp_path / "copy")

    assert stored.size == size
    assert await joined(await blobs.read(stored.sha256)) == content
    assert (tmp_path / "copy").read_bytes() == content


async def test_storing_twice_stores_once(blobs: Blobs, source: Path) -> None:
    assert await blobs.put_file(source) == await blobs.put_file(source)


async def test_many_may_store_the_same_at_once(blobs: Blobs, source: Path) -> None:
    stored = await asyncio.gather(*(blobs.put_file(source) for _ in range(8)))

    assert len(set(stored)) == 1
    assert await joined(await blobs.read(stored[0].sha256)) == CONTENT


async def test_a_fetched_copy_can_be_changed_without_changing_the_blob(
    blobs: Blobs, source: Path, tmp_path: Path
) -> None:
    stored = await blobs.put_file(source)
    await blobs.fetch(stored.sha256, tmp_path / "copy")

    (tmp_path / "copy").write_bytes(b"changed")

    assert await joined(await blobs.read(stored.sha256)) == CONTENT


@pytest.mark.parametrize(
    "name",
    ["0" * 64, "../../etc/passwd", "", "." * 64, "é" * 64],
    ids=["no such", "path", "none", "dots", "letters"],
)
async def test_an_unknown_name_is_not_found(blobs: Blobs, name: str, tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        await blobs.read(name)
    with pytest.raises(FileNotFoundError):
        await blobs.fetch(name, tmp_path / "copy")

    assert not (tmp_path / "copy").exists()
    assert not await blobs.exists(name)


async def test_existence_can_be_asked(blobs: Blobs, source: Path) -> None:
    stored = await blobs.put_file(source)

    assert await blobs.exists(stored.sha256)
    assert not await blobs.exists("0" * 64)


@pytest.mark.parametrize("damaged", [CONTENT[:-1] + b"!", CONTENT[:-1], CONTENT + b"!", b""])
async def test_damaged_content_never_passes_for_whole(
    store: Store, source: Path, tmp_path: Path, damaged: bytes
) -> None:
    stored = await store.blobs.put_file(source)
    await store.damage(stored.sha256, damaged)
    heard = b""

    with pytest.raises(StorageDamaged):
        async for chunk in await store.blobs.read(stored.sha256):
            heard += chunk
    with pytest.raises(StorageDamaged):
        await store.blobs.fetch(stored.sha256, tmp_path / "copy")

    assert len(heard) < len(damaged) or not damaged
    assert not (tmp_path / "copy").exists()


async def test_storing_cut_off_content_again_restores_it(store: Store, source: Path) -> None:
    stored = await store.blobs.put_file(source)
    await store.damage(stored.sha256, CONTENT[:100])

    await store.blobs.put_file(source)

    assert await joined(await store.blobs.read(stored.sha256)) == CONTENT


async def test_a_reader_may_leave_early(blobs: Blobs, source: Path) -> None:
    stored = await blobs.put_file(source)

    async for chunk in await blobs.read(stored.sha256):
        assert CONTENT.startswith(chunk)
        break
