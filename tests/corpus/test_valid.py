"""No honest file of the corpus raises an alarm."""

import random

import pytest

from api.signing.verify.rules import Policy, Verdict
from tests.corpus.valid import Honest, honest
from tests.corpus.workshop import Workshop

SEED = 20261125
CHUNKS = 16


def must_be_valid(workshop: Workshop, one: Honest) -> None:
    path = one.make(workshop)

    report = workshop.verify(path, Policy.ANY)

    path.unlink()
    assert report.verdict is Verdict.VALID, (one.name, report.reason)
    assert report.as_json()["findings"] == [], one.name
    assert len(report.facts.signatures) == one.signatures, one.name


def test_there_are_enough_honest_files() -> None:
    every = list(honest())

    assert len(every) == len({one.name for one in every}) >= 500


@pytest.mark.parametrize("number", range(10))
def test_an_honest_file_raises_no_alarm(workshop: Workshop, number: int) -> None:
    must_be_valid(workshop, random.Random(SEED).sample(list(honest()), 10)[number])


@pytest.mark.slow
@pytest.mark.timeout(1200)
@pytest.mark.parametrize("chunk", range(CHUNKS))
def test_no_honest_file_raises_an_alarm(workshop: Workshop, chunk: int) -> None:
    for one in list(honest())[chunk::CHUNKS]:
        must_be_valid(workshop, one)
