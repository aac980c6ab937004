"""Initials before the signature, whose turn it is, and what time and a returned draft end."""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from http import HTTPStatus

import pytest
from sqlmodel import select

from api.demo.phone import Phone
from api.documents import service as document_service
from api.documents.models import Document
from api.documents.rules import State as DocumentState
from api.signing import service
from api.signing.asking import Wanted
from api.signing.errors import NotYourTurn, WrongDeadline, WrongState, WrongSteps
from api.signing.models import SignatureRequest
from api.signing.rules import TIME_TO_DECIDE, Order, State
from api.wiring import Engines
from core.actor import Role
from core.sessions import Principal
from push.models import Notification
from tests.support.answers import kind
from tests.support.clock import Clock
from tests.support.ministry import Ministry, Person
from tests.support.signing import (
    consent,
    enrol,
    give_sim,
    initial,
    operator,
    reach,
    submitted,
    the_request,
    work,
)  # fmt: skip

As = Callable[[Person], Awaitable[Phone]]

#: The rules are the same on both engines; the whole way runs on both.
pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


async def asked(engines: Engines, ministry: Ministry) -> dict[str, SignatureRequest]:
    names = {ministry.leader.id: "leader", ministry.officer.id: "officer",
             ministry.colleague.id: "colleague", ministry.clerk.id: "clerk"}  # fmt: skip
    async with engines.db.read() as view:
        found = (await view.session.exec(select(SignatureRequest))).all()
    return {names[one.signer_id]: one for one in found}


async def told(engines: Engines, person: Person) -> list[str]:
    async with engines.db.read() as view:
        rows = select(Notification.kind).where(Notification.official_id == person.id)
        return [kind for kind in (await view.session.exec(rows)).all() if "signing" in kind]


async def test_in_fixed_order_each_waits_for_the_one_before(
    engines: Engines, ministry: Ministry, clock: Clock
) -> None:
    await enrol(engines, ministry)
    initials = (ministry.colleague.id, ministry.clerk.id)
    await submitted(engines, ministry, initials=initials, order=Order.FIXED)
    requests = await asked(engines, ministry)

    for early in (ministry.clerk, ministry.leader):
        with pytest.raises(NotYourTurn):
            await decide(engines, ministry, early, requests)
    for person in (ministry.colleague, ministry.clerk, ministry.leader):
        await decide(engines, ministry, person, requests)
    await work(engines, clock)

    states = {who: one.state for who, one in (await asked(engines, ministry)).items()}
    assert states == {
        "colleague": State.INITIALLED, "clerk": State.INITIALLED, "leader": State.EMBEDDED,
    }  # fmt: skip
    assert operator(engines).prompts() == 1


async def decide(
    engines: Engines, ministry: Ministry, person: Person, requests: dict[str, SignatureRequest]
) -> None:
    if person is ministry.leader:
        await consent(engines, ministry, requests["leader"].id)
    else:
        who = "clerk" if person is ministry.clerk else "colleague"
        await initial(engines, person, requests[who].id)


async def test_in_free_order_all_are_called_at_once_and_the_signer_last(
    engines: Engines, ministry: Ministry
) -> None:
    await enrol(engines, ministry)
    await submitted(engines, ministry, initials=(ministry.colleague.id, ministry.clerk.id))
    requests = await asked(engines, ministry)
    assert await told(engines, ministry.colleague) == ["signing.requested"]
    assert await told(engines, ministry.clerk) == ["signing.requested"]
    assert await told(engines, ministry.leader) == []

    await initial(engines, ministry.clerk, requests["clerk"].id)
    assert await told(engines, ministry.leader) == []
    await initial(engines, ministry.colleague, requests["colleague"].id)

    assert await told(engines, ministry.leader) == ["signing.turn_came"]


async def test_initials_are_given_with_the_same_proof_as_a_signature_and_kept(
    engines: Engines, ministry: Ministry, as_: As
) -> None:
    await enrol(engines, ministry)
    await submitted(engines, ministry, initials=(ministry.colleague.id,))
    request = (await asked(engines, ministry))["colleague"]
    phone = await as_(ministry.colleague)
    card = (await phone.get("/signature-requests")).json()[0]

    wrong = await phone.sign(card["id"], card["sha256"])
    answer = await phone.initial(card["id"], card["sha256"])

    assert (card["role"], card["its_turn"], card["pages"]) == ("initial", True, 1)
    assert kind(wrong) == "signing.wrong_state"
    assert answer.status_code == HTTPStatus.OK
    kept = (await the_request(engines, request.id)).consent_evidence or {}
    assert kept["factor"] == "device"


async def test_who_declines_to_initial_sends_the_draft_back_and_ends_it_for_all(
    engines: Engines, ministry: Ministry, clock: Clock
) -> None:
    await enrol(engines, ministry)
    await submitted(engines, ministry, initials=(ministry.colleague.id, ministry.clerk.id))
    request = (await asked(engines, ministry))["colleague"]

    async with engines.db.begin() as tx:
        await service.decline(tx, ministry.colleague.actor, request.id, reason="Sai căn cứ.")
    await work(engines, clock, rounds=1)

    states = {who: one.state for who, one in (await asked(engines, ministry)).items()}
    assert states == {
        "colleague": State.DECLINED, "clerk": State.SUPERSEDED, "leader": State.SUPERSEDED,
    }  # fmt: skip
    async with engines.db.read() as view:
        document = (await view.session.exec(select(Document))).one()
    assert (document.state, document.opinion) == (DocumentState.DRAFT, "Sai căn cứ.")


