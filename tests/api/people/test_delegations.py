"""Giving power and taking it back, as phones see it."""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from http import HTTPStatus
from typing import Any
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlmodel import select

from api.demo.phone import Phone
from api.people import delegating, queries, service
from api.people.acting import DelegationState, Form, Mandate, Power, Scope, acting_for
from api.people.models import Delegation, Official, Unit
from api.people.signatories import signatories, signatory
from core.actor import Actor, Role
from core.audit import AuditRecord
from core.db import Database
from core.ids import new_id
from core.sessions import Principal
from push.models import Notification
from tests.support.answers import kind, rows
from tests.support.clock import Clock
from tests.support.ministry import HASH, Ministry, Person

As = Callable[[Person], Awaitable[Phone]]
DAY = timedelta(days=1)


def deputy(ministry: Ministry, **changed: Any) -> dict[str, Any]:
    return {"delegate_id": str(ministry.officer.id), "form": "kt", "scope": "tasks"} | changed


async def given_by_leader(db: Database, ministry: Ministry, **changed: Any) -> Delegation:
    values: dict[str, Any] = {"form": Form.KT, "scope": Scope.ALL}
    mandate = Mandate(ministry.leader.id, ministry.officer.id, **(values | changed))
    async with db.begin() as tx:
        return await delegating.delegate(tx, ministry.leader.actor, new_id(), mandate)


async def deputies(db: Database, ministry: Ministry, scope: Scope = Scope.ALL) -> list[UUID]:
    async with db.read() as view:
        return await queries.deputies_of(view, ministry.leader.id, scope)


async def an_administrator(db: Database, ministry: Ministry) -> Person:
    """Somebody who administers beside the first."""
    async with db.begin() as tx:
        unit = (await tx.session.exec(select(Unit))).first()
        assert unit is not None
        official = service.engage(tx, unit, full_name="Hà Văn Tư", position="Quản trị")
        roles = frozenset({Role.ADMINISTRATOR})
        service.open_account(tx, official, account="admin2", password_hash=HASH, roles=roles)
        return Person(official.id, ministry.leader.agency_id, "admin2", roles, "Hà Văn Tư")


async def test_a_leaders_delegation_is_in_force_at_once(
    db: Database, ministry: Ministry, as_: As
) -> None:
    leader, officer = await as_(ministry.leader), await as_(ministry.officer)

    given = (await leader.post("/delegations", json=deputy(ministry))).json()

    assert (given["state"], given["principal_id"]) == ("in_force", str(ministry.leader.id))
    assert await deputies(db, ministry, Scope.TASKS) == [ministry.officer.id]
    assert await deputies(db, ministry, Scope.SIGN) == []
    assert (await officer.get("/delegations")).json() == [given]
    (item,) = (await officer.get("/inbox")).json()["items"]
    assert item["kind"] == "people.delegation_given"


async def test_it_ends_by_itself_and_when_it_is_taken_back(
    db: Database, ministry: Ministry, clock: Clock, as_: As
) -> None:
    leader = await as_(ministry.leader)
    body = deputy(ministry, until=(clock() + DAY).isoformat())
    await leader.post("/delegations", json=body)
    clock.tick(DAY - timedelta(seconds=1))
    await leader.refresh()
    before = await deputies(db, ministry, Scope.TASKS)
    clock.tick(timedelta(seconds=1))
    after = await deputies(db, ministry, Scope.TASKS)
    again = (await leader.post("/delegations", json=deputy(ministry))).json()

    path = f"/delegations/{again['id']}/revoke"
    revoked = (await leader.post(path, json={"version": again["version"]})).json()

    assert (before, after) == ([ministry.officer.id], [])
    assert (revoked["state"], revoked["revoked_by"]) == ("revoked", str(ministry.leader.id))
    assert await deputies(db, ministry, Scope.TASKS) == []


async def test_what_an_administrator_enters_waits_for_the_principal(
    db: Database, ministry: Ministry, as_: As
) -> None:
    admin, leader = await as_(ministry.administrator), await as_(ministry.leader)
    body = deputy(ministry, principal_id=str(ministry.leader.id))

    proposed = (await admin.post("/delegations", json=body)).json()
    before = await deputies(db, ministry, Scope.TASKS)
    path = f"/delegations/{proposed['id']}/confirm"
    confirmed = (await leader.post(path, json={"version": proposed["version"]})).json()

    assert (proposed["state"], before) == ("proposed", [])
    assert (confirmed["state"], confirmed["confirmed_by"]) == ("in_force", str(ministry.leader.id))
    assert await deputies(db, ministry, Scope.TASKS) == [ministry.officer.id]


