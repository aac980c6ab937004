"""A real server over an agency that has one of everything, and a stranger who sees none of it."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import httpx
from sqlmodel import select

from api import wiring
from api.lookup.filters import Filters
from api.lookup.saved import service as saved
from api.lookup.saved.service import Wish
from api.meetings.papers import queries as agenda
from api.meetings.papers import service as papers
from api.meetings.plans import Line
from api.meetings.recording import queries as recorded
from api.meetings.recording import service as recording
from api.meetings.recording.rules import Take
from api.meetings.recording.service import Kept
from api.meetings.votes import service as votes
from api.meetings.votes.rules import Question, Rule
from api.people import delegating
from api.people import service as people
from api.people.acting import Form, Mandate, Scope
from api.people.models import Official, Unit
from api.signing.csc import service as csc
from api.signing.csc.models import CscGrant
from api.signing.csc.rules import Scope as Allowance
from api.signing.lists import service as lists
from api.tasks import service as tasks
from api.tasks.service import Directive
from api.wiring import Engines
from core.actor import Role
from core.config import Settings
from core.ids import new_id
from core.tokens import Proof
from push.models import Notification
from tests.support.correspondence import received
from tests.support.databases import SqliteFactory
from tests.support.gatherings import TO_INVITED, called, in_session
from tests.support.ministry import HASH, PASSWORD, Ministry, found
from tests.support.server import Server
from tests.support.signing import enrol, submitted

EVERY_ROLE = "every.role"
STRANGER = "stranger"
ACCOUNTS = (EVERY_ROLE, STRANGER, "leader")
#: What only our agency may read: it stands in titles, names and contents below.
OURS = (
    "Giao ban tuần",
    "Về việc phê duyệt kết quả",
    "Về việc rà soát",
    "Trần Quốc Ánh",
    "Tham mưu mật thiết",
)


@dataclass(frozen=True)
class Everything:
    """Where it is served, who may ask, and the ids of what there is."""

    url: str
    tokens: dict[str, str]
    ids: dict[str, list[str]]

    def headers(self, account: str) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.tokens[account]}"}


@contextmanager
def everything(folder: Path, sqlite: SqliteFactory) -> Iterator[Everything]:
    """Fill a database, serve it, and log everybody who asks in at consoles."""
    sqlite.url(folder)
    ids = asyncio.run(_fill(folder))
    server = Server(folder, RATES__ENABLED="false")  # so many requests come from nobody else
    server.start()
    try:
        asyncio.run(server.ready())
        tokens = {account: _token(server.url, account) for account in ACCOUNTS}
        yield Everything(server.url, tokens, ids)
    finally:
        server.stop()


def _token(url: str, account: str) -> str:
    body = {"account": account, "password": PASSWORD}
    answer = httpx.post(f"{url}/sessions/console", json=body, trust_env=False, timeout=30)
    return str(answer.json()["access_token"])


async def _fill(folder: Path) -> dict[str, list[str]]:
    engines = wiring.assemble(Settings(data=folder))
    try:
        ministry = await found(engines.db)
        await enrol(engines, ministry)
        await _give_a_sim_of_their_own(engines, ministry.stranger.id)
        await _give_every_role(engines, ministry)
        request = await submitted(engines, ministry)
        meeting_id, _ = await in_session(engines.db, ministry)
        item_id, vote_id = await _agenda_and_vote(engines, ministry, meeting_id)
        task_id = await _task(engines, ministry)
        return {
            "document_id": [str(request.document_id)],
            "request_id": [str(request.id)],
            "list_id": [str(await _list(engines, ministry, request.id))],
            "item_id": [str(item_id)],
            "vote_id": [str(vote_id)],
            "track_id": [str(await _track(engines, ministry, meeting_id))],
            "meeting_id": [str(meeting_id), str(await called(engines.db, ministry, *TO_INVITED))],
            "task_id": [str(task_id)],
            "official_id": [str(ministry.leader.id)],
            "delegation_id": [str(await _delegation(engines, ministry))],
            **await _application(engines, ministry),
            "device_id": await _devices(engines, ministry),
            "notification_id": await _notifications(engines),
            "search_id": [str(await _search(engines, ministry))],
        }
    finally:
        await engines.sandbox.close()
        await engines.db.dispose()


async def _give_a_sim_of_their_own(engines: Engines, official_id: UUID) -> None:
    """Let a stranger have no number in common with us: its certificate bears a name."""
    async with engines.db.begin() as tx:
        (await tx.session.get_one(Official, official_id)).phone_number = "84900000002"


async def _list(engines: Engines, ministry: Ministry, request_id: UUID) -> UUID:
    async with engines.db.begin() as tx:
        return (await lists.gather(tx, ministry.leader.actor, [request_id])).id


async def _agenda_and_vote(
    engines: Engines, ministry: Ministry, meeting_id: UUID
) -> tuple[UUID, UUID]:
    chair, asked = ministry.leader.actor, Question(OURS[-1], ("Có", "Không"), Rule())
    async with engines.db.begin() as tx:
        await papers.set_agenda(tx, chair, meeting_id, [Line(OURS[0], 5)])
        (item,) = await agenda.items(tx, meeting_id)
        return item.id, (await votes.draft(tx, chair, meeting_id, asked)).id


async def _track(engines: Engines, ministry: Ministry, meeting_id: UUID) -> UUID:
    """Record a meeting: what lies there is no sound, but somebody's."""
    chair, file = ministry.leader.actor, engines.settings.data / "recorded"
    file.write_text(OURS[-1], "utf-8")
    stored = await engines.blobs.put_file(file)
    take = Take(ministry.leader.id, "voice", "audio", engines.db.clock(), "ogg")
    async with engines.db.begin() as tx:
        begun = await recording.start(tx, chair, meeting_id)
        await recording.stop(tx, chair, meeting_id)
        await recording.keep(tx, begun.id, [Kept(take, "audio/ogg", stored.sha256, stored.size)])
        (track,) = await recorded.tracks(tx, meeting_id)
    return track.id


