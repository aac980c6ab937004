"""A counting committee, a registrar and voters who work with the real `belenios-tool`."""

import os
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from api.demo.phone import Phone
from api.meetings.secrecy import hands
from api.meetings.secrecy.hands import Trustee
from api.meetings.secrecy.rules import Step
from api.meetings.secrecy.teller.belenios import BeleniosTeller
from api.meetings.secrecy.tool import Tool
from core.config import VotingTool

TOOL = Tool(VotingTool())
QUESTION = {
    "question": "Bầu đồng chí Nguyễn Văn An?",
    "choices": ["Đồng ý", "Không", "Ý kiến khác"],
}


def must_have_the_tool() -> None:
    """Skip where Debian's package is missing; in CI that is a failure."""
    if shutil.which("belenios-tool") is None:
        missing = "belenios-tool is not installed (apt-get install belenios-tool)"
        if os.environ.get("CI"):
            pytest.fail(missing)
        pytest.skip(missing)


@dataclass(frozen=True)
class Committee:
    """Two trustees who have made their key; what they say fits every vote of the two."""

    trustees: Sequence[Trustee]
    said: Sequence[dict[Step, str]]
    inputs: Sequence[str]
    keys: Sequence[str]
    parameters: str


async def make_committee(folder: Path, size: int = 2) -> Committee:
    """Hold a key ceremony without a server."""
    teller, trustees = BeleniosTeller(VotingTool()), []
    for number in range(size):
        (folder / str(number)).mkdir()
        trustees.append(Trustee(TOOL, folder / str(number)))
    certificates = [await one.certificate() for one in trustees]
    polynomials = [await one.polynomial(certificates, size) for one in trustees]
    inputs = await teller.deal(certificates, polynomials)
    outputs = [
        await one.output(certificates, mine) for one, mine in zip(trustees, inputs, strict=True)
    ]
    parameters, keys = await teller.conclude(certificates, polynomials, outputs)
    said = [
        dict(zip(Step, texts, strict=True))
        for texts in zip(certificates, polynomials, outputs, strict=True)
    ]
    return Committee(trustees, said, inputs, keys, parameters)


async def sealed(archive: bytes, slips: Sequence[str], choices: Sequence[int]) -> list[str]:
    """Mark ballots, one for each slip."""
    return [
        await hands.ballot(TOOL, archive, slip, choice)
        for slip, choice in zip(slips, choices, strict=True)
    ]


async def ok(answer: Any) -> Any:
    """Return what a phone was answered, which must be no refusal."""
    assert answer.status_code < 400, answer.text
    return answer.json() if answer.content else None


async def hold_ceremony(phones: Sequence[Phone], vote: str, committee: Committee) -> None:
    """Let the trustees say over the API what they have made."""
    for step in Step:
        for phone, said in zip(phones, committee.said, strict=True):
            await ok(await phone.send("PUT", f"{vote}/ceremony/{step}", json={"said": said[step]}))
