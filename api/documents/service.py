"""What is done with documents that live: one function for each use-case.

How they are born stands in `intake` and `drafting`.
"""

from collections.abc import Iterable
from uuid import UUID

from sqlmodel import col, select

from api.documents import numbering, numbers, queries, rules, scans
from api.documents.competence import must_be_competent
from api.documents.contents import Content
from api.documents.errors import (
    NotALeader,
    NotRegistered,
    NotTheDrafter,
    NotTheSigner,
    NumberNotOnPaper,
)
from api.documents.events import (
    DocumentCosigned,
    DocumentDirected,
    DocumentIssued,
    DocumentNumbered,
    DocumentResolved,
    DocumentReturned,
    DocumentSealed,
    DocumentSigned,
    DocumentSubmitted,
)
from api.documents.models import Document, DocumentReader, PageText, Revision
from api.documents.rules import Direction, Level, Move, Purpose, State
from api.documents.types import type_of
from api.people import queries as people
from core.actor import Actor, Role
from core.clock import day_in_vietnam
from core.db import ReadTx, Tx
from core.errors import NotFound, Stale


async def must_be_a_leader(view: ReadTx, actor: Actor, official_id: UUID) -> None:
    """Refuse anybody who does not lead the actor's agency."""
    leaders = await people.with_role(view, actor.agency_id, Role.LEADER)
    if official_id not in {leader.id for leader in leaders}:
        raise NotALeader(id=str(official_id))


# --- what came in --------------------------------------------------------------------------


async def must_be_registered(view: ReadTx, actor: Actor, document_id: UUID) -> Document:
    """Return an incoming document that may be worked on, or refuse."""
    document = await queries.document(view, actor, document_id)
    if document.arrival_number is None:
        raise NotRegistered(id=str(document_id))
    rules.must_be_known(held=document.held)
    return document


async def mark_directed(tx: Tx, actor: Actor, document_id: UUID) -> Document:
    """Note that a leader gave the document to those who work on it; again changes nothing."""
    document = await locked(tx, actor, document_id)
    await must_be_registered(tx, actor, document_id)
    if document.state is not State.DIRECTED:
        advance(tx, document, Move.DIRECT)
        tx.audit(actor, "documents.direct", document_id)
        tx.emit(DocumentDirected(document_id=document_id, by=actor.id))
    return await flushed(tx, document)


async def mark_resolved(tx: Tx, actor: Actor, document_id: UUID) -> Document:
    """Note that what the document asked for is done; again changes nothing.

    A document of ours asks for nothing: a task may follow from it, and leaves it as it is.
    """
    document = await locked(tx, actor, document_id)
    if document.direction is Direction.INCOMING and document.state is not State.RESOLVED:
        _resolve(tx, actor, document)
    return await flushed(tx, document)


def _resolve(tx: Tx, actor: Actor, document: Document) -> None:
    advance(tx, document, Move.RESOLVE)
    tx.audit(actor, "documents.resolve", document.id)
    tx.emit(DocumentResolved(document_id=document.id, by=actor.id))


# --- what goes out -------------------------------------------------------------------------


async def submit(
    tx: Tx, actor: Actor, document_id: UUID, *, signer_id: UUID, version: int | None = None
) -> Document:
    """Put a draft before its signer."""
    document = await locked(tx, actor, document_id, version=version)
    if document.drafted_by != actor.id:
        raise NotTheDrafter
    rules.must_sign_once(signer_id, cosigners_of(document))
    same = signer_id == document.signer_id
    signatory = await must_be_competent(
        tx,
        actor.agency_id,
        signer_id,
        type_code=document.type_code,
        on_behalf_of=document.on_behalf_of if same else None,
    )
    advance(tx, document, Move.SUBMIT)
    document.signer_id, document.on_behalf_of = signer_id, signatory.principal_id
    document.signer = signatory.official.full_name
    tx.audit(actor, "documents.submit", document_id, signer=str(signer_id))
    tx.emit(DocumentSubmitted(document_id=document_id, by=actor.id, signer_id=signer_id))
    return await flushed(tx, document)


async def send_back(
    tx: Tx, actor: Actor, document_id: UUID, *, reason: str, version: int | None = None
) -> Document:
    """Return a submitted draft to its drafter, with the signer's opinion."""
    document = await locked(tx, actor, document_id, version=version)
    if document.signer_id != actor.id:
        raise NotTheSigner
    return await give_back(tx, actor, document_id, reason=reason)


async def give_back(tx: Tx, actor: Actor, document_id: UUID, *, reason: str) -> Document:
    """Make a submitted draft a draft again; the caller knows that the actor may."""
    document = await locked(tx, actor, document_id)
    rules.must_not_be_secret("", "", [reason])
    advance(tx, document, Move.RETURN)
    document.opinion = reason
    await _bring_back_draft(tx, document)
    tx.audit(actor, "documents.return", document_id)
    tells = tuple(one for one in _drafter(document) if one != actor.id)
    tx.emit(DocumentReturned(document_id=document_id, by=actor.id, tells=tells))
    return await flushed(tx, document)


