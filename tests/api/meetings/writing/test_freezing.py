"""What is put before the chair is what the minutes say at that moment, and nothing else."""

from uuid import UUID

import pytest

from api.documents import flows as documents
from api.documents.flows import Entered
from api.meetings.record import flows, queries, service
from api.meetings.writing.service import rewrite
from api.wiring import Engines
from core.errors import Stale
from tests.support.issuing import office
from tests.support.ministry import Ministry
from tests.support.signing import enrol, the_request
from tests.support.writing import begun

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


async def reviewed(engines: Engines, ministry: Ministry, meeting_id: UUID, text: str) -> None:
    """Write the minutes and put them up for review."""
    secretary = ministry.secretary.actor
    async with engines.db.begin() as tx:
        version = (await queries.minutes(tx, meeting_id)).version
        await rewrite(tx, secretary, meeting_id, text, version)
        await service.review(tx, secretary, meeting_id)


async def drawn(engines: Engines, ministry: Ministry, meeting_id: UUID) -> Entered:
    """Draw the minutes as freezing does, and go no further."""
    secretary = ministry.secretary.actor
    async with engines.db.begin() as tx:
        wanted = await service.to_freeze(tx, secretary, meeting_id)
    assert wanted is not None
    return await documents.draft(office(engines), secretary, wanted[0], draft=wanted[1])


async def test_minutes_that_changed_while_they_were_drawn_are_not_frozen(
    engines: Engines, ministry: Ministry
) -> None:
    await enrol(engines, ministry)
    meeting_id, secretary = await begun(engines.db, ministry), ministry.secretary.actor
    await reviewed(engines, ministry, meeting_id, "Bản thứ nhất.")
    older = await drawn(engines, ministry, meeting_id)
    async with engines.db.begin() as tx:
        await service.send_back(tx, ministry.leader.actor, meeting_id)
    await reviewed(engines, ministry, meeting_id, "Bản thứ hai.")

    with pytest.raises(Stale):
        async with engines.db.begin() as tx:
            await service.freeze(tx, secretary, meeting_id, older.file)
    frozen = await flows.freeze(office(engines), secretary, meeting_id)

    assert frozen.text == "Bản thứ hai."
    assert frozen.document_id not in {None, older.document.id}
    assert (await the_request(engines)).document_id == frozen.document_id


async def test_freezing_again_changes_nothing(engines: Engines, ministry: Ministry) -> None:
    await enrol(engines, ministry)
    meeting_id, secretary = await begun(engines.db, ministry), ministry.secretary.actor
    await reviewed(engines, ministry, meeting_id, "Nguyên văn.")

    first = await flows.freeze(office(engines), secretary, meeting_id)
    again = await flows.freeze(office(engines), secretary, meeting_id)

    assert first == again
    assert (await the_request(engines)).document_id == first.document_id
