"""What is changed, and by whose tests it should be noticed."""

from pathlib import Path

from mutmut.configuration import config


def modules() -> list[Path]:
    """Return every module that pyproject.toml names for mutation."""
    chosen = config()
    found = (path for source in chosen.source_paths for path in source.rglob("*.py"))
    return sorted(path for path in found if chosen.should_mutate(path))


def own_tests(module: Path) -> str:
    """Return the tests of a module: `api/tasks/rules.py` has `tests/api/tasks/test_rules.py`."""
    return str(Path("tests", module.parent, f"test_{module.name}"))
