"""Blobs in a bucket: what happens while its server is away, and to files that are not done."""

import asyncio
import os
import random
import sys
import time
import traceback
from collections.abc import AsyncIterator, Iterator
from dataclasses import asdict, replace
from pathlib import Path

import pytest

from core.blobs.port import StoredBlob
from core.blobs.s3 import PART, S3Blobs, SourceChanged
from core.errors import StorageUnavailable
from core.integrity import digest_of
from tests.support.stores import S3Server, s3_server

NAME = "ab" * 32


@pytest.fixture(scope="module")
def _running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[S3Server]:
    with s3_server(tmp_path_factory.mktemp("s3")) as running:
        yield running


@pytest.fixture
def server(_running: S3Server) -> Iterator[S3Server]:
    """A server that runs again after a test that has killed it."""
    yield _running
    if not _running._answers():
        _running.start()


@pytest.fixture
def source(tmp_path: Path) -> Path:
    path = tmp_path / "source"
    path.write_bytes(b"giay")
    return path


@pytest.mark.parametrize("size", [10, PART + 1])
async def test_a_file_that_changes_while_it_is_stored_is_not_stored(
    server: S3Server, source: Path, size: int
) -> None:
    blobs = S3Blobs(server.bucket())
    source.write_bytes(os.urandom(size))

    with pytest.raises(SourceChanged):
        await blobs._put(source, StoredBlob(NAME, size), damaged=False)

    assert not await blobs.exists(NAME)


async def test_a_store_that_does_not_answer_is_given_up_in_time(
    server: S3Server, source: Path, tmp_path: Path
) -> None:
    blobs = S3Blobs(server.bucket(patience=0.5))
    stored = await blobs.put_file(source)
    server.kill()
    since = time.monotonic()

    for call in (
        blobs.put_file(source),
        blobs.exists(stored.sha256),
        blobs.read(stored.sha256),
        blobs.fetch(stored.sha256, tmp_path / "copy"),
    ):
        with pytest.raises(StorageUnavailable):
            await call

    assert time.monotonic() - since < 20
    assert not (tmp_path / "copy").exists()


async def test_a_short_outage_is_waited_out(server: S3Server, source: Path) -> None:
    blobs = S3Blobs(server.bucket(patience=60))
    server.kill()
    storing = asyncio.create_task(blobs.put_file(source))
    await asyncio.to_thread(server.start)

    stored = await storing

    assert await joined(await blobs.read(stored.sha256)) == b"giay"


async def test_wrong_keys_are_refused_and_never_shown(server: S3Server, source: Path) -> None:
    wrong = replace(server.bucket(), secret_key="wrong-but-secret")

    with pytest.raises(StorageUnavailable) as refused:
        await S3Blobs(wrong).put_file(source)

    shown = "".join(traceback.format_exception(refused.value))
    assert "wrong-but-secret" not in shown


CHILD = """
import asyncio, sys
from pathlib import Path
from core.blobs.s3 import Bucket, S3Blobs

bucket = Bucket(sys.argv[2], *sys.argv[3:7], sys.argv[7])
print("begin", flush=True)
asyncio.run(S3Blobs(bucket).put_file(Path(sys.argv[1])))
"""


async def test_a_process_killed_while_storing_leaves_all_or_nothing(
    server: S3Server, source: Path
) -> None:
    bucket = server.bucket()
    blobs = S3Blobs(bucket)
    for _ in range(3):
        source.write_bytes(os.urandom(4 * PART))
        named = [str(value) for value in list(asdict(bucket).values())[:6]]
        child = await asyncio.create_subprocess_exec(
            *(sys.executable, "-c", CHILD, str(source), *named), stdout=asyncio.subprocess.PIPE
        )
        assert child.stdout is not None
        await child.stdout.readline()
        await asyncio.sleep(random.uniform(0, 0.4))  # any moment of the upload
        child.kill()
        await child.communicate()

        name, size = digest_of(source)
        if await blobs.exists(name):
            assert len(await joined(await blobs.read(name))) == size


async def joined(chunks: AsyncIterator[bytes]) -> bytes:
    return b"".join([chunk async for chunk in chunks])
