"""The committed contract is what the code serves; every name in it resolves."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from api import contract
from api.facts import FACTS
from core.events import Event

FOLDER = Path(__file__).parents[2] / "openapi"
DOCUMENTS = {"v1.json": contract.http, "realtime-v1.json": contract.sockets}


@pytest.fixture(scope="module", params=DOCUMENTS)
def name(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def test_the_committed_contract_is_what_the_code_serves(name: str) -> None:
    served = DOCUMENTS[name]()

    assert (FOLDER / name).read_text("utf-8") == served, "run `make openapi` and commit openapi/"


def references(node: Any) -> Iterator[str]:
    if isinstance(node, dict):
        if isinstance(node.get("$ref"), str):
            yield node["$ref"]
        for child in node.values():
            yield from references(child)
    elif isinstance(node, list):
        for child in node:
            yield from references(child)


def unresolved(document: dict[str, Any]) -> set[str]:
    missing = set()
    for reference in references(document):
        node: Any = document
        for part in reference.removeprefix("#/").split("/"):
            step = part.replace("~1", "/").replace("~0", "~")
            node = node.get(step) if isinstance(node, dict) else None
        if node is None:
            missing.add(reference)
    return missing


def test_every_reference_of_the_contract_resolves(name: str) -> None:
    document = json.loads((FOLDER / name).read_text("utf-8"))

    assert unresolved(document) == set()
    assert unresolved({"$ref": "#/nowhere"}) == {"#/nowhere"}


def events(kind: type[Event]) -> Iterator[type[Event]]:
    for each in kind.__subclasses__():
        if each.__module__.startswith(("api.", "core.", "push.", "realtime.")):
            if getattr(each, "name", ""):
                yield each
            yield from events(each)


def test_the_socket_contract_tells_every_event_there_is() -> None:
    document = json.loads((FOLDER / "realtime-v1.json").read_text("utf-8"))
    told = document["components"]["messages"]

    assert {event for event in events(Event) if event not in FACTS} == set()
    assert {event.name for event in events(Event) if f"ev.{event.name}" not in told} == set()


def test_every_operation_has_a_name_and_a_sentence() -> None:
    document = json.loads((FOLDER / "v1.json").read_text("utf-8"))
    operations = [operation for path in document["paths"].values() for operation in path.values()]

    assert document["openapi"].startswith("3.1")
    assert all(each.get("description", each.get("summary")) for each in operations)
    names = [each["operationId"] for each in operations]
    assert len(names) == len(set(names))
