"""Several people sign one paper: free or in order, one after the other into one file."""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from http import HTTPStatus
from typing import Any
from uuid import UUID

import pytest
from sqlmodel import select

from api.demo.phone import Phone
from api.documents import queries as documents
from api.documents.errors import SealerIsSigner, WrongCosigners
from api.documents.models import Document, Revision
from api.documents.rules import Level, Purpose
from api.documents.rules import State as DocumentState
from api.people.models import Official
from api.signing import flows, queries, service
from api.signing.asking import Wanted
from api.signing.errors import NotYourTurn, SeveralSign, WrongState, WrongSteps
from api.signing.lists import service as lists
from api.signing.models import SignatureRequest
from api.signing.mssp.codes import Refusal
from api.signing.records import records
from api.signing.rules import Order, State
from api.wiring import Engines
from core.actor import Actor, Role
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
)

As = Callable[[Person], Awaitable[Phone]]
THEIRS = "84911111112"

#: The rules are the same on both engines; the whole way runs on both.
pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest.fixture
async def both(engines: Engines, ministry: Ministry) -> None:
    """Leader and colleague have a SIM each."""
    await enrol(engines, ministry)
    await give_sim(engines, ministry.colleague, THEIRS)


async def of_both(
    engines: Engines, ministry: Ministry, **wanted: Any
) -> tuple[SignatureRequest, SignatureRequest]:
    """Put a paper before leader and colleague; return their requests."""
    mine = await submitted(engines, ministry, cosigners=(ministry.colleague,), **wanted)
    async with engines.db.read() as view:
        beside = select(SignatureRequest).where(
            SignatureRequest.signer_id == ministry.colleague.id,
            SignatureRequest.document_id == mine.document_id,
        )
        return mine, (await view.session.exec(beside)).all()[-1]


async def document_of(engines: Engines) -> Document:
    async with engines.db.read() as view:
        return (await view.session.exec(select(Document))).one()


async def newest(engines: Engines) -> Revision:
    document = await document_of(engines)
    async with engines.db.read() as view:
        return await documents.latest_revision(view, document.id)


async def report_on(engines: Engines) -> dict[str, Any]:
    async with engines.signing.copy_of((await newest(engines)).sha256) as path:
        return await flows.verify(engines.signing, path, "issued")


async def told(engines: Engines, person: Person) -> list[str]:
    async with engines.db.read() as view:
        rows = select(Notification.kind).where(Notification.official_id == person.id)
        return [kind for kind in (await view.session.exec(rows)).all() if "signing" in kind]


@pytest.mark.usefixtures("both")
async def test_both_may_say_yes_at_once_and_sign_one_after_the_other(
    engines: Engines, ministry: Ministry, clock: Clock
) -> None:
    mine, theirs = await of_both(engines, ministry)
    await consent(engines, ministry, mine.id)
    await consent(engines, ministry, theirs.id, ministry.colleague)

    await reach(engines, clock, mine.id, State.DISPATCHED)
    await work(engines, clock, rounds=1)
    assert (await the_request(engines, theirs.id)).state is State.CONSENTED
    await work(engines, clock, rounds=8)

    states = [(await the_request(engines, one.id)).state for one in (mine, theirs)]
    assert states == [State.EMBEDDED] * 2
    assert operator(engines).prompts() == 2
    document = await document_of(engines)
    assert document.state is DocumentState.SIGNED

    await flows.number(engines.signing, ministry.clerk.actor, document.id)
    colleague = ministry.colleague
    with pytest.raises(SealerIsSigner):
        sealer = Actor(colleague.id, colleague.agency_id, frozenset({Role.CLERK}))
        await flows.seal(engines.signing, sealer, document.id)
    await flows.seal(engines.signing, ministry.clerk.actor, document.id)
    await work(engines, clock, rounds=2)
    assert (await document_of(engines)).signature_level is Level.B_LTA
    report = await report_on(engines)
    assert report["verdict"] == "valid", report
    signers = [one["signer"] for one in report["signatures"]]
    assert {ministry.leader.full_name, ministry.colleague.full_name} < set(signers)
    assert [one["level"] for one in report["signatures"]] == ["B-LTA"] * 3


@pytest.mark.usefixtures("both")
async def test_in_fixed_order_the_signer_comes_last(
    engines: Engines, ministry: Ministry, clock: Clock
) -> None:
    mine, theirs = await of_both(engines, ministry, sign_order=Order.FIXED)
    assert await told(engines, ministry.leader) == []
    with pytest.raises(NotYourTurn):
        await consent(engines, ministry, mine.id)

    await consent(engines, ministry, theirs.id, ministry.colleague)
    await work(engines, clock)

    assert (await document_of(engines)).state is DocumentState.SUBMITTED
    assert (await newest(engines)).purpose is Purpose.STAMPED
    assert await told(engines, ministry.leader) == ["signing.turn_came"]
    await consent(engines, ministry, mine.id)
    await work(engines, clock)
    assert (await document_of(engines)).state is DocumentState.SIGNED


