"""A paper that turns out to be secret is signed by nobody, wherever its signature stands."""

from collections.abc import Awaitable, Callable
from http import HTTPStatus
from pathlib import Path
from uuid import UUID

import pytest
from sqlmodel import col, select

from api.demo.phone import Phone
from api.documents.models import Revision
from api.documents.rules import Purpose
from api.signing.rules import State
from api.signing.steps import WITHDRAWN
from api.wiring import Engines
from push.models import Notification
from tests.api.signing.lists.test_lists import gathered, the_list
from tests.api.signing.lists.test_lists import reach as reach_list
from tests.support.answers import kind, rows
from tests.support.clock import Clock
from tests.support.ministry import Ministry, Person
from tests.support.signing import consent, enrol, operator, reach, submitted, the_request, work
from tests.support.withdrawing import withdraw

As = Callable[[Person], Awaitable[Phone]]

#: The rules are the same on both engines.
pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


async def signed_files(engines: Engines, document_id: UUID) -> list[Revision]:
    async with engines.db.read() as view:
        statement = select(Revision).where(
            Revision.document_id == document_id, col(Revision.purpose) == Purpose.SIGNED
        )
        return list((await view.session.exec(statement)).all())


@pytest.mark.parametrize(
    "state",
    [State.REQUESTED, State.CONSENTED, State.PREPARED, State.DISPATCHED, State.SIGNED],
)
async def test_what_is_on_its_way_ends_with_a_reason_and_without_a_signature(
    engines: Engines, ministry: Ministry, as_: As, clock: Clock, state: State
) -> None:
    await enrol(engines, ministry)
    request = await submitted(engines, ministry)
    if state is not State.REQUESTED:
        await consent(engines, ministry, request.id)
        await reach(engines, clock, request.id, state)
    prompted = operator(engines).prompts()

    await withdraw(engines, request.document_id)
    await work(engines, clock)

    ended = await the_request(engines, request.id)
    assert (ended.state, ended.reason) == (State.SUPERSEDED, WITHDRAWN)
    assert state is State.SIGNED or ended.raw_signature is None
    assert await signed_files(engines, request.document_id) == []
    assert operator(engines).prompts() == prompted
    refusal = await (await as_(ministry.leader)).send("GET", f"/signature-requests/{request.id}")
    assert (refusal.status_code, kind(refusal)) == (HTTPStatus.GONE, "signing.paper_withdrawn")
    assert "mật" in refusal.json()["title_vi"]
    assert "secret" in refusal.json()["title"]
    told = await rows(engines.db, Notification)
    heard = {one.official_id for one in told if one.kind == "signing.withdrawn"}
    assert heard == {ministry.leader.id, ministry.officer.id}


async def test_nobody_says_yes_or_no_to_it_any_more(
    engines: Engines, ministry: Ministry, as_: As
) -> None:
    await enrol(engines, ministry)
    request = await submitted(engines, ministry)
    leader = await as_(ministry.leader)
    card = (await leader.get(f"/signature-requests/{request.id}")).json()

    await withdraw(engines, request.document_id)

    path = f"/signature-requests/{request.id}"
    answers = [
        await leader.sign(str(request.id), card["sha256"]),
        await leader.send("POST", f"{path}/decline", json={"reason": "Không rõ."}),
        await leader.send("POST", f"{path}/try-anew"),
        await leader.send("POST", "/signing-lists", json={"request_ids": [str(request.id)]}),
    ]
    assert {kind(one) for one in answers} == {"signing.paper_withdrawn"}


async def test_after_a_false_alarm_its_drafter_submits_it_anew(
    engines: Engines, ministry: Ministry, as_: As, clock: Clock
) -> None:
    await enrol(engines, ministry)
    request = await submitted(engines, ministry)
    await withdraw(engines, request.document_id)
    await work(engines, clock, rounds=1)
    for guard in (ministry.clerk, ministry.leader):
        await (await as_(guard)).post(f"/documents/{request.document_id}/release")

    officer = await as_(ministry.officer)
    told = (await officer.get(f"/signature-requests/{request.id}")).json()["told"]
    path = f"/documents/{request.document_id}"
    await officer.post(f"{path}/withdraw", json={"reason": "Trình lại."})
    asked = {"signer_id": str(ministry.leader.id)}
    anew = (await officer.post(f"{path}/submit", json=asked)).json()

    assert "mật" in told["sentence_vi"]
    assert "submits it again" in told["next_step"]
    assert anew["state"] == "requested"


@pytest.mark.parametrize("state", [State.PREPARED, State.DISPATCHED, State.SIGNED])
async def test_in_a_list_it_is_left_out_and_the_key_signs_the_others(
    engines: Engines, ministry: Ministry, as_: As, clock: Clock, state: State
) -> None:
    await enrol(engines, ministry)
    leader = await as_(ministry.leader)
    shown = await gathered(engines, ministry, leader, alike=False)
    await leader.sign_list(shown)
    await reach_list(engines, clock, shown["id"], state)
    secret, *others = shown["items"]
    before = await the_request(engines, UUID(secret["request_id"]))

    await withdraw(engines, UUID(secret["document_id"]))
    await work(engines, clock, rounds=4)

    ended = (await leader.get(f"/signing-lists/{shown['id']}")).json()
    assert (ended["state"], ended["display_text"]) == ("embedded", None)
    assert [item["request_id"] for item in ended["items"]] == [
        item["request_id"] for item in others
    ]
    after = await the_request(engines, before.id)
    assert (after.state, after.raw_signature) == (State.SUPERSEDED, None)
    assert (before.prepared or {})["to_sign"] not in signed_by_key(engines, shown["id"])
    manifest = (await the_list(engines, shown["id"])).manifest or ""
    assert (secret["request_id"] in manifest) is not (state is State.PREPARED)
    for item in others:
        assert (await the_request(engines, UUID(item["request_id"]))).state is State.EMBEDDED


def signed_by_key(engines: Engines, list_id: str) -> set[str]:
    folder: Path = engines.settings.common / "simulated-operator" / "released" / list_id
    return {path.stem for path in folder.glob("*.signed")}
