"""Another certificate signs nothing before its holder confirmed it on their own device."""

from collections.abc import Awaitable, Callable
from http import HTTPStatus

import pytest
from sqlmodel import select

from api.demo.phone import Phone
from api.signing import service
from api.signing.pins.rules import subject_of
from api.signing.rules import State
from api.wiring import Engines
from core.db import Database
from push.models import Notification
from tests.support.answers import kind
from tests.support.clock import Clock
from tests.support.ministry import Ministry, Person
from tests.support.signing import (
    PHONE,
    consent,
    enrol,
    give_number,
    give_sim,
    operator,
    submitted,
    the_request,
    work,
)

As = Callable[[Person], Awaitable[Phone]]
NEW = "84911111113"
PATH = "/me/certificates"

#: What happens is the same on both engines.
pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


async def signed(engines: Engines, ministry: Ministry, clock: Clock) -> State:
    request = await submitted(engines, ministry)
    await consent(engines, ministry, request.id)
    await work(engines, clock)
    return (await the_request(engines, request.id)).state


async def kinds(db: Database, person: Person) -> list[str]:
    async with db.read() as view:
        rows = select(Notification.kind).where(Notification.official_id == person.id)
        return list((await view.session.exec(rows)).all())


async def test_a_new_sim_signs_nothing_until_it_is_confirmed(
    engines: Engines, ministry: Ministry, clock: Clock, as_: As
) -> None:
    await enrol(engines, ministry)
    assert await signed(engines, ministry, clock) is State.EMBEDDED
    await give_sim(engines, ministry.leader, NEW)  # somebody else has the number's new card now

    request = await submitted(engines, ministry)
    await consent(engines, ministry, request.id)
    await work(engines, clock)
    ended = await the_request(engines, request.id)
    assert (ended.state, ended.reason) == (State.FAILED, "certificate.changed")
    assert operator(engines).prompts() == 1, "nobody was prompted"

    leader = await as_(ministry.leader)
    (shown,) = [one for one in (await leader.get(PATH)).json() if one["keeper"] == "sim"]
    assert shown["must_be_confirmed"]
    body = {"keeper": "sim", "sha256": shown["sha256"]}
    unproven = await leader.send("POST", f"{PATH}/confirm", json=body)
    other = "00" * 32
    wrong = await leader.step_up(
        f"{PATH}/confirm", subject_of(other), json=body | {"sha256": other}
    )
    confirmed = await leader.step_up(f"{PATH}/confirm", subject_of(shown["sha256"]), json=body)

    assert unproven.status_code == HTTPStatus.UNAUTHORIZED
    assert kind(wrong) == "stale"
    assert confirmed.status_code == HTTPStatus.OK, confirmed.text
    assert not confirmed.json()["must_be_confirmed"]
    assert "signing.certificate_confirmed" in await kinds(engines.db, ministry.leader)
    async with engines.db.begin() as tx:
        again = await service.try_anew(tx, ministry.leader.actor, request.id)
    await consent(engines, ministry, again.id)
    await work(engines, clock)
    assert (await the_request(engines, again.id)).state is State.EMBEDDED


async def test_a_simulated_phone_that_stands_for_nobody_is_not_kept_to(
    engines: Engines, ministry: Ministry, clock: Clock
) -> None:
    await enrol(engines, ministry)
    assert await signed(engines, ministry, clock) is State.EMBEDDED
    await give_number(engines, ministry, "84900001001")

    assert await signed(engines, ministry, clock) is State.EMBEDDED
    await give_number(engines, ministry, PHONE)
    assert await signed(engines, ministry, clock) is State.EMBEDDED
