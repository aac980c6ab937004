"""Transactions: one place commits, and nothing slow stands between begin and commit."""

import ast
import re
from collections.abc import Iterator

import pytest

from tests.architecture.source import Module, calls, modules

#: The places that speak to the database below the unit of work, and why.
MAY_COMMIT = {
    "core.db": "the one place that commits",
    "api.migrations.env": "Alembic's own entry, before any unit of work exists",
}
#: What crosses the network, touches files or burns processor time; never between begin and commit.
SLOW = re.compile(
    r"(^|\.)(bus|blobs|sandbox|mssp|seal|gateway)\.\w+$"
    r"|^(httpx|socket|subprocess|shutil)\."
    r"|(^|\.)(to_thread|run_in_executor|sleep|open|read_bytes|write_bytes|read_text|write_text)$"
)
TRANSACTION = re.compile(r"\.(begin|read)\(\)$")
#: SQLAlchemy's own connection handling, below the unit of work.
BELOW = {"core.db"}


def commits(module: Module) -> Iterator[str]:
    for name, line in calls(module.tree):
        if name.endswith((".commit", ".rollback")) and module.name not in MAY_COMMIT:
            yield f"{module.name}:{line} {name}"


def slow_in_transactions(module: Module) -> Iterator[str]:
    for node in ast.walk(module.tree):
        if isinstance(node, ast.AsyncWith) and module.name not in BELOW:
            opens = [ast.unparse(item.context_expr) for item in node.items]
            if any(TRANSACTION.search(each) for each in opens):
                for statement in node.body:
                    yield from (
                        f"{module.name}:{line} {name}"
                        for name, line in calls(statement)
                        if SLOW.search(name)
                    )


def test_only_the_unit_of_work_commits() -> None:
    assert [each for module in modules() for each in commits(module)] == []


def test_nothing_slow_happens_inside_a_transaction() -> None:
    assert [each for module in modules() for each in slow_in_transactions(module)] == []


@pytest.mark.parametrize(
    "line",
    [
        "await tools.mssp.status(id)",
        "await self.bus.publish(wake)",
        "stored = await blobs.put_file(path)",
        "await asyncio.to_thread(work)",
        "await tools.sandbox.run(report_on, path)",
        "path.read_bytes()",
        "await httpx.get(url)",
    ],
)
def test_slow_work_in_a_transaction_is_noticed(line: str) -> None:
    planted = Module("planted", f"async def f(db):\n  async with db.begin() as tx:\n    {line}\n")

    assert len(list(slow_in_transactions(planted))) == 1


def test_a_commit_elsewhere_is_noticed() -> None:
    assert len(list(commits(Module("planted", "session.commit()")))) == 1
