"""Mutants of tables: every row is taken out once. A row that nobody misses is not specified."""

import ast
import importlib
import importlib.util
import io
import os
import resource
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import redirect_stdout
from dataclasses import dataclass
from importlib.abc import Loader
from pathlib import Path
from types import ModuleType

import pytest
from mutmut.configuration import config

from tests.mutation.scope import own_tests
from tests.mutation.verdicts import Mutant, Verdict

Table = ast.Dict | ast.Set | ast.List | ast.Tuple
#: What has one entry is a name for it rather than a table.
LEAST = 2
OURS = ("api", "core", "push", "realtime", "tests")
#: Tests that hold many modules to what they say; beside the module's own.
COMMON = "tests/rules"
#: Of processor time, in seconds.
LONGEST = 30
#: Between two lines of progress, in rows.
PAUSE = 50
#: What is imported before the test runner starts cannot be rewritten by it, and need not be.
_ARGUMENTS = ("-x", "-q", "-W", "ignore::pytest.PytestAssertRewriteWarning")
_VERDICTS: dict[int, Verdict] = {
    pytest.ExitCode.OK: Verdict.SURVIVED,
    pytest.ExitCode.TESTS_FAILED: Verdict.KILLED,
    pytest.ExitCode.INTERRUPTED: Verdict.KILLED,  # the tests could not even be read
    pytest.ExitCode.NO_TESTS_COLLECTED: Verdict.NO_TESTS,
}


@dataclass(frozen=True, slots=True)
class Row:
    """A row of a table, in the parsed module that holds it."""

    module: Path
    tree: ast.Module
    name: str
    table: Table
    place: int

    @property
    def shown(self) -> str:
        """Return the row with its line."""
        if not isinstance(self.table, ast.Dict):
            one = self.table.elts[self.place]
            return f"{one.lineno}: - {ast.unparse(one)}"
        key, value = self.table.keys[self.place], self.table.values[self.place]
        return f"{value.lineno}: - {ast.unparse(key) if key else '**'}: {ast.unparse(value)}"

    def take_out(self) -> None:
        """Change the parsed module; only ever in a process of its own."""
        if isinstance(self.table, ast.Dict):
            del self.table.keys[self.place], self.table.values[self.place]
        else:
            del self.table.elts[self.place]


def rows_of(module: Path) -> Iterator[Row]:
    """Return every row of every table that stands in a module, but in none of its functions."""
    tree = ast.parse(module.read_text())
    for statement in tree.body:
        match statement:
            case (
                ast.Assign(targets=[ast.Name(id=name)], value=value)
                | ast.AnnAssign(target=ast.Name(id=name), value=ast.expr() as value)
            ):
                for table in _tables_in(value):
                    size = len(table.values if isinstance(table, ast.Dict) else table.elts)
                    if size >= LEAST:
                        yield from (Row(module, tree, name, table, at) for at in range(size))
            case _:
                pass


def _tables_in(value: ast.expr) -> Iterator[Table]:
    match value:
        case ast.Dict():
            yield value
            inner = value.values
        case ast.Set() | ast.List() | ast.Tuple():
            yield value
            inner = [one for one in value.elts if not isinstance(one, ast.Tuple)]  # no records
        case ast.Call():
            inner = [*value.args, *(each.value for each in value.keywords)]
        case ast.BinOp():
            inner = [value.left, value.right]
        case _:
            inner = []
    for one in inner:
        yield from _tables_in(one)


def tried(modules: list[Path], children: int) -> list[Mutant]:
    """Try every row of the modules."""
    _warm_up(modules)
    rows = [row for module in modules for row in rows_of(module)]
    for module in modules:
        pid = _started(module, None)
        if os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]):
            sys.exit(f"the tests of {module} fail on the module as it stands")
    found: list[Mutant] = []
    running: dict[int, Row] = {}
    began = time.monotonic()
    waiting = iter(rows)
    while len(found) < len(rows):
        while len(running) < children and (row := next(waiting, None)):
            running[_started(row.module, row)] = row
        pid, status = os.wait()
        found.append(_judged(running.pop(pid), os.waitstatus_to_exitcode(status)))
        if not len(found) % PAUSE:
            passed = time.monotonic() - began
            print(f"rows: {len(found)} of {len(rows)}, {passed:.0f} s", flush=True)
    return found


def _judged(row: Row, code: int) -> Mutant:
    verdict = (
        Verdict.TIMEOUT if code == -signal.SIGXCPU else _VERDICTS.get(code, Verdict.SUSPICIOUS)
    )
    return Mutant(str(row.module), f"{row.name}[{row.place}]", verdict, row.shown)


def _warm_up(modules: list[Path]) -> None:
    """Import what is not ours once, here: the processes that try a row then only import ours."""
    tests = [_dotted(Path(own_tests(module))) for module in modules]
    script = f"import sys; import {', '.join(tests)}; print(*sys.modules)"
    said = subprocess.run([sys.executable, "-c", script], stdout=subprocess.PIPE, check=True)
    for name in said.stdout.decode().split():
        if name.partition(".")[0] not in {*OURS, "__main__"}:
            try:
                importlib.import_module(name)
            except ImportError:  # what another module puts there has no file
                continue
    with redirect_stdout(io.StringIO()):
        pytest.main([*_ARGUMENTS, *config().pytest_add_cli_args, "--collect-only", __file__])


def _started(module: Path, row: Row | None) -> int:
    """Start a process that runs the tests of a module without a row, and return its id."""
    if pid := os.fork():
        return pid
    code: int = pytest.ExitCode.TESTS_FAILED
    try:
        most = int(time.process_time()) + LONGEST
        resource.setrlimit(resource.RLIMIT_CPU, (most, most + 1))
        sys.stdout = sys.stderr = Path(os.devnull).open("w")  # noqa: SIM115 - until the end
        if row:
            row.take_out()
            _install(module, row.tree)
        code = pytest.main([*_ARGUMENTS, *config().pytest_add_cli_args, COMMON, own_tests(module)])
    finally:
        os._exit(code)


def _install(module: Path, tree: ast.Module) -> None:
    """Let everybody who imports the module get the changed one."""
    name = _dotted(module)
    spec = importlib.util.find_spec(name)
    assert spec
    assert isinstance(spec.loader, Loader)
    made = ModuleType(name)
    made.__spec__, made.__file__, made.__package__ = spec, str(module), spec.parent
    sys.modules[name] = made
    exec(compile(tree, str(module), "exec"), made.__dict__)
    setattr(sys.modules[spec.parent or ""], module.stem, made)


def _dotted(path: Path) -> str:
    return ".".join(path.with_suffix("").parts)
