"""The search over HTTP."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request, Response

from api.deps import ActorDep, ReadTxDep
from api.lookup import exporting, flows, queries, suggesting
from api.lookup.exporting import Column, Format
from api.lookup.filters import Filters, Sort
from api.lookup.index.port import Index
from api.lookup.queries import Asked
from api.lookup.schemas import FacetsOut, FiltersIn, ResultsOut, SuggestionsOut
from api.problems import problems
from core.errors import Malformed

router = APIRouter(prefix="/lookup", tags=["lookup"])


async def _index(request: Request) -> Index:
    index: Index = request.app.state.engines.index
    return index


async def _filters(asked: Annotated[FiltersIn, Query()]) -> Filters:
    return asked.filters()


IndexDep = Annotated[Index, Depends(_index)]
FiltersDep = Annotated[Filters, Depends(_filters)]
Words = Annotated[
    str,
    Query(description="words or a document number, with or without diacritics; quotes: a phrase"),
]
Closely = Annotated[
    bool, Query(description="only what one page holds most of: what saved searches tell of")
]
Limit = Annotated[int, Query(ge=1, le=50)]


@router.get("", responses=problems(Malformed))
async def search_documents(  # noqa: PLR0913, PLR0917 - each is a parameter of the query
    actor: ActorDep,
    view: ReadTxDep,
    index: IndexDep,
    filters: FiltersDep,
    q: Words,
    closely: Closely = False,  # noqa: FBT002 - a parameter of the query
    sort: Sort = Sort.RELEVANCE,
    cursor: Annotated[str | None, Query(max_length=200)] = None,
    limit: Limit = 20,
) -> ResultsOut:
    """Find documents that you may read, best first or in another order."""
    asked = Asked(query=q, filters=filters, closely=closely, sort=sort, cursor=cursor, limit=limit)
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
    request: Request,
    actor: ActorDep,
    index: IndexDep,
    filters: FiltersDep,
    q: Words,
    sort: Sort = Sort.RELEVANCE,
    columns: Annotated[list[Column], Query()] = exporting.USUAL,
    file: Format = Format.CSV,
) -> Response:
    """Get what answers as a table, with the columns of your choice."""
    asked, db = Asked(query=q, filters=filters, sort=sort), request.app.state.engines.db
    table = await flows.export(db, index, actor, asked, columns, file)
    kept = exporting.headers(file)
    return Response(table, headers=kept, media_type=exporting.MEDIA[file])
