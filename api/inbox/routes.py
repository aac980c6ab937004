"""Notifications over HTTP."""

from collections.abc import Sequence
from datetime import time
from http import HTTPStatus
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request, Response

from api.deps import ActorDep, DatabaseDep, Once, ReadTxDep, WriteTxDep
from api.hot import Hot
from api.inbox import queries as inbox
from api.inbox import rules
from api.inbox.errors import OneWay, UnknownKind
from api.inbox.schemas import (
    Address,
    Choose,
    DeadAsked,
    DeadLetter,
    DeadLetters,
    DeliveriesOut,
    DeliveryOut,
    InboxOut,
    Kind,
    KindOut,
    Mute,
    MuteOut,
    NotificationOut,
    Place,
    PreferencesOut,
    QuietHours,
    ReadAll,
    Receipt,
    RecordedOut,
    Requeued,
    Standing,
    Target,
    Unread,
    WaysOut,
)
from api.people.errors import DeviceNeeded
from api.people.service import must_have_device
from api.problems import problems
from core.errors import Forbidden, Malformed, NotFound
from core.messages import say
from core.sessions import DeviceRevoked
from core.tokens import BadProof, BadToken
from push import addresses, messages, preferences, queries, quiet, reading
from push.addresses import Reach
from push.errors import (
    BadEndpoint,
    BadKeys,
    KeysNeeded,
    KindNotServed,
    NeverSilenced,
    NoHours,
    WrongState,
)
from push.models import Notification, NotificationMute, PushMessage
from push.quiet import Hours
from push.rules import Delivery, Urgency, delivery, is_alert
from push.sealing import Keys
from push.ways import Ways

hot = APIRouter(tags=["inbox"], route_class=Hot)
router = APIRouter(tags=["inbox"], route_class=Once)
simulated = APIRouter(tags=["simulated"], route_class=Once)


async def _ways(request: Request) -> Ways:
    ways: Ways = request.app.state.engines.ways
    return ways


WaysDep = Annotated[Ways, Depends(_ways)]
_ASKED = (BadToken, BadProof, DeviceRevoked)


@hot.get("/inbox", response_model=InboxOut, responses=problems(OneWay, Malformed, *_ASKED))
async def read_inbox(
    actor: ActorDep, db: DatabaseDep, asked: Annotated[Place, Query()]
) -> Response:
    """Page through my notifications, newest first; `after` gives what has come since."""
    rules.must_go_one_way(asked.before, asked.after)
    return Response(await inbox.page(db, actor, asked), media_type="application/json")


@router.post("/inbox/read", responses=problems(Malformed, *_ASKED))
async def mark_all_read(body: ReadAll, actor: ActorDep, tx: WriteTxDep) -> Unread:
    """Mark everything as read, up to what I have seen."""
    marked = await reading.mark_all_read(tx, actor, up_to=body.up_to)
    return Unread(marked=marked, unread=await queries.unread(tx, actor.id))


@router.post("/inbox/{notification_id}/read", responses=problems(NotFound, Malformed, *_ASKED))
async def mark_read(notification_id: UUID, actor: ActorDep, tx: WriteTxDep) -> NotificationOut:
    """Mark a notification as read."""
    return _shown(await reading.mark_read(tx, actor, notification_id))


@router.post("/inbox/{notification_id}/unread", responses=problems(NotFound, Malformed, *_ASKED))
async def mark_unread(notification_id: UUID, actor: ActorDep, tx: WriteTxDep) -> NotificationOut:
    """Put a notification back among the unread."""
    return _shown(await reading.mark_unread(tx, actor, notification_id))


@router.get("/inbox/{notification_id}/deliveries", responses=problems(NotFound, Malformed, *_ASKED))
async def read_deliveries(notification_id: UUID, actor: ActorDep, view: ReadTxDep) -> DeliveriesOut:
    """See what became of a notification of mine: sent, delivered, read are three things."""
    told, items = await queries.deliveries(view, actor, notification_id)
    return DeliveriesOut(
        confirmed_at=told.confirmed_at, read_at=told.read_at,
        items=[DeliveryOut.model_validate(one | {"n": one["id"]}) for one in items],
    )  # fmt: skip


