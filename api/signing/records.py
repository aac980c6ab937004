"""Evidence: what happened to a signature request, kept so that others can judge it without us."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any
from uuid import UUID

from sqlmodel import col, select

from api.signing.chain import Link, hash_after
from api.signing.models import EvidenceRecord, SignatureRequest
from core.db import ReadTx, Tx

PAGE_SHOWN = "page_shown"


@dataclass(frozen=True, slots=True)
class Shown:
    """The picture of a page that a signer was shown."""

    page: int
    width: int
    sha256: str


def record(tx: Tx, request: SignatureRequest, kind: str, **body: Any) -> None:
    """Add a record to a request's chain."""
    request.evidence_count += 1
    link = Link(str(request.id), request.evidence_count, tx.now.isoformat(), kind, body)
    request.evidence_head = hash_after(request.evidence_head, link)
    tx.session.add(request)
    tx.session.add(
        EvidenceRecord(
            request_id=request.id,
            ordinal=request.evidence_count,
            agency_id=request.agency_id,
            at=tx.now,
            kind=kind,
            body=body,
            sha256=request.evidence_head,
        )
    )


async def record_shown(
    tx: Tx, request: SignatureRequest, device_id: UUID | None, shown: Shown
) -> None:
    """Keep that a signer was shown a picture of a page; the same one again changes nothing."""
    body = asdict(shown)
    before = [one.body for one in await records(tx, request) if one.kind == PAGE_SHOWN]
    if not any(body.items() <= one.items() for one in before):
        record(tx, request, PAGE_SHOWN, **body, device=str(device_id) if device_id else None)


async def pages_shown(view: ReadTx, request: SignatureRequest) -> set[int]:
    """Return which pages its signer was shown."""
    kept = await records(view, request)
    return {one.body["page"] for one in kept if one.kind == PAGE_SHOWN}


async def records(view: ReadTx, request: SignatureRequest) -> Sequence[EvidenceRecord]:
    """Return a request's chain, oldest first."""
    statement = select(EvidenceRecord).where(EvidenceRecord.request_id == request.id)
    return (await view.session.exec(statement.order_by(col(EvidenceRecord.ordinal)))).all()


def link_of(kept: EvidenceRecord) -> Link:
    """Return a record as it was hashed."""
    moment = kept.at.isoformat()
    return Link(str(kept.request_id), kept.ordinal, moment, kept.kind, kept.body)
