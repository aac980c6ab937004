"""A phone rings as urgently as the document is stamped."""

import pytest

from api import background
from api.documents.rules import Urgency as Stamp
from api.urgency import urgency_of
from api.wiring import Engines
from core.ids import new_id
from push.models import Notification, PushMessage
from push.rules import AT_ONCE, HEAD_START, TIME_TO_LIVE, Urgency
from tests.support.answers import rows
from tests.support.clock import Clock
from tests.support.correspondence import received
from tests.support.facts import Rang
from tests.support.ministry import Ministry
from tests.support.pushing import give_phone


@pytest.mark.parametrize("stamp", Stamp)
async def test_a_phone_rings_as_urgently_as_the_document_is_stamped(
    engines: Engines, ministry: Ministry, clock: Clock, stamp: Stamp
) -> None:
    db, urgency = engines.db, Urgency(stamp)
    await give_phone(db, ministry.leader)

    await received(db, ministry, urgency=stamp)
    sent_at_once = await background.dispatcher(engines).run_due()

    (notification,), (message,) = await rows(db, Notification), await rows(db, PushMessage)
    assert notification.urgency is message.urgency is urgency
    assert sent_at_once == (urgency in AT_ONCE)
    waits = clock() if urgency in AT_ONCE else clock() + HEAD_START
    assert (message.next_at, message.expires_at - message.next_at) == (
        waits, TIME_TO_LIVE[urgency],
    )  # fmt: skip


async def test_a_fact_is_as_urgent_as_the_most_urgent_of_its_documents(
    engines: Engines, ministry: Ministry
) -> None:
    stamps = (Stamp.URGENT, Stamp.FLASH, Stamp.NORMAL)
    ids = [await received(engines.db, ministry, urgency=stamp) for stamp in stamps]
    about = tuple(f"document:{one}" for one in (*ids, new_id()))

    async with engines.db.read() as view:
        assert await urgency_of(view, Rang(rooms=about)) is Urgency.FLASH
        assert await urgency_of(view, Rang(rooms=about[2:])) is Urgency.NORMAL
        assert await urgency_of(view, Rang()) is Urgency.NORMAL
