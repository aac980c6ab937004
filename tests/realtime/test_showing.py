"""Pointers and ink: seen by whoever is there, kept nowhere, and the first thing to be dropped."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlmodel import select

from core.streams import Fact
from realtime.floor import Speaking
from realtime.limits import Limits
from realtime.pointing import for_readers, readers_of
from tests.realtime.test_fanout import stuck_phone
from tests.realtime.test_nodes import Nodes, nodes
from tests.realtime.world import ROOM, Frame, Phone, World, running

__all__ = ["nodes"]

DOCUMENT, NOTE = str(UUID(int=7)), str(UUID(int=8))
POINTER = {"document_id": DOCUMENT, "page": 2, "at": [0.25, 0.5]}
STROKE = {"document_id": DOCUMENT, "page": 2, "stroke": NOTE, "points": [[0, 0], [1, 1]]}


@dataclass
class Somebody:
    """A phone in the room, and whose it is."""

    phone: Phone
    who: UUID
    asked: int = 10

    async def show(self, kind: str, data: dict[str, Any], stream: str = ROOM) -> Frame:
        self.asked += 1
        return await self.phone.ask(t="cmd", i=self.asked, k=kind, s=stream, d=data)


async def somebody(world: World) -> Somebody:
    ticket = world.gate.ticket()
    who = world.gate.tickets[ticket].id
    let_read(world, who)
    phone = await world.dial("khonggiay.v1", f"ticket.{ticket}")
    await phone.hello()
    await phone.subscribe()
    return Somebody(phone, who)


def let_read(world: World, *who: UUID) -> None:
    paper = UUID(DOCUMENT)
    world.gate.papers[paper] = world.gate.papers.get(paper, frozenset()).union(who)


def give_floor(world: World, *speakers: Somebody, presenter: Somebody | None = None) -> None:
    who = presenter.who if presenter else None
    world.gate.floors[ROOM] = Speaking(tuple(one.who for one in speakers), frozenset(), who)


async def kinds_before(phone: Phone, seq: int) -> list[Any]:
    """What a phone hears until it has the event at a position."""
    kinds = []
    while (frame := await phone.hear()).get("q") != seq:
        kinds.append(frame.get("k", frame["t"]))
    return kinds


async def test_what_the_presenter_shows_is_seen_by_all_others_and_kept_nowhere(
    world: World,
) -> None:
    presenter, viewer = await somebody(world), await somebody(world)
    give_floor(world, presenter=presenter)

    told = [
        (await presenter.show(kind, data))["t"]
        for kind, data in (("pointer.move", POINTER), ("ink.draw", STROKE))
    ]
    seen = [await viewer.phone.wait_for_kind(kind) for kind in ("pointer.move", "ink.draw")]
    await world.turn_pages(1)

    assert told == ["ok", "ok"]
    said = {"from": seen[0]["d"]["from"], "who": str(presenter.who)}
    assert [one["d"] for one in seen] == [said | POINTER, said | STROKE]
    assert [one.get("q") for one in seen] == [None, None]
    assert not {"pointer.move", "ink.draw"} & set(await kinds_before(presenter.phone, 1))
    async with world.db.read() as view:
        assert [one.name for one in (await view.session.exec(select(Fact))).all()] == [
            "test.page_turned"
        ]


async def test_only_who_presents_or_speaks_shows_anything_and_only_while_they_do(
    world: World,
) -> None:
    presenter, speaker, viewer = [await somebody(world) for _ in range(3)]
    give_floor(world, speaker, presenter=presenter)
    assert (await presenter.show("pointer.move", POINTER))["t"] == "ok"
    assert (await speaker.show("pointer.move", POINTER))["t"] == "ok"
    assert (await viewer.show("pointer.move", POINTER))["code"] == "realtime.not_pointing"

    give_floor(world, presenter=viewer)
    await world.turn_pages(1)
    for one in (presenter, speaker, viewer):
        await one.phone.wait_until_at(1)

    assert (await presenter.show("pointer.move", POINTER))["code"] == "realtime.not_pointing"
    assert (await speaker.show("ink.draw", STROKE))["code"] == "realtime.not_pointing"
    assert (await viewer.show("ink.draw", STROKE))["t"] == "ok"


async def test_what_is_shown_on_a_paper_is_seen_by_its_readers_alone(world: World) -> None:
    presenter, reader, other = [await somebody(world) for _ in range(3)]
    world.gate.papers[UUID(DOCUMENT)] -= {other.who}
    give_floor(world, presenter=presenter)

    assert (await presenter.show("pointer.move", POINTER))["t"] == "ok"
    await reader.phone.wait_for_kind("pointer.move")
    await world.turn_pages(1)

    assert "pointer.move" not in await kinds_before(other.phone, 1)


async def test_nothing_is_shown_on_a_paper_that_is_not_there_or_not_ones_own_to_read(
    world: World,
) -> None:
    presenter = await somebody(world)
    give_floor(world, presenter=presenter)
    elsewhere = POINTER | {"document_id": str(UUID(int=9))}
    assert (await presenter.show("pointer.move", elsewhere))["code"] == "not_found"
    assert (await presenter.show("pointer.move", POINTER))["t"] == "ok"

    world.gate.papers.clear()
    await world.turn_pages(1)
    await presenter.phone.wait_until_at(1)

    assert (await presenter.show("pointer.move", POINTER))["code"] == "not_found"


@given(st.frozensets(st.uuids(), max_size=5), st.binary(max_size=40))
def test_who_may_see_it_goes_along_with_what_is_shown(
    readers: frozenset[UUID], event: bytes
) -> None:
    ids, said = readers_of(for_readers(readers, event))

    assert (ids, said) == (frozenset(one.bytes for one in readers), event)


async def test_a_pointer_moves_twenty_times_a_second_and_no_more(world: World) -> None:
    presenter = await somebody(world)
    give_floor(world, presenter=presenter)

    answers = [await presenter.show("pointer.move", POINTER) for _ in range(40)]

    refused = [one for one in answers if one["t"] == "err"]
    assert {one["code"] for one in refused} == {"realtime.too_fast"}
    assert len(answers) - len(refused) >= Limits().pointing
    assert (await presenter.phone.turn(1))["t"] == "ok", "nothing else suffers"


async def test_a_reader_with_anything_unread_is_spared_what_passes(tmp_path: Path) -> None:
    async with running(tmp_path, Limits(patience=60, sweep=0.02, poll=0.05)) as world:
        presenter, stuck = await somebody(world), await stuck_phone(world)
        give_floor(world, presenter=presenter)
        (slow,) = [one for one in world.hub._phones if one.present.who != presenter.who]
        let_read(world, slow.present.who)
        wire = slow._wire  # type: ignore[attr-defined]
        seq = 0
        while wire.buffered() <= Limits().passing:
            seq += 1
            await world.turn_pages(seq, padding="x" * 4096)
            await presenter.phone.wait_until_at(seq)

        await presenter.show("pointer.move", POINTER)
        await world.turn_pages(seq + 1)

        assert "pointer.move" not in await kinds_before(stuck, seq + 1)


@pytest.mark.parametrize(
    ("kind", "data"),
    [
        ("pointer.move", {}),
        ("pointer.move", POINTER | {"at": [1.5, 0]}),
        ("pointer.move", POINTER | {"at": [0.5]}),
        ("pointer.move", POINTER | {"page": -1}),
        ("pointer.move", POINTER | {"more": 1}),
        ("ink.draw", STROKE | {"points": [[0, 0]] * 65}),
        ("ink.draw", STROKE | {"points": [[0, "x"]]}),
        ("ink.draw", STROKE | {"stroke": "mine"}),
    ],
    ids=str,
)
async def test_what_is_no_pointer_and_no_ink_is_refused(
    world: World, kind: str, data: dict[str, Any]
) -> None:
    presenter = await somebody(world)
    give_floor(world, presenter=presenter)

    assert (await presenter.show(kind, data))["code"] == "malformed"


async def test_nothing_is_shown_in_a_room_one_is_not_in(world: World) -> None:
    presenter = await somebody(world)
    give_floor(world, presenter=presenter)

    refusal = await presenter.show("pointer.move", POINTER, "room:m2")

    assert refusal["code"] == "realtime.not_listening"


async def test_a_pointer_is_seen_on_the_other_node(nodes: Nodes) -> None:
    presenter, viewer = await somebody(nodes.here), await somebody(nodes.there)
    give_floor(nodes.here, presenter=presenter)
    let_read(nodes.here, viewer.who)

    await presenter.show("pointer.move", POINTER)

    seen = await viewer.phone.wait_for_kind("pointer.move")
    assert json.loads(json.dumps(seen["d"]))["at"] == POINTER["at"]
