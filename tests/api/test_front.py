"""What stands at the front: whether we are there, and the API page, which needs no internet."""

import re
from dataclasses import replace
from http import HTTPStatus

import httpx2 as httpx
import pytest
from fastapi import FastAPI

from api.wiring import Engines
from core.db import Database

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest.mark.parametrize("path", ["/health/live", "/health/ready"])
async def test_a_server_at_work_says_so(http: httpx.AsyncClient, path: str) -> None:
    answer = await http.get(path)

    assert (answer.status_code, answer.json()) == (HTTPStatus.OK, {"status": "ok"})


async def test_without_its_database_it_lives_but_is_not_ready(
    app: FastAPI, engines: Engines, http: httpx.AsyncClient
) -> None:
    app.state.engines = replace(engines, db=Database("postgresql+asyncpg://127.0.0.1:9/none"))

    assert (await http.get("/health/live")).status_code == HTTPStatus.OK
    refusal = await http.get("/health/ready")

    assert refusal.status_code == HTTPStatus.SERVICE_UNAVAILABLE
    assert refusal.json()["type"] == "database_unreachable"
    assert refusal.json()["title_vi"].startswith("Cơ sở dữ liệu không trả lời")


async def test_the_api_page_brings_everything_it_shows(http: httpx.AsyncClient) -> None:
    page = await http.get("/", follow_redirects=True)

    assert page.url.path == "/docs"
    wanted = re.findall(r"(?:src|href|url)\s*[=:]\s*[\"']([^\"']+)[\"']", page.text)
    assert len(wanted) == 4
    for address in wanted:
        assert address.startswith("/"), address
        assert (await http.get(address)).status_code == HTTPStatus.OK
