"""The search over HTTP."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request

from api.deps import ActorDep, ReadTxDep
from api.lookup import queries
from api.lookup.index.port import Index
from api.lookup.schemas import ResultsOut
from api.problems import problems
from core.errors import Malformed

router = APIRouter(prefix="/lookup", tags=["lookup"])


async def _index(request: Request) -> Index:
    index: Index = request.app.state.engines.index
    return index


IndexDep = Annotated[Index, Depends(_index)]
Words = Annotated[
    str,
    Query(description="words or a document number, with or without diacritics; no operators"),
]
Limit = Annotated[int, Query(ge=1, le=50)]


@router.get("", responses=problems(Malformed))
async def search_documents(
    actor: ActorDep,
    view: ReadTxDep,
    index: IndexDep,
    q: Words,
    cursor: Annotated[str | None, Query(max_length=200)] = None,
    limit: Limit = 20,
) -> ResultsOut:
    """Find documents that you may read, best first."""
    found = await queries.search(view, index, actor, query=q, cursor=cursor, limit=limit)
    return ResultsOut.of(found)