async def test_who_comes_after_a_signature_that_failed_waits_until_it_is_there(
    engines: Engines, ministry: Ministry, clock: Clock
) -> None:
    await enrol(engines, ministry)
    async with engines.db.begin() as tx:
        official = await tx.session.get_one(Official, ministry.colleague.id)
        official.phone_number = "84900000401"
        tx.session.add(official)
    mine, theirs = await of_both(engines, ministry, sign_order=Order.FIXED)
    await consent(engines, ministry, theirs.id, ministry.colleague)
    await work(engines, clock)
    ended = await the_request(engines, theirs.id)
    assert (ended.state, ended.reason) == (State.REFUSED, Refusal.USER_CANCELLED)

    with pytest.raises(NotYourTurn):
        await consent(engines, ministry, mine.id)
    await give_sim(engines, ministry.colleague, THEIRS)
    async with engines.db.begin() as tx:
        again = await service.try_anew(tx, ministry.colleague.actor, theirs.id)
    await consent(engines, ministry, again.id, ministry.colleague)
    await work(engines, clock)
    with pytest.raises(WrongState):
        async with engines.db.begin() as tx:
            await service.try_anew(tx, ministry.colleague.actor, theirs.id)
    await consent(engines, ministry, mine.id)
    await work(engines, clock)

    assert (await document_of(engines)).state is DocumentState.SIGNED


@pytest.mark.usefixtures("both")
async def test_who_declines_sends_back_what_the_other_has_signed(
    engines: Engines, ministry: Ministry, clock: Clock
) -> None:
    mine, theirs = await of_both(engines, ministry)
    paper = await newest(engines)
    await consent(engines, ministry, mine.id)
    await work(engines, clock)
    assert (await the_request(engines, mine.id)).state is State.EMBEDDED

    async with engines.db.begin() as tx:
        await service.decline(tx, ministry.colleague.actor, theirs.id, reason="Sai số liệu.")
    await work(engines, clock, rounds=2)

    document, file = await document_of(engines), await newest(engines)
    assert (document.state, document.signature_level) == (DocumentState.DRAFT, None)
    assert (file.purpose, file.sha256) == (Purpose.DRAFTED, paper.sha256)
    async with engines.db.read() as view:
        kept = [one.kind for one in await records(view, await the_request(engines, mine.id))]
    assert kept[-2:] == ["embed", "discarded"]

    async with engines.db.begin() as tx:
        asked = Wanted(ministry.leader.id)
        second = await service.submit(tx, ministry.officer.actor, document.id, asked)
    assert second.turn == 1
    await consent(engines, ministry, second.id)
    await work(engines, clock)
    assert (await the_request(engines, second.id)).state is State.EMBEDDED


@pytest.mark.usefixtures("both")
async def test_a_request_about_an_earlier_paper_is_not_tried_anew(
    engines: Engines, ministry: Ministry, clock: Clock
) -> None:
    mine, theirs = await of_both(engines, ministry)
    await consent(engines, ministry, theirs.id, ministry.colleague)
    await work(engines, clock)
    await work(engines, clock, rounds=8, step=24 * 3600)
    assert (await the_request(engines, mine.id)).state is State.EXPIRED
    async with engines.db.begin() as tx:
        officer, asked = ministry.officer.actor, Wanted(ministry.leader.id)
        await service.withdraw(tx, officer, mine.document_id, reason="Bổ sung.")
    async with engines.db.begin() as tx:
        second = await service.submit(tx, officer, mine.document_id, asked)
    await consent(engines, ministry, second.id)
    await work(engines, clock)

    with pytest.raises(WrongState):
        async with engines.db.begin() as tx:
            await service.try_anew(tx, ministry.leader.actor, mine.id)


@pytest.mark.usefixtures("both")
async def test_a_signature_that_finds_its_field_taken_ends_and_is_not_tried_for_ever(
    engines: Engines, ministry: Ministry, clock: Clock
) -> None:
    mine, _ = await of_both(engines, ministry)
    await consent(engines, ministry, mine.id)
    await work(engines, clock)
    again = await asked_twice(engines, mine)
    await consent(engines, ministry, again)
    await work(engines, clock, rounds=2)

    ended = await the_request(engines, again)
    assert (ended.state, ended.reason) == (State.FAILED, "pdf.field_taken")


async def asked_twice(engines: Engines, old: SignatureRequest, *, after: int = 1) -> UUID:
    """Ask once more for a signature that is there, as no use-case does."""
    async with engines.db.begin() as tx:
        same = {"agency_id", "document_id", "revision_id", "signer_id", "role", "turn", "place",
                "asked_by", "phone_number", "deadline"}  # fmt: skip
        again = SignatureRequest(
            **old.model_dump(include=same), created_at=old.created_at + timedelta(seconds=after)
        )
        tx.session.add(again)
        return again.id