@router.get("/inbox/preferences", responses=problems(*_ASKED))
async def read_preferences(actor: ActorDep, view: ReadTxDep) -> PreferencesOut:
    """See every kind of notification, how I want it, and what I have silenced."""
    chosen = await queries.choices(view, actor.id)
    muted = await queries.mutes(view, actor.id)
    return PreferencesOut(
        kinds=[_kind(kind, chosen.get(kind)) for kind in rules.kinds()],
        mutes=[MuteOut.model_validate(one) for one in muted],
        quiet_hours=_wall(await quiet.hours_of(view, actor.id)),
    )


@router.put(
    "/inbox/preferences/{kind}",
    responses=problems(UnknownKind, NeverSilenced, Malformed, *_ASKED),
)
async def choose_delivery(kind: Kind, body: Choose, actor: ActorDep, tx: WriteTxDep) -> KindOut:
    """Say how I want a kind of notification: at once, once a day, or in the inbox only."""
    rules.must_be_known(kind)
    chosen = await preferences.choose(tx, actor, kind, body.delivery)
    return _kind(kind, chosen.delivery)


@router.put("/inbox/quiet-hours", responses=problems(NoHours, Malformed, *_ASKED))
async def choose_quiet_hours(body: QuietHours, actor: ActorDep, tx: WriteTxDep) -> QuietHours:
    """Say when my devices do not ring; thượng khẩn, hỏa tốc and alerts do at any hour."""
    hours = Hours(time.fromisoformat(body.starts), time.fromisoformat(body.ends))
    await quiet.choose(tx, actor, hours)
    return body


@router.delete("/inbox/quiet-hours", status_code=HTTPStatus.NO_CONTENT, responses=problems(*_ASKED))
async def lift_quiet_hours(actor: ActorDep, tx: WriteTxDep) -> Response:
    """Let my devices ring at any hour."""
    await quiet.lift(tx, actor)
    return Response(status_code=HTTPStatus.NO_CONTENT)


@router.post(
    "/inbox/mutes",
    response_model=MuteOut,
    responses=problems(UnknownKind, NeverSilenced, Malformed, *_ASKED),
)
async def mute(body: Mute, actor: ActorDep, tx: WriteTxDep) -> NotificationMute:
    """Silence a kind or a subject, for a while or until I lift it."""
    rules.must_be_mutable(body.target)
    return await preferences.mute(tx, actor, body.target, until=body.until)


@router.delete(
    "/inbox/mutes/{target}",
    status_code=HTTPStatus.NO_CONTENT,
    responses=problems(Malformed, *_ASKED),
)
async def unmute(target: Target, actor: ActorDep, tx: WriteTxDep) -> Response:
    """Let a kind or a subject be heard again."""
    await preferences.unmute(tx, actor, target)
    return Response(status_code=HTTPStatus.NO_CONTENT)


@router.get("/push/ways", responses=problems(*_ASKED))
async def read_ways(_: ActorDep, ways: WaysDep) -> WaysOut:
    """See by which ways phones are rung here, and the key that a browser subscribes with."""
    return WaysOut(kinds=sorted(ways.kinds), vapid_key=ways.vapid_key)


@router.post(
    "/devices/addresses",
    status_code=HTTPStatus.NO_CONTENT,
    responses=problems(
        DeviceNeeded, KindNotServed, KeysNeeded, BadKeys, BadEndpoint, NotFound, Malformed, *_ASKED
    ),
)
async def keep_address(body: Address, actor: ActorDep, tx: WriteTxDep, ways: WaysDep) -> Response:
    """Say how this device is reached by push; do so at every start of the app."""
    device_id, keys = must_have_device(actor), body.keys
    ways.must_serve(body.kind, body.value)
    reach = Reach(body.kind, body.value, Keys(keys.p256dh, keys.auth) if keys else None, body.rich)
    await addresses.keep(tx, actor, device_id, reach)
    return Response(status_code=HTTPStatus.NO_CONTENT)


