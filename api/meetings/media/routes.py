"""The ways to a meeting's media over HTTP; the media themselves are called over the socket."""

from datetime import timedelta
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Request

from api.deps import ActorDep, Once, ReadTxDep, never_cached
from api.meetings.deps import ASKED
from api.meetings.media.rules import credentials
from api.meetings.media.schemas import IceServer, IceServersOut
from api.meetings.rules import Act
from api.meetings.seats import seat
from api.problems import problems
from core.media import Media

router = APIRouter(
    prefix="/meetings/{meeting_id}",
    tags=["meetings"],
    route_class=Once,
    dependencies=[Depends(never_cached)],
)


async def _media(request: Request) -> Media:
    media: Media = request.app.state.engines.settings.media
    return media


@router.get("/ice-servers", responses=problems(*ASKED))
async def read_ice_servers(
    meeting_id: UUID, actor: ActorDep, view: ReadTxDep, media: Annotated[Media, Depends(_media)]
) -> IceServersOut:
    """Get the STUN and TURN servers for this meeting, with a password that ends by itself."""
    await seat(view, actor, meeting_id, Act.SEE)
    plain = [IceServer(urls=media.ice_servers)] if media.ice_servers else []
    turn = media.turn
    if not turn.urls:
        return IceServersOut(ice_servers=plain, expires_at=None)
    ttl, secret = timedelta(seconds=turn.ttl_seconds), turn.secret.get_secret_value()
    told = credentials(secret, meeting_id, actor.id, view.now, ttl)
    relay = IceServer(urls=turn.urls, username=told.username, credential=told.password)
    return IceServersOut(ice_servers=[*plain, relay], expires_at=told.expires_at)
