"""Every kind that anybody is told of has its sentence in both languages."""

import pytest

from api.facts import FACTS
from api.inbox.errors import UnknownKind
from api.inbox.rules import kinds, must_be_known, must_be_mutable, sentence_of
from core.events import Event
from core.messages import LANGUAGES, catalogue
from push import digest

#: Facts that could name somebody and never do.
SILENT = {
    "documents.directed", "documents.drafted", "documents.force_said", "documents.numbered",
    "documents.resolved", "documents.sealed", "documents.submitted",
}  # fmt: skip


def tells(fact: type[Event]) -> bool:
    return fact.notifies is not Event.notifies


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_kind_has_a_sentence(language: str) -> None:
    told = {fact.name for fact in FACTS if tells(fact)} | {digest.KIND}

    assert {name for name in told if sentence_of(name) not in catalogue(language)} == SILENT


def test_every_sentence_belongs_to_a_fact() -> None:
    assert set(kinds()) <= {fact.name for fact in FACTS}


def test_a_summary_is_no_kind_to_choose() -> None:
    assert digest.KIND not in kinds()
    with pytest.raises(UnknownKind):
        must_be_known(digest.KIND)


def test_subjects_are_muted_as_they_come_and_kinds_must_exist() -> None:
    must_be_mutable("room:1")
    must_be_mutable("tasks.assigned")
    with pytest.raises(UnknownKind):
        must_be_mutable("tasks.never")
