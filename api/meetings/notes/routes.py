"""Annotations over HTTP: they are read here and written over the room's socket."""

from uuid import UUID

from fastapi import APIRouter

from api.deps import ActorDep, Once, ReadTxDep
from api.meetings.deps import ASKED
from api.meetings.notes import queries
from api.meetings.notes.models import Annotation
from api.meetings.notes.schemas import NoteOut, Target
from api.meetings.seats import seat
from api.problems import problems

router = APIRouter(prefix="/meetings/{meeting_id}", tags=["meetings"], route_class=Once)


@router.get("/notes", responses=problems(*ASKED))
async def list_notes(meeting_id: UUID, actor: ActorDep, view: ReadTxDep) -> list[NoteOut]:
    """Read my annotations, the shared ones, and the opinions that were submitted."""
    mine = await seat(view, actor, meeting_id)
    return [_shown(one) for one in await queries.notes(view, mine)]


def _shown(one: Annotation) -> NoteOut:
    target = Target.model_validate(
        {"source": one.document_id, "revision": one.revision_id, "page": one.page,
         "selector": one.selector}
    )  # fmt: skip
    return NoteOut(
        id=one.id,
        layer=one.layer,
        creator=one.author_id,
        motivation=one.motivation,
        target=target,
        body=one.body,
        version=one.version,
        modified=one.changed_at,
        submitted_at=one.submitted_at,
    )
