"""Every refusal speaks Vietnamese and English."""

import importlib
import pkgutil
from collections.abc import Iterator

import pytest

import api
import core
import push
import realtime
from core.errors import AppError
from core.messages import LANGUAGES, catalogue


def refusals() -> Iterator[type[AppError]]:
    for package in (api, core, push, realtime):
        for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            if module.name.endswith(("errors", "rules", "idempotency", "sessions", "tokens")):
                importlib.import_module(module.name)
    pending = [AppError]
    while pending:
        kind = pending.pop()
        pending += kind.__subclasses__()
        yield kind


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_code_has_a_sentence(language: str) -> None:
    missing = {kind.code for kind in refusals()} - set(catalogue(language))

    assert missing == set()


def test_both_languages_say_the_same_things() -> None:
    assert set(catalogue("vi")) == set(catalogue("en"))
