"""The shape of the house: what stands where, what it may hold, and what a start may cost."""

import ast
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlmodel import SQLModel

from api.tables import TABLES
from tests.architecture.source import ROOT, Module, calls, modules

LONGEST_FILE = 400
LONGEST_RECORD = 60
#: Tables that belong to no agency, and why.
OF_NO_AGENCY = {
    "fact": "the log; who may hear a stream is asked of its owner",
    "stream": "the log",
    "stream_entry": "the log",
    "job": "work of the installation",
    "stored_answer": "an official's own, for a day",
    "seen_proof": "a hash",
    "installation_note": "of the installation",
    "operator_transaction": "what an operator calls a prompt; the request has the agency",
    "agency": "the agency itself",
    "account": "leads to an official; a name is unique in the installation",
    "login_tries": "a hash of a name, known or not",
    "sign_in": "of somebody whom nobody knows yet",
}
#: Libraries that must not be loaded by a server that starts.
HEAVY = {"aiortc", "alembic", "av", "fontTools", "firebase_admin", "google", "pikepdf",
         "pyhanko", "pypdfium2", "pywebpush", "reportlab"}  # fmt: skip
#: The settings read it through pydantic; these hand it on.
HANDS_ON_THE_ENVIRONMENT = {
    "api.server": "hands the environment on to its own commands",
    "api.demo.story": "tells HTTP clients to use no proxy",
    "api.demo.theatre": "hands the environment on to its own server",
}


def adapters() -> Iterator[str]:
    for port in sorted(ROOT.rglob("port.py")):
        if ".venv" in port.parts:
            continue
        for file in sorted(port.parent.glob("*.py")):
            if "class " in file.read_text("utf-8") and _is_an_adapter(file):
                yield ".".join(file.relative_to(ROOT).with_suffix("").parts)


def _is_an_adapter(file: Path) -> bool:
    """Tell an adapter by its port among the imports and a class of its own."""
    if file.stem in {"port", "__init__"}:
        return False
    tree = ast.parse(file.read_text("utf-8"))
    imports = {node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    has_class = any(isinstance(node, ast.ClassDef) for node in tree.body)
    return has_class and any(module.endswith(".port") for module in imports)


def test_every_adapter_is_protected() -> None:
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    contracts = settings["tool"]["importlinter"]["contracts"]
    (protecting,) = [each for each in contracts if each["name"].startswith("6 ")]

    assert set(adapters()) <= set(protecting["protected_modules"])
    assert "core.bus.local" in set(adapters())


def test_no_file_is_too_long() -> None:
    long = {module.name for module in modules() if module.text.count("\n") > LONGEST_FILE}

    assert {name for name in long if not name.startswith("api.migrations.versions")} == set()


def without_agency(tables: tuple[type[SQLModel], ...]) -> set[str]:
    return {str(table.__tablename__) for table in tables if "agency_id" not in table.model_fields}


def test_every_business_row_belongs_to_an_agency() -> None:
    assert without_agency(TABLES) == set(OF_NO_AGENCY)


def environment_readers(module: Module) -> bool:
    return bool(re.search(r"\bos\.(environ|getenv)\b", module.text))


def test_nothing_but_the_settings_reads_the_environment() -> None:
    assert {each.name for each in modules() if environment_readers(each)} == set(
        HANDS_ON_THE_ENVIRONMENT
    )


def pickles(module: Module) -> list[str]:
    risky = ("pickle.", "marshal.", "eval", "exec", "os.system", "yaml.load")
    return [f"{module.name}:{line} {name}" for name, line in calls(module.tree)
            if name in risky or name.startswith(("pickle.", "marshal."))]  # fmt: skip


def test_nothing_that_comes_from_outside_is_run() -> None:
    assert [each for module in modules() for each in pickles(module)] == []
    assert pickles(Module("planted", "pickle.loads(body)"))


def test_a_file_of_helpers_has_no_place() -> None:
    nameless = {"utils", "util", "helpers", "helper", "common", "misc"}

    assert {each.name for each in modules() if nameless & set(each.name.split("."))} == set()


def test_every_decision_has_a_number_of_its_own_and_fits_on_a_page() -> None:
    records = sorted((ROOT / "docs" / "decisions").glob("*.md"))
    numbers = [int(record.name[:4]) for record in records]

    assert sorted(set(numbers)) == numbers
    for number, record in zip(numbers, records, strict=True):
        lines = record.read_text("utf-8").splitlines()
        assert lines[0].startswith(f"# {number}. "), record.name
        assert len(lines) <= LONGEST_RECORD, record.name


@pytest.fixture(scope="module")
def loaded() -> set[str]:
    """The top-level packages that a server loads before its first request."""
    script = (
        "import sys, tempfile; from pathlib import Path; from core.config import Settings;"
        "from api import server, wiring; from api.app import create_app;"
        "create_app(wiring.assemble(Settings(data=Path(tempfile.mkdtemp()), database_url='')));"
        "print(*{name.partition('.')[0] for name in sys.modules})"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, check=True, capture_output=True, text=True
    )
    return set(done.stdout.split())


def test_a_server_starts_without_the_heavy_libraries(loaded: set[str]) -> None:
    assert {"fastapi", "sqlmodel"} <= loaded
    assert loaded & HEAVY == set()


def test_one_place_says_what_may_leave_of_a_paper() -> None:
    """A read asks `may_leave`, so that no second rule can differ from the first."""
    asking = [one.name for one in modules() if "Document.withdrawn" in one.text]

    assert sorted(asking) == ["api.documents.quarantine", "api.documents.queries"]
