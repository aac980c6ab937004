"""The house: how fast it starts, how little it holds, what one read of a phone costs.

Every server runs on the first core, what drives it on the last one.
"""

import asyncio
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from bench import inside, load, processes, world
from bench.harness import Report, interleaved, is_quick, note
from bench.processes import PYTHON, Server, free_port, ours
from bench.world import Handset

ROUNDS = 2 if is_quick() else 7
REQUESTS = 300 if is_quick() else 1500
IDLE_SECONDS = 1.0 if is_quick() else 5.0


def main() -> None:
    report = Report("house")
    with tempfile.TemporaryDirectory(prefix="kg-bench-") as temporary:
        folder = Path(temporary)
        processes.stay_on_the_clients_core()
        start_and_idle(report, folder / "ministry")
        handset = asyncio.run(world.settle(folder / "tasks"))
        list_of_tasks(report, folder / "tasks", handset)
        inside.parts_of_a_read(report, folder / "tasks", handset)
        inside.numbers(report, folder / "numbers")


def start_and_idle(report: Report, folder: Path) -> None:
    """A first start loads the ministry; every later one is measured."""
    note("house: first start, with the demo ministry (half a minute) ...")
    ours(folder, free_port(), demo=True).wait("/health/ready").stop()
    seconds = interleaved(
        ROUNDS,
        {
            "ours": lambda: _seconds_to_answer(lambda port: ours(folder, port, demo=True)),
            "bare": lambda: _seconds_to_answer(_bare),
        },
    )
    report.add(
        "second start to the first 200",
        "s",
        seconds["ours"],
        goal="ours <= 3",
        against=("uvicorn with one Starlette route", seconds["bare"]),
    )
    with (
        _running(ours(folder, free_port(), demo=True), "/health/ready") as server,
        _running(_bare(free_port()), "/") as bare,
    ):
        time.sleep(IDLE_SECONDS)  # what is idle is what has settled
        report.add(
            "memory of an idle server and its children",
            "MB",
            server.memory(),
            goal="ours <= 160",
            against=("uvicorn with one Starlette route", bare.memory()),
        )


def list_of_tasks(report: Report, folder: Path, handset: Handset) -> None:
    """An authenticated GET of 20 tasks, in CPU time of the server process."""
    note("house: authenticated GET of 20 tasks ...")
    with (
        _running(ours(folder, free_port()), "/health/ready") as server,
        _running(_bare(free_port()), "/") as bare,
    ):
        asked = load.request(server.port, "/tasks", **handset.headers("GET", f"{server.url}/tasks"))
        size = len(load.send_one(server.port, asked))
        cost = interleaved(
            ROUNDS,
            {
                "ours": lambda: cpu_of_tasks(server, handset, REQUESTS),
                "bare": lambda: cpu_of(bare, [load.request(bare.port, "/")] * REQUESTS),
                "transport": lambda: cpu_of(
                    bare, _as_large(bare, handset, f"/bytes/{size}", REQUESTS)
                ),
            },
        )
    floor = ("one Starlette route", cost["bare"])
    report.add("GET of 20 tasks", "µs CPU", cost["ours"], goal="ratio <= 8", against=floor)
    report.add(
        "GET of 20 tasks: its transport (same headers, same number of bytes)",
        "µs CPU",
        cost["transport"],
        against=floor,
    )


def cpu_of_tasks(server: Server, handset: Handset, count: int) -> float:
    """Return the µs of CPU for each of so many GETs of 20 tasks; every proof is a new one."""
    url = f"{server.url}/tasks"
    requests = [
        load.request(server.port, "/tasks", **handset.headers("GET", url)) for _ in range(count)
    ]
    return cpu_of(server, requests)


def cpu_of(server: Server, requests: list[bytes]) -> float:
    """Return the µs of CPU that the server uses for each request."""
    before = server.cpu_seconds()
    load.send_all(server.port, requests)
    return (server.cpu_seconds() - before) * 1e6 / len(requests)


def _as_large(bare: Server, handset: Handset, path: str, count: int) -> list[bytes]:
    return [load.request(bare.port, path, **handset.headers("GET", bare.url))] * count


def _bare(port: int) -> Server:
    return processes.start([PYTHON, "-m", "bench.peers.bare", str(port)], port=port)


def _seconds_to_answer(start: Callable[[int], Server]) -> float:
    port = free_port()
    since = time.perf_counter()
    server = start(port).wait("/health/ready")
    seconds = time.perf_counter() - since
    server.stop()
    return seconds


@contextmanager
def _running(server: Server, ready: str) -> Iterator[Server]:
    try:
        yield server.wait(ready)
    finally:
        server.stop()


if __name__ == "__main__":
    main()
