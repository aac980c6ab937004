"""One text on two nodes: what one commits the other shows, with the bus or without it."""

import asyncio

import pytest

from api.demo.editor import Editor
from api.meetings.writing.service import let_write
from tests.nodes.installation import Balancer, Installation
from tests.support.ministry import Ministry
from tests.support.writing import begun

pytestmark = [pytest.mark.engines, pytest.mark.story]


@pytest.mark.parametrize("bus_is_there", [True, False])
async def test_two_write_on_two_nodes_and_read_the_same(
    installation: Installation, ministry: Ministry, balancer: Balancer, *, bus_is_there: bool
) -> None:
    async with installation.engines() as engines:
        meeting_id = await begun(engines.db, ministry)
        async with engines.db.begin() as tx:
            secretary = ministry.secretary.actor
            await let_write(tx, secretary, meeting_id, [ministry.officer.id])
    if not bus_is_there:
        installation.broker.kill()
    phones = [
        await installation.phone(person, balancer)
        for person in (ministry.secretary, ministry.officer)
    ]
    here, there = [
        await Editor.open(phone, node.url, str(meeting_id))
        for phone, node in zip(phones, installation.nodes, strict=True)
    ]

    await asyncio.gather(here.write("Ở đây. "), there.write("Ở kia. "))
    words = await here.sees(lambda seen: "đây" in seen and "kia" in seen)

    assert await there.sees(lambda seen: "đây" in seen and "kia" in seen) == words
    installation.nodes[0].kill()
    await here.ends()
    back = await Editor.open(phones[0], installation.nodes[1].url, str(meeting_id), here.document)
    await back.write("Vẫn còn. ")
    assert "Vẫn còn." in await there.sees(lambda seen: "Vẫn còn." in seen)
    await back.close()
    await there.close()
