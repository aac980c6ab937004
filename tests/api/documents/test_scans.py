"""What is kept of the pages that are pictures, on every database."""

from dataclasses import replace
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st
from sqlmodel import select

from api.documents import intake, queries, rules, scans, service
from api.documents.models import Document, Revision
from api.documents.rules import PageState, Purpose, TextState
from api.documents.scans import PageReading, Turn
from api.documents.secrecy import SecrecyLevel
from api.documents.words import Word, lines_of, sureness, text_of
from core.db import Database, ReadTx
from core.ids import new_id
from core.jobs import Job, JobState
from tests.support.correspondence import arrival, content
from tests.support.ministry import Ministry

STATES = st.lists(st.sampled_from(PageState), min_size=1, max_size=6)


def words(text: str, confidence: int = 90) -> list[Word]:
    return [Word(word, confidence, 0, 0, 0, 10, 10) for word in text.split()]


async def scanned(db: Database, ministry: Ministry, *pages: str) -> UUID:
    """Register a document whose pages without text wait; return its revision."""
    waiting = tuple(page for page, text in enumerate(pages) if not text)
    held = content(pages=len(pages), texts=list(pages), has_text=not waiting, unread=waiting)
    async with db.begin() as tx:
        document = await intake.register(
            tx, ministry.clerk.actor, new_id(), arrival=arrival(ministry), content=held
        )
        return (await queries.latest_revision(tx, document.id)).id


async def turn_of(db: Database, revision_id: UUID) -> Turn | None:
    async with db.read() as view:
        return await scans.next_turn(view, revision_id)


async def keep(db: Database, revision_id: UUID, reading: PageReading) -> Turn:
    turn = await turn_of(db, revision_id)
    assert turn is not None
    async with db.begin() as tx:
        await scans.keep(tx, turn, reading)
    return turn


async def stands(db: Database, revision_id: UUID) -> tuple[TextState, bool, list[str]]:
    async with db.read() as view:
        revision = await view.session.get_one(Revision, revision_id)
        document = await view.session.get_one(Document, revision.document_id)
        texts = await queries.page_texts(view, revision_id)
        return revision.text_state, document.held, texts


async def test_pages_are_read_in_their_order_and_those_with_text_never(
    db: Database, ministry: Ministry
) -> None:
    revision_id = await scanned(db, ministry, "Trang một", "", "")

    first = await keep(db, revision_id, PageReading(words("Trang hai")))
    between = await stands(db, revision_id)
    second = await keep(db, revision_id, PageReading(words("Trang ba")))

    assert (first.page, second.page) == (1, 2)
    assert between == (TextState.BEING_READ, True, ["Trang một", "Trang hai", ""])
    assert await turn_of(db, revision_id) is None
    assert await stands(db, revision_id) == (
        TextState.READ,
        False,
        ["Trang một", "Trang hai", "Trang ba"],
    )


async def test_the_same_page_again_changes_nothing(db: Database, ministry: Ministry) -> None:
    revision_id = await scanned(db, ministry, "", "")
    turn = await keep(db, revision_id, PageReading(words("Trang một")))

    async with db.begin() as tx:
        await scans.keep(tx, turn, PageReading(words("khác hẳn")))

    assert (await stands(db, revision_id))[2] == ["Trang một", ""]


async def test_what_was_read_badly_stays_held(db: Database, ministry: Ministry) -> None:
    revision_id = await scanned(db, ministry, "")

    await keep(db, revision_id, PageReading(words("Tr4ng m0t", confidence=31)))

    assert (await stands(db, revision_id))[:2] == (TextState.READ, True)


async def test_a_blank_page_is_read_and_a_broken_one_is_not(
    db: Database, ministry: Ministry
) -> None:
    revision_id = await scanned(db, ministry, "", "")

    await keep(db, revision_id, PageReading([], is_blank=True))
    await keep(db, revision_id, PageReading(None))

    async with db.read() as view:
        progress = await scans.progress(view, revision_id)
    assert progress == scans.Progress(pages=2, read=2, unreadable=[1], confidence=100)
    assert (await stands(db, revision_id))[:2] == (TextState.UNREADABLE, True)


async def test_a_stamp_keeps_no_text_and_stops_the_reading(
    db: Database, ministry: Ministry
) -> None:
    revision_id = await scanned(db, ministry, "", "")

    await keep(db, revision_id, PageReading(words("MẬT"), SecrecyLevel.SECRET))

    assert await turn_of(db, revision_id) is None
    assert (await stands(db, revision_id))[2] == ["", ""]


async def test_the_next_file_of_a_document_goes_on_where_the_one_before_stopped(
    db: Database, ministry: Ministry
) -> None:
    revision_id = await scanned(db, ministry, "", "")
    turn = await keep(db, revision_id, PageReading(words("Trang một")))

    async with db.begin() as tx:
        document = await tx.session.get_one(Document, turn.document_id)
        newer = await service.add_revision(
            tx, document, purpose=Purpose.SEALED, content=content("b", pages=2, texts=None)
        )

    assert await turn_of(db, revision_id) is None
    assert await turn_of(db, newer.id) == replace(
        turn, revision_id=newer.id, sha256=newer.sha256, page=1
    )
    assert (await stands(db, newer.id))[::2] == (TextState.BEING_READ, ["Trang một", ""])
    async with db.read() as view:
        jobs = [job for job in await _jobs(view) if job.state is JobState.WAITING]
    assert {job.payload["revision_id"] for job in jobs} == {str(revision_id), str(newer.id)}


async def _jobs(view: ReadTx) -> list[Job]:

    statement = select(Job).where(Job.kind == "documents.ocr")
    return list((await view.session.exec(statement)).all())


@given(STATES)
def test_a_file_is_read_when_no_page_waits_or_failed(pages: list[PageState]) -> None:
    state = rules.reading_state(pages)

    assert (state is TextState.READ) == all(page is PageState.READ for page in pages)
    assert (state is TextState.UNREADABLE) == (
        PageState.WAITING not in pages and PageState.UNREADABLE in pages
    )


WORDS = st.lists(
    st.builds(
        Word,
        st.text(st.characters(categories=["L", "N", "P"]), min_size=1, max_size=9),
        *[st.integers(0, 100)] * 6,
    )
)


@given(WORDS)
def test_the_text_split_at_blanks_gives_the_words_again(words: list[Word]) -> None:
    assert text_of(words).split() == [word.text for word in words]
    assert sum(len(line.text.split()) for line in lines_of(words)) == len(words)


@given(WORDS.filter(bool), st.data())
def test_the_confidence_of_a_part_is_that_of_its_words(
    words: list[Word], data: st.DataObject
) -> None:
    first = data.draw(st.integers(0, len(words) - 1))
    last = data.draw(st.integers(first, len(words) - 1))
    part = " ".join(word.text for word in words[first : last + 1])

    sure = scans.sureness_of(part, words)

    assert min(word.confidence for word in words) <= sure <= max(w.confidence for w in words)
    if " ".join(word.text for word in words).find(part) == len(
        "".join(word.text + " " for word in words[:first])
    ):
        assert sure == sureness(words[first : last + 1])