@pytest.mark.parametrize("who", ["leader", "twice"])
async def test_everybody_initials_once_and_never_the_signer(
    engines: Engines, ministry: Ministry, who: str
) -> None:
    await enrol(engines, ministry)
    colleague, leader = ministry.colleague.id, ministry.leader.id
    initials = (leader,) if who == "leader" else (colleague, colleague)

    with pytest.raises(WrongSteps):
        await submitted(engines, ministry, initials=initials)


async def test_a_deadline_in_the_past_is_refused(
    engines: Engines, ministry: Ministry, clock: Clock
) -> None:
    await enrol(engines, ministry)

    with pytest.raises(WrongDeadline):
        await submitted(engines, ministry, deadline=clock())


async def test_who_does_not_decide_is_reminded_daily_and_then_it_lapses(
    engines: Engines, ministry: Ministry, clock: Clock
) -> None:
    await enrol(engines, ministry)
    request = await submitted(engines, ministry)

    await work(engines, clock, rounds=TIME_TO_DECIDE.days + 1, step=24 * 3600)

    ended = await the_request(engines)
    assert (ended.state, ended.reason) == (State.EXPIRED, "not_decided")
    assert await told(engines, ministry.leader) == ["signing.requested", *["signing.reminded"] * 6]
    assert await told(engines, ministry.officer) == ["signing.lapsed"]

    async with engines.db.begin() as tx:
        anew = await service.try_anew(tx, ministry.officer.actor, request.id)
    assert anew.state is State.REQUESTED


async def test_another_signer_is_asked_after_one_declined(
    engines: Engines, ministry: Ministry
) -> None:
    await enrol(engines, ministry)
    await give_sim(engines, ministry.colleague, "84911111112")
    first = await submitted(engines, ministry)
    async with engines.db.begin() as tx:
        principal = await tx.session.get_one(Principal, ministry.colleague.id)
        principal.roles = [str(Role.LEADER)]
        tx.session.add(principal)
        await service.decline(tx, ministry.leader.actor, first.id, reason="Không thuộc mảng này.")
    async with engines.db.begin() as tx:
        wanted = Wanted(ministry.colleague.id, initials=(ministry.clerk.id,))
        second = await service.submit(tx, ministry.officer.actor, first.document_id, wanted)
    with pytest.raises(NotYourTurn):
        await consent(engines, ministry, second.id, ministry.colleague)

    await initial(engines, ministry.clerk, (await asked(engines, ministry))["clerk"].id)
    await consent(engines, ministry, second.id, ministry.colleague)

    assert second.revision_id == first.revision_id
    assert (await the_request(engines, second.id)).state is State.CONSENTED


async def test_the_drafter_takes_back_what_nobody_has_signed(
    engines: Engines, ministry: Ministry, as_: As, clock: Clock
) -> None:
    await enrol(engines, ministry)
    request = await submitted(engines, ministry)
    drafter, leader = await as_(ministry.officer), await as_(ministry.leader)
    path, body = f"/documents/{request.document_id}/withdraw", {"reason": "Bổ sung phụ lục."}

    foreign = await leader.send("POST", path, json=body)
    answer = await drafter.post(path, json=body)
    await work(engines, clock, rounds=1)

    assert kind(foreign) == "documents.not_the_drafter"
    assert answer.json()["state"] == "draft"
    assert (await the_request(engines)).state is State.SUPERSEDED


async def test_what_the_signer_said_yes_to_is_not_taken_back(
    engines: Engines, ministry: Ministry
) -> None:
    await enrol(engines, ministry)
    request = await submitted(engines, ministry)
    await consent(engines, ministry, request.id)

    with pytest.raises(WrongState):
        async with engines.db.begin() as tx:
            await service.withdraw(
                tx, ministry.officer.actor, request.document_id, reason="Bổ sung."
            )


async def test_a_late_notice_of_a_return_leaves_the_next_round_alone(
    engines: Engines, ministry: Ministry, clock: Clock
) -> None:
    await enrol(engines, ministry)
    first = await submitted(engines, ministry)
    async with engines.db.begin() as tx:
        await service.decline(tx, ministry.leader.actor, first.id, reason="Sửa Điều 1.")
    clock.tick(timedelta(seconds=1))
    async with engines.db.begin() as tx:
        second = await service.submit(
            tx, ministry.officer.actor, first.document_id, Wanted(ministry.leader.id)
        )

    await work(engines, clock, rounds=1)

    assert (await the_request(engines, second.id)).state is State.REQUESTED


@pytest.mark.parametrize("stage", [State.PREPARED, State.DISPATCHED, State.SIGNED])
async def test_a_document_that_went_back_ends_its_signature_at_every_stage(
    engines: Engines, ministry: Ministry, clock: Clock, stage: State
) -> None:
    await enrol(engines, ministry)
    request = await submitted(engines, ministry)
    await consent(engines, ministry, request.id)
    await reach(engines, clock, request.id, stage)
    async with engines.db.begin() as tx:
        await document_service.send_back(
            tx, ministry.leader.actor, request.document_id, reason="Chưa rõ."
        )

    await work(engines, clock)

    ended = await the_request(engines)
    assert ended.state is State.SUPERSEDED
    assert (ended.raw_signature is not None) is (stage is State.SIGNED)
    assert operator(engines).prompts() == (0 if stage is State.PREPARED else 1)
