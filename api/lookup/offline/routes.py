"""The offline copy over HTTP."""

import asyncio
import gzip
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import FileResponse

from api.deps import ActorDep
from api.lookup.analysis.lexicon import FILE, VERSION
from api.lookup.offline import flows
from api.lookup.offline.schemas import OfflineDelta
from api.problems import problems
from core.errors import Malformed
from core.sessions import DeviceRevoked
from core.tokens import BadProof, BadToken

router = APIRouter(prefix="/lookup/offline", tags=["lookup"])
_ASKED = (BadToken, BadProof, DeviceRevoked)
_SMALL = 1024
#: Higher levels take twice the time and save a hundredth.
_LEVEL = 6


@router.get("", response_model=OfflineDelta, responses=problems(Malformed, *_ASKED))
async def sync_offline(
    request: Request,
    actor: ActorDep,
    cursor: Annotated[UUID | None, Query(description="of the last answer; none: begin")] = None,
) -> Response:
    """Take what changed in the documents that I may see, for the search without a network."""
    delta = await flows.sync(request.app.state.engines.db, actor, cursor)
    body = OfflineDelta.of(delta).model_dump_json().encode()
    headers = {"Cache-Control": "private, no-store", "Vary": "Accept-Encoding"}
    if len(body) > _SMALL and "gzip" in request.headers.get("accept-encoding", ""):
        headers["Content-Encoding"] = "gzip"
        body = await asyncio.to_thread(gzip.compress, body, _LEVEL)
    return Response(body, headers=headers, media_type="application/json")


@router.get(
    "/lexicon",
    response_class=FileResponse,
    responses={
        200: {
            "content": {
                "application/octet-stream": {"schema": {"type": "string", "format": "binary"}}
            }
        },
        **problems(*_ASKED),
    },
)
async def read_lexicon(actor: ActorDep) -> FileResponse:  # noqa: ARG001 - who asks is known
    """Take the frozen statistics that the ranking weighs words by: once for each version."""
    headers = {
        "Cache-Control": "private, max-age=31536000, immutable",
        "ETag": f'"vi-{VERSION}"',
        "Content-Disposition": f'attachment; filename="{FILE.name}"',
    }
    return FileResponse(FILE, headers=headers, media_type="application/octet-stream")
