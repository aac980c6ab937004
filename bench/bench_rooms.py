"""The meetings: what a page turn costs a room, a vote a hall, and a word the minutes."""

import asyncio
import tempfile
from functools import partial
from pathlib import Path

from bench import arrivals, minutes, processes, rooms, secret_votes, voices, world
from bench.bench_phone import measured_or_skipped, raise_limit_of_files
from bench.harness import Report


def main() -> None:
    report = Report("rooms")
    raise_limit_of_files()
    with tempfile.TemporaryDirectory(prefix="kg-bench-") as temporary:
        folder = Path(temporary)
        room = asyncio.run(world.convene(folder / "room", max(rooms.ROOMS)))
        processes.stay_on_the_clients_core()
        for phones in rooms.ROOMS:
            turns = partial(rooms.page_turns, report, folder / "room", room, phones)
            measured_or_skipped(turns)
        measured_or_skipped(partial(arrivals.joins, report, folder / "room", room))
        measured_or_skipped(partial(arrivals.storm, report, folder / "room", room))
        measured_or_skipped(partial(rooms.a_vote, report, folder / "vote"))
        secret = partial(secret_votes.a_secret_vote, report, folder / "secret")
        measured_or_skipped(secret)
        measured_or_skipped(partial(minutes.together, report, folder / "minutes"))
        measured_or_skipped(partial(voices.voices, report))


if __name__ == "__main__":
    main()
