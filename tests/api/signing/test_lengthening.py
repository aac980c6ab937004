"""Signatures last longer in the background; a dead service costs a level, never the signature."""

from datetime import timedelta
from typing import Any

import pytest
from sqlmodel import col, select

from api.documents import queries as documents
from api.documents.models import Document, Revision
from api.documents.rules import Level, Purpose, State
from api.signing import flows
from api.signing.longterm import flows as longterm
from api.signing.trust.port import Kind
from api.signing.trust.simulated import Behaviour, SimulatedTrustServices
from api.wiring import Engines
from core.jobs import Job, JobState
from core.streams import Fact
from tests.support.clock import Clock
from tests.support.ministry import Ministry
from tests.support.signing import consent, enrol, submitted, work

#: What happens between the steps is the same on both engines; the whole way runs on both.
pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


def services(engines: Engines) -> SimulatedTrustServices:
    found = engines.archive.inquiry.services
    assert isinstance(found, SimulatedTrustServices)
    return found


async def document_of(engines: Engines) -> Document:
    async with engines.db.read() as view:
        return (await view.session.exec(select(Document))).one()


async def newest(engines: Engines) -> Revision:
    document = await document_of(engines)
    async with engines.db.read() as view:
        return await documents.latest_revision(view, document.id)


async def report_on(engines: Engines, policy: str = "issued") -> dict[str, Any]:
    revision = await newest(engines)
    async with engines.archive.copy_of(revision.sha256) as path:
        return await flows.verify(engines.signing, path, policy)


async def levels(engines: Engines) -> list[str]:
    async with engines.db.read() as view:
        facts = await view.session.exec(
            select(Fact).where(Fact.name == "signing.level_reached").order_by(col(Fact.position))
        )
        return [each.body["level"] for each in facts.all()]


async def signed(engines: Engines, ministry: Ministry, clock: Clock) -> None:
    await enrol(engines, ministry)
    request = await submitted(engines, ministry)
    await consent(engines, ministry, request.id)
    await work(engines, clock, rounds=4)


async def sealed(engines: Engines, ministry: Ministry) -> None:
    document = await document_of(engines)
    await flows.number(engines.signing, ministry.clerk.actor, document.id)
    await flows.seal(engines.signing, ministry.clerk.actor, document.id)


async def test_a_signed_document_gets_a_trusted_time_and_a_sealed_one_its_evidence(
    engines: Engines, ministry: Ministry, clock: Clock
) -> None:
    await signed(engines, ministry, clock)
    document = await document_of(engines)
    assert (document.state, document.signature_level) == (State.SIGNED, Level.B_T)
    assert (await newest(engines)).purpose is Purpose.STAMPED

    await sealed(engines, ministry)
    assert (await document_of(engines)).signature_level is Level.B_B
    await work(engines, clock, rounds=2)

    assert (await document_of(engines)).signature_level is Level.B_LTA
    assert (await newest(engines)).purpose is Purpose.ARCHIVED
    assert await levels(engines) == ["B-T", "B-T", "B-LTA"]
    report = await report_on(engines)
    assert report["verdict"] == "valid", report


@pytest.mark.parametrize("kind", [Kind.TIMESTAMP, Kind.OCSP])
async def test_a_dead_service_costs_a_level_until_it_answers(
    engines: Engines, ministry: Ministry, clock: Clock, kind: Kind
) -> None:
    dead = {kind: Behaviour.DEAD, Kind.CRL: Behaviour.DEAD}
    services(engines).behaviour.update(dead)
    await signed(engines, ministry, clock)
    await sealed(engines, ministry)
    await work(engines, clock, rounds=2)

    expected = Level.B_B if kind is Kind.TIMESTAMP else Level.B_T
    assert (await document_of(engines)).signature_level is expected
    assert (await report_on(engines))["verdict"] == "valid"

    services(engines).behaviour.clear()
    await work(engines, clock, rounds=4, step=60)
    assert (await document_of(engines)).signature_level is Level.B_LTA
    assert (await report_on(engines))["verdict"] == "valid"


@pytest.mark.parametrize(
    "manner",
    [Behaviour.WRONG_NONCE, Behaviour.WRONG_DIGEST, Behaviour.EXPIRED, Behaviour.GARBAGE],
)
async def test_no_stamp_is_better_than_a_wrong_one(
    engines: Engines, ministry: Ministry, clock: Clock, manner: Behaviour
) -> None:
    services(engines).behaviour[Kind.TIMESTAMP] = manner

    await signed(engines, ministry, clock)

    document = await document_of(engines)
    assert (document.state, document.signature_level) == (State.SIGNED, Level.B_B)
    async with engines.db.read() as view:
        job = (await view.session.exec(select(Job).where(Job.kind == "signing.lengthen"))).one()
    assert job.state is JobState.WAITING
    assert job.next_at > job.created_at


async def test_a_run_that_is_repeated_changes_nothing(
    engines: Engines, ministry: Ministry, clock: Clock
) -> None:
    await signed(engines, ministry, clock)
    await sealed(engines, ministry)
    await work(engines, clock, rounds=2)
    before = await newest(engines)
    document = await document_of(engines)

    await longterm.lengthen(engines.archive, {"body": {"document_id": str(document.id)}})

    assert (await newest(engines)).id == before.id


async def test_after_ten_years_of_renewals_nobody_has_to_answer(
    engines: Engines, ministry: Ministry, clock: Clock
) -> None:
    services(engines).tsa_days = 1500
    await signed(engines, ministry, clock)
    await sealed(engines, ministry)
    await work(engines, clock, rounds=2)
    authority = services(engines).ca

    for _ in range(10):
        clock.tick(timedelta(days=365))
        # The authority's next stamps have a certificate of their own.
        (authority.folder / "tsa.crt").unlink(missing_ok=True)
        await work(engines, clock, rounds=1)
    services(engines).behaviour.update(dict.fromkeys(Kind, Behaviour.DEAD))

    report = await report_on(engines)
    assert report["verdict"] == "valid", report
    assert [one["level"] for one in report["signatures"]] == ["B-LTA"] * 2
    assert len(report["timestamps"]) == 3


async def test_a_stamp_is_renewed_before_its_certificate_ends(
    engines: Engines, ministry: Ministry, clock: Clock
) -> None:
    services(engines).tsa_days = 400
    await signed(engines, ministry, clock)
    await sealed(engines, ministry)
    await work(engines, clock, rounds=2)
    first = await newest(engines)

    clock.tick(timedelta(days=230))
    await work(engines, clock, rounds=2)

    renewed = await newest(engines)
    assert renewed.id != first.id
    assert renewed.purpose is Purpose.ARCHIVED
    report = await report_on(engines)
    assert report["verdict"] == "valid", report
