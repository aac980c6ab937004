"""Collecting a SIM's signature: each step noted, none done twice, every refusal named."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from hashlib import sha256
from http import HTTPStatus
from typing import Any
from uuid import UUID

import httpx2 as httpx
import pytest
from sqlmodel import select

from api import background
from api.demo.phone import Phone
from api.documents import queries as documents
from api.documents import service as document_service
from api.documents.errors import NotASignatory
from api.documents.models import Document
from api.documents.rules import State as DocumentState
from api.signing import flows, queries, service, steps
from api.signing.chain import hash_after
from api.signing.errors import NotTheSigner, WrongState
from api.signing.mssp.port import OperatorUnreachable, Status
from api.signing.mssp.simulated_phones import SILENT, WRONG_SIGNATURE
from api.signing.records import link_of, records
from api.signing.rules import TIME_TO_SIGN, State
from api.wiring import Engines
from core.actor import Actor
from core.errors import NotFound
from core.ids import new_id
from core.streams import Fact
from core.worker import RunAgain, Worker
from tests.support.answers import kind
from tests.support.clock import Clock
from tests.support.ministry import Ministry, Person
from tests.support.signing import (
    consent,
    drafted,
    enrol,
    operator,
    reach,
    submitted,
    the_request,
    work,
)
from tests.support.step_up import step_up_for

As = Callable[[Person], Awaitable[Phone]]
KEY = {"Idempotency-Key": "one-and-the-same"}

#: What happens between the steps is the same on both engines; the whole way runs on both.
pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


async def document_of(engines: Engines) -> Document:
    async with engines.db.read() as view:
        return (await view.session.exec(select(Document))).one()


async def facts(engines: Engines) -> list[str]:
    async with engines.db.read() as view:
        names = await view.session.exec(select(Fact.name).order_by(Fact.position))  # type: ignore[arg-type]
        return [name for name in names.all() if name.startswith("signing.")]


async def test_a_consented_request_is_signed_with_one_prompt(
    engines: Engines, ministry: Ministry, clock: Clock
) -> None:
    await enrol(engines, ministry)
    request = await submitted(engines, ministry)
    await consent(engines, ministry, request.id)

    await work(engines, clock)

    ended = await the_request(engines)
    assert ended.state is State.EMBEDDED
    assert operator(engines).prompts() == 1
    assert (await document_of(engines)).state is DocumentState.SIGNED
    assert ended.display_text is not None
    assert ended.display_text.endswith(f"Mã {ended.verification_code}")


@pytest.mark.parametrize(
    ("phone", "state", "reason"),
    [  # some phones of `REFUSING`, and the two that misbehave otherwise
        ("84900000401", State.REFUSED, "user_cancelled"),
        ("84900000208", State.EXPIRED, "expired"),
        ("84900000402", State.BLOCKED, "pin_blocked"),
        ("84900000209", State.UNREACHABLE, "phone_not_reached"),
        ("84900000404", State.FAILED, "no_key"),
        ("84900000900", State.FAILED, "operator_failed"),
        (WRONG_SIGNATURE, State.REJECTED, "pdf.wrong_raw_signature"),
        (SILENT, State.EXPIRED, "expired"),
    ],
)
async def test_a_signature_that_does_not_come_has_a_reason_and_the_document_still_waits(
    engines: Engines, ministry: Ministry, clock: Clock, phone: str, state: State, reason: str
) -> None:
    await enrol(engines, ministry, phone=phone)
    request = await submitted(engines, ministry)
    await consent(engines, ministry, request.id)

    await work(engines, clock, rounds=12, step=60)

    ended = await the_request(engines)
    assert (ended.state, ended.reason) == (state, reason)
    assert (await document_of(engines)).state is DocumentState.SUBMITTED
    assert (await facts(engines))[-1] == "signing.failed"


async def test_a_phone_without_a_sim_fails_before_any_prompt(
    engines: Engines, ministry: Ministry, clock: Clock
) -> None:
    request = await submitted(engines, ministry)
    await consent(engines, ministry, request.id)

    await work(engines, clock)

    assert (await the_request(engines)).state is State.FAILED
    assert operator(engines).prompts() == 0


class Away:
    """An operator that cannot be reached any more."""

    def __init__(self, inner: Any) -> None:
        self.certificate = inner.certificate

    async def start(self, **_: Any) -> None:
        raise OperatorUnreachable

    async def status(self, transaction_id: UUID) -> Status:
        raise OperatorUnreachable(transaction=str(transaction_id))

    async def close(self) -> None:
        """It has nothing to let go of."""


class Listening:
    """An operator that notes what it is asked."""

    def __init__(self, inner: Any) -> None:
        self._inner = inner
        self.asked: list[str] = []

    def __getattr__(self, name: str) -> Any:
        self.asked.append(name)
        return getattr(self._inner, name)


async def test_an_unreachable_operator_is_asked_again_later(
    engines: Engines, ministry: Ministry
) -> None:
    await enrol(engines, ministry)
    request = await submitted(engines, ministry)
    await consent(engines, ministry, request.id)
    away = replace(engines.signing, mssp=Away(operator(engines)))

    with pytest.raises(RunAgain):
        await flows.collect(away, {"request_id": str(request.id)})

    assert (await the_request(engines)).state is State.DISPATCHED


async def test_an_operator_that_stays_away_is_not_waited_for_for_ever(
    engines: Engines, ministry: Ministry, clock: Clock
) -> None:
    await enrol(engines, ministry)
    request = await submitted(engines, ministry)
    await consent(engines, ministry, request.id)
    away = replace(engines.signing, mssp=Away(operator(engines)))

    with pytest.raises(RunAgain):
        await flows.collect(away, {"request_id": str(request.id)})
    clock.tick(TIME_TO_SIGN)
    await flows.collect(away, {"request_id": str(request.id)})

    ended = await the_request(engines)
    assert (ended.state, ended.reason) == (State.UNREACHABLE, "mssp.unreachable")


async def test_after_a_crash_the_operator_is_asked_and_nobody_prompted_again(
    engines: Engines, ministry: Ministry, clock: Clock
) -> None:
    await enrol(engines, ministry)
    request = await submitted(engines, ministry)
    await consent(engines, ministry, request.id)
    await reach(engines, clock, request.id, State.DISPATCHED)
    listening = Listening(operator(engines))

    with pytest.raises(RunAgain):
        await flows.step(replace(engines.signing, mssp=listening), request.id)

    assert listening.asked == ["status"]


async def test_a_prompt_that_never_left_is_sent_after_the_crash_once(
    engines: Engines, ministry: Ministry, clock: Clock
) -> None:
    await enrol(engines, ministry)
    request = await submitted(engines, ministry)
    await consent(engines, ministry, request.id)
    await reach(engines, clock, request.id, State.PREPARED)
    async with engines.db.begin() as tx:  # and here the process dies
        assert await steps.note_dispatched(tx, request.id)

    await work(engines, clock)

    assert (await the_request(engines)).state is State.EMBEDDED
    assert operator(engines).prompts() == 1


async def test_a_prompt_that_never_left_in_time_is_not_sent_any_more(
    engines: Engines, ministry: Ministry, clock: Clock
) -> None:
    await enrol(engines, ministry)
    request = await submitted(engines, ministry)
    await consent(engines, ministry, request.id)
    await reach(engines, clock, request.id, State.PREPARED)
    async with engines.db.begin() as tx:
        assert await steps.note_dispatched(tx, request.id)
    clock.tick(TIME_TO_SIGN)

    await work(engines, clock, rounds=1)

    ended = await the_request(engines)
    assert (ended.state, ended.reason) == (State.UNREACHABLE, "mssp.unknown_transaction")
    assert operator(engines).prompts() == 0


async def test_a_callback_only_has_the_operator_asked_sooner(
    engines: Engines, ministry: Ministry, clock: Clock, http: httpx.AsyncClient
) -> None:
    await enrol(engines, ministry)
    request = await submitted(engines, ministry)
    await consent(engines, ministry, request.id)
    worker = Worker(engines.db, background.handlers(engines))
    await worker.run_due()
    transaction_id = (await the_request(engines)).transaction_id
    assert await worker.run_due() == 0  # it is not time to ask again

    answers = [
        await http.post(f"/mssp/callbacks/{each}", content=b"<signed/>")
        for each in (transaction_id, transaction_id, new_id())
    ]

    assert [one.status_code for one in answers] == [HTTPStatus.NO_CONTENT] * 3
    assert (await the_request(engines)).state is State.DISPATCHED
    assert await worker.run_due() == 1


async def test_a_hundred_equal_submits_and_yesses_make_one_prompt(
    engines: Engines, ministry: Ministry, as_: As, clock: Clock
) -> None:
    await enrol(engines, ministry)
    document_id = await drafted(engines, ministry)
    drafter, leader = await as_(ministry.officer), await as_(ministry.leader)
    path, body = f"/documents/{document_id}/submit", {"signer_id": str(ministry.leader.id)}

    submits = await asyncio.gather(
        *(drafter.send("POST", path, json=body, headers=dict(KEY)) for _ in range(100))
    )
    (card,) = (await leader.get("/signature-requests")).json()
    for _ in range(3):
        await leader.sign(card["id"], card["sha256"], headers=dict(KEY))
    await work(engines, clock)

    assert {one.status_code for one in submits} <= {HTTPStatus.CREATED, HTTPStatus.CONFLICT}
    assert {one.json()["id"] for one in submits if one.status_code == HTTPStatus.CREATED} == {
        card["id"]
    }
    assert operator(engines).prompts() == 1


async def test_only_what_the_signer_was_shown_is_evidence_and_each_picture_once(
    engines: Engines, ministry: Ministry, as_: As
) -> None:
    await enrol(engines, ministry)
    request = await submitted(engines, ministry)
    drafter, leader = await as_(ministry.officer), await as_(ministry.leader)
    path = f"/signature-requests/{request.id}/pages/0"

    await drafter.get(path)
    pictures = [await leader.get(f"{path}?width={width}") for width in (320, 320, 1080)]
    missing = await leader.send("GET", f"/signature-requests/{request.id}/pages/1")

    async with engines.db.read() as view:
        kept = await records(view, await the_request(engines))
    shown = [one.body["sha256"] for one in kept if one.kind == "page_shown"]
    assert kind(missing) == "documents.no_such_page"
    assert shown == [sha256(one.content).hexdigest() for one in pictures[1:]]


async def test_the_chain_of_evidence_tells_the_whole_way(
    engines: Engines, ministry: Ministry, clock: Clock
) -> None:
    await enrol(engines, ministry)
    request = await submitted(engines, ministry)
    await consent(engines, ministry, request.id)
    await work(engines, clock)

    ended = await the_request(engines)
    async with engines.db.read() as view:
        kept = await records(view, ended)
    assert [one.kind for one in kept] == ["ask", "consent", "prepare", "dispatch", "keep", "embed"]
    head = ""
    for one in kept:
        head = hash_after(head, link_of(one))
        assert head == one.sha256
    assert head == ended.evidence_head


async def test_only_the_signer_says_yes(engines: Engines, ministry: Ministry) -> None:
    await enrol(engines, ministry)
    request = await submitted(engines, ministry)
    drafter = ministry.officer.actor
    on_device = Actor(drafter.id, drafter.agency_id, drafter.roles, device_id=new_id())

    step_up = await step_up_for(engines, request.id)

    with pytest.raises(NotTheSigner):
        async with engines.db.begin() as tx:
            await service.consent(tx, on_device, request.id, step_up=step_up)


async def test_a_stranger_does_not_see_a_request(engines: Engines, ministry: Ministry) -> None:
    await enrol(engines, ministry)
    request = await submitted(engines, ministry)

    for somebody in (ministry.stranger, ministry.colleague, ministry.clerk):
        with pytest.raises(NotFound):
            async with engines.db.read() as view:
                await queries.request(view, somebody.actor, request.id)


async def test_a_decline_goes_back_to_the_drafter_with_its_reason(
    engines: Engines, ministry: Ministry
) -> None:
    await enrol(engines, ministry)
    request = await submitted(engines, ministry)

    async with engines.db.begin() as tx:
        await service.decline(tx, ministry.leader.actor, request.id, reason="Sửa Điều 1.")

    assert (await the_request(engines)).state is State.DECLINED
    document = await document_of(engines)
    assert (document.state, document.opinion) == (DocumentState.DRAFT, "Sửa Điều 1.")


async def test_what_failed_is_tried_anew_with_a_new_prompt(
    engines: Engines, ministry: Ministry, clock: Clock
) -> None:
    await enrol(engines, ministry, phone="84900000401")
    first = await submitted(engines, ministry)
    await consent(engines, ministry, first.id)
    await work(engines, clock)
    await enrol(engines, ministry)

    async with engines.db.begin() as tx:
        second = await service.try_anew(tx, ministry.leader.actor, first.id)
    await consent(engines, ministry, second.id)
    await work(engines, clock)

    ended = await the_request(engines, second.id)
    assert ended.state is State.EMBEDDED
    assert ended.transaction_id != (await the_request(engines, first.id)).transaction_id


async def test_there_is_no_second_attempt_beside_a_live_one(
    engines: Engines, ministry: Ministry, clock: Clock
) -> None:
    await enrol(engines, ministry, phone="84900000401")
    first = await submitted(engines, ministry)
    await consent(engines, ministry, first.id)
    await work(engines, clock)
    async with engines.db.begin() as tx:
        await service.try_anew(tx, ministry.leader.actor, first.id)

    with pytest.raises(WrongState):
        async with engines.db.begin() as tx:
            await service.try_anew(tx, ministry.leader.actor, first.id)


async def test_a_returned_document_supersedes_what_still_waited(
    engines: Engines, ministry: Ministry, clock: Clock
) -> None:
    await enrol(engines, ministry)
    request = await submitted(engines, ministry)
    async with engines.db.begin() as tx:
        document = await documents.document(tx, ministry.leader.actor, request.document_id)
        await document_service.send_back(tx, ministry.leader.actor, document.id, reason="Chưa rõ.")

    await work(engines, clock, rounds=2)

    assert (await the_request(engines)).state is State.SUPERSEDED


async def test_one_phone_has_one_live_prompt(
    engines: Engines, ministry: Ministry, clock: Clock
) -> None:
    await enrol(engines, ministry)
    requests = [await submitted(engines, ministry) for _ in range(2)]
    for request in requests:
        await consent(engines, ministry, request.id)
    for request in requests:
        with pytest.raises(RunAgain):
            await flows.collect(engines.signing, {"request_id": str(request.id)})

    states = [(await the_request(engines, request.id)).state for request in requests]
    assert states == [State.DISPATCHED, State.PREPARED]

    await work(engines, clock, rounds=12)

    states = [(await the_request(engines, request.id)).state for request in requests]
    assert states == [State.EMBEDDED, State.EMBEDDED]


async def test_nobody_consents_in_a_right_that_they_have_no_longer(
    engines: Engines, ministry: Ministry
) -> None:
    await enrol(engines, ministry)
    request = await submitted(engines, ministry)
    async with engines.db.begin() as tx:
        document = await tx.session.get_one(Document, request.document_id)
        document.on_behalf_of = ministry.colleague.id

    with pytest.raises(NotASignatory):
        await consent(engines, ministry, request.id)

    assert (await the_request(engines)).state is State.REQUESTED
