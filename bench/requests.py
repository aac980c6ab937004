"""What one request of a phone costs: its token and proof, and a list beside fastify and `pg`."""

import asyncio
import base64
import hashlib
import hmac
import json
import secrets
from contextlib import closing
from pathlib import Path

from bench import inside, load, packages, processes, world
from bench.bench_house import cpu_of, cpu_of_tasks
from bench.harness import Report, interleaved, is_quick, note
from bench.processes import Server, free_port, ours
from bench.world import Handset
from tests.support.databases import PostgresFactory, postgres_server

ROUNDS = 2 if is_quick() else 7
REQUESTS = 300 if is_quick() else 1500


def check(report: Report, folder: Path) -> None:
    """Check the token and the proof of a safe request, inside the process."""
    note("phone: token and proof ...")
    handset = asyncio.run(world.settle(folder))
    first, cached, verification = asyncio.run(_check(folder, handset))
    against = ("one ECDSA P-256 verification", verification / 1e3)
    report.add(
        "token (seen for the first time) and proof of a safe request", "ms CPU", first / 1e3,
        goal="ours <= 0.2", against=against,
    )  # fmt: skip
    report.add(
        "token (seen before) and proof of a safe request", "ms CPU", cached / 1e3,
        goal="ours <= 0.1", against=against,
    )  # fmt: skip


async def _check(folder: Path, handset: Handset) -> tuple[float, float, float]:
    async with world.engines_in(folder) as engines:
        first = await inside.check_of_a_new_token(engines, handset)
        return first, *await inside.check_of_a_request(engines, handset)


def list_of_tasks(report: Report, folder: Path) -> None:
    """GET 20 tasks from the same PostgreSQL: requests for each second of the server's CPU."""
    node = packages.node_path()
    if node is None:
        return
    note("phone: GET of 20 tasks on PostgreSQL, beside fastify with pg ...")
    with postgres_server() as server:
        url = PostgresFactory(server).url(folder)
        handset = asyncio.run(world.settle(folder, url))
        secret = secrets.token_hex(16)
        plain = url.replace("postgresql+asyncpg", "postgresql")
        port = free_port()
        command = ["node", "bench/peers/fastify.cjs", str(port), plain, secret]
        theirs = processes.start(command, port=port, environment={"NODE_PATH": node})
        with (
            closing(ours(folder, free_port(), database_url=url).wait("/health/ready")) as app,
            closing(theirs.wait("/")) as fastify,
        ):
            token = _token(secret, official=handset.official_id, agency=handset.agency_id)
            asked = load.request(port, "/tasks", Authorization=f"Bearer {token}")
            _must_be_alike(app, fastify, handset, asked)
            cost = interleaved(
                ROUNDS,
                {
                    "ours": lambda: cpu_of_tasks(app, handset, REQUESTS),
                    "theirs": lambda: cpu_of(fastify, [asked] * REQUESTS),
                },
            )
    report.add(
        "GET of 20 tasks on PostgreSQL", "1/s of CPU", 1e6 / cost["ours"],
        goal="ratio >= 0.6", against=("fastify with pg, HMAC token", 1e6 / cost["theirs"]),
    )  # fmt: skip


def _must_be_alike(app: Server, fastify: Server, handset: Handset, asked: bytes) -> None:
    """Refuse to compare unless both give the same tasks."""
    headers = handset.headers("GET", f"{app.url}/tasks")
    mine = json.loads(load.send_one(app.port, load.request(app.port, "/tasks", **headers)))
    theirs = json.loads(load.send_one(fastify.port, asked))
    if [one["id"] for one in mine] != [one["id"] for one in theirs] or len(mine) != world.TASKS:
        raise RuntimeError("ours and theirs do not show the same tasks")


def _token(secret: str, *, official: str, agency: str) -> str:
    parts = [{"alg": "HS256", "typ": "JWT"}, {"sub": official, "agency": agency}]
    head = ".".join(_base64url(json.dumps(part).encode()) for part in parts)
    return f"{head}.{_base64url(hmac.digest(secret.encode(), head.encode(), hashlib.sha256))}"


def _base64url(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()
