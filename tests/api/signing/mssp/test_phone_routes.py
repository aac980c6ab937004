"""An official's simulated phone, over HTTP: theirs and nobody else's."""

from collections.abc import Awaitable, Callable
from http import HTTPStatus
from uuid import UUID, uuid4

from api.demo.phone import Phone
from api.people.models import Official
from api.signing.mssp.port import Refused, Signed
from api.signing.mssp.simulated_phones import PIN
from api.signing.pdf.certificate import Mechanism
from api.wiring import Engines
from tests.support.ministry import Ministry, Person
from tests.support.signing import operator

BY_HAND = "84900003007"
As = Callable[[Person], Awaitable[Phone]]


async def prompted(engines: Engines, ministry: Ministry) -> UUID:
    """Have the leader's phone show a prompt."""
    async with engines.db.begin() as tx:
        leader = await tx.session.get_one(Official, ministry.leader.id)
        leader.phone_number = BY_HAND
    transaction_id = uuid4()
    await operator(engines).start(
        transaction_id=transaction_id,
        phone_number=BY_HAND,
        digest=bytes(32),
        mechanism=Mechanism.RSA_PKCS1_SHA256,
        text="Quyết định: trích yếu Mã 1234",
    )
    return transaction_id


async def test_the_holder_reads_the_prompt_and_types_the_pin(
    engines: Engines, ministry: Ministry, as_: As
) -> None:
    transaction_id = await prompted(engines, ministry)
    leader = await as_(ministry.leader)

    (shown,) = (await leader.get("/simulated/phone/prompts")).json()
    left = await leader.post(f"/simulated/phone/prompts/{transaction_id}/pin", json={"pin": PIN})

    assert shown["text"] == "Quyết định: trích yếu Mã 1234"
    assert left.json() == {"shows": 0}
    assert isinstance(await operator(engines).status(transaction_id), Signed)


async def test_the_holder_says_no(engines: Engines, ministry: Ministry, as_: As) -> None:
    transaction_id = await prompted(engines, ministry)
    leader = await as_(ministry.leader)

    await leader.post(f"/simulated/phone/prompts/{transaction_id}/cancel")

    assert await operator(engines).status(transaction_id) == Refused(401)


async def test_nobody_else_sees_or_answers_it(
    engines: Engines, ministry: Ministry, as_: As
) -> None:
    transaction_id = await prompted(engines, ministry)
    officer = await as_(ministry.officer)

    assert (await officer.get("/simulated/phone/prompts")).json() == []
    answer = await officer.send(
        "POST", f"/simulated/phone/prompts/{transaction_id}/pin", json={"pin": PIN}
    )
    assert answer.status_code == HTTPStatus.NOT_FOUND


async def test_a_wrong_pin_is_named_in_both_languages(
    engines: Engines, ministry: Ministry, as_: As
) -> None:
    transaction_id = await prompted(engines, ministry)
    leader = await as_(ministry.leader)

    answer = await leader.send(
        "POST", f"/simulated/phone/prompts/{transaction_id}/pin", json={"pin": "0"}
    )

    assert answer.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert answer.json()["type"] == "simulated.wrong_pin"
    assert answer.json()["title_vi"] != answer.json()["title"]
