"""Notifications over HTTP."""

from collections.abc import Sequence
from http import HTTPStatus
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response

from api.deps import ActorDep, Once, ReadTxDep, WriteTxDep
from api.inbox.schemas import Address, InboxOut, NotificationOut, Receipt, RecordedOut
from api.people.errors import DeviceNeeded
from api.people.service import must_have_device
from api.problems import problems
from core.errors import Malformed, NotFound
from core.messages import say
from core.sessions import DeviceRevoked
from core.tokens import BadProof, BadToken
from push import queries, service
from push.errors import WrongState
from push.models import Notification

router = APIRouter(tags=["inbox"], route_class=Once)
simulated = APIRouter(tags=["simulated"], route_class=Once)
_ASKED = (BadToken, BadProof, DeviceRevoked)


@router.get("/inbox", responses=problems(Malformed, *_ASKED))
async def read_inbox(
    actor: ActorDep,
    view: ReadTxDep,
    before: UUID | None = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> InboxOut:
    """Page through my notifications, newest first."""
    rows = await queries.inbox(view, actor, before=before, limit=limit)
    return InboxOut(
        items=[_shown(row) for row in rows],
        unread=await queries.unread(view, actor.id),
        next_before=rows[-1].id if len(rows) == limit else None,
    )


@router.post("/inbox/{notification_id}/read", responses=problems(NotFound, Malformed, *_ASKED))
async def mark_read(notification_id: UUID, actor: ActorDep, tx: WriteTxDep) -> NotificationOut:
    """Mark a notification as read."""
    return _shown(await service.mark_read(tx, actor, notification_id))


@router.post(
    "/devices/addresses",
    status_code=HTTPStatus.NO_CONTENT,
    responses=problems(DeviceNeeded, NotFound, Malformed, *_ASKED),
)
async def keep_address(body: Address, actor: ActorDep, tx: WriteTxDep) -> Response:
    """Say how this device is reached by push."""
    device_id = must_have_device(actor)
    await service.keep_address(tx, actor, device_id, kind=body.kind, value=body.value)
    return Response(status_code=HTTPStatus.NO_CONTENT)


@router.post(
    "/push/receipts",
    status_code=HTTPStatus.NO_CONTENT,
    responses=problems(NotFound, WrongState, Malformed, *_ASKED),
)
async def note_receipt(body: Receipt, actor: ActorDep, tx: WriteTxDep) -> Response:
    """Say that this phone got a message."""
    await service.note_receipt(tx, actor, body.n)
    return Response(status_code=HTTPStatus.NO_CONTENT)


@simulated.get("/simulated/push", responses=problems(DeviceNeeded, *_ASKED))
async def read_recorded_push(
    actor: ActorDep, view: ReadTxDep, request: Request
) -> Sequence[RecordedOut]:
    """See what the simulated provider carried to this device; not there in production."""
    address = await queries.address(view, must_have_device(actor))
    if address is None:
        return []
    kept = await request.app.state.engines.recorded.arrived(address.value)
    return [RecordedOut.model_validate(message) for message in kept]


def _shown(row: Notification) -> NotificationOut:
    code, facts = f"notification.{row.kind}", {"gathers": row.gathers or 1}
    return NotificationOut(
        id=row.id,
        kind=row.kind,
        title=say(code, "en", **facts),
        title_vi=say(code, "vi", **facts),
        subject=row.subject,
        created_at=row.created_at,
        read_at=row.read_at,
    )
