"""A room is the sum of what all nodes have of it, whatever order they tell it in."""

from uuid import UUID

from hypothesis import given, settings
from hypothesis import strategies as st

from realtime import presence
from realtime.presence import Part, Presence, Present, RoomPresence

ROOM = "room:1"
NODES = ("a", "b", "c")
PEOPLE = [Present(peer=str(number), who=UUID(int=number)) for number in range(4)]
STEPS = st.lists(
    st.tuples(
        st.sampled_from(NODES),
        st.sampled_from(["comes", "goes", "is told of", "hears"]),
        st.sampled_from(PEOPLE),
    ),
    max_size=40,
)


class Room:
    """Three nodes, what is on its way between them, and what their phones were told."""

    def __init__(self) -> None:
        self.nodes = {name: Presence(name) for name in NODES}
        self.own: dict[str, list[Present]] = {name: [] for name in NODES}
        self.told: dict[str, set[Present]] = {name: set() for name in NODES}
        self.under_way: dict[str, list[Part]] = {name: [] for name in NODES}

    def take(self, step: str, node: str, who: Present) -> None:
        match step:
            case "comes":
                self.comes(node, who)
            case "goes":
                self.goes(node, who)
            case "is told of":
                self.tells(node)
            case _:
                self.hears(node)

    def comes(self, node: str, who: Present) -> None:
        self.nodes[node].join(ROOM, who)
        if not self.own[node]:  # somebody new listens, who was told the state on arrival
            self.told[node] = set(self.nodes[node]._rooms[ROOM].told)
        self.own[node].append(who)

    def goes(self, node: str, who: Present) -> None:
        if who in self.own[node]:
            self.own[node].remove(who)
            self.nodes[node].leave(ROOM, who)

    def tells(self, node: str) -> None:
        part = self.nodes[node].part(ROOM)
        for waiting in self.under_way.values():
            waiting.append(part)

    def hears(self, node: str) -> None:
        for part in self.under_way[node]:
            if self.nodes[node].hear(ROOM, part, 0):
                self.tells(node)
        self.under_way[node].clear()
        change = self.nodes[node].change(ROOM)
        if change is not None:
            self._note(node, change)

    def _note(self, node: str, change: RoomPresence) -> None:
        assert not self.told[node] & set(change.joined), "nobody comes twice"
        assert set(change.left) <= self.told[node], "nobody goes who was not there"
        self.told[node] = (self.told[node] | set(change.joined)) - set(change.left)
        assert change.count == len(self.told[node])


@settings(max_examples=200, deadline=None)
@given(STEPS)
def test_every_node_ends_with_all_who_are_there(steps: list[tuple[str, str, Present]]) -> None:
    room = Room()
    for node, step, who in steps:
        room.take(step, node, who)
    for step in ("is told of", "hears") * 3:
        for node in NODES:
            room.take(step, node, PEOPLE[0])

    there = set().union(*room.own.values())
    for node in NODES:
        if room.own[node]:
            assert set(room.nodes[node].here(ROOM).joined) == there
            assert room.told[node] == there
        else:
            assert ROOM not in room.nodes[node].rooms


def test_a_room_too_large_to_name_is_counted() -> None:
    here, there = Presence("here"), Presence("there")
    crowd = [Present(peer=str(n), who=UUID(int=n)) for n in range(presence.MOST_TOLD + 50)]
    for who in crowd:
        there.join(ROOM, who)
    here.join(ROOM, PEOPLE[0])

    here.hear(ROOM, there.part(ROOM), 0)

    # One of them is here as well, and is named by both.
    assert here.here(ROOM).count == len(crowd)
    assert len(here.here(ROOM).joined) == presence.MOST_NAMES


def test_a_node_that_is_silent_for_long_is_forgotten() -> None:
    here, there = Presence("here"), Presence("there")
    here.join(ROOM, PEOPLE[0])
    there.join(ROOM, PEOPLE[1])
    here.hear(ROOM, there.part(ROOM), 10)
    here.change(ROOM)

    assert here.forget_silent(10) == set()
    assert here.forget_silent(10.1) == {ROOM}

    change = here.change(ROOM)
    assert change is not None
    assert change.left == [PEOPLE[1]]
