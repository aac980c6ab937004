"""Mutants of functions, made and tried by mutmut as pyproject.toml says."""

import json
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from mutmut.mutation.diff_apply import get_diff_for_mutant
from mutmut.stats import status_by_exit_code

from tests.mutation.verdicts import Mutant, Verdict

FOLDER = Path("mutants")
#: Between two lines of progress, in seconds.
PAUSE = 15


def tried(modules: list[Path], children: int) -> list[Mutant]:
    """Let mutmut make and try its mutants; its folder is ours for as long as that takes."""
    shutil.rmtree(FOLDER, ignore_errors=True)
    FOLDER.mkdir()
    try:
        _run(modules, children)
        return [one for one in _results() if Path(one.module) in modules]
    finally:
        shutil.rmtree(FOLDER, ignore_errors=True)


def _run(modules: list[Path], children: int) -> None:
    command = [
        str(Path(sys.executable).with_name("mutmut")),
        "run",
        "--max-children",
        str(children),
    ]
    names = [".".join((*module.with_suffix("").parts, "*")) for module in modules]
    log = FOLDER / "mutmut.log"
    with log.open("wb") as out, subprocess.Popen([*command, *names], stdout=out) as mutmut:
        began = time.monotonic()
        while mutmut.poll() is None:
            try:
                mutmut.wait(PAUSE)
            except subprocess.TimeoutExpired:
                said = [code for codes in _codes().values() for code in codes.values()]
                done = sum(code is not None for code in said)
                passed = time.monotonic() - began
                print(f"functions: {done} of {len(said)} mutants, {passed:.0f} s", flush=True)
    if mutmut.returncode:
        sys.exit(f"mutmut failed:\n{log.read_text(errors='replace')[-4000:]}")


def _codes() -> dict[str, dict[str, int | None]]:
    """Return how the tests of each mutant ended, as far as they have been tried, by module."""
    found: dict[str, dict[str, int | None]] = {}
    for meta in sorted(FOLDER.rglob("*.meta")):
        try:
            said = json.loads(meta.read_text())
        except json.JSONDecodeError:  # it is just being written
            continue
        found[str(meta.relative_to(FOLDER).with_suffix(""))] = said["exit_code_by_key"]
    return found


def _results() -> Iterator[Mutant]:
    for module, codes in _codes().items():
        for name, code in codes.items():
            status = status_by_exit_code[code]
            known = status in set(Verdict)
            verdict = Verdict(status) if known else Verdict.SUSPICIOUS
            survived = verdict is Verdict.SURVIVED
            shown = get_diff_for_mutant(name, path=Path(module)) if survived else ""
            yield Mutant(module, name.rpartition(".")[2], verdict, shown)
