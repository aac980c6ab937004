"""Confirming certificates when things happen at once, or are away."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from http import HTTPStatus

from typing_extensions import override

from api.demo.phone import Phone
from api.signing.pdf.certificate import SignerCertificate
from api.signing.pins import flows, service
from api.signing.pins.rules import Keeper, subject_of
from api.signing.remote.port import Authorisation, RemoteKeys, RemoteUnreachable
from api.wiring import Engines
from tests.support.ministry import Ministry, Person
from tests.support.signing import PHONE, enrol

As = Callable[[Person], Awaitable[Phone]]


class Away(RemoteKeys):
    """A key service that cannot be reached."""

    @override
    async def certificate(self, phone_number: str) -> SignerCertificate:
        raise RemoteUnreachable

    @override
    async def sign(self, authorisation: Authorisation, wanted: Sequence[bytes]) -> list[bytes]:
        raise RemoteUnreachable

    @override
    async def close(self) -> None:
        """There is nothing to let go of."""


async def test_a_certificate_that_is_confirmed_twice_at_once_is_pinned_once(
    engines: Engines, ministry: Ministry, as_: As
) -> None:
    await enrol(engines, ministry)
    leader, actor = await as_(ministry.leader), ministry.leader.actor
    async with engines.db.begin() as tx:
        await service.hold(tx, actor, Keeper.SIM, PHONE, b"another certificate")
    (shown,) = [
        one for one in (await leader.get("/me/certificates")).json() if one["keeper"] == "sim"
    ]
    body = {"keeper": "sim", "sha256": shown["sha256"]}

    answers = await asyncio.gather(
        *(
            leader.step_up("/me/certificates/confirm", subject_of(shown["sha256"]), json=body)
            for _ in range(2)
        )
    )

    assert [one.status_code for one in answers] == [HTTPStatus.OK] * 2
    async with engines.db.read() as view:
        pinned = await service.pinned(view, actor.id, Keeper.SIM)
    assert pinned is not None
    assert (pinned.sha256, pinned.phone_number) == (shown["sha256"], PHONE)


async def test_the_sims_certificate_is_seen_while_the_key_service_is_away(
    engines: Engines, ministry: Ministry
) -> None:
    await enrol(engines, ministry)
    tools = replace(engines.signing, remote=Away())

    found = await flows.mine(tools, ministry.leader.actor)

    assert [one.keeper for one in found] == [Keeper.SIM]
