"""Whoever is let write can neither fill a node nor hold it up."""

import pytest

from core.bus.local import LocalBus
from realtime.frames import Code
from realtime.texts.gate import Written
from realtime.texts.shelf import GROUP_BYTES, MOST_WAITING_BYTES, OpenText
from tests.api.meetings.writing.conftest import Office


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_what_waits_for_a_commit_is_bounded_in_bytes(office: Office) -> None:
    secretary = office.ministry.secretary
    editor = await office.editor(secretary)
    await editor.write("Một.")
    await editor.has_kept("Một.")
    (writer,) = office.shelf._editors()
    text = OpenText(office.text, office.shelf.gate, LocalBus())
    no_update = Written(secretary.actor, bytes(MOST_WAITING_BYTES // 4))

    taken = [text.write(writer, no_update) for _ in range(5)]

    assert taken == [True] * 4 + [False]
    assert await editor.ends() == Code.BAD_FRAME


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_a_commit_takes_few_bytes_but_for_one_update_that_is_larger(office: Office) -> None:
    secretary = office.ministry.secretary
    editor = await office.editor(secretary)
    await editor.write("Một.")
    await editor.has_kept("Một.")
    (writer,) = office.shelf._editors()
    text = OpenText(office.text, office.shelf.gate, LocalBus())
    sizes = [GROUP_BYTES // 2, GROUP_BYTES // 2, 1, 2 * GROUP_BYTES, 7]
    text._waiting = [(writer, Written(secretary.actor, bytes(size))) for size in sizes]

    groups = []
    while text._waiting:
        groups.append([len(written.update) for _, written in text._next_group()])

    assert groups == [sizes[:2], [1], [2 * GROUP_BYTES], [7]]
