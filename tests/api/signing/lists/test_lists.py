"""Many documents, one PIN: every page seen, one prompt, and a key that signs just this list."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from http import HTTPStatus
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from api.demo.phone import Phone
from api.documents import service as document_service
from api.signing.flows import verify
from api.signing.lists import flows
from api.signing.lists.models import SigningList
from api.signing.remote.port import NotAuthorised, RemoteUnreachable
from api.signing.rules import SIM_TEXT_LENGTH, State
from api.wiring import Engines
from core.worker import RunAgain
from tests.api.signing.dossier.test_export import audit, export
from tests.support.answers import kind
from tests.support.clock import Clock
from tests.support.ministry import Ministry, Person
from tests.support.signing import enrol, operator, submitted, the_request, work, written

As = Callable[[Person], Awaitable[Phone]]

#: The rules are the same on both engines; the whole way runs on both.
pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


async def gathered(
    engines: Engines,
    ministry: Ministry,
    leader: Phone,
    *,
    count: int = 3,
    seen: bool = True,
    alike: bool = True,
) -> Any:
    """Put papers into a list; of those that are alike each has the same digest."""
    papers = [
        await written(engines, ministry, None if alike else f"Về việc thứ {number}")
        for number in range(1 if alike else count)
    ] * (count if alike else 1)
    ids = [str((await submitted(engines, ministry, content=paper)).id) for paper in papers]
    for request_id in ids if seen else ():
        await leader.get(f"/signature-requests/{request_id}/pages/0?width=320")
    return (await leader.post("/signing-lists", json={"request_ids": ids})).json()


async def the_list(engines: Engines, list_id: str) -> SigningList:
    async with engines.db.read() as view:
        return await view.session.get_one(SigningList, UUID(list_id))


async def test_one_pin_signs_a_list_and_each_paper_verifies_and_has_its_evidence(
    engines: Engines, ministry: Ministry, as_: As, clock: Clock, tmp_path: Path
) -> None:
    await enrol(engines, ministry)
    leader = await as_(ministry.leader)
    shown = await gathered(engines, ministry, leader)

    answer = await leader.sign_list(shown)
    await work(engines, clock, rounds=4)

    ended = (await leader.get(f"/signing-lists/{shown['id']}")).json()
    assert (answer.status_code, ended["state"]) == (HTTPStatus.ACCEPTED, "embedded")
    assert operator(engines).prompts() == 1
    assert ended["display_text"].startswith("Ký 3 văn bản: ")
    assert ended["display_text"].endswith(f"Mã {ended['verification_code']}")
    assert len(ended["display_text"]) <= SIM_TEXT_LENGTH
    for item in shown["items"]:
        folder = await export(leader, item["request_id"], tmp_path / item["request_id"])
        code, said = audit(folder)
        assert (code, said.count("ok  ")) == (0, 7), said
        report = await verify(engines.signing, folder / "signed.pdf")
        assert report["verdict"] == "valid", report


async def test_a_page_that_was_not_seen_is_named_and_nothing_is_signed(
    engines: Engines, ministry: Ministry, as_: As
) -> None:
    await enrol(engines, ministry)
    leader = await as_(ministry.leader)
    shown = await gathered(engines, ministry, leader, seen=False)
    first = shown["items"][0]["request_id"]
    await leader.get(f"/signature-requests/{first}/pages/0")

    refusal = await leader.sign_list(shown)

    assert kind(refusal) == "signing.not_all_seen"
    assert refusal.json()["facts"]["pages"] == 2
    assert (await the_request(engines, UUID(first))).state is State.REQUESTED


async def test_a_yes_to_another_list_signs_nothing(
    engines: Engines, ministry: Ministry, as_: As
) -> None:
    await enrol(engines, ministry)
    leader = await as_(ministry.leader)
    shown = await gathered(engines, ministry, leader)
    other = {**shown, "items": shown["items"][:-1]}

    refusal = await leader.sign_list(other)

    assert kind(refusal) == "identity.insufficient_user_authentication"


@pytest.mark.parametrize(
    ("phone", "state", "reason"),
    [
        ("84900000401", State.REFUSED, "user_cancelled"),
        ("84900000402", State.BLOCKED, "pin_blocked"),
        ("84900000503", State.REJECTED, "pdf.wrong_raw_signature"),
        ("84900000000", State.EXPIRED, "expired"),
    ],
)
async def test_what_ends_the_prompt_ends_every_paper_and_each_can_be_tried_anew(
    engines: Engines, ministry: Ministry, as_: As, clock: Clock, phone: str, state: State,
    reason: str,
) -> None:  # fmt: skip
    await enrol(engines, ministry, phone=phone)
    await operator(engines).certificate(phone)
    leader = await as_(ministry.leader)
    shown = await gathered(engines, ministry, leader, count=2)

    await leader.sign_list(shown)
    await work(engines, clock, rounds=8, step=60)

    ended = await the_list(engines, shown["id"])
    assert (ended.state, ended.reason) == (state, reason)
    await leader.refresh()
    for item in shown["items"]:
        one = await the_request(engines, UUID(item["request_id"]))
        assert (one.state, one.reason) == (state, reason)
        anew = await leader.post(f"/signature-requests/{one.id}/try-anew")
        assert anew.status_code == HTTPStatus.CREATED


async def test_a_paper_that_went_back_meanwhile_is_left_out_of_what_is_signed(
    engines: Engines, ministry: Ministry, as_: As, clock: Clock
) -> None:
    await enrol(engines, ministry)
    leader = await as_(ministry.leader)
    shown = await gathered(engines, ministry, leader)
    await leader.sign_list(shown)
    returned, *others = shown["items"]
    await reach(engines, clock, shown["id"], State.SIGNED)
    async with engines.db.begin() as tx:
        document_id = UUID(returned["document_id"])
        await document_service.send_back(tx, ministry.leader.actor, document_id, reason="Chưa rõ.")

    await work(engines, clock, rounds=4)

    left = await the_request(engines, UUID(returned["request_id"]))
    assert (left.state, left.raw_signature) == (State.SUPERSEDED, None)
    for item in others:
        one = await the_request(engines, UUID(item["request_id"]))
        assert one.state is State.EMBEDDED


async def reach(engines: Engines, clock: Clock, list_id: str, state: State) -> None:
    while (await the_list(engines, list_id)).state is not state:
        try:
            assert await flows.step(engines.signing, UUID(list_id))
        except RunAgain as later:
            clock.tick(later.after)


class Away:
    """A key service that cannot be reached now and then."""

    def __init__(self, inner: Any, times: int) -> None:
        self.certificate, self._sign, self._times = inner.certificate, inner.sign, times

    async def sign(self, authorisation: Any, wanted: Any) -> Any:
        self._times -= 1
        if self._times >= 0:
            await self._sign(authorisation, wanted)  # it did, but its answer was lost
            raise RemoteUnreachable
        return await self._sign(authorisation, wanted)


async def test_a_lost_answer_of_the_key_service_is_asked_for_again(
    engines: Engines, ministry: Ministry, as_: As, clock: Clock
) -> None:
    await enrol(engines, ministry)
    leader = await as_(ministry.leader)
    shown = await gathered(engines, ministry, leader, count=2)
    await leader.sign_list(shown)
    parts: Any = {"remote": Away(engines.signing.remote, 2)}
    tools = replace(engines.signing, **parts)

    for _ in range(20):
        try:
            await flows.collect(tools, {"list_id": shown["id"]})
        except RunAgain as later:
            clock.tick(later.after)

    assert (await the_list(engines, shown["id"])).state is State.EMBEDDED
    assert operator(engines).prompts() == 1


class Refusing:
    """A key service that takes no SIM's word."""

    def __init__(self, inner: Any) -> None:
        self.certificate = inner.certificate

    async def sign(self, _: Any, __: Any) -> Any:
        raise NotAuthorised(why="used")


