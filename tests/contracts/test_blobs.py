"""What every store of blobs must do. An adapter is done when this passes for it."""

import hashlib
from pathlib import Path

import pytest

from core.blobs.files import FileBlobs
from core.blobs.port import Blobs

CONTENT = b"\x00PDF\xff" * 200_000


@pytest.fixture(params=[FileBlobs], ids=lambda adapter: adapter.__name__)
def blobs(request: pytest.FixtureRequest, tmp_path: Path) -> Blobs:
    adapter: Blobs = request.param(tmp_path / "blobs")
    return adapter


@pytest.fixture
def source(tmp_path: Path) -> Path:
    path = tmp_path / "source"
    path.write_bytes(CONTENT)
    return path


async def test_a_blob_is_named_by_its_content(blobs: Blobs, source: Path) -> None:
    stored = await blobs.put_file(source)

    assert (stored.sha256, stored.size) == (hashlib.sha256(CONTENT).hexdigest(), len(CONTENT))


async def test_what_was_stored_is_read_again(blobs: Blobs, source: Path) -> None:
    stored = await blobs.put_file(source)

    assert b"".join([chunk async for chunk in blobs.read(stored.sha256)]) == CONTENT


async def test_storing_twice_stores_once(blobs: Blobs, source: Path) -> None:
    assert await blobs.put_file(source) == await blobs.put_file(source)


async def test_a_blob_can_be_fetched_into_a_file(
    blobs: Blobs, source: Path, tmp_path: Path
) -> None:
    stored = await blobs.put_file(source)

    await blobs.fetch(stored.sha256, tmp_path / "copy")

    assert (tmp_path / "copy").read_bytes() == CONTENT


async def test_a_fetched_copy_can_be_changed_without_changing_the_blob(
    blobs: Blobs, source: Path, tmp_path: Path
) -> None:
    stored = await blobs.put_file(source)
    await blobs.fetch(stored.sha256, tmp_path / "copy")

    (tmp_path / "copy").write_bytes(b"changed")

    assert b"".join([chunk async for chunk in blobs.read(stored.sha256)]) == CONTENT


@pytest.mark.parametrize("name", ["0" * 64, "../../etc/passwd", "", "." * 64])
async def test_an_unknown_name_is_not_found(blobs: Blobs, name: str) -> None:
    with pytest.raises(FileNotFoundError):
        _ = [chunk async for chunk in blobs.read(name)]


async def test_existence_can_be_asked(blobs: Blobs, source: Path) -> None:
    stored = await blobs.put_file(source)

    assert await blobs.exists(stored.sha256)
    assert not await blobs.exists("0" * 64)