async def test_an_administrator_neither_confirms_their_own_nor_gains_by_one(
    db: Database, ministry: Ministry, as_: As
) -> None:
    admin = await as_(ministry.administrator)
    second = await as_(await an_administrator(db, ministry))
    body = deputy(ministry, principal_id=str(ministry.leader.id))
    proposed = (await admin.post("/delegations", json=body)).json()
    to_me = body | {"delegate_id": str(ministry.administrator.id)}
    path = f"/delegations/{proposed['id']}/confirm"

    refusals = [
        await admin.send("POST", path, json={}),
        await admin.send("POST", "/delegations", json=to_me),
    ]
    confirmed = (await second.post(path, json={})).json()

    assert [kind(refusal) for refusal in refusals] == ["people.not_your_delegation"] * 2
    assert confirmed["state"] == "in_force"


async def test_whoever_gains_does_not_confirm(db: Database, ministry: Ministry, as_: As) -> None:
    admin, second = await as_(ministry.administrator), await an_administrator(db, ministry)
    principal = str(ministry.leader.id)
    body = deputy(ministry, principal_id=principal, delegate_id=str(second.id))
    proposed = (await admin.post("/delegations", json=body)).json()

    refusal = await (await as_(second)).send(
        "POST", f"/delegations/{proposed['id']}/confirm", json={}
    )

    assert kind(refusal) == "people.not_your_delegation"


async def test_a_delegate_may_lay_it_down_but_not_confirm_it(
    db: Database, ministry: Ministry, as_: As
) -> None:
    officer, given = await as_(ministry.officer), await given_by_leader(db, ministry)

    refusal = await officer.send("POST", f"/delegations/{given.id}/confirm", json={})
    revoked = (await officer.post(f"/delegations/{given.id}/revoke", json={})).json()

    assert kind(refusal) == "forbidden"
    assert revoked["state"] == "revoked"


async def test_an_officer_gives_no_power(ministry: Ministry, as_: As) -> None:
    officer = await as_(ministry.officer)

    for body in (
        deputy(ministry, delegate_id=str(ministry.colleague.id)),
        deputy(ministry, principal_id=str(ministry.leader.id)),
    ):
        refusal = await officer.send("POST", "/delegations", json=body)
        assert (refusal.status_code, kind(refusal)) == (HTTPStatus.FORBIDDEN, "forbidden")


async def test_somebody_elses_delegation_is_not_there(
    db: Database, ministry: Ministry, as_: As
) -> None:
    given = await given_by_leader(db, ministry)

    for person in (ministry.colleague, ministry.stranger):
        phone = await as_(person)
        for what in ("confirm", "revoke"):
            refusal = await phone.send("POST", f"/delegations/{given.id}/{what}", json={})
            assert (refusal.status_code, kind(refusal)) == (HTTPStatus.NOT_FOUND, "not_found")
        assert (await phone.get("/delegations")).json() == []


async def test_a_foreign_or_closed_official_is_not_found(
    db: Database, ministry: Ministry, as_: As
) -> None:
    leader = await as_(ministry.leader)
    async with db.begin() as tx:
        colleague = await tx.session.get_one(Principal, ministry.colleague.id)
        colleague.closed_at = tx.now

    for person in (ministry.stranger, ministry.colleague):
        body = deputy(ministry, delegate_id=str(person.id))
        refusal = await leader.send("POST", "/delegations", json=body)
        assert (refusal.status_code, kind(refusal)) == (HTTPStatus.NOT_FOUND, "not_found")


async def test_a_closed_account_neither_gives_nor_takes(db: Database, ministry: Ministry) -> None:
    await given_by_leader(db, ministry)

    async with db.begin() as tx:
        leader = await tx.session.get_one(Principal, ministry.leader.id)
        leader.closed_at = tx.now
    async with db.read() as view:
        principals = queries.principals_of(ministry.officer.id, Scope.TASKS, view.now)
        acts_for = (await view.session.exec(principals)).all()
    async with db.begin() as tx:
        leader = await tx.session.get_one(Principal, ministry.leader.id)
        leader.closed_at = None
        officer = await tx.session.get_one(Principal, ministry.officer.id)
        officer.closed_at = tx.now

    assert acts_for == []
    assert await deputies(db, ministry) == []


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"form": "tuq"}, "people.wrong_terms"),
        ({"form": "tl"}, "people.wrong_terms"),
        ({"since": "2020-01-01T00:00:00Z"}, "people.wrong_terms"),
        ({"until": "9999-12-31T23:59:59-14:00"}, "people.wrong_terms"),
        ({"since": "9999-12-31T23:59:59-14:00"}, "people.wrong_terms"),
        ({"basis": "MẬT"}, "malformed"),
        ({"types": ["Quyết định"]}, "malformed"),
    ],
)
async def test_the_terms_of_a_form_are_kept(
    ministry: Ministry, as_: As, changed: dict[str, Any], code: str
) -> None:
    leader = await as_(ministry.leader)

    refusal = await leader.send("POST", "/delegations", json=deputy(ministry, **changed))

    assert kind(refusal) == code


