"""Every fact about documents can be told, and reaches whom it concerns."""

from collections.abc import Iterator

import pytest

from api.documents.events import AboutDocument, DocumentIssued
from core.ids import new_id
from core.messages import LANGUAGES, Language, catalogue


def kinds(base: type[AboutDocument] = AboutDocument) -> Iterator[type[AboutDocument]]:
    for kind in base.__subclasses__():
        if kind.__module__ == "api.documents.events":
            yield kind
            yield from kinds(kind)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_fact_has_a_sentence_in_the_trace(language: Language) -> None:
    names = {f"trace.{kind.name}" for kind in kinds() if "name" in vars(kind)}

    assert names - set(catalogue(language)) == set()
    assert len(names) == 16


def test_it_stands_on_the_document_and_with_whom_it_tells() -> None:
    document, clerk, drafter = new_id(), new_id(), new_id()

    issued = DocumentIssued(document_id=document, by=clerk, tells=(drafter,))

    assert issued.topics() == {f"document:{document}", f"user:{drafter}"}
    assert issued.notifies() == {drafter}


def test_nobody_is_rung_for_what_they_did() -> None:
    clerk = new_id()

    issued = DocumentIssued(document_id=new_id(), by=clerk, tells=(clerk,))

    assert issued.notifies() == frozenset()
