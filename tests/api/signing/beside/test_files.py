"""Copies, and attachments in files of their own, over HTTP."""

from collections.abc import Awaitable, Callable
from datetime import datetime
from http import HTTPStatus
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx2 as httpx
import pytest
from sqlmodel import delete

from api.demo.phone import Phone
from api.signing import flows, service
from api.signing.asking import Wanted
from api.signing.beside import queries
from api.signing.records import records
from api.wiring import Engines
from core.idempotency import StoredAnswer
from tests.support import issuing
from tests.support.answers import kind
from tests.support.clock import Clock
from tests.support.ministry import Ministry, Person
from tests.support.pdfs import scanned, written
from tests.support.signing import consent, enrol, work

As = Callable[[Person], Awaitable[Phone]]

#: What happens is the same on both engines.
pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest.fixture
def paper(tmp_path: Path) -> Callable[[str], bytes]:
    """Give PDFs with one line of text."""
    return lambda text: written(tmp_path / "paper.pdf", [text]).read_bytes()


def upload(content: bytes) -> dict[str, tuple[str, bytes, str]]:
    return {"file": ("a.pdf", content, "application/pdf")}


async def fresh(phone: Phone, method: str, path: str, **more: Any) -> httpx.Response:
    """Send what needs a new proof of the device's key."""
    answer: httpx.Response = await phone.send(method, path, **more)
    return answer


async def received(
    engines: Engines, ministry: Ministry, clerk: Phone, content: bytes
) -> dict[str, Any]:
    said = {"type_code": "official_letter", "title": "Góp ý dự thảo", "issuer": "Bộ Tài chính",
            "presented_to": str(ministry.leader.id)}  # fmt: skip
    answer = await clerk.send("POST", "/documents/incoming", data=said, files=upload(content))
    assert answer.status_code == HTTPStatus.CREATED, answer.text
    made: dict[str, Any] = answer.json()
    return made


async def verified(engines: Engines, content: bytes, tmp_path: Path) -> dict[str, Any]:
    path = tmp_path / "file.pdf"
    path.write_bytes(content)
    return await flows.verify(engines.signing, path)


async def test_a_paper_that_came_in_is_copied_and_the_agency_vouches_for_it(
    engines: Engines,
    ministry: Ministry,
    as_: As,
    tmp_path: Path,
    clock: Clock,
    paper: Callable[[str], bytes],
) -> None:
    await enrol(engines, ministry)
    clerk, officer = await as_(ministry.clerk), await as_(ministry.officer)
    document = await received(engines, ministry, clerk, paper("Công văn góp ý"))
    path = f"/documents/{document['id']}/copies"

    foreign = await fresh(officer, "POST", path, json={"form": "copy"})
    answer = await fresh(clerk, "POST", path, json={"form": "copy"})
    extract = await fresh(clerk, "POST", path, json={"form": "extract", "pages": [0]})
    beyond = await fresh(clerk, "POST", path, json={"form": "extract", "pages": [7]})
    content = await clerk.get(f"/side-files/{answer.json()['id']}/file")
    headers = {"Idempotency-Key": "copy-0001"}
    keyed = await fresh(clerk, "POST", path, json={"form": "recopy"}, headers=headers)
    await forget(engines)
    repeated = await fresh(clerk, "POST", path, json={"form": "recopy"}, headers=headers)

    assert kind(foreign) in {"not_found", "forbidden"}
    assert answer.status_code == HTTPStatus.CREATED, answer.text
    assert extract.json()["form"] == "extract"
    assert "Idempotency-Replayed" not in repeated.headers
    assert repeated.json() == keyed.json()
    assert kind(beyond) == "documents.no_such_page"
    report = await verified(engines, content.content, tmp_path)
    assert report["verdict"] == "valid", report
    (signature,) = report["signatures"]
    assert (signature["kind"], signature["field"]) == ("agency", "Dau_BanSao")
    assert datetime.fromisoformat(signature["time"]).timestamp() == int(clock().timestamp())
    listed = (await clerk.get(f"/documents/{document['id']}/side-files")).json()
    assert [one["form"] for one in listed] == ["copy", "extract", "recopy"]


async def forget(engines: Engines) -> None:
    """Lose the stored answers, as a crash between the effect and its answer does."""
    async with engines.db.begin() as tx:
        await tx.session.exec(delete(StoredAnswer))


async def test_what_is_signed_is_sent_on_and_not_copied(
    engines: Engines, ministry: Ministry, as_: As, clock: Clock
) -> None:
    document_id = await issuing.issued(engines, ministry, clock)
    clerk = await as_(ministry.clerk)
    path = f"/documents/{document_id}/copies"

    whole = await fresh(clerk, "POST", path, json={"form": "copy"})
    extract = await fresh(clerk, "POST", path, json={"form": "extract", "pages": [0]})

    assert kind(whole) == "beside.signed_already"
    assert extract.status_code == HTTPStatus.CREATED