@pytest.mark.usefixtures("both")
async def test_an_inbox_with_two_requests_for_one_signature_can_be_read(
    engines: Engines, ministry: Ministry, clock: Clock
) -> None:
    mine = await submitted(engines, ministry)
    await asked_twice(engines, mine, after=-1)
    await consent(engines, ministry, mine.id)
    await work(engines, clock)

    async with engines.db.read() as view:
        cards = await queries.of_document(view, ministry.leader.actor, mine.document_id)

    assert {card.request.state: card.its_turn for card in cards} == {
        State.REQUESTED: True, State.EMBEDDED: False
    }  # fmt: skip


@pytest.mark.usefixtures("both")
async def test_while_one_has_not_signed_the_drafter_takes_the_paper_back(
    engines: Engines, ministry: Ministry, clock: Clock
) -> None:
    mine, theirs = await of_both(engines, ministry)
    await consent(engines, ministry, mine.id)
    await work(engines, clock, rounds=9, step=24 * 3600)
    assert (await the_request(engines, theirs.id)).state is State.EXPIRED
    assert "signing.reminded" in await told(engines, ministry.colleague)
    assert "signing.reminded" not in await told(engines, ministry.leader)

    async with engines.db.begin() as tx:
        officer = ministry.officer.actor
        await service.withdraw(tx, officer, mine.document_id, reason="Bổ sung.")

    assert (await document_of(engines)).state is DocumentState.DRAFT
    assert (await newest(engines)).purpose is Purpose.DRAFTED


@pytest.mark.usefixtures("both")
async def test_initials_come_before_every_signature(engines: Engines, ministry: Ministry) -> None:
    mine, theirs = await of_both(engines, ministry, initials=(ministry.clerk.id,))
    assert (mine.turn, theirs.turn) == (2, 2)
    with pytest.raises(NotYourTurn):
        await consent(engines, ministry, theirs.id, ministry.colleague)

    async with engines.db.read() as view:
        first = select(SignatureRequest).where(SignatureRequest.signer_id == ministry.clerk.id)
        asked = (await view.session.exec(first)).one()
    await initial(engines, ministry.clerk, asked.id)

    assert await told(engines, ministry.colleague) == ["signing.turn_came"]
    assert await told(engines, ministry.leader) == ["signing.turn_came"]


@pytest.mark.usefixtures("both")
async def test_who_signs_beside_does_not_initial_and_signs_once(
    engines: Engines, ministry: Ministry
) -> None:
    with pytest.raises(WrongSteps):
        await of_both(engines, ministry, initials=(ministry.colleague.id,))
    for cosigners in ((ministry.leader,), (ministry.colleague, ministry.colleague)):
        with pytest.raises(WrongCosigners):
            await submitted(engines, ministry, cosigners=cosigners)


@pytest.mark.usefixtures("both")
async def test_what_several_sign_goes_into_no_list(engines: Engines, ministry: Ministry) -> None:
    mine, _ = await of_both(engines, ministry)

    with pytest.raises(SeveralSign):
        async with engines.db.begin() as tx:
            await lists.gather(tx, ministry.leader.actor, [mine.id])


@pytest.mark.usefixtures("both")
async def test_whose_place_another_took_begins_no_new_attempt(
    engines: Engines, ministry: Ministry, clock: Clock
) -> None:
    mine, _ = await of_both(engines, ministry)
    await work(engines, clock, rounds=8, step=24 * 3600)
    assert (await the_request(engines, mine.id)).state is State.EXPIRED
    async with engines.db.begin() as tx:
        again = await service.try_anew(tx, ministry.leader.actor, mine.id)

    with pytest.raises(WrongState):
        async with engines.db.begin() as tx:
            await service.try_anew(tx, ministry.leader.actor, mine.id)

    assert again.place == mine.place == 0


@pytest.mark.usefixtures("both")
async def test_the_paper_says_who_signs_beside_and_phones_see_it(
    engines: Engines, ministry: Ministry, as_: As
) -> None:
    drafter, colleague = await as_(ministry.officer), await as_(ministry.colleague)
    body = {
        "type_code": "decision", "title": "Quy chế phối hợp", "articles": ["Phối hợp."],
        "recipients": ["Lưu: VT"], "signer_id": str(ministry.leader.id),
        "cosigner_ids": [str(ministry.colleague.id)],
    }  # fmt: skip

    foreign = body | {"cosigner_ids": [str(ministry.stranger.id)]}
    refused = await drafter.send("POST", "/documents/drafts", json=foreign)
    made = (await drafter.post("/documents/drafts", json=body)).json()
    answer = await drafter.post(
        f"/documents/{made['id']}/submit",
        json={"signer_id": str(ministry.leader.id), "sign_order": "fixed"},
    )
    (card,) = (await colleague.get("/signature-requests")).json()

    assert kind(refused) == "not_found"
    assert made["cosigners"] == [str(ministry.colleague.id)]
    assert answer.status_code == HTTPStatus.CREATED
    assert (answer.json()["place"], answer.json()["its_turn"]) == (0, False)
    assert (card["place"], card["its_turn"], card["role"]) == (1, True, "sign")
