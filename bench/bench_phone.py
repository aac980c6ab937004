"""The phone: what a thousand sockets, a request's proof, a list and a storm cost."""

import asyncio
import resource
import tempfile
from collections.abc import Callable
from functools import partial
from pathlib import Path

from bench import connections, fanout, processes, requests, world
from bench.harness import Report, note


def main() -> None:
    report = Report("phone")
    raise_limit_of_files()
    with tempfile.TemporaryDirectory(prefix="kg-bench-") as temporary:
        folder = Path(temporary)
        note("phone: founding a ministry with 10,000 phones ...")
        room = asyncio.run(world.convene(folder / "room", connections.MANY))
        processes.stay_on_the_clients_core()
        parts: list[Callable[[], None]] = [
            partial(fanout.measure, report, folder / "room", room),
            partial(requests.check, report, folder / "tasks"),
            partial(requests.list_of_tasks, report, folder / "postgres"),
            partial(connections.stuck, report, folder / "room", room),
            partial(connections.resume, report, folder / "room", room),
            partial(connections.idle, report, folder / "room", room),
            partial(connections.storm, report, folder / "room", room),
        ]
        for part in parts:
            measured_or_skipped(part)


def measured_or_skipped(part: Callable[[], None]) -> None:
    """Measure one part; when it cannot be, say so and go on with the others."""
    try:
        part()
    except (OSError, RuntimeError) as error:
        note(f"  not measured: {error}")


def raise_limit_of_files() -> None:
    """Let this process and its servers hold as many sockets as the machine allows."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


if __name__ == "__main__":
    main()
