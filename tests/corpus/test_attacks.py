"""No attack of the corpus is called valid, and each is told for what it is, and where."""

import random
from pathlib import Path

import pytest

from tests.corpus.catalogue import catalogue
from tests.corpus.specimens import AttackClass, Specimen
from tests.corpus.workshop import Workshop

#: Only to know the names: nothing is made there.
NAMES = [each.name for each in catalogue(Workshop(Path("nowhere")))]
SEED = 20261125


def named(workshop: Workshop, name: str) -> AttackClass:
    return next(each for each in catalogue(workshop) if each.name == name)


def must_be_seen_through(workshop: Workshop, specimen: Specimen, folder: Path) -> None:
    path = specimen.make(workshop, folder / "forged.pdf")

    report = workshop.verify(path, specimen.of.policy)

    told = report.as_json()["findings"]
    assert report.verdict in specimen.of.verdicts, specimen.name
    assert report.reason in specimen.of.reasons, specimen.name
    assert [one for one in told if specimen.forgery.guilty.items() <= one.items()], specimen.name


def test_the_corpus_is_as_large_as_it_says(workshop: Workshop) -> None:
    classes = catalogue(workshop)

    assert len(NAMES) == len(set(NAMES)) >= 25
    assert sum(len(list(each.specimens())) for each in classes) >= 1000
    assert not any("valid" in each.verdicts for each in classes)


@pytest.mark.parametrize("name", NAMES)
def test_one_of_each_class_is_seen_through(workshop: Workshop, tmp_path: Path, name: str) -> None:
    chosen = random.Random(f"{SEED}{name}").choice(list(named(workshop, name).specimens()))

    must_be_seen_through(workshop, chosen, tmp_path)


@pytest.mark.slow
@pytest.mark.timeout(1200)
@pytest.mark.parametrize("name", NAMES)
def test_every_one_of_each_class_is_seen_through(
    workshop: Workshop, tmp_path: Path, name: str
) -> None:
    for specimen in named(workshop, name).specimens():
        must_be_seen_through(workshop, specimen, tmp_path)
