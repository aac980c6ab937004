"""An operator who holds the server, with all its keys, against a recount by anybody."""

import asyncio
import hashlib
import json
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

import orjson
import pytest

from api.meetings.secrecy import archive, hands
from api.meetings.secrecy.archive import Archive, Setup
from api.meetings.secrecy.ballots import tracker_of
from api.meetings.secrecy.hands import Remembered
from api.meetings.secrecy.rules import new_uuid
from api.meetings.secrecy.teller.belenios import BeleniosTeller
from core.bounds import VotingTool
from tests.support.secret_votes import TOOL, Committee, sealed

SECONDS = 1_790_000_000
AT_ONCE = 2


@dataclass(frozen=True)
class Record:
    """What the server publishes, in parts; whoever writes it writes the chain of hashes anew."""

    setup: Setup
    ballots: Sequence[str]
    tally: tuple[str, str]
    factors: Sequence[str]
    outcome: str
    #: Ballots that the operator has made with credentials of their own.
    minted: Sequence[str] = field(default=())

    def archive(self) -> Archive:
        grown = archive.opened(self.setup, SECONDS)
        archive.add_ballots(grown, self.ballots)
        grown.add(archive.TALLY, *self.tally)
        for number, factors in enumerate(self.factors, start=1):
            archive.add_partial(grown, number, factors)
        grown.add(archive.RESULT, self.outcome)
        return grown


async def counted(record: Record, committee: Committee) -> Record:
    """Let trustees who see only what the operator shows them open the sum."""
    teller, uuid = BeleniosTeller(VotingTool()), record.setup.uuid
    grown = archive.opened(record.setup, SECONDS)
    archive.add_ballots(grown, record.ballots)
    tally = await teller.tally(uuid, grown)
    grown.add(archive.TALLY, *tally)
    content = grown.content()
    factors = [
        await trustee.factors(content, number, key)
        for number, (trustee, key) in enumerate(
            zip(committee.trustees, committee.keys, strict=True), start=1
        )
    ]
    for number, each in enumerate(factors, start=1):
        archive.add_partial(grown, number, each)
    outcome = await teller.result(uuid, grown)
    assert outcome is not None
    return replace(record, tally=tally, factors=factors, outcome=outcome)


async def held(committee: Committee) -> Record:
    """A vote of three, of four who could; and what an operator can make without their slips."""
    teller, uuid = BeleniosTeller(VotingTool()), new_uuid()
    asked = {"answers": ["Có", "Không"], "min": 1, "max": 1, "question": "Bầu?"}
    template = orjson.dumps({"description": "Bầu?", "name": "Bầu?", "questions": [asked]}).decode()
    public, slips = await hands.credentials(TOOL, uuid, 4)
    others, minted_slips = await hands.credentials(TOOL, uuid, 2)
    founded = await teller.found(uuid, template, committee.parameters)
    setup = Setup(uuid, founded.election, founded.trustees, orjson.dumps(public).decode())
    stuffed = replace(setup, credentials=orjson.dumps(sorted(public[:3] + others[:1])).decode())
    content = archive.opened(setup, SECONDS).content()
    ballots = await sealed(content, slips[:3], [0, 0, 1])
    minted = await sealed(archive.opened(stuffed, SECONDS).content(), minted_slips, [1, 1])
    empty = Record(setup, ballots, ("", ""), (), "", minted)
    return await counted(empty, committee)


@pytest.fixture(scope="module")
def record(committee: Committee) -> Record:
    return asyncio.run(held(committee))


def add_minted(record: Record, chance: random.Random) -> Record:
    """A ballot whose credential nobody has listed."""
    return replace(record, ballots=[*record.ballots, chance.choice(record.minted)])


def add_for_an_absentee(record: Record, chance: random.Random) -> Record:
    """A ballot in the name of the credential that has not voted, signed with another."""
    used = {json.loads(one)["credential"] for one in record.ballots}
    (absent,) = set(json.loads(record.setup.credentials)) - used
    source = json.loads(chance.choice([*record.ballots, *record.minted]))
    return replace(record, ballots=[*record.ballots, _written(source | {"credential": absent})])


def add_for_a_voter(record: Record, chance: random.Random) -> Record:
    """A second ballot of a voter, with the answer of another; Belenios would count the last."""
    victim, other = chance.sample(list(record.ballots), 2)
    answer = {"answers": json.loads(other)["answers"]}
    return replace(record, ballots=[*record.ballots, _written(json.loads(victim) | answer)])


def add_a_credential(record: Record, chance: random.Random) -> Record:
    """The operator's own credential on the list, and a ballot that is rightly signed with it."""
    listed = sorted(json.loads(record.setup.credentials))
    extra = json.loads(record.minted[0])["credential"]
    if chance.random() < 0.5:
        listed.remove(chance.choice(listed))
    setup = replace(record.setup, credentials=orjson.dumps(sorted([*listed, extra])).decode())
    return replace(record, setup=setup, ballots=[*record.ballots, record.minted[0]])


def drop(record: Record, chance: random.Random) -> Record:
    kept = list(record.ballots)
    for _ in range(chance.randint(1, len(kept))):
        kept.pop(chance.randrange(len(kept)))
    return replace(record, ballots=kept)


def exchange(record: Record, chance: random.Random) -> Record:
    """A voter's ballot for one that the operator has made."""
    kept = list(record.ballots)
    kept[chance.randrange(len(kept))] = chance.choice(record.minted)
    return replace(record, ballots=kept)


