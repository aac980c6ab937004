"""A server that dies at any moment loses no acknowledged write and leaves no half-made file."""

import asyncio
import hashlib
import sqlite3
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from api.signing.verify.trust import TrustAnchors
from api.signing.verify.verifier import verify_file
from core.config import Settings
from tests.journeys.room import meet
from tests.journeys.world import World, chance_of_murder, killing, world
from tests.support.correspondence import form, letter
from tests.support.databases import SqliteFactory

pytestmark = pytest.mark.story


async def story(here: World, pdf: Path) -> str:
    """Take a letter from its arrival over a meeting to the issued answer; return that one's id."""
    incoming = await _register(here, pdf)
    task = await here.post("leader", "/tasks", json=_directive(here, incoming["id"]))
    here.acknowledged[f"/tasks/{task['id']}"] = "leader"
    await here.post("officer", f"/tasks/{task['id']}/accept", json={})
    await meet(here, incoming["id"], turns=4)
    draft = await here.post("officer", "/documents/drafts", json=_draft(here, incoming["id"]))
    here.acknowledged[f"/documents/{draft['id']}"] = "officer"
    to = {"signer_id": str(here.ministry.leader.id)}
    request = await here.post("officer", f"/documents/{draft['id']}/submit", json=to)
    await here.sign("leader", request)
    await _await_signature(here, request["id"])
    for step in ("number", "seal", "issue"):
        await here.post("clerk", f"/documents/{draft['id']}/{step}")
    return str(draft["id"])


async def _register(here: World, pdf: Path) -> Any:
    content, said = pdf.read_bytes(), form(here.ministry)
    files = {"file": ("letter.pdf", content, "application/pdf")}
    incoming = await here.post("clerk", "/documents/incoming", data=said, files=files)
    here.acknowledged[f"/documents/{incoming['id']}"] = "clerk"
    return incoming


def _directive(here: World, document_id: str) -> dict[str, Any]:
    return {
        "document_id": document_id,
        "content": "Tham mưu trả lời",
        "lead_id": str(here.ministry.officer.id),
        "deadline": (datetime.now(UTC) + timedelta(days=3)).isoformat(),
    }


def _draft(here: World, reply_to: str) -> dict[str, Any]:
    return {
        "reply_to": reply_to,
        "type_code": "decision",
        "title": "Về việc phê duyệt kết quả",
        "articles": ["Phê duyệt kết quả."],
        "recipients": ["Lưu: VT"],
        "signer_id": str(here.ministry.leader.id),
    }


async def _await_signature(here: World, request_id: str) -> None:
    async with asyncio.timeout(400):  # on a busy machine one kill may follow on the other
        while True:
            now = (await here.get("leader", f"/signature-requests/{request_id}")).json()
            assert now["state"] not in {"failed", "rejected", "expired", "refused"}, now
            if now["state"] == "embedded":
                return
            await asyncio.sleep(0.1)  # the signer takes a moment


async def everything_holds(here: World, answers: list[str]) -> None:
    for path, who in here.acknowledged.items():
        await here.get(who, path)
    shown = [(await here.get("clerk", f"/documents/{one}")).json() for one in answers]
    assert [one["state"] for one in shown] == ["issued"] * len(answers)
    assert sorted(one["number"] for one in shown) == list(range(1, len(answers) + 1))
    for one in answers:
        file = here.folder / "issued.pdf"
        file.write_bytes((await here.get("clerk", f"/documents/{one}/file")).content)
        report = await asyncio.to_thread(_verified, file, Settings(data=here.folder).trust)
        assert (report["verdict"], len(report["signatures"])) == ("valid", 2)
    no_file_is_half_made(here.folder)
    nobody_was_prompted_twice(here.folder)
    no_stream_has_a_gap(here.folder)


def _verified(file: Path, trust: Path) -> dict[str, Any]:
    return verify_file(file, TrustAnchors.from_folder(trust)).as_json()


def no_file_is_half_made(folder: Path) -> None:
    blobs = folder / "blobs"
    for path in blobs.glob("[0-9a-f][0-9a-f]/*"):
        assert hashlib.sha256(path.read_bytes()).hexdigest() == path.parent.name + path.name
    assert list((blobs / "partial").iterdir()) == []
    assert list((folder / "desk").iterdir()) == []


def nobody_was_prompted_twice(folder: Path) -> None:
    rows = _rows(folder, "SELECT count(*), count(transaction_id) FROM signature_request")
    prompts = list((folder / "simulated-operator" / "prompts").glob("*.asked"))
    assert len(prompts) == rows[0][0] == rows[0][1]


def no_stream_has_a_gap(folder: Path) -> None:
    counted = "SELECT stream, count(*), min(seq), max(seq) FROM stream_entry GROUP BY stream"
    for stream, count, first, last in _rows(folder, counted):
        assert (first, last) == (1, count), stream


def _rows(folder: Path, statement: str) -> list[Any]:
    with sqlite3.connect(folder / "khonggiay.db") as connection:
        return connection.execute(statement).fetchall()


async def _tell_under_kills(
    folder: Path, sqlite: SqliteFactory, *, kills: int, stories: int
) -> None:
    chance = chance_of_murder()
    async with world(folder, sqlite) as here:
        pdf = letter(folder)
        async with killing(here.server, chance, most=kills):
            answers = [await story(here, pdf)]
            while here.server.kills < kills or len(answers) < stories:
                answers.append(await story(here, pdf))
        await everything_holds(here, answers)


async def test_three_kills_lose_nothing(tmp_path: Path, sqlite: SqliteFactory) -> None:
    await _tell_under_kills(tmp_path, sqlite, kills=3, stories=1)


@pytest.mark.slow
@pytest.mark.timeout(900)
async def test_fifty_kills_lose_nothing(tmp_path: Path, sqlite: SqliteFactory) -> None:
    await _tell_under_kills(tmp_path, sqlite, kills=50, stories=1)
