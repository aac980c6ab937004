"""Whatever is sent, the answer is one that the contract names, and foreign data stays foreign."""

import json
import os
import random
from collections.abc import Callable, Iterator
from functools import cache
from itertools import product
from pathlib import Path
from typing import Any

import httpx
import pytest
import schemathesis
from hypothesis import HealthCheck, settings
from schemathesis import Case
from schemathesis.checks import load_all_checks, not_a_server_error
from schemathesis.generation.feedback import FeedbackSources
from schemathesis.pytest._test_builder import build_operation_test
from schemathesis.python._constants.orchestrator import make_constants_value_source
from schemathesis.schemas import BaseSchema
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from tests.support.databases import SqliteFactory
from tests.support.everything import EVERY_ROLE, OURS, STRANGER, Everything, everything

CONTRACT = Path(__file__).parents[2] / "openapi" / "v1.json"
METHODS = ("get", "put", "post", "delete", "patch")
#: Logging out would end the sessions that the test needs.
OPERATIONS = [
    (method, path)
    for path, operations in json.loads(CONTRACT.read_text("utf-8"))["paths"].items()
    for method in METHODS
    if method in operations and path != "/sessions/current"
]
NAMING_SOMETHING = [(method, path) for method, path in OPERATIONS if "{" in path]
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
]
ANY = settings(
    deadline=None,
    derandomize=True,
    suppress_health_check=list(HealthCheck),
    max_examples=int(os.environ.get("KHONGGIAY_TEST_EXAMPLES", "5")),
)

pytestmark = pytest.mark.story


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory, sqlite: SqliteFactory) -> Iterator[Everything]:
    with everything(tmp_path_factory.mktemp("everything"), sqlite) as here:
        yield here


@cache
def contract() -> BaseSchema:
    return schemathesis.openapi.from_path(CONTRACT)


def with_any(method: str, path: str, check: Callable[[Case[Any]], None]) -> None:
    """Check any request of one operation.

    `schema.parametrize()` thinks the requests of all up while tests are collected: in every process
    of a run, for a quarter of a minute, even if none of them is among the tests asked for.
    """
    load_all_checks()
    build_operation_test(
        config=contract().config,
        operation=contract()[path][method],
        test_func=check,
        given_kwargs={},
        feedback=FeedbackSources(constants_value_source=make_constants_value_source(contract())),
        explicit_settings=ANY,
    )()


MOSTLY, ALWAYS = 0.75, 1.0


def with_real_ids(case: Case[Any], ids: dict[str, list[str]], share: float = MOSTLY) -> bool:
    """Ask for what is there, in so many cases of all; say whether this is one."""
    chance = random.Random(str(case.path_parameters))
    known = [name for name in case.path_parameters or {} if ids.get(name)]
    real = [name for name in known if chance.random() < share]
    for name in real:
        case.path_parameters[name] = chance.choice(ids[name])
    return bool(real)


@pytest.mark.parametrize(("method", "path"), OPERATIONS)
def test_any_request_gets_an_answer_that_the_contract_names(
    method: str, path: str, served: Everything
) -> None:
    def check(case: Case[Any]) -> None:
        with_real_ids(case, served.ids)

        answer = case.call(base_url=served.url, headers=served.headers(EVERY_ROLE))

        case.validate_response(answer, checks=CHECKS, headers=served.headers(EVERY_ROLE))

    with_any(method, path, check)


def reads_of(ids: dict[str, list[str]]) -> Iterator[str]:
    contract = json.loads(CONTRACT.read_text("utf-8"))
    for path, operations in contract["paths"].items():
        if "get" in operations and "{" not in path:
            yield path
        named = [name for name, known in ids.items() if known and f"{{{name}}}" in path]
        if "get" in operations and named:
            for real in product(*(ids[name] for name in named)):
                yield path.format(**dict(zip(named, real, strict=True)), page=0)


@pytest.fixture
def client(served: Everything) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=served.url, trust_env=False, timeout=30) as client:
        yield client


def test_a_stranger_reads_nothing_of_another_agency(
    served: Everything, client: httpx.Client
) -> None:
    for path in reads_of(served.ids):
        answer = client.get(path, headers=served.headers(STRANGER))
        assert not [each for each in OURS if each in answer.text], path
        if any(one in path for known in served.ids.values() for one in known):
            assert answer.status_code in {403, 404, 405}, path


@pytest.mark.parametrize(("method", "path"), NAMING_SOMETHING)
def test_a_stranger_changes_nothing_of_another_agency(
    method: str, path: str, served: Everything
) -> None:
    def check(case: Case[Any]) -> None:
        if not with_real_ids(case, served.ids, ALWAYS):
            return

        answer = case.call(base_url=served.url, headers=served.headers(STRANGER))

        assert answer.status_code >= httpx.codes.BAD_REQUEST, answer.text
        assert not [each for each in OURS if each in answer.text]

    with_any(method, path, check)


@pytest.mark.parametrize(
    ("account", "path", "told"),
    [
        ("leader", "/documents/{document_id}", "Về việc phê duyệt kết quả"),
        ("leader", "/meetings/{meeting_id}", "Giao ban tuần"),
        ("leader", "/tasks/{task_id}", "Tham mưu mật thiết"),
        ("leader", "/signature-requests/{request_id}", "document_id"),
        ("leader", "/signing-lists/{list_id}", "Về việc phê duyệt kết quả"),
        (EVERY_ROLE, "/officials", "Trần Quốc Ánh"),
    ],
)
def test_what_a_stranger_may_not_see_our_own_people_do(
    served: Everything, client: httpx.Client, account: str, path: str, told: str
) -> None:
    real = path.format(**{name: known[0] for name, known in served.ids.items() if known})

    ours = client.get(real, headers=served.headers(account))

    assert (ours.status_code, told in ours.text) == (httpx.codes.OK, True), ours.text
