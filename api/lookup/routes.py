"""The search over HTTP."""

from datetime import date
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request, Response

from api.deps import ActorDep, ReadTxDep
from api.documents.rules import Direction, State, Urgency
from api.lookup import exporting, queries, suggesting
from api.lookup.exporting import Column, Format
from api.lookup.filters import Filters, Mine, Sort
from api.lookup.index.port import Index
from api.lookup.queries import Asked
from api.lookup.schemas import FacetsOut, ResultsOut, SuggestionsOut
from api.problems import problems
from core.errors import Malformed

router = APIRouter(prefix="/lookup", tags=["lookup"])


async def _index(request: Request) -> Index:
    index: Index = request.app.state.engines.index
    return index


async def _filters(  # noqa: PLR0913, PLR0917 - each is a parameter of the query
    direction: Direction | None = None,
    state: State | None = None,
    urgency: Urgency | None = None,
    type_code: Annotated[str | None, Query(max_length=40)] = None,
    issuer: Annotated[str | None, Query(max_length=200)] = None,
    number: Annotated[int | None, Query(ge=0, le=999_999)] = None,
    signer_id: UUID | None = None,
    issued_from: date | None = None,
    issued_to: date | None = None,
    task_id: UUID | None = None,
    meeting_id: UUID | None = None,
    mine: Mine | None = None,
) -> Filters:
    return Filters(
        direction=direction, state=state, urgency=urgency, type_code=type_code, issuer=issuer,
        number=number, signer_id=signer_id, issued_from=issued_from, issued_to=issued_to,
        task_id=task_id, meeting_id=meeting_id, mine=mine,
    )  # fmt: skip


IndexDep = Annotated[Index, Depends(_index)]
FiltersDep = Annotated[Filters, Depends(_filters)]
Words = Annotated[
    str,
    Query(description="words or a document number, with or without diacritics; quotes: a phrase"),
]
Limit = Annotated[int, Query(ge=1, le=50)]


@router.get("", responses=problems(Malformed))
async def search_documents(  # noqa: PLR0913, PLR0917 - each is a parameter of the query
    actor: ActorDep,
    view: ReadTxDep,
    index: IndexDep,
    filters: FiltersDep,
    q: Words,
    sort: Sort = Sort.RELEVANCE,
    cursor: Annotated[str | None, Query(max_length=200)] = None,
    limit: Limit = 20,
) -> ResultsOut:
    """Find documents that you may read, best first or in another order."""
    asked = Asked(query=q, filters=filters, sort=sort, cursor=cursor, limit=limit)
    return ResultsOut.of(await queries.search(view, index, actor, asked))


@router.get("/facets", responses=problems(Malformed))
async def count_facets(
    actor: ActorDep, view: ReadTxDep, index: IndexDep, filters: FiltersDep, q: Words
) -> FacetsOut:
    """Count what answers by type, issuer, year and the like, to narrow the search."""
    counted = await queries.facets(view, index, actor, Asked(query=q, filters=filters))
    return FacetsOut.of(counted)


@router.get("/suggestions", responses=problems(Malformed))
async def suggest_documents(
    actor: ActorDep, view: ReadTxDep, index: IndexDep, q: Words
) -> SuggestionsOut:
    """Suggest titles and numbers that you may read, while they are typed."""
    return SuggestionsOut.of(await suggesting.suggest(view, index, actor, q))


@router.get(
    "/export",
    responses=problems(Malformed)
    | {
        200: {
            "content": {kind: {"schema": {"type": "string"}} for kind in exporting.MEDIA.values()}
        }
    },
    response_class=Response,
)
async def export_documents(  # noqa: PLR0913, PLR0917 - each is a parameter of the query
    actor: ActorDep,
    view: ReadTxDep,
    index: IndexDep,
    filters: FiltersDep,
    q: Words,
    sort: Sort = Sort.RELEVANCE,
    columns: Annotated[list[Column], Query()] = exporting.USUAL,
    file: Format = Format.CSV,
) -> Response:
    """Get what answers as a table, with the columns of your choice."""
    asked = Asked(query=q, filters=filters, sort=sort)
    rows = await exporting.rows(view, index, actor, asked, columns)
    return Response(exporting.written(rows, file), media_type=exporting.MEDIA[file])
