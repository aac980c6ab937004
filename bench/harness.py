"""Results as JSON lines: on stdout, and kept in `data/bench/<part>.jsonl`.

A case is ours against a peer or a floor that runs beside it: the rounds are interleaved and the
medians compared, because a machine has quiet and noisy minutes. Progress goes to stderr.
"""

import json
import os
import statistics
import sys
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

KEPT = Path("data/bench")
_OPERATORS: dict[str, Callable[[float, float], bool]] = {
    "<=": lambda value, bound: value <= bound,
    ">=": lambda value, bound: value >= bound,
}


@dataclass(frozen=True, slots=True)
class Result:
    """One case.

    Attributes:
        bench: the part that it belongs to.
        case: what is measured.
        unit: of `ours` and `theirs`.
        ours: the median of our rounds.
        against: the peer or floor that ran in the same rounds, if any.
        theirs: the median of its rounds.
        ratio: ours over theirs.
        goal: such as `ours <= 3` or `ratio <= 0.75`; None for information.
        met: whether the goal is met; None without one.
    """

    bench: str
    case: str
    unit: str
    ours: float
    against: str | None
    theirs: float | None
    ratio: float | None
    goal: str | None
    met: bool | None


class Report:
    """The results of one part."""

    def __init__(self, bench: str) -> None:
        self.bench = bench

    def add(
        self,
        case: str,
        unit: str,
        ours: float,
        *,
        goal: str | None = None,
        against: tuple[str, float] | None = None,
    ) -> None:
        """Print and keep a result; `goal` speaks of `ours` or of `ratio`."""
        peer, theirs = against or (None, None)
        ratio = ours / theirs if theirs else None
        result = Result(
            bench=self.bench,
            case=case,
            unit=unit,
            ours=_rounded(ours),
            against=peer,
            theirs=theirs if theirs is None else _rounded(theirs),
            ratio=ratio if ratio is None else _rounded(ratio),
            goal=goal,
            met=_met(goal, ours, ratio),
        )
        line = json.dumps(asdict(result), ensure_ascii=False)
        print(line, flush=True)
        KEPT.mkdir(parents=True, exist_ok=True)
        with (KEPT / f"{self.bench}.jsonl").open("a", encoding="utf-8") as kept:
            kept.write(line + "\n")


def interleaved(rounds: int, measures: Mapping[str, Callable[[], float]]) -> dict[str, float]:
    """Run every measure once in each round, and return the median of each."""
    seen: dict[str, list[float]] = {name: [] for name in measures}
    for number in range(1, rounds + 1):
        for name, measure in measures.items():
            seen[name].append(measure())
        said = "  ".join(f"{name} {values[-1]:.1f}" for name, values in seen.items())
        note(f"  round {number}/{rounds}: {said}")
    return {name: statistics.median(values) for name, values in seen.items()}


async def medians(
    rounds: int, measures: Mapping[str, Callable[[], Awaitable[float]]]
) -> dict[str, float]:
    """Do as `interleaved` does, inside a loop."""
    seen: dict[str, list[float]] = {name: [] for name in measures}
    for _ in range(rounds):
        for name, measure in measures.items():
            seen[name].append(await measure())
    return {name: statistics.median(values) for name, values in seen.items()}


def percentile(values: Sequence[float], share: float) -> float:
    """Return the value below which `share` of all lie."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))]


def note(sentence: str) -> None:
    """Tell whoever waits what is going on."""
    print(sentence, file=sys.stderr, flush=True)


def is_quick() -> bool:
    """Say whether few rounds are wanted (`QUICK=1`), to see that a bench runs at all."""
    return bool(os.environ.get("QUICK"))


def _met(goal: str | None, ours: float, ratio: float | None) -> bool | None:
    if goal is None:
        return None
    of, operator, bound = goal.split()
    value = ratio if of == "ratio" else ours
    return value is not None and _OPERATORS[operator](value, float(bound))


def _rounded(value: float) -> float:
    return float(f"{value:.4g}")
