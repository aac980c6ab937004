"""What a measurement leaves: one JSON line on stdout and in `data/bench/<part>.jsonl`."""

import json
from pathlib import Path
from typing import Any

import pytest

from bench.harness import KEPT, Report, interleaved, percentile


@pytest.fixture(autouse=True)
def _elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def reported(capsys: pytest.CaptureFixture[str], **said: Any) -> dict[str, Any]:
    Report("test").add("a case", "µs", 3.0, **said)
    line = capsys.readouterr().out
    assert (KEPT / "test.jsonl").read_text("utf-8").endswith(line)
    found: dict[str, Any] = json.loads(line)
    return found


def test_a_line_has_every_field(capsys: pytest.CaptureFixture[str]) -> None:
    assert reported(capsys, goal="ratio <= 0.75", against=("a peer", 4.0)) == {
        "bench": "test", "case": "a case", "unit": "µs", "ours": 3.0, "against": "a peer",
        "theirs": 4.0, "ratio": 0.75, "goal": "ratio <= 0.75", "met": True,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("goal", "met"),
    [
        ("ours <= 3", True),
        ("ours <= 2.9", False),
        ("ours >= 3", True),
        ("ratio >= 0.76", False),
        ("ratio <= 0.74", False),
    ],
)
def test_a_goal_is_met_or_not(capsys: pytest.CaptureFixture[str], goal: str, met: bool) -> None:  # noqa: FBT001
    assert reported(capsys, goal=goal, against=("a peer", 4.0))["met"] is met


def test_a_ratio_without_its_peer_is_not_met(capsys: pytest.CaptureFixture[str]) -> None:
    assert reported(capsys, goal="ratio <= 9")["met"] is False


def test_without_a_goal_nothing_is_claimed(capsys: pytest.CaptureFixture[str]) -> None:
    assert reported(capsys)["met"] is None


def test_lines_are_kept_from_run_to_run(capsys: pytest.CaptureFixture[str]) -> None:
    reported(capsys)
    reported(capsys)

    assert len((KEPT / "test.jsonl").read_text("utf-8").splitlines()) == 2


def test_rounds_are_interleaved_and_their_medians_count() -> None:
    order: list[str] = []
    values = {"ours": iter([1.0, 9.0, 2.0]), "theirs": iter([5.0, 4.0, 6.0])}

    def measured(name: str) -> float:
        order.append(name)
        return next(values[name])

    seen = interleaved(3, {"ours": lambda: measured("ours"), "theirs": lambda: measured("theirs")})

    assert order == ["ours", "theirs"] * 3
    assert seen == {"ours": 2.0, "theirs": 5.0}


def test_a_percentile_leaves_the_rest_above_it() -> None:
    values = [float(number) for number in range(100, 0, -1)]

    assert (percentile(values, 0.5), percentile(values, 0.99)) == (51.0, 100.0)
