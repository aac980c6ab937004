"""The clients that apps use, npm's yjs and y-websocket, write minutes as they come."""

from collections.abc import AsyncGenerator
from typing import Any

import pytest

from tests.api.meetings.writing.conftest import Office
from tests.api.meetings.writing.test_together import let_write
from tests.support.ministry import Person
from tests.support.yjs.real import Editors, editors

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest.fixture
async def node_js() -> AsyncGenerator[Editors]:
    async with editors() as running:
        yield running


async def opened(office: Office, node_js: Editors, name: str, person: Person) -> None:
    phone = await office.phone(person)
    url = f"{office.server.url.replace('http', 'ws', 1)}/realtime/texts"
    said: dict[str, Any] = {"name": name, "url": url, "text": office.text}
    await node_js.do("open", ticket=await phone.ticket(), **said)


async def test_two_apps_and_a_server_come_to_the_same_text(
    office: Office, node_js: Editors
) -> None:
    ministry = office.ministry
    await let_write(office, ministry.officer)
    await opened(office, node_js, "a", ministry.secretary)
    await opened(office, node_js, "b", ministry.officer)
    await node_js.do("insert", name="a", at=0, words="Kết luận: giao Vụ Tổ chức 🙂. ")
    await node_js.do("until", name="b", words="Kết luận: giao Vụ Tổ chức 🙂. ")
    await node_js.do("remove", name="b", at=0, length=len("Kết luận: "))
    await node_js.do("until", name="a", words="giao Vụ Tổ chức 🙂. ")

    await node_js.do("leave", name="a")
    await node_js.do("insert", name="a", at=0, words="[A] ")
    await node_js.do("insert", name="b", at=0, words="[B] ")
    phone = await office.phone(ministry.secretary)
    await node_js.do("reopen", name="a", ticket=await phone.ticket())
    python = await office.editor(ministry.leader)
    words = await python.sees(lambda seen: "[A]" in seen and "[B]" in seen)

    for name in ("a", "b"):
        await node_js.do("until", name=name, words=words)
    assert await office.kept() == words
    assert sorted(words.split("] ", 2)[:2]) == ["[A", "[B"]


async def test_an_app_that_may_only_read_is_told_so_in_its_own_protocol(
    office: Office, node_js: Editors
) -> None:
    await opened(office, node_js, "writer", office.ministry.secretary)
    await opened(office, node_js, "reader", office.ministry.officer)
    await node_js.do("insert", name="writer", at=0, words="Nguyên văn.")
    await node_js.do("until", name="reader", words="Nguyên văn.")

    await node_js.do("insert", name="reader", at=0, words="Thêm. ")

    (warned,) = (await node_js.do("warned"))["warned"]
    assert "Permission denied" in warned
    assert "meetings.not_your_part" in warned
    assert await office.kept() == "Nguyên văn."


async def test_apps_show_their_cursors_to_each_other_under_our_names(
    office: Office, node_js: Editors
) -> None:
    ministry = office.ministry
    await opened(office, node_js, "a", ministry.secretary)
    await node_js.do("show", name="a", user="Hà")
    await opened(office, node_js, "b", ministry.officer)
    (seen,) = (await node_js.do("shown", name="b", count=1))["states"]
    assert seen == {"user": "Hà", "who": str(ministry.secretary.id)}

    await node_js.do("leave", name="a")

    assert (await node_js.do("shown", name="b", count=0))["states"] == []


async def test_marks_are_no_part_of_minutes(office: Office, node_js: Editors) -> None:
    await opened(office, node_js, "a", office.ministry.secretary)
    await node_js.do("insert", name="a", at=0, words="Đậm")
    python = await office.editor(office.ministry.leader)
    await python.sees(lambda words: words == "Đậm")

    await node_js.do("format", name="a", at=0, length=3)

    assert (await node_js.do("closed", name="a"))["codes"] == [4400]
    assert await office.kept() == "Đậm"