async def test_what_the_key_service_refuses_can_be_tried_anew(
    engines: Engines, ministry: Ministry, as_: As, clock: Clock
) -> None:
    await enrol(engines, ministry)
    leader = await as_(ministry.leader)
    shown = await gathered(engines, ministry, leader, count=2)
    await leader.sign_list(shown)
    parts: Any = {"remote": Refusing(engines.signing.remote)}
    await reach(engines, clock, shown["id"], State.SIGNED)

    await flows.collect(replace(engines.signing, **parts), {"list_id": shown["id"]})

    ended = (await leader.get(f"/signing-lists/{shown['id']}")).json()
    assert (ended["state"], ended["reason"]) == ("superseded", "remote.not_authorised")
    for item in shown["items"]:
        anew = await leader.post(f"/signature-requests/{item['request_id']}/try-anew")
        assert anew.status_code == HTTPStatus.CREATED


async def test_others_neither_see_nor_sign_a_list(
    engines: Engines, ministry: Ministry, as_: As
) -> None:
    await enrol(engines, ministry)
    leader, drafter = await as_(ministry.leader), await as_(ministry.officer)
    shown = await gathered(engines, ministry, leader, count=1)
    theirs = {"request_ids": [shown["items"][0]["request_id"]]}

    seen = await drafter.send("GET", f"/signing-lists/{shown['id']}")
    signed = await drafter.sign_list(shown)
    taken = await drafter.send("POST", "/signing-lists", json=theirs)

    assert [kind(one) for one in (seen, signed)] == ["not_found", "not_found"]
    assert kind(taken) == "signing.not_the_signer"


async def test_a_paper_that_was_signed_alone_ends_the_list_as_it_was_shown(
    engines: Engines, ministry: Ministry, as_: As
) -> None:
    await enrol(engines, ministry)
    leader = await as_(ministry.leader)
    shown = await gathered(engines, ministry, leader, count=2)
    first = shown["items"][0]
    await leader.sign(first["request_id"], first["sha256"])

    assert kind(await leader.sign_list(shown)) == "signing.wrong_state"
