"""A document's whole way over HTTP: in, directed, answered, signed, numbered, sealed, issued."""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from hashlib import sha256
from http import HTTPStatus
from pathlib import Path
from typing import Any

import pytest

from api import background, wiring
from api.demo.phone import Phone
from api.wiring import Engines
from core.worker import Worker
from tests.support.clock import Clock
from tests.support.correspondence import letter, send_in
from tests.support.ministry import Ministry, Person

As = Callable[[Person], Awaitable[Phone]]

pytestmark = pytest.mark.story


@pytest.fixture
async def operator(engines: Engines, ministry: Ministry, clock: Clock) -> None:
    """The leader has a SIM, the agency a seal; both are trusted."""
    parts = wiring.simulated_parts(engines.settings, clock=clock)
    await parts.operator.enrol("84900000001", name=ministry.leader.full_name, organization="Bộ")
    await parts.seal.issue(ministry.leader.agency_id, "Bộ Tài nguyên và Môi trường")
    parts.operator.ca.export_trust(engines.settings.trust)


async def work(engines: Engines, clock: Clock) -> None:
    """Let the jobs run until nothing is left to wait for."""
    worker = Worker(engines.db, background.handlers(engines))
    for _ in range(10):
        await worker.run_due()
        clock.tick(timedelta(seconds=5))


def draft(ministry: Ministry, reply_to: str) -> dict[str, Any]:
    return {
        "reply_to": reply_to,
        "type_code": "decision",
        "title": "Về việc phê duyệt kết quả rà soát quy hoạch",
        "articles": ["Phê duyệt kết quả rà soát.", "Quyết định này có hiệu lực từ ngày ký."],
        "recipients": ["Sở Xây dựng", "Lưu: VT"],
        "signer_id": str(ministry.leader.id),
    }


async def test_an_incoming_letter_becomes_an_issued_decision(
    engines: Engines, ministry: Ministry, as_: As, clock: Clock, operator: None, tmp_path: Path
) -> None:
    clerk, leader, officer = [
        await as_(person) for person in (ministry.clerk, ministry.leader, ministry.officer)
    ]
    incoming = (await send_in(clerk, ministry, letter(tmp_path))).json()
    await leader.post(
        "/tasks",
        json={
            "document_id": incoming["id"],
            "content": "Soạn quyết định trả lời",
            "lead_id": str(ministry.officer.id),
            "coordinators": [],
            "deadline": (clock() + timedelta(days=5)).isoformat(),
        },
    )
    clock.tick(timedelta(minutes=1))
    ours = (await officer.post("/documents/drafts", json=draft(ministry, incoming["id"]))).json()
    submitted = await officer.post(
        f"/documents/{ours['id']}/submit", json={"signer_id": str(ministry.leader.id)}
    )
    request = submitted.json()

    read = (await leader.get(f"/documents/{ours['id']}/file")).content
    asked = await leader.sign(request["id"], sha256(read).hexdigest())
    assert asked.status_code == HTTPStatus.ACCEPTED
    await work(engines, clock)
    await leader.refresh()
    await clerk.refresh()
    await officer.refresh()
    for step in ("number", "seal", "issue"):
        await clerk.post(f"/documents/{ours['id']}/{step}")

    file = (await officer.get(f"/documents/{ours['id']}/file")).content
    upload = {"file": ("issued.pdf", file, "application/pdf")}
    report = (await officer.send("POST", "/verify", files=upload)).json()
    assert (report["verdict"], len(report["signatures"])) == ("valid", 2)
    shown = (await officer.get(f"/documents/{ours['id']}")).json()
    assert (shown["state"], shown["number"]) == ("issued", 1)
    assert (await leader.get(f"/documents/{incoming['id']}")).json()["state"] == "resolved"
    trace = (await officer.get(f"/documents/{ours['id']}/trace")).json()
    assert trace == (await leader.get(f"/documents/{incoming['id']}/trace")).json()
    assert [line["name"] for line in trace] == [
        "documents.registered", "documents.directed", "tasks.assigned", "documents.drafted",
        "documents.submitted", "signing.requested", "signing.consented", "signing.prompted",
        "signing.returned", "documents.signed", "signing.level_reached", "documents.numbered",
        "documents.sealed",
        "documents.issued", "documents.resolved",
    ]  # fmt: skip
