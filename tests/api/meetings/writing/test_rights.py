"""Whoever comes and goes while rights change is judged, and written down, as things stand."""

from dataclasses import dataclass

import pytest
from pycrdt import create_update_message
from typing_extensions import override

from api.gate import CapabilityGate
from api.meetings import queries
from api.meetings.writing import service
from core.actor import Actor
from core.audit import AuditRecord
from core.bus.local import LocalBus
from realtime.frames import Code
from tests.api.meetings.writing.conftest import Office
from tests.support.answers import rows
from tests.support.ministry import Person
from tests.support.writing import node


async def let_write(office: Office, *people: Person) -> None:
    async with office.engines.db.begin() as tx:
        secretary = office.ministry.secretary.actor
        await service.let_write(tx, secretary, office.meeting_id, [one.id for one in people])


async def test_who_is_let_write_after_a_refusal_is_written_down(office: Office) -> None:
    member = office.ministry.officer
    await let_write(office, member)
    await (await office.editor(office.ministry.secretary)).write("Một. ")
    editor = await office.editor(member)
    await editor.has_kept("Một.")
    await let_write(office)
    await editor.write("Không.")
    assert await editor.is_refused() == "meetings.not_your_part"

    await let_write(office, member)
    await editor.send(create_update_message(editor.document.get_update()))
    await editor.has_kept("Không.")

    written = [one.actor_id for one in await rows(office.engines.db, AuditRecord)
               if one.action == "meetings.write_minutes"]  # fmt: skip
    assert written == [office.ministry.secretary.id, member.id]


@dataclass(frozen=True)
class Unlucky(CapabilityGate):
    """The gate of somebody who is removed between its answer and their coming in."""

    office: Office

    @override
    async def may_read(self, actor: Actor, text: str, /) -> bool:
        answer = await super().may_read(actor, text)
        if answer:
            async with self.db.begin() as tx:
                seat = await queries.participant(tx, self.office.meeting_id, actor.id)
                await tx.session.delete(seat)
        return answer


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_who_is_removed_while_they_come_in_does_not_stay(office: Office) -> None:
    gate = Unlucky(office.engines.db, office)
    async with node(gate, LocalBus(), office.engines.db.clock) as (served, shelf):
        editor = await office.editor(office.ministry.officer, served.url)

        assert await editor.ends() == Code.GONE
        assert not shelf._editors()
