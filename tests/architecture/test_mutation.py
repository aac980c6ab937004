"""What `make mutation` changes: every rules module, each with tests of its own, and every row."""

import ast
from pathlib import Path

from mutmut.configuration import config

from tests.mutation import scope
from tests.mutation.rows import rows_of

MODULE = """
Pair = tuple[int, str]
NAMES = "a", "b"
first, second = 1, 2
MOVES = {("a", "x"): "b", ("b", "y"): frozenset({"c", "d"})}
ALL = frozenset({"e", "f"}) | {"g", "h"}
RECORDS: list[Pair] = [(1, "i"), (2, "j")]
ONE = {"k": 1}


def function() -> list[int]:
    return [1, 2]
"""


def test_every_module_of_rules_has_tests_of_its_own_that_mutants_are_tried_on() -> None:
    tests = {scope.own_tests(module) for module in scope.modules()}

    assert tests <= set(config().pytest_add_cli_args_test_selection)
    assert [test for test in tests if not Path(test).exists()] == []


def test_every_row_of_every_table_is_taken_out_once(tmp_path: Path) -> None:
    module = tmp_path / "rules.py"
    module.write_text(MODULE)

    shown = [f"{row.name} {row.shown.partition(': ')[2]}" for row in rows_of(module)]

    assert shown == [
        "NAMES - 'a'", "NAMES - 'b'",
        "MOVES - ('a', 'x'): 'b'", "MOVES - ('b', 'y'): frozenset({'c', 'd'})",
        "MOVES - 'c'", "MOVES - 'd'",
        "ALL - 'e'", "ALL - 'f'", "ALL - 'g'", "ALL - 'h'",
        "RECORDS - (1, 'i')", "RECORDS - (2, 'j')",
    ]  # fmt: skip


def test_a_row_that_is_taken_out_is_gone_and_the_rest_stays(tmp_path: Path) -> None:
    module = tmp_path / "rules.py"
    module.write_text('MOVES = {"a": 1, "b": 2}\n')
    first, _ = rows_of(module)

    first.take_out()

    assert ast.unparse(first.tree) == "MOVES = {'b': 2}"
