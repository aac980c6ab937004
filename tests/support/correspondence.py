"""What a clerk sends in, and what an office does with it."""

from pathlib import Path
from typing import Any
from uuid import UUID

from api.demo.phone import Phone
from api.documents import intake
from api.documents.contents import Arrival, Content
from api.documents.models import Document
from api.documents.rules import Direction, State
from core.db import Database
from core.ids import new_id
from tests.support.ministry import Ministry
from tests.support.pdfs import written

LINES = (
    "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM",
    "Độc lập - Tự do - Hạnh phúc",
    "V/v rà soát quy hoạch sử dụng đất tại các xã ven biển",
    "Kính gửi: Bộ Tài nguyên và Môi trường",
)


def letter(folder: Path, *lines: str, name: str = "letter.pdf") -> Path:
    """Write a two-page letter."""
    return written(folder / name, (*LINES, *lines), ("Nơi nhận: như trên; lưu văn thư",))


def form(ministry: Ministry, **changed: str) -> dict[str, str]:
    """Return what a clerk writes down of the letter."""
    return {
        "type_code": "official_letter",
        "title": "Về việc rà soát quy hoạch sử dụng đất",
        "number": "112",
        "symbol": "SXD-QH",
        "issuer": "Sở Xây dựng",
        "issued_on": "2026-01-02",
        "presented_to": str(ministry.leader.id),
    } | changed


async def send_in(phone: Phone, ministry: Ministry, pdf: Path, **changed: Any) -> Any:
    """Register a PDF over HTTP."""
    headers = {"Idempotency-Key": changed.pop("key")} if "key" in changed else {}
    files = {"file": (pdf.name, pdf.read_bytes(), "application/pdf")}
    said = form(ministry, **changed)
    return await phone.send("POST", "/documents/incoming", data=said, files=files, headers=headers)


def content(seed: str = "a", **changed: Any) -> Content:
    """Return a stored file that nobody opens."""
    values: dict[str, Any] = {"size": 1000, "pages": 1, "texts": ["Kính gửi các đơn vị"]}
    return Content(sha256=seed.encode().hex().ljust(64, "0")[:64], **(values | changed))


def arrival(ministry: Ministry, **changed: Any) -> Arrival:
    """Return what a clerk writes down, as the service takes it."""
    values: dict[str, Any] = {
        "type_code": "official_letter",
        "title": "Về việc rà soát quy hoạch",
        "symbol": "SXD-QH",
        "issuer": "Sở Xây dựng",
        "presented_to": ministry.leader.id,
    }
    return Arrival(**(values | changed))


async def received(db: Database, ministry: Ministry, **changed: Any) -> UUID:
    """Register a document through the service and return its id."""
    held = content(has_text=not changed.pop("scan", False))
    async with db.begin() as tx:
        document = await intake.register(
            tx, ministry.clerk.actor, new_id(), arrival=arrival(ministry, **changed), content=held
        )
        return document.id


async def outgoing(
    db: Database, ministry: Ministry, state: State, *, type_code: str = "decision"
) -> UUID:
    """Put a document of ours straight into a state."""
    async with db.begin() as tx:
        document = Document(
            agency_id=ministry.officer.agency_id,
            direction=Direction.OUTGOING,
            type_code=type_code,
            title="Về việc phê duyệt",
            symbol="QĐ-BTNMT",
            issuer="Bộ Tài nguyên và Môi trường",
            state=state,
            recipients=["Như trên"],
            drafted_by=ministry.officer.id,
            signer_id=ministry.leader.id,
            created_at=tx.now,
        )
        tx.session.add(document)
        return document.id
