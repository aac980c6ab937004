"""The document says what the server does: real frames fit it, and every name in it resolves."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest
from pydantic import BaseModel

from realtime import asyncapi
from realtime.frames import Code
from tests.realtime.world import ROOM, PageTurned, Phone, World


class Turn(BaseModel):
    """A command of some capability."""

    page: int


DOCUMENT = asyncapi.document([PageTurned], {"page.turn": Turn})


def references(node: Any) -> Iterator[str]:
    if isinstance(node, dict):
        if isinstance(node.get("$ref"), str):
            yield node["$ref"]
        for child in node.values():
            yield from references(child)
    elif isinstance(node, list):
        for child in node:
            yield from references(child)


def resolve(reference: str) -> Any:
    node: Any = DOCUMENT
    for part in reference.removeprefix("#/").split("/"):
        node = node[part]
    return node


def must_fit(message: str, frame: dict[str, Any]) -> None:
    schema = {**resolve(f"#/components/messages/{message}")["payload"], **DOCUMENT}
    jsonschema_rs.validate(schema, frame)


def test_every_reference_resolves() -> None:
    assert all(resolve(reference) for reference in references(DOCUMENT))


def test_every_close_code_is_explained() -> None:
    below = {"1002", "1007", "1009", "1012"}

    assert set(DOCUMENT["x-close-codes"]) == {str(int(code)) for code in Code} | below


def test_the_same_code_gives_the_same_document() -> None:
    assert asyncapi.document(iter([PageTurned]), {"page.turn": Turn}) == DOCUMENT


def test_every_command_is_described_by_the_shape_of_its_data() -> None:
    described = DOCUMENT["x-commands"]

    assert resolve(described["page.turn"]["$ref"])["required"] == ["page"]
    to_phones = {"rtc.offer", "rtc.answer", "rtc.ice", "rtc.bye"}
    to_engine = {"media.publish", "media.listen", "media.connect", "media.leave"}
    passing = {"pointer.move", "ink.draw", "picture.get"}
    assert set(described) == {"page.turn"} | to_phones | to_engine | passing


def test_an_event_is_described_with_its_body() -> None:
    with pytest.raises(jsonschema_rs.ValidationError):
        must_fit("ev.test.page_turned", {"t": "ev", "s": ROOM, "q": 1})


async def test_what_a_real_server_says_fits_the_document(world: World) -> None:
    phone: Phone = await world.phone()

    must_fit("Welcome", await phone.hello())
    must_fit("Ok", await phone.subscribe(start="snapshot"))
    must_fit("ev.room.presence", await phone.wait_for_kind("room.presence"))
    must_fit("Err", await phone.ask(t="cmd", i=2, k="no.such", s=ROOM))
    await world.turn_pages(1)
    must_fit("ev.test.page_turned", await phone.wait_for_kind("test.page_turned"))
    await phone.socket.send("{")
    must_fit("Bye", await phone.wait_for(lambda frame: frame["t"] == "bye"))


def test_what_phones_may_send_is_closed(tmp_path: Path) -> None:
    with pytest.raises(jsonschema_rs.ValidationError):
        must_fit("PhonePing", {"t": "ping", "more": 1})
