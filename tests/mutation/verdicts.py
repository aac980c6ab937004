"""What became of each mutant, and whether that is enough."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from itertools import groupby

#: Of all mutants so many hundredths die, or the run fails; a module below its own bound is named.
ENOUGH, ENOUGH_OF_A_MODULE = 90, 80


class Verdict(StrEnum):
    """What the tests made of a mutant."""

    KILLED = "killed"
    TIMEOUT = "timeout"  # it ran without end: noticed, and counted apart
    SURVIVED = "survived"
    NO_TESTS = "no tests"
    SUSPICIOUS = "suspicious"  # it ended in a way that says nothing


DEAD = frozenset({Verdict.KILLED, Verdict.TIMEOUT})


@dataclass(frozen=True, slots=True)
class Mutant:
    """One change to the product that a test should notice.

    Attributes:
        module: the file that was changed.
        name: of the function or the table, with a number.
        shown: what was changed.
    """

    module: str
    name: str
    verdict: Verdict
    shown: str = ""


def share(mutants: Iterable[Mutant]) -> float:
    """Return how many hundredths died; of none, all did."""
    dead = [one.verdict in DEAD for one in mutants]
    return 100 * sum(dead) / len(dead) if dead else 100.0


def by_module(mutants: Iterable[Mutant]) -> Mapping[str, list[Mutant]]:
    """Return the mutants of each module."""
    ordered = sorted(mutants, key=lambda one: one.module)
    return {name: list(some) for name, some in groupby(ordered, key=lambda one: one.module)}


def line(name: str, mutants: list[Mutant]) -> str:
    """Return what is said of a module in one line."""
    counted = Counter(one.verdict for one in mutants)
    told = ", ".join(f"{counted[verdict]} {verdict}" for verdict in Verdict if counted[verdict])
    return f"{share(mutants):6.1f} %  {name:40} {len(mutants):5} mutants: {told}"


def told(mutants: list[Mutant]) -> list[str]:
    """Return the closing summary: who lives, each module, all together."""
    said = [
        f"{one.verdict}: {one.module} {one.name}\n{one.shown}".rstrip() + "\n"
        for one in mutants
        if one.verdict not in DEAD
    ]
    modules = by_module(mutants)
    said += [line(name, some) for name, some in modules.items()]
    weak = [name for name, some in modules.items() if share(some) < ENOUGH_OF_A_MODULE]
    said += [f"below {ENOUGH_OF_A_MODULE} %: {name}" for name in weak]
    return [*said, line("all", mutants)]