async def _bring_back_draft(tx: Tx, document: Document) -> None:
    """Put the unsigned paper on top again: what some have signed goes nowhere."""
    newest = await _newest(tx, document.id)
    if newest is None or newest.purpose is Purpose.DRAFTED:
        return
    drafted = await _newest(tx, document.id, Purpose.DRAFTED)
    if drafted is not None:
        content = Content(
            drafted.sha256, drafted.size, drafted.pages, media_type=drafted.media_type,
            layout=drafted.layout,
        )  # fmt: skip
        await add_revision(tx, document, purpose=Purpose.DRAFTED, content=content)
        document.signature_level = None


async def mark_cosigned(tx: Tx, document_id: UUID, *, by: UUID, content: Content) -> Document:
    """Keep a file that one of several has signed; the document waits for the others."""
    document = await _locked_row(tx, document_id)
    rules.must_be_in(document.state, State.SUBMITTED)
    if await _is_kept(tx, document, Purpose.COSIGNED, content):
        return document
    document.signature_level = Level.B_B
    await add_revision(tx, document, purpose=Purpose.COSIGNED, content=content)
    signer = Actor(by, document.agency_id)
    tx.audit(signer, "documents.cosign", document_id, sha256=content.sha256)
    tx.emit(DocumentCosigned(document_id=document_id, by=by, tells=_drafter(document)))
    return await flushed(tx, document)


async def mark_signed(
    tx: Tx, document_id: UUID, *, content: Content, by: UUID | None = None
) -> Document:
    """Keep the file that everybody has signed; a second time changes nothing.

    `by` is who signed last; the signer where nobody is named.
    """
    document = await _locked_row(tx, document_id)
    signer_id = by or document.signer_id
    if signer_id is None:
        raise NotTheSigner
    if await _is_kept(tx, document, Purpose.SIGNED, content):
        return document
    advance(tx, document, Move.SIGN)
    document.signature_level = Level.B_B
    await add_revision(tx, document, purpose=Purpose.SIGNED, content=content)
    signer = Actor(signer_id, document.agency_id)
    tx.audit(signer, "documents.sign", document_id, sha256=content.sha256)
    tx.emit(DocumentSigned(document_id=document_id, by=signer_id, tells=_drafter(document)))
    return await flushed(tx, document)


async def allot_number(tx: Tx, actor: Actor, document_id: UUID) -> Document:
    """Give a signed document its number, symbol and date; a second time changes nothing."""
    actor.must_be(Role.CLERK)
    document = await locked(tx, actor, document_id)
    if document.number is not None:
        return document
    rules.after(document.state, Move.NUMBER)
    kind = type_of(document.type_code)
    series = await numbers.lock(tx, document.agency_id, numbering.series_of(kind))
    number, year = await numbers.take(tx, series, document_id), series.row.year
    advance(tx, document, Move.NUMBER)
    document.number = number
    document.issued_on = day_in_vietnam(tx.now)
    tx.audit(actor, "documents.number", document_id, number=number, year=year)
    tx.emit(DocumentNumbered(document_id=document_id, by=actor.id, number=number, year=year))
    return await flushed(tx, document)


async def keep_numbered(tx: Tx, actor: Actor, document_id: UUID, *, content: Content) -> Revision:
    """Keep the file on which the allotted number now stands; a second time changes nothing."""
    actor.must_be(Role.CLERK)
    document = await locked(tx, actor, document_id)
    rules.must_be_in(document.state, State.NUMBERED)
    return await add_revision(tx, document, purpose=Purpose.NUMBERED, content=content)


async def must_be_sealable(view: ReadTx, actor: Actor, document_id: UUID) -> Document:
    """Return a document that the actor may seal now: numbered on paper, signed by another."""
    actor.must_be(Role.CLERK)
    document = await queries.document(view, actor, document_id)
    rules.must_not_have_signed([document.signer_id, *cosigners_of(document)], actor.id)
    rules.after(document.state, Move.SEAL)
    revision = await queries.latest_revision(view, document_id)
    if revision.purpose is not Purpose.NUMBERED:
        raise NumberNotOnPaper
    return document


async def sealed(view: ReadTx, actor: Actor, document_id: UUID) -> Document | None:
    """Return a document that bears its seal, or nothing while it does not."""
    actor.must_be(Role.CLERK)
    document = await queries.document(view, actor, document_id)
    return document if document.state in {State.SEALED, State.ISSUED} else None


async def mark_sealed(tx: Tx, actor: Actor, document_id: UUID, *, content: Content) -> Document:
    """Keep the file that bears the agency's seal; a second time changes nothing."""
    actor.must_be(Role.CLERK)
    document = await locked(tx, actor, document_id)
    if await _is_kept(tx, document, Purpose.SEALED, content):
        return document
    await must_be_sealable(tx, actor, document_id)
    advance(tx, document, Move.SEAL)
    document.signature_level = Level.B_B
    await add_revision(tx, document, purpose=Purpose.SEALED, content=content)
    tx.audit(actor, "documents.seal", document_id, sha256=content.sha256)
    tx.emit(DocumentSealed(document_id=document_id, by=actor.id))
    return await flushed(tx, document)


