"""A certificate is looked at before anyone is prompted, and each refusal has its own code."""

from datetime import timedelta
from typing import Any

import pytest
from sqlmodel import select

from api.people.models import Official
from api.signing.rules import State
from api.signing.trust.port import Kind
from api.signing.trust.simulated import Behaviour, SimulatedTrustServices
from api.wiring import Engines
from core.streams import Fact
from tests.support.clock import Clock
from tests.support.ministry import Ministry
from tests.support.signing import (
    PHONE,
    consent,
    enrol,
    operator,
    submitted,
    the_request,
    work,
)

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


def services(engines: Engines) -> SimulatedTrustServices:
    found = engines.archive.inquiry.services
    assert isinstance(found, SimulatedTrustServices)
    return found


async def refused_as(engines: Engines, ministry: Ministry, clock: Clock) -> tuple[State, Any]:
    request = await submitted(engines, ministry)
    await consent(engines, ministry, request.id)
    await work(engines, clock, rounds=3)
    ended = await the_request(engines)
    assert operator(engines).prompts() == 0
    return ended.state, ended.reason


async def warnings(engines: Engines) -> int:
    async with engines.db.read() as view:
        facts = await view.session.exec(select(Fact).where(Fact.name == "signing.status_unknown"))
        return len(facts.all())


async def test_a_revoked_certificate_is_not_prompted(
    engines: Engines, ministry: Ministry, clock: Clock
) -> None:
    await enrol(engines, ministry)
    certificate = await operator(engines).certificate(PHONE)
    services(engines).ca.revoke(certificate.parsed.serial_number)

    assert await refused_as(engines, ministry, clock) == (State.FAILED, "certificate.revoked")


async def test_the_list_tells_too_where_the_responder_is_dead(
    engines: Engines, ministry: Ministry, clock: Clock
) -> None:
    await enrol(engines, ministry)
    certificate = await operator(engines).certificate(PHONE)
    services(engines).ca.revoke(certificate.parsed.serial_number)
    services(engines).behaviour[Kind.OCSP] = Behaviour.DEAD
    clock.tick(timedelta(minutes=1))

    assert await refused_as(engines, ministry, clock) == (State.FAILED, "certificate.revoked")


async def test_an_ended_certificate_is_not_prompted(
    engines: Engines, ministry: Ministry, clock: Clock
) -> None:
    await enrol(engines, ministry)
    clock.tick(timedelta(days=4 * 365))

    assert await refused_as(engines, ministry, clock) == (State.FAILED, "certificate.expired")


async def test_a_certificate_of_somebody_else_is_not_prompted(
    engines: Engines, ministry: Ministry, clock: Clock
) -> None:
    await enrol(engines, ministry)
    async with engines.db.begin() as tx:
        leader = await tx.session.get_one(Official, ministry.leader.id)
        leader.full_name = "Người Khác"
        tx.session.add(leader)

    assert await refused_as(engines, ministry, clock) == (State.FAILED, "certificate.of_another")


async def test_a_certificate_of_an_unknown_authority_is_not_prompted(
    engines: Engines, ministry: Ministry, clock: Clock
) -> None:
    await enrol(engines, ministry)
    stranger = type(services(engines).ca)(engines.settings.data / "stranger", clock=clock)
    stranger.export_trust(engines.settings.trust)

    assert await refused_as(engines, ministry, clock) == (State.FAILED, "certificate.untrusted")


@pytest.mark.parametrize("manner", [Behaviour.DEAD, Behaviour.GARBAGE, Behaviour.EXPIRED])
async def test_where_nobody_can_say_the_signer_is_warned_and_signs(
    engines: Engines, ministry: Ministry, clock: Clock, manner: Behaviour
) -> None:
    services(engines).behaviour.update({Kind.OCSP: manner, Kind.CRL: manner})
    await enrol(engines, ministry)
    request = await submitted(engines, ministry)
    await consent(engines, ministry, request.id)

    await work(engines, clock, rounds=3)

    assert (await the_request(engines)).state is State.EMBEDDED
    assert await warnings(engines) == 1


async def test_where_all_is_well_nobody_is_warned(
    engines: Engines, ministry: Ministry, clock: Clock
) -> None:
    await enrol(engines, ministry)
    request = await submitted(engines, ministry)
    await consent(engines, ministry, request.id)

    await work(engines, clock, rounds=3)

    assert (await the_request(engines)).state is State.EMBEDDED
    assert await warnings(engines) == 0