def alter_a_ballot(record: Record, chance: random.Random) -> Record:
    """Any digit of any number in a ballot."""
    kept = list(record.ballots)
    at = chance.randrange(len(kept))
    kept[at] = _digit_changed(kept[at], chance)
    return replace(record, ballots=kept)


def alter_the_sum(record: Record, chance: random.Random) -> Record:
    tally, sized = record.tally
    changed = _digit_changed(tally, chance)
    payload = json.loads(sized) | {"encrypted_tally": hashlib.sha256(changed.encode()).hexdigest()}
    return replace(record, tally=(changed, _written(payload)))


def alter_what_was_opened(record: Record, chance: random.Random) -> Record:
    factors = list(record.factors)
    at = chance.randrange(len(factors))
    factors[at] = _digit_changed(factors[at], chance)
    return replace(record, factors=factors)


def alter_the_result(record: Record, chance: random.Random) -> Record:
    yes = chance.choice([0, 1, 3, 4])
    return replace(record, outcome=_written({"result": [[yes, chance.choice([0, 2, 3])]]}))


def alter_the_question(record: Record, chance: random.Random) -> Record:
    election = json.loads(record.setup.election)
    election["questions"][0]["answers"].reverse()
    if chance.random() < 0.5:
        election = json.loads(record.setup.election) | {"name": f"Bầu? {chance.random()}"}
    return replace(record, setup=replace(record.setup, election=_written(election)))


def alter_the_trustees(record: Record, chance: random.Random) -> Record:
    trustees = _digit_changed(record.setup.trustees, chance)
    return replace(record, setup=replace(record.setup, trustees=trustees))


ADDITIONS = (add_minted, add_for_an_absentee, add_for_a_voter, add_a_credential)
DROPS = (drop,)
ALTERATIONS = (
    exchange, alter_a_ballot, alter_the_sum, alter_what_was_opened, alter_the_result,
    alter_the_question, alter_the_trustees,
)  # fmt: skip
Crime = Callable[[Record, random.Random], Record]


def _written(value: object) -> str:
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False)


def _digit_changed(text: str, chance: random.Random) -> str:
    digits = [at for at, letter in enumerate(text) if letter.isdigit() and text[at - 1].isdigit()]
    at = chance.choice(digits)
    other = chance.choice([one for one in "0123456789" if one != text[at]])
    return text[:at] + other + text[at + 1 :]


def crimes(count: int, seed: int) -> list[tuple[Crime, random.Random]]:
    """As many additions as drops as alterations, each another one."""
    kinds = (ADDITIONS, DROPS, ALTERATIONS)
    chance = random.Random(seed)
    return [
        (chance.choice(kinds[number % 3]), random.Random(f"{seed}-{number}"))
        for number in range(count)
    ]


async def undetected(record: Record, count: int, seed: int) -> list[str]:
    """Commit crimes and recount; name those that nobody would notice."""
    known = Remembered(record.setup.head, None, [tracker_of(one) for one in record.ballots])
    turn = asyncio.Semaphore(AT_ONCE)

    async def commit(crime: Crime, chance: random.Random) -> str | None:
        content = crime(record, chance).archive().content()
        async with turn:
            found = await hands.recount(TOOL, content, known)
        return None if found.faults else crime.__name__

    done = await asyncio.gather(*(commit(*one) for one in crimes(count, seed)))
    return [one for one in done if one is not None]


async def test_the_record_as_it_is_holds(record: Record) -> None:
    grown = record.archive()
    trackers = [tracker_of(one) for one in record.ballots]

    found = await hands.recount(
        TOOL, grown.content(), Remembered(record.setup.head, grown.head, trackers)
    )

    assert (found.counts, found.ballots, found.faults) == ([2, 1], 3, [])


async def test_a_hundred_crimes_of_an_operator_with_all_keys_are_detected(record: Record) -> None:
    assert await undetected(record, 100, random.randrange(10**9)) == []


@pytest.mark.slow
@pytest.mark.timeout(1800)
async def test_ten_thousand_crimes_of_an_operator_with_all_keys_are_detected(
    record: Record,
) -> None:
    assert await undetected(record, 10_000, random.randrange(10**9)) == []


async def test_a_drop_that_trustees_were_deceived_with_is_missed_by_its_voter_alone(
    record: Record, committee: Committee
) -> None:
    dropped = await counted(replace(record, ballots=record.ballots[1:]), committee)
    content = dropped.archive().content()

    others = Remembered(record.setup.head, None, [tracker_of(one) for one in record.ballots[1:]])
    theirs = Remembered(record.setup.head, None, [tracker_of(record.ballots[0])])

    assert (await hands.recount(TOOL, content, others)).faults == []
    assert (await hands.recount(TOOL, content, theirs)).faults == [
        f"missing {tracker_of(record.ballots[0])}"
    ]


async def test_what_the_room_was_told_proves_every_later_change(
    record: Record, committee: Committee
) -> None:
    told = record.archive().head
    dropped = await counted(replace(record, ballots=record.ballots[1:]), committee)

    found = await hands.recount(TOOL, dropped.archive().content(), Remembered(head=told))

    assert found.faults == ["head"]


@pytest.mark.parametrize("content", [b"", b"\0" * 512, b"x" * 1024, b"{}"])
async def test_what_is_no_archive_does_not_hold(content: bytes) -> None:
    found = await hands.recount(TOOL, content, Remembered())

    assert found.faults == ["unreadable"]


async def test_a_cut_archive_does_not_hold(record: Record) -> None:
    whole = record.archive()
    chance, content = random.Random(0), whole.content()
    for _ in range(20):
        cut = content[: chance.randrange(len(content))]
        found = await hands.recount(TOOL, cut, Remembered(head=whole.head))
        assert found.faults
