"""Transactions: one place commits, and nothing slow stands between begin and commit.

Two rules make the second promise sound. Inside a transaction only that is awaited which is given
the transaction, or was made from it. Whoever is given one is inside it too, so the same holds for
every function that takes one. No port, no sandbox and no thread is ever given a transaction.
"""

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest
from typing_extensions import override

from tests.architecture.source import Module, calls, modules

#: The places that speak to the database below the unit of work, and why.
MAY_COMMIT = {
    "core.db": "the one place that commits",
    "api.migrations.env": "Alembic's own entry, before any unit of work exists",
}
#: Whoever has a parameter of these types works inside a transaction.
TRANSACTIONS = {"Tx", "ReadTx", "WriteTxDep", "ReadTxDep", "AsyncSession"}
OPENING = re.compile(r"\.(begin|read)\(\)$")
#: Work on files and processor time that needs no `await`, or would take a transaction along.
SLOW = re.compile(
    r"^(asyncio|anyio|httpx|socket|subprocess|shutil)\."
    r"|(^|\.)(to_thread|run_in_executor|sleep|open|read_bytes|write_bytes|read_text|write_text)$"
)
#: What is called like that and waits for nothing.
QUICK = {"vault.open"}


def commits(module: Module) -> Iterator[str]:
    for name, line in calls(module.tree):
        if name.endswith((".commit", ".rollback")) and module.name not in MAY_COMMIT:
            yield f"{module.name}:{line} {name}"


def names_in(node: ast.AST | None) -> set[str]:
    return {each.id for each in ast.walk(node) if isinstance(each, ast.Name)} if node else set()


@dataclass
class Reader(ast.NodeVisitor):
    """Walks a module and keeps what may not happen inside a transaction.

    Attributes:
        inside: the names of the open transactions and of what was made from them.
        found: the lines that break the rules.
    """

    inside: set[str] = field(default_factory=set)
    found: list[str] = field(default_factory=list)

    @override
    def visit_FunctionDef(self, node: ast.FunctionDef | ast.AsyncFunctionDef) -> None:
        around, given = self.inside, [*node.args.posonlyargs, *node.args.args]
        given += node.args.kwonlyargs
        self.inside = {each.arg for each in given if names_in(each.annotation) & TRANSACTIONS}
        self._all(node.body)
        self.inside = around

    @override
    def visit_AsyncFunctionDef(self, node: ast.AsyncFunctionDef) -> None:
        self.visit_FunctionDef(node)

    @override
    def visit_AsyncWith(self, node: ast.AsyncWith) -> None:
        around = set(self.inside)
        for item in node.items:
            self._must_be_given(item.context_expr)
            self.visit(item.context_expr)
            if self.inside or OPENING.search(ast.unparse(item.context_expr)):
                self.inside |= names_in(item.optional_vars) or {"a transaction without a name"}
        self._all(node.body)
        self.inside = around

    @override
    def visit_AsyncFor(self, node: ast.AsyncFor) -> None:
        self._must_be_given(node.iter)
        self.generic_visit(node)

    @override
    def visit_comprehension(self, node: ast.comprehension) -> None:
        if node.is_async:
            self._must_be_given(node.iter)
        self.generic_visit(node)

    @override
    def visit_Await(self, node: ast.Await) -> None:
        self._must_be_given(node.value)
        self.generic_visit(node)

    @override
    def visit_Assign(self, node: ast.Assign) -> None:
        self.generic_visit(node)
        if isinstance(node.value, ast.Await) and self._is_connection(node.value):
            self.inside |= {name for target in node.targets for name in names_in(target)}

    @override
    def visit_Call(self, node: ast.Call) -> None:
        name = ast.unparse(node.func)
        if self.inside and SLOW.search(name) and name not in QUICK:
            self.found.append(f"{node.lineno} {name}")
        self.generic_visit(node)

    def _is_connection(self, node: ast.Await) -> bool:
        return bool(names_in(node) & self.inside) and ".connection(" in ast.unparse(node)

    def _must_be_given(self, node: ast.expr) -> None:
        if self.inside and not names_in(node) & self.inside:
            self.found.append(f"{node.lineno} {ast.unparse(node)}")

    def _all(self, statements: list[ast.stmt]) -> None:
        for statement in statements:
            self.visit(statement)


def slow_in_transactions(module: Module) -> list[str]:
    reader = Reader()
    if module.name not in MAY_COMMIT:
        reader.visit(module.tree)
    return [f"{module.name}:{each}" for each in reader.found]


def test_only_the_unit_of_work_commits() -> None:
    assert [each for module in modules() for each in commits(module)] == []


def test_nothing_slow_happens_inside_a_transaction() -> None:
    assert [each for module in modules() for each in slow_in_transactions(module)] == []


SLOW_LINES = [
    "await tools.mssp.status(id)",
    "await self.bus.publish(wake)",
    "stored = await blobs.put_file(path)",
    "await asyncio.to_thread(work)",
    "await asyncio.to_thread(work, tx)",
    "await tools.sandbox.run(report_on, path)",
    "await anything.whatever_it_is_called()",
    "path.read_bytes()",
    "await httpx.get(url)",
    "[each async for each in blobs.read(name)]",
]


@pytest.mark.parametrize("line", SLOW_LINES)
@pytest.mark.parametrize(
    "head",
    [
        "async def f(db):\n  async with db.begin() as tx:\n",
        "async def f(db):\n  async with db.read() as tx:\n",
        "async def f(db):\n  async with alone(), db.begin() as tx:\n",
        "async def f(tx: Tx):\n  if tx.now:\n",
        "async def route(tx: WriteTxDep):\n  if tx.now:\n",
        "async def f(*, tx: ReadTx | None):\n  if tx:\n",
    ],
)
def test_slow_work_in_a_transaction_is_noticed(head: str, line: str) -> None:
    assert slow_in_transactions(Module("planted", f"{head}    {line}\n"))


@pytest.mark.parametrize(
    "line",
    [
        "async with desk.space() as space: pass",
        "async for part in blobs.read(name): pass",
    ],
)
def test_a_slow_block_in_a_transaction_is_noticed(line: str) -> None:
    planted = f"async def f(db):\n  async with db.begin() as tx:\n    {line}\n"

    assert slow_in_transactions(Module("planted", planted))


@pytest.mark.parametrize(
    "text",
    [
        "async def f(db):\n  async with db.begin() as tx:\n    await service.keep(tx, index)\n",
        "async def f(db):\n  async with db.begin() as tx: pass\n  await blobs.put_file(path)\n",
        "async def f(tx: Tx):\n  wire = await tx.session.connection()\n  await wire.execute(it)\n",
    ],
)
def test_work_on_the_transaction_is_none_of_these(text: str) -> None:
    assert slow_in_transactions(Module("planted", text)) == []


def test_a_commit_elsewhere_is_noticed() -> None:
    assert len(list(commits(Module("planted", "session.commit()")))) == 1
