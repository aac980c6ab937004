"""`khonggiay ballot`: what people do with files on machines of their own."""

import asyncio
import json
from pathlib import Path
from typing import Any

import orjson
import pytest
from typer.testing import CliRunner, Result

from api.meetings.secrecy import archive
from api.meetings.secrecy.archive import Setup
from api.meetings.secrecy.command import app
from api.meetings.secrecy.rules import Step, new_uuid
from api.meetings.secrecy.teller.belenios import BeleniosTeller
from core.bounds import VotingTool
from tests.support.secret_votes import Committee

TELLER = BeleniosTeller(VotingTool())


def run(*arguments: object) -> Result:
    return CliRunner().invoke(app, [str(one) for one in arguments])


def said(result: Result) -> Any:
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


def written(path: Path, content: Any) -> Path:
    path.write_bytes(content if isinstance(content, bytes) else orjson.dumps(content))
    return path


def ceremony(step: Step | None, number: int = 1, **more: Any) -> dict[str, Any]:
    said_: dict[str, Any] = {"uuid": "1" * 14, "number": number, "said": [], "step": step}
    return said_ | {"certificates": [], "input": None, "key": None, "threshold": 2} | more


def test_a_trustee_makes_a_key_once_and_says_what_comes_next(
    committee: Committee, tmp_path: Path
) -> None:
    folder = tmp_path / "mine"
    first = written(tmp_path / "1.json", ceremony(Step.CERTIFICATE))
    certificate = said(run("key", folder, first))["said"]
    again = said(run("key", folder, first))["said"]
    other = committee.said[1][Step.CERTIFICATE]
    second = ceremony(Step.POLYNOMIAL, certificates=[certificate, other])
    polynomial = said(run("key", folder, written(tmp_path / "2.json", second)))["said"]

    assert again == certificate
    assert set(json.loads(certificate)) == {"message", "signature"}
    assert set(json.loads(polynomial)) == {"polynomial", "secrets", "coefexps"}
    assert folder.stat().st_mode & 0o077 == 0
    private = next(folder.glob("*.key")).read_text().strip()
    assert private not in certificate + polynomial


def test_a_vote_is_held_with_files_alone(committee: Committee, tmp_path: Path) -> None:
    uuid, slips = new_uuid(), tmp_path / "slips.txt"
    public = said(run("credentials", uuid, 2, slips))["credentials"]
    assert slips.stat().st_mode & 0o077 == 0
    asked = {"answers": ["Có", "Không"], "min": 1, "max": 1, "question": "?"}
    template = orjson.dumps({"description": "?", "name": "?", "questions": [asked]}).decode()
    founded = asyncio.run(TELLER.found(uuid, template, committee.parameters))
    setup = Setup(uuid, founded.election, founded.trustees, orjson.dumps(public).decode())
    opened = written(tmp_path / "opened.bel", archive.opened(setup, 0).content())
    ballots, trackers = [], []
    for number, slip in enumerate(slips.read_text().split()):
        mine = written(tmp_path / f"slip{number}", slip.encode())
        marked = run("mark", opened, number, "--credential", mine)
        ballots.append(said(marked)["ballot"])
        trackers.append(marked.stderr.strip())

    grown = archive.opened(setup, 0)
    archive.add_ballots(grown, ballots)
    grown.add(archive.TALLY, *asyncio.run(TELLER.tally(uuid, grown)))
    closed = written(tmp_path / "closed.bel", grown.content())
    for number, (trustee, key) in enumerate(
        zip(committee.trustees, committee.keys, strict=True), start=1
    ):
        seen = written(tmp_path / "seen.json", ceremony(None, number, key=key))
        factors = said(run("open", trustee.folder, seen, closed))["factors"]
        archive.add_partial(grown, number, factors)
    outcome = asyncio.run(TELLER.result(uuid, grown))
    assert outcome is not None
    grown.add(archive.RESULT, outcome)
    published = written(tmp_path / "published.bel", grown.content())

    known = ["--setup", opened, "--head", grown.head, "--tracker", trackers[0]]
    assert said(run("recount", published, *known)) == {
        "counts": [1, 1], "ballots": 2, "faults": [],
    }  # fmt: skip
    missed = run("recount", published, "--tracker", "nobody's")
    assert (missed.exit_code, json.loads(missed.stdout)["faults"]) == (1, ["missing nobody's"])


def test_without_the_tool_it_says_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KHONGGIAY_VOTING__COMMAND", "no-such-tool")

    refused = run("credentials", new_uuid(), 1, tmp_path / "slips.txt")

    assert refused.exit_code == 1
    assert "apt-get install belenios-tool" in refused.stderr


def test_slips_that_are_there_are_never_written_over(tmp_path: Path) -> None:
    slips = tmp_path / "slips.txt"
    slips.write_text("of another vote")

    refused = run("credentials", new_uuid(), 2, slips)

    assert refused.exit_code == 1
    assert "of another vote" in refused.stderr
    assert "hãy chọn một tệp mới" in refused.stderr
    assert slips.read_text() == "of another vote"


@pytest.mark.parametrize(
    ("content", "told"), [(b"no JSON", "fetch them anew"), (None, "is not a file")]
)
def test_files_that_are_not_of_a_vote_are_named_in_a_sentence(
    tmp_path: Path, content: bytes | None, told: str
) -> None:
    file = tmp_path / "given"
    if content is not None:
        file.write_bytes(content)
    calls = (
        ("key", tmp_path / "mine", file), ("open", tmp_path / "mine", file, file),
        ("mark", file, 0, "--credential", file), ("recount", file, "--setup", file),
    )  # fmt: skip

    for call in calls:
        refused = run(*call)
        assert refused.exit_code == 1, call
        assert told in refused.stderr, call
        assert refused.exception is None or isinstance(refused.exception, SystemExit), call