async def test_an_attachment_is_sealed_with_the_number_before_the_document_is_issued(
    engines: Engines,
    ministry: Ministry,
    as_: As,
    clock: Clock,
    tmp_path: Path,
    paper: Callable[[str], bytes],
) -> None:
    await enrol(engines, ministry)
    document_id = await issuing.drafted(engines, ministry)
    drafter, clerk = await as_(ministry.officer), await as_(ministry.clerk)
    stranger = await as_(ministry.stranger)
    path = f"/documents/{document_id}/attachments"
    added = await drafter.send(
        "POST", path, data={"title": "Phụ lục I"}, files=upload(paper("Bảng số liệu"))
    )
    assert added.status_code == HTTPStatus.CREATED, added.text
    early = await fresh(clerk, "POST", f"{path}/seal")
    await sign_and_number(engines, ministry, clock, document_id)
    late = await drafter.send(
        "POST", path, data={"title": "Phụ lục II"}, files=upload(paper("Muộn"))
    )
    await flows.seal(engines.signing, ministry.clerk.actor, document_id)
    unsealed = await clerk.send("POST", f"/documents/{document_id}/issue")
    foreign = await stranger.send("POST", f"/documents/{document_id}/issue")

    (sealed,) = (await fresh(clerk, "POST", f"{path}/seal")).json()
    (again,) = (await fresh(clerk, "POST", f"{path}/seal")).json()
    issued = await clerk.post(f"/documents/{document_id}/issue")

    assert kind(early) == kind(late) == "documents.wrong_state"
    assert kind(foreign) == "not_found"
    assert kind(unsealed) == "beside.not_sealed"
    assert (sealed["sha256"], sealed["sealed_at"]) == (again["sha256"], again["sealed_at"])
    assert issued.json()["state"] == "issued"
    content = (await clerk.get(f"/side-files/{sealed['id']}/file")).content
    report = await verified(engines, content, tmp_path)
    assert (report["verdict"], report["signatures"][0]["field"]) == ("valid", "Dau_PhuLuc")


async def sign_and_number(
    engines: Engines, ministry: Ministry, clock: Clock, document_id: UUID
) -> None:
    async with engines.db.begin() as tx:
        asked = Wanted(ministry.leader.id)
        request = await service.submit(tx, ministry.officer.actor, document_id, asked)
    await consent(engines, ministry, request.id)
    async with engines.db.read() as view:
        asked_for = (await records(view, request))[0].body["attachments"]
        kept = await queries.attachments(view, document_id)
    assert asked_for == [one.source_sha256 for one in kept] != []
    await work(engines, clock)
    await flows.number(engines.signing, ministry.clerk.actor, document_id)


async def test_a_scan_is_no_attachment_whoever_vouches_for_it(
    engines: Engines, ministry: Ministry, as_: As, tmp_path: Path
) -> None:
    document_id = await issuing.drafted(engines, ministry)
    drafter = await as_(ministry.officer)
    path, scan = f"/documents/{document_id}/attachments", scanned(tmp_path / "scan.pdf")

    said = {"title": "Phụ lục", "confirmed": "true"}
    answer = await drafter.send("POST", path, data=said, files=upload(scan.read_bytes()))

    assert kind(answer) == "documents.not_yet_read"
    assert (await drafter.get(f"/documents/{document_id}/side-files")).json() == []


async def test_a_secret_attachment_is_refused_and_a_drafter_takes_one_off_again(
    engines: Engines, ministry: Ministry, as_: As, paper: Callable[[str], bytes]
) -> None:
    document_id = await issuing.drafted(engines, ministry)
    drafter, leader = await as_(ministry.officer), await as_(ministry.leader)
    path = f"/documents/{document_id}/attachments"

    secret = await drafter.send(
        "POST", path, data={"title": "Phụ lục"}, files=upload(paper("TUYỆT MẬT"))
    )
    foreign = await leader.send(
        "POST", path, data={"title": "Phụ lục"}, files=upload(paper("Bảng"))
    )
    added = await drafter.send("POST", path, data={"title": "Phụ lục"}, files=upload(paper("Bảng")))
    again = await drafter.send("POST", path, data={"title": "Phụ lục"}, files=upload(paper("Bảng")))
    removed = await drafter.post(f"/side-files/{added.json()['id']}/remove")

    assert kind(secret) == "documents.secret"
    assert again.json() == added.json()
    assert kind(foreign) == "documents.not_the_drafter"
    assert removed.status_code == HTTPStatus.NO_CONTENT
    assert (await drafter.get(f"/documents/{document_id}/side-files")).json() == []
