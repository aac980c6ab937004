"""Stored bytes over HTTP: asked for in part, or only if they are others than one has."""

import re
from collections.abc import AsyncGenerator, AsyncIterator, Mapping
from http import HTTPStatus

from fastapi import Request, Response
from fastapi.responses import StreamingResponse

_ONE_RANGE = re.compile(r"bytes=(\d{0,18})-(\d{0,18})")


def is_known(request: Request, sha256: str) -> bool:
    """Say whether the client has these bytes already."""
    asked = request.headers.get("if-none-match", "")
    tags = {tag.strip().removeprefix("W/").strip('"') for tag in asked.split(",")}
    return sha256 in tags or "*" in tags


def not_modified(headers: Mapping[str, str]) -> Response:
    """Tell that the client's own bytes are still those."""
    return Response(status_code=HTTPStatus.NOT_MODIFIED, headers=headers)


def stream(
    request: Request,
    body: AsyncIterator[bytes],
    *,
    size: int,
    media_type: str,
    headers: Mapping[str, str],
) -> Response:
    """Answer with all bytes, or with the one range that is asked for.

    Several ranges, or such as nobody understands, get everything, as the standard allows.
    """
    offered = {**headers, "Accept-Ranges": "bytes"}
    asked = request.headers.get("range", "")
    changed = request.headers.get("if-range")
    if not asked or (changed and changed != headers.get("ETag")):
        return _answer(body, offered, media_type, (0, size))
    part = _part(asked, size)
    if part is None:
        return _answer(body, offered, media_type, (0, size))
    start, end = part
    if start >= end:
        beyond = {**offered, "Content-Range": f"bytes */{size}"}
        return Response(status_code=HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE, headers=beyond)
    offered["Content-Range"] = f"bytes {start}-{end - 1}/{size}"
    return _answer(_cut(body, start, end), offered, media_type, part)


def _answer(
    body: AsyncIterator[bytes], headers: dict[str, str], media_type: str, part: tuple[int, int]
) -> Response:
    status = HTTPStatus.PARTIAL_CONTENT if "Content-Range" in headers else HTTPStatus.OK
    headers["Content-Length"] = str(part[1] - part[0])
    return StreamingResponse(body, status_code=status, headers=headers, media_type=media_type)


def _part(asked: str, size: int) -> tuple[int, int] | None:
    """Return the range [start, end); an empty one cannot be given."""
    found = _ONE_RANGE.fullmatch(asked.strip())
    if found is None or not (found[1] or found[2]):
        return None
    if not found[1]:
        return (size - min(size, int(found[2])), size) if int(found[2]) else (size, size)
    start = int(found[1])
    end = min(int(found[2]) + 1, size) if found[2] else size
    return None if found[2] and int(found[2]) < start else (start, end)


async def _cut(body: AsyncIterator[bytes], start: int, end: int) -> AsyncGenerator[bytes]:
    at = 0
    async for chunk in body:
        piece = chunk[max(0, start - at) : max(0, end - at)]
        at += len(chunk)
        if piece:
            yield piece
        if at >= end:
            return


async def whole(content: bytes) -> AsyncGenerator[bytes]:
    """Stream what is in memory."""
    yield content