async def test_nobody_is_their_own_deputy(ministry: Ministry, as_: As) -> None:
    leader = await as_(ministry.leader)
    body = deputy(ministry, delegate_id=str(ministry.leader.id))

    refusal = await leader.send("POST", "/delegations", json=body)

    assert kind(refusal) == "people.delegation_to_oneself"


async def test_the_same_power_is_not_given_twice(ministry: Ministry, as_: As) -> None:
    leader = await as_(ministry.leader)
    await leader.post("/delegations", json=deputy(ministry))

    refusal = await leader.send("POST", "/delegations", json=deputy(ministry, scope="all"))

    assert (refusal.status_code, kind(refusal)) == (
        HTTPStatus.CONFLICT, "people.delegation_overlaps",
    )  # fmt: skip


async def test_whoever_read_an_older_version_reads_again(
    db: Database, ministry: Ministry, as_: As
) -> None:
    leader, given = await as_(ministry.leader), await given_by_leader(db, ministry)

    refusal = await leader.send("POST", f"/delegations/{given.id}/revoke", json={"version": 7})

    assert kind(refusal) == "stale"


async def test_every_step_is_audited_and_rings_the_other_side(
    db: Database, ministry: Ministry
) -> None:
    given = await given_by_leader(db, ministry)
    async with db.begin() as tx:
        await delegating.revoke(tx, ministry.leader.actor, given.id)

    records = [(r.action, r.actor_id) for r in await rows(db, AuditRecord)]
    rung = [(n.kind, n.official_id) for n in await rows(db, Notification)]
    leader, officer = ministry.leader.id, ministry.officer.id
    assert records == [("people.delegate", leader), ("people.revoke_delegation", leader)]
    assert rung == [("people.delegation_given", officer), ("people.delegation_revoked", officer)]


# --- who signs for whom -------------------------------------------------------------------------


async def a_department(db: Database, ministry: Ministry) -> tuple[Person, Person]:
    """The head of a department, and their deputy."""
    async with db.begin() as tx:
        leader = await tx.session.get_one(Official, ministry.leader.id)
        leader.position = "Bộ trưởng"
        unit = Unit(agency_id=leader.agency_id, name="Vụ Pháp chế")
        tx.session.add(unit)
        people = []
        for account, position in (("head", "Vụ trưởng"), ("second", "Phó Vụ trưởng")):
            one = service.engage(tx, unit, full_name=position, position=position)
            roles = frozenset({Role.OFFICER})
            service.open_account(tx, one, account=account, password_hash=HASH, roles=roles)
            people.append(Person(one.id, one.agency_id, account, roles, position))
    return people[0], people[1]


async def test_only_leaders_sign_for_themselves(db: Database, ministry: Ministry) -> None:
    async with db.read() as view:
        found = await signatories(view, ministry.leader.agency_id, type_code="decision")

    assert [(one.official.id, one.form) for one in found] == [(ministry.leader.id, None)]


async def test_the_paper_says_in_what_right_it_is_signed(
    db: Database, ministry: Ministry, clock: Clock
) -> None:
    head, second = await a_department(db, ministry)
    administrator, clerk = ministry.administrator.actor, Actor(new_id(), head.agency_id)
    by_order = Mandate(ministry.leader.id, head.id, Form.TL, Scope.SIGN, types=["report"])
    deputy_of_head = Mandate(head.id, second.id, Form.KT, Scope.SIGN)
    async with db.begin() as tx:
        await delegating.delegate(tx, ministry.leader.actor, new_id(), by_order)
        given = await delegating.delegate(tx, administrator, new_id(), deputy_of_head)
    async with db.begin() as tx:
        await delegating.confirm(tx, head.actor, given.id)

    async with db.read() as view:
        papers = {
            (who.account, type_code): await signatory(
                view, clerk.agency_id, who.id, type_code=type_code
            )
            for who in (head, second)
            for type_code in ("report", "decision")
        }

    capacities = {key: found.capacity for key, found in papers.items() if found}
    assert capacities == {
        ("head", "report"): ("TL. BỘ TRƯỞNG", "VỤ TRƯỞNG"),
        ("second", "report"): ("TL. BỘ TRƯỞNG", "KT. VỤ TRƯỞNG", "PHÓ VỤ TRƯỞNG"),
    }


