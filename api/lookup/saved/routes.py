"""Saved searches over HTTP."""

from http import HTTPStatus
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Response

from api.deps import ActorDep, Once, ReadTxDep, WriteTxDep
from api.lookup.reading import full_number
from api.lookup.saved import queries, service
from api.lookup.saved.errors import AsksNothing, TooManySaved
from api.lookup.saved.schemas import FoundOut, FoundPage, SavedSearchOut, SaveSearch
from api.lookup.saved.service import Wish
from api.problems import problems
from core.errors import Malformed, NotFound
from core.sessions import DeviceRevoked
from core.tokens import BadProof, BadToken

router = APIRouter(prefix="/lookup/saved", tags=["lookup"], route_class=Once)
_ASKED = (BadToken, BadProof, DeviceRevoked)
Most = Annotated[int, Query(ge=1, le=100)]


@router.get("", responses=problems(*_ASKED))
async def list_saved_searches(actor: ActorDep, view: ReadTxDep) -> list[SavedSearchOut]:
    """List the searches that I keep, by name."""
    return [SavedSearchOut.of(one, found) for one, found in await queries.saved(view, actor)]


@router.put(
    "/{search_id}",
    responses=problems(TooManySaved, AsksNothing, NotFound, Malformed, *_ASKED),
)
async def save_search(
    search_id: UUID, body: SaveSearch, actor: ActorDep, tx: WriteTxDep
) -> SavedSearchOut:
    """Keep a search under an id that the phone makes up; the same id again replaces it."""
    wish = Wish(
        name=body.name, query=body.q, filters=body.filters.filters(), sort=body.sort,
        columns=tuple(body.columns), alerts=body.alerts,
    )  # fmt: skip
    kept = await service.keep(tx, actor, search_id, wish)
    return SavedSearchOut.of(kept, (await queries.told_counts(tx, actor))[search_id])


@router.delete(
    "/{search_id}",
    status_code=HTTPStatus.NO_CONTENT,
    responses=problems(NotFound, Malformed, *_ASKED),
)
async def drop_saved_search(search_id: UUID, actor: ActorDep, tx: WriteTxDep) -> Response:
    """Keep a search no longer; nothing more is told of it."""
    await service.drop(tx, actor, search_id)
    return Response(status_code=HTTPStatus.NO_CONTENT)


@router.get("/{search_id}/documents", responses=problems(NotFound, Malformed, *_ASKED))
async def read_what_was_found(
    search_id: UUID, actor: ActorDep, view: ReadTxDep, limit: Most = 50
) -> FoundPage:
    """See the documents that a search of mine has told of and that I may still read."""
    told = await queries.told_by(view, actor, search_id, limit=limit)
    items = [
        FoundOut(
            id=one.id, title=one.title, type_code=one.type_code, issuer=one.issuer,
            number=full_number(one.number, one.symbol), issued_on=one.issued_on, found_at=at,
        )
        for one, at in told
    ]  # fmt: skip
    return FoundPage(items=items)