async def issue(tx: Tx, actor: Actor, document_id: UUID) -> Document:
    """Issue a sealed document; what it answers is thereby resolved."""
    actor.must_be(Role.CLERK)
    document = await locked(tx, actor, document_id)
    advance(tx, document, Move.ISSUE)
    tx.audit(actor, "documents.issue", document_id)
    tx.emit(DocumentIssued(document_id=document_id, by=actor.id, tells=_drafter(document)))
    if document.reply_to is not None:
        answered = await _locked_row(tx, document.reply_to)
        if answered.state is State.DIRECTED:
            _resolve(tx, actor, answered)
    return await flushed(tx, document)


# --- what all of them stand on --------------------------------------------------------------


def advance(tx: Tx, document: Document, move: Move) -> None:
    """Move a document on, or refuse; the only place that changes a state."""
    document.state = rules.after(document.state, move)
    tx.session.add(document)


async def locked(
    tx: Tx, actor: Actor, document_id: UUID, *, version: int | None = None
) -> Document:
    """Return a readable document that nobody else can change until the transaction ends.

    Raises:
        Stale: the caller has read an older version.
    """
    statement = (
        select(Document)
        .where(Document.id == document_id, queries.readable_by(actor, tx.now))
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    document = (await tx.session.exec(statement)).first()
    if document is None:
        raise NotFound(id=str(document_id))
    if version is not None and version != document.version:
        raise Stale(version=document.version)
    return document


async def flushed(tx: Tx, document: Document) -> Document:
    """Return a document as it will be committed, with its new version."""
    await tx.session.flush()
    return document


async def let_read(tx: Tx, document_id: UUID, official_ids: Iterable[UUID], reason: str) -> None:
    """Let officials of the document's agency read it from now on."""
    document = await _locked_row(tx, document_id)
    asked = set(official_ids)
    for official in (await people.names(tx, list(asked))).values():
        if official.agency_id == document.agency_id:
            asked.discard(official.id)
            await _let_one_read(tx, document, official.id, reason)
    if asked:
        raise NotFound(id=str(asked.pop()))


async def _let_one_read(tx: Tx, document: Document, official_id: UUID, reason: str) -> None:
    if await tx.session.get(DocumentReader, (document.id, official_id)) is None:
        tx.session.add(
            DocumentReader(
                document_id=document.id,
                official_id=official_id,
                agency_id=document.agency_id,
                reason=reason,
                since=tx.now,
            )
        )


async def add_revision(
    tx: Tx, document: Document, *, purpose: Purpose, content: Content
) -> Revision:
    """Keep a new file of a document; the same file again is the revision that is there."""
    before = await _newest(tx, document.id)
    if before is not None and (before.purpose, before.sha256) == (purpose, content.sha256):
        return before
    revision = Revision(
        document_id=document.id,
        agency_id=document.agency_id,
        ordinal=before.ordinal + 1 if before else 1,
        purpose=purpose,
        sha256=content.sha256,
        media_type=content.media_type,
        size=content.size,
        pages=content.pages,
        text_state=rules.text_state(has_text=content.has_text),
        verification=content.verification,
        layout=content.layout or (before.layout if before else None),
        created_at=tx.now,
    )
    tx.session.add(revision)
    await tx.session.flush()
    if content.texts is not None:
        tx.session.add_all(_texts_of(revision, content.texts))
        scans.begin(tx, revision, content.unread)
    elif before is not None:
        revision.text_state = before.text_state
        await _copy_texts(tx, before, revision)
        await scans.inherit(tx, before, revision)
    return revision


def _texts_of(revision: Revision, texts: list[str]) -> list[PageText]:
    return [
        PageText(revision_id=revision.id, page=page, agency_id=revision.agency_id, text=text)
        for page, text in enumerate(texts)
    ]


async def _copy_texts(tx: Tx, before: Revision, revision: Revision) -> None:
    texts = await queries.page_texts(tx, before.id)
    tx.session.add_all(_texts_of(revision, texts))


async def _newest(tx: Tx, document_id: UUID, purpose: Purpose | None = None) -> Revision | None:
    statement = select(Revision).where(Revision.document_id == document_id)
    if purpose is not None:
        statement = statement.where(Revision.purpose == purpose)
    newest = statement.order_by(col(Revision.ordinal).desc()).limit(1)
    return (await tx.session.exec(newest)).first()


async def _is_kept(tx: Tx, document: Document, purpose: Purpose, content: Content) -> bool:
    newest = await _newest(tx, document.id)
    return newest is not None and (newest.purpose, newest.sha256) == (purpose, content.sha256)


async def _locked_row(tx: Tx, document_id: UUID) -> Document:
    await tx.session.flush()  # or what is not written yet would be read over
    return await tx.session.get_one(
        Document, document_id, with_for_update=True, populate_existing=True
    )


def cosigners_of(document: Document) -> list[UUID]:
    """Return who signs beside the signer, in the order of their places on the paper."""
    return [UUID(each) for each in document.cosigners]


def _drafter(document: Document) -> tuple[UUID, ...]:
    return (document.drafted_by,) if document.drafted_by else ()