@pytest.mark.parametrize(
    ("form", "lines"),
    [
        (Form.KT, ("KT. BỘ TRƯỞNG", "CHUYÊN VIÊN")),
        (Form.TM, ("TM. BỘ TÀI NGUYÊN VÀ MÔI TRƯỜNG", "KT. BỘ TRƯỞNG", "CHUYÊN VIÊN")),
        (Form.TUQ, ("TUQ. BỘ TRƯỞNG", "CHUYÊN VIÊN")),
    ],
)
async def test_each_form_has_its_line(
    db: Database, ministry: Ministry, clock: Clock, form: Form, lines: tuple[str, ...]
) -> None:
    await a_department(db, ministry)
    written = {"types": ["decision"], "basis": "15/QĐ-BTNMT", "until": clock() + DAY}
    await given_by_leader(db, ministry, form=form, scope=Scope.SIGN, **written)

    async with db.read() as view:
        agency, signer = ministry.officer.agency_id, ministry.officer.id
        found = await signatory(view, agency, signer, type_code="decision")
        other = await signatory(
            view, agency, signer, type_code="decision", principal_id=ministry.clerk.id
        )

    assert found is not None
    assert (found.capacity, found.principal_id) == (lines, ministry.leader.id)
    assert other is None


async def test_phones_ask_who_may_sign(db: Database, ministry: Ministry, as_: As) -> None:
    await given_by_leader(db, ministry, scope=Scope.SIGN)
    clerk = await as_(ministry.clerk)

    found = (await clerk.get("/signatories?type_code=decision")).json()

    assert {(one["official_id"], one["form"]) for one in found} == {
        (str(ministry.leader.id), None),
        (str(ministry.officer.id), "kt"),
    }


# --- the select and the rule say the same -------------------------------------------------------


@st.composite
def some_powers(draw: st.DrawFn) -> list[dict[str, Any]]:
    def one() -> dict[str, Any]:
        since = draw(st.integers(-2, 2))
        return {
            "pair": draw(st.sampled_from(["leader>officer", "clerk>officer", "officer>leader"])),
            "form": draw(st.sampled_from(Form)),
            "scope": draw(st.sampled_from(Scope)),
            "since": since,
            "until": draw(st.none() | st.integers(since + 1, since + 3)),
            "state": draw(st.sampled_from(DelegationState)),
        }

    return [one() for _ in range(draw(st.integers(1, 6)))]


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(drawn=some_powers(), scope=st.sampled_from(Scope))
async def test_the_database_finds_whom_the_rule_names(
    db: Database, ministry: Ministry, drawn: list[dict[str, Any]], scope: Scope
) -> None:
    async with db.begin() as tx:
        for old in (await tx.session.exec(select(Delegation))).all():
            await tx.session.delete(old)
        given = [_row(tx.now, ministry, one) for one in drawn]
        tx.session.add_all(given)
    powers: list[Power] = [queries.power_of(one) for one in given]

    async with db.read() as view:
        found = await view.session.exec(queries.principals_of(ministry.officer.id, scope, view.now))
        officer = ministry.officer.id
        named = acting_for(powers, delegate_id=officer, scope=scope, now=view.now)
        behind = await queries.deputies_of(view, ministry.leader.id, scope)

        acts_for = await queries.acts_for(view, officer, scope)
        assert set(found.all()) == named == acts_for
        assert (ministry.officer.id in behind) == (ministry.leader.id in named)


def _row(now: Any, ministry: Ministry, one: dict[str, Any]) -> Delegation:
    principal, delegate = (getattr(ministry, name).id for name in one["pair"].split(">"))
    return Delegation(
        agency_id=ministry.leader.agency_id, principal_id=principal, delegate_id=delegate,
        form=one["form"], scope=one["scope"], types=[], since=now + one["since"] * DAY,
        until=None if one["until"] is None else now + one["until"] * DAY, state=one["state"],
        made_by=principal, made_at=now,
    )  # fmt: skip