@router.delete(
    "/devices/addresses",
    status_code=HTTPStatus.NO_CONTENT,
    responses=problems(DeviceNeeded, *_ASKED),
)
async def forget_address(actor: ActorDep, tx: WriteTxDep) -> Response:
    """Let this device ring no more."""
    await addresses.forget(tx, must_have_device(actor))
    return Response(status_code=HTTPStatus.NO_CONTENT)


@router.post(
    "/push/receipts",
    status_code=HTTPStatus.NO_CONTENT,
    responses=problems(NotFound, Malformed, *_ASKED),
)
async def note_receipt(body: Receipt, actor: ActorDep, tx: WriteTxDep) -> Response:
    """Say that this phone got a message."""
    await messages.note_receipt(tx, actor, body.n)
    return Response(status_code=HTTPStatus.NO_CONTENT)


@router.get("/admin/push", responses=problems(Forbidden, *_ASKED))
async def read_standing(actor: ActorDep, view: ReadTxDep) -> Sequence[Standing]:
    """Count the agency's messages by where they stand and why; for administrators."""
    counted = await queries.standing(view, actor)
    return [Standing(state=state, error=error, messages=n) for state, error, n in counted]


@router.get("/admin/push/dead", responses=problems(Forbidden, Malformed, *_ASKED))
async def read_dead_letters(
    actor: ActorDep, view: ReadTxDep, asked: Annotated[DeadAsked, Query()]
) -> DeadLetters:
    """Page through the agency's dead letters; for administrators."""
    rows = await queries.dead(view, actor, before=asked.before, limit=asked.limit)
    items = [_dead(message, kind) for message, kind in rows]
    return DeadLetters(items=items, next_before=items[-1].n if len(rows) == asked.limit else None)


@router.post(
    "/admin/push/dead/{message_id}/requeue",
    responses=problems(Forbidden, NotFound, WrongState, Malformed, *_ASKED),
)
async def requeue_dead_letter(message_id: UUID, actor: ActorDep, tx: WriteTxDep) -> Requeued:
    """Send a dead letter again, with the id that it had; for administrators."""
    return Requeued(messages=await messages.requeue(tx, actor, message_id))


@router.post("/admin/push/dead/requeue", responses=problems(Forbidden, *_ASKED))
async def requeue_dead_letters(actor: ActorDep, tx: WriteTxDep) -> Requeued:
    """Send every dead letter of the agency again; for administrators."""
    return Requeued(messages=await messages.requeue(tx, actor))


@simulated.get("/simulated/push", responses=problems(DeviceNeeded, *_ASKED))
async def read_recorded_push(
    actor: ActorDep, db: DatabaseDep, request: Request
) -> Sequence[RecordedOut]:
    """See what the simulated provider carried to this device; not there in production."""
    async with db.read() as view:
        address = await queries.address(view, must_have_device(actor))
    recorded = request.app.state.engines.recorded
    if address is None or recorded is None:
        return []
    kept = await recorded.arrived(address.value)
    return [RecordedOut.model_validate(message) for message in kept]


def _shown(row: Notification) -> NotificationOut:
    code, facts = rules.sentence_of(row.kind), {"gathers": row.gathers or 1}
    known = row.model_dump(include=set(NotificationOut.model_fields))
    return NotificationOut(
        **known, title=say(code, "en", **facts), title_vi=say(code, "vi", **facts)
    )


def _dead(message: PushMessage, kind: str) -> DeadLetter:
    known = message.model_dump(include={"official_id", "device_id", "urgency", "error"})
    return DeadLetter(**known, n=message.id, kind=kind, attempts=message.attempt)


def _wall(hours: Hours | None) -> QuietHours | None:
    if hours is None:
        return None
    return QuietHours(starts=f"{hours.starts:%H:%M}", ends=f"{hours.ends:%H:%M}")


def _kind(kind: str, chosen: Delivery | None) -> KindOut:
    code = rules.sentence_of(kind)
    return KindOut(
        kind=kind,
        title=say(code, "en"),
        title_vi=say(code, "vi"),
        delivery=delivery(kind, Urgency.NORMAL, chosen, muted=False),
        is_alert=is_alert(kind),
    )
