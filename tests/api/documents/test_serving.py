"""Ranges of stored bytes are those that the standard names, whatever the chunks."""

from collections.abc import AsyncGenerator
from typing import Any

from fastapi import Request
from hypothesis import given
from hypothesis import strategies as st

from api.documents.serving import stream


async def chunks(content: bytes, size: int) -> AsyncGenerator[bytes]:
    for start in range(0, len(content), size):
        yield content[start : start + size]


async def asked(content: bytes, chunk: int, header: str) -> tuple[int, bytes]:
    scope: dict[str, Any] = {"type": "http", "headers": [(b"range", header.encode())]}
    answer: Any = stream(
        Request(scope),
        chunks(content, chunk),
        size=len(content),
        media_type="image/jpeg",
        headers={},
    )
    if not hasattr(answer, "body_iterator"):
        return answer.status_code, answer.body
    told = b"".join([piece async for piece in answer.body_iterator])
    assert int(answer.headers["content-length"]) == len(told)
    return answer.status_code, told


@given(
    st.binary(min_size=1, max_size=80), st.integers(1, 20), st.integers(0, 99), st.integers(0, 99)
)
async def test_a_range_is_a_slice(content: bytes, chunk: int, first: int, length: int) -> None:
    last = first + length

    told = await asked(content, chunk, f"bytes={first}-{last}")

    wanted = content[first : last + 1]
    assert told == ((206, wanted) if wanted else (416, b""))


@given(st.binary(min_size=1, max_size=80), st.integers(1, 20), st.integers(1, 99))
async def test_a_negative_range_is_the_end(content: bytes, chunk: int, last: int) -> None:
    assert await asked(content, chunk, f"bytes=-{last}") == (206, content[-last:])


@given(st.text(st.characters(min_codepoint=32, max_codepoint=126), max_size=20))
async def test_what_nobody_understands_gets_everything(header: str) -> None:
    status, told = await asked(b"all of it", 4, header)

    assert status in {200, 206, 416}
    assert told == b"all of it" or status != 200