async def _task(engines: Engines, ministry: Ministry) -> UUID:
    document_id, task_id = await received(engines.db, ministry), new_id()
    async with engines.db.begin() as tx:
        deadline = tx.now + timedelta(days=3)
        directive = Directive(document_id, OURS[-1], ministry.officer.id, [], deadline)
        await tasks.direct(tx, ministry.leader.actor, task_id, directive)
    return task_id


async def _search(engines: Engines, ministry: Ministry) -> UUID:
    wish = Wish(name=OURS[0], query=OURS[1], filters=Filters())
    async with engines.db.begin() as tx:
        return (await saved.keep(tx, ministry.leader.actor, new_id(), wish)).id


async def _delegation(engines: Engines, ministry: Ministry) -> UUID:
    delegation_id = new_id()
    async with engines.db.begin() as tx:
        mandate = Mandate(
            principal_id=ministry.leader.id,
            delegate_id=ministry.officer.id,
            form=Form.KT,
            scope=Scope.ALL,
        )
        await delegating.delegate(tx, ministry.leader.actor, delegation_id, mandate)
    return delegation_id


async def _application(engines: Engines, ministry: Ministry) -> dict[str, list[str]]:
    async with engines.db.begin() as tx:
        administrator = ministry.administrator.actor
        client, _ = await csc.register(
            tx,
            administrator,
            name=OURS[-2],
            redirect_uri="https://third.example/back",
            is_public=True,
        )
        grant = CscGrant(
            agency_id=administrator.agency_id, official_id=ministry.leader.id,
            client_id=client.id, scope=Allowance.SERVICE, code_hash="a hash",
            code_challenge="x" * 43, granted_at=tx.now, redeemed_at=tx.now,
            token_hash="another", token_until=tx.now + timedelta(hours=1),
        )  # fmt: skip
        tx.session.add(grant)
    return {"client_id": [str(client.id)], "grant_id": [str(grant.id)]}


async def _devices(engines: Engines, ministry: Ministry) -> list[str]:
    proof = Proof("a thumbprint", {}, "prepared")
    async with engines.db.begin() as tx:
        device = await people.enter_device(tx, ministry.leader.actor, name="máy", proof=proof)
        return [str(device.id)]


async def _notifications(engines: Engines) -> list[str]:
    async with engines.db.read() as view:
        return [str(one) for one in (await view.session.exec(select(Notification.id))).all()]


async def _give_every_role(engines: Engines, ministry: Ministry) -> None:
    async with engines.db.begin() as tx:
        unit = (
            await tx.session.exec(select(Unit).where(Unit.agency_id == ministry.leader.agency_id))
        ).one()
        official = people.engage(tx, unit, full_name="Người có mọi vai", position="Chuyên viên")
        people.open_account(tx, official, account=EVERY_ROLE, password_hash=HASH, roles=Role)
