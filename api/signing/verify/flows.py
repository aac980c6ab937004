"""Verification of files that somebody sends or holds: judged in the sandbox, kept nowhere."""

import asyncio
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from fastapi import UploadFile

from api.documents.desk import Desk
from api.documents.models import Document, Revision
from api.documents.numbering import padded
from api.documents.types import type_of
from api.documents.uploads import save
from api.signing.evidence.asking import Inquiry
from api.signing.verify import queries
from api.signing.verify.judging import judged
from api.signing.verify.memory import Reports
from api.signing.verify.rules import Kind, Policy
from api.signing.verify.schemas import ComparisonOut, PublicSignerOut, PublicVerdictOut
from api.signing.verify.turnstile import Turnstile
from core.blobs.port import Blobs
from core.db import Database
from core.integrity import digest_of
from core.sandbox import Sandbox

#: Whose signatures make a document; timestamps are no signers.
_SIGNERS = (Kind.PERSON.value, Kind.AGENCY.value)


@dataclass(frozen=True, slots=True)
class Bench:
    """What verification works with.

    Attributes:
        db: where issued documents are found, and the clock that is judged by.
        blobs: where their files are.
        sandbox: where files are read.
        desk: where files lie meanwhile.
        trust: the folder of the certificates that signatures are trusted by.
        inquiry: the way to trust services, for those who ask for it.
        reports: what was found of files of ours a moment ago.
        turnstile: holds up who checks codes too fast.
    """

    db: Database
    blobs: Blobs
    sandbox: Sandbox
    desk: Desk
    trust: Path
    inquiry: Inquiry
    reports: Reports = field(default_factory=Reports)
    turnstile: Turnstile = field(default_factory=Turnstile)


async def verify_upload(
    bench: Bench, upload: UploadFile, *, online: bool = False
) -> dict[str, Any]:
    """Return the report on a file from anywhere; `online` asks trust services too.

    Raises:
        NotAPdf: no PDF can be made out.
    """
    async with bench.desk.space() as space:
        path = await save(upload, space / "file.pdf")
        inquiry = bench.inquiry if online else None
        return await judged(bench.sandbox, path, bench.trust, Policy.OWN, bench.db.clock(), inquiry)


async def verify(bench: Bench, path: Path, policy: Policy = Policy.OWN) -> dict[str, Any]:
    """Return the report on a file; one that breaks or outlasts its reader gets a report too."""
    return await judged(bench.sandbox, path, bench.trust, policy, bench.db.clock())


async def check(bench: Bench, code: str, address: str) -> PublicVerdictOut:
    """Say of the document with this code what anybody may know.

    Raises:
        NothingIssued: there is none in force.
        TooManyChecks: the address asks too fast.
    """
    bench.turnstile.must_not_rush(address, bench.db.clock().timestamp())
    async with bench.db.read() as view:
        document, files = await queries.issued_by_code(view, code)
    return _public(document, await _report_on_ours(bench, files[0]))


async def compare(bench: Bench, code: str, address: str, upload: UploadFile) -> ComparisonOut:
    """Say whether a file is the very document with this code, and what the file itself is worth.

    Raises:
        NothingIssued: there is no document in force with this code.
        NotAPdf: no PDF can be made out in the file.
        TooManyChecks: the address asks too fast.
    """
    bench.turnstile.must_not_rush(address, bench.db.clock().timestamp())
    async with bench.db.read() as view:
        _, files = await queries.issued_by_code(view, code)
    async with bench.desk.space() as space:
        path = await save(upload, space / "file.pdf")
        sha256, _ = await asyncio.to_thread(digest_of, path)
        report = await verify(bench, path)
    return ComparisonOut(same=sha256 in {file.sha256 for file in files}, **_told(report))


async def _report_on_ours(bench: Bench, file: Revision) -> dict[str, Any]:
    now = bench.db.clock()
    report = bench.reports.recall(file.sha256, now)
    if report is None:
        async with bench.desk.space() as space:
            await bench.blobs.fetch(file.sha256, space / "file.pdf")
            report = await verify(bench, space / "file.pdf", Policy.ISSUED)
        bench.reports.keep(file.sha256, now, report)
    return report


def _public(document: Document, report: dict[str, Any]) -> PublicVerdictOut:
    """Choose what is shown: type, number, date, signers and verdict; nothing else."""
    kind = type_of(document.type_code)
    signers = [one for one in report["signatures"] if one["kind"] in _SIGNERS]
    return PublicVerdictOut(
        type=kind.en,
        type_vi=kind.vi,
        number=f"{padded(document.number or 0)}/{document.symbol}",
        issued_on=document.issued_on,
        signers=[
            PublicSignerOut(name=one["signer"] or "", kind=one["kind"], time=one["time"])
            for one in signers
        ],
        **_told(report),
    )


def _told(report: dict[str, Any]) -> dict[str, Any]:
    return {key: report[key] for key in ("verdict", "reason", "sentence", "sentence_vi")}
