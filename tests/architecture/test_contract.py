"""The committed contract is what the code serves, valid by its standards; every name resolves."""

import copy
import inspect
import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest
from pydantic import BaseModel
from schemathesis.specs.openapi.definitions import OPENAPI_31

from api import contract
from api.facts import FACTS
from core.events import Event
from realtime import frames
from tests.architecture import asyncapi

FOLDER = Path(__file__).parents[2] / "openapi"
DOCUMENTS = {"v1.json": contract.http, "realtime-v1.json": contract.sockets}


@pytest.fixture(scope="module", params=DOCUMENTS)
def name(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def test_the_committed_contract_is_what_the_code_serves(name: str) -> None:
    served = DOCUMENTS[name]()

    assert (FOLDER / name).read_text("utf-8") == served, "run `make openapi` and commit openapi/"


#: The standard that each document keeps to.
STANDARDS = {"v1.json": OPENAPI_31, "realtime-v1.json": asyncapi.DOCUMENT}


def committed(name: str) -> Any:
    return json.loads((FOLDER / name).read_text("utf-8"))


def is_valid(name: str, document: Any) -> bool:
    return jsonschema_rs.Draft202012Validator(STANDARDS[name]).is_valid(document)


def test_the_committed_contract_is_valid_by_its_standard(name: str) -> None:
    assert is_valid(name, committed(name))


def is_dropped(document: Any) -> None:
    del document["info"]["version"]


def is_a_misspelt_action(document: Any) -> None:
    document["operations"]["fromPhone"]["action"] = "recieve"


def is_a_message_of_no_channel(document: Any) -> None:
    document["operations"]["fromPhone"]["messages"] = [{"$ref": "#/components/messages/Hello"}]


def is_no_json_schema(document: Any) -> None:
    document["components"]["schemas"]["Hello"]["type"] = "objekt"


def is_an_unknown_field(document: Any) -> None:
    document["chanels"] = {}


def is_a_response_without_words(document: Any) -> None:
    del document["paths"]["/me"]["get"]["responses"]["200"]["description"]


@pytest.mark.parametrize(
    ("name", "fault"),
    [
        ("v1.json", is_dropped),
        ("v1.json", is_a_response_without_words),
        ("realtime-v1.json", is_dropped),
        ("realtime-v1.json", is_a_misspelt_action),
        ("realtime-v1.json", is_a_message_of_no_channel),
        ("realtime-v1.json", is_no_json_schema),
        ("realtime-v1.json", is_an_unknown_field),
    ],
)
def test_a_fault_in_the_contract_is_noticed(name: str, fault: Callable[[Any], None]) -> None:
    document = copy.deepcopy(committed(name))
    fault(document)

    assert not is_valid(name, document)


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
    document = committed(name)

    assert unresolved(document) == set()
    assert unresolved({"$ref": "#/nowhere"}) == {"#/nowhere"}


def events(kind: type[Event]) -> Iterator[type[Event]]:
    for each in kind.__subclasses__():
        if each.__module__.startswith(("api.", "core.", "push.", "realtime.")):
            if getattr(each, "name", ""):
                yield each
            yield from events(each)


def test_the_socket_contract_tells_every_event_there_is() -> None:
    document = committed("realtime-v1.json")
    told = document["components"]["messages"]

    assert {event for event in events(Event) if event not in FACTS} == set()
    assert {event.name for event in events(Event) if f"ev.{event.name}" not in told} == set()


def spoken() -> Iterator[type[BaseModel]]:
    """Every frame there is: whatever has a type `t` of its own."""
    for _, kind in inspect.getmembers(frames, inspect.isclass):
        if issubclass(kind, BaseModel) and "t" in kind.model_fields:
            yield kind


def test_the_socket_contract_tells_every_frame_there_is() -> None:
    document = committed("realtime-v1.json")
    told = {one["payload"].get("$ref") for one in document["components"]["messages"].values()}
    told |= {"#/components/schemas/Ev"}  # told once for each kind of event

    assert frames.Hello in spoken()
    assert {f"#/components/schemas/{kind.__name__}" for kind in spoken()} == told - {None}


#: What never reaches the database as it is: it is hashed, parsed, or only sent back.
AS_THEY_ARE = {
    "password", "refresh_token", "state", "hashes", "ballot", "pin", "token", "logout_token",
    "client_id", "client_secret", "code", "code_verifier", "grant_type",
}  # fmt: skip
SAYS_MORE = {"pattern", "format", "enum", "const", "contentMediaType"}


def texts(schema: Any, document: Any, name: str = "", above: tuple[str, ...] = ()) -> Iterator[Any]:
    """Every text in the shape of a body, with the name of its field."""
    target = schema.get("$ref", "").rpartition("/")[2]
    if target and target not in above:
        inner = document["components"]["schemas"][target]
        yield from texts(inner, document, name, (*above, target))
    for field, one in parts(schema, name):
        yield from texts(one, document, field, above)
    if schema.get("type") == "string":
        yield name, schema


def parts(schema: Any, name: str) -> Iterator[tuple[str, Any]]:
    yield from schema.get("properties", {}).items()
    inner = [schema.get("items"), schema.get("additionalProperties")]
    for kind in ("anyOf", "oneOf", "allOf"):
        inner += schema.get(kind, ())
    yield from ((name, one) for one in inner if isinstance(one, dict))


def test_no_text_of_a_body_brings_a_nul_to_the_database() -> None:
    """SQLite takes one, PostgreSQL does not: it would be a fault of ours there."""
    document = committed("v1.json")
    bodies = [
        body["schema"]
        for path in document["paths"].values()
        for operation in path.values()
        for body in operation.get("requestBody", {}).get("content", {}).values()
    ]

    found = [one for body in bodies for one in texts(body, document)]

    loose = {name for name, schema in found if not SAYS_MORE & set(schema)}
    letting = {name for name, schema in found if re.search(schema.get("pattern", "$^"), "a\0b")}
    assert loose - AS_THEY_ARE == set()
    assert letting == set()
    assert {"words", "account", "reason"} <= {name for name, _ in found}


def test_every_operation_has_a_name_and_a_sentence() -> None:
    document = committed("v1.json")
    operations = [operation for path in document["paths"].values() for operation in path.values()]

    assert document["openapi"].startswith("3.1")
    assert all(each.get("description", each.get("summary")) for each in operations)
    names = [each["operationId"] for each in operations]
    assert len(names) == len(set(names))
