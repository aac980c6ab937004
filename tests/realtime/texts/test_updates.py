"""An update is read with bounds: what makes a plain text is taken, whatever else is refused.

What is taken is handed to the library, which must then neither fail nor say anything else.
"""

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from pycrdt import Array, Doc, Map, Text, XmlFragment

from realtime.texts import lib0
from realtime.texts.document import SharedText, together
from realtime.texts.updates import MOST_RANGES, MOST_RUNS, NOTHING, BadUpdate, read, read_vector

ROOT = "minutes"
WORDS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), min_size=1)
#: Where something is changed (in thousandths of the text), how much goes, and what comes.
EDITS = st.lists(
    st.tuples(st.integers(0, 999), st.integers(0, 5), st.one_of(st.just(""), WORDS)), max_size=12
)


def edited(edits: list[tuple[int, int, str]], shared: SharedText) -> list[bytes]:
    """Make edits as a client would, and return their updates."""
    made = []
    for place, goes, comes in edits:
        words = shared.words
        begin = place * len(words) // 1000
        update = shared.rewrite(words[:begin] + comes + words[begin + goes :])
        if update != NOTHING:
            made.append(update)
    return made


@settings(deadline=None)
@given(EDITS, EDITS)
def test_what_a_library_writes_is_taken_and_says_the_same(
    mine: list[tuple[int, int, str]], theirs: list[tuple[int, int, str]]
) -> None:
    one, other, ours = SharedText(ROOT), SharedText(ROOT), SharedText(ROOT)
    updates = [*edited(mine, one), *edited(theirs, other)]

    for update in updates:
        ours.take(update)
    one.take(other.whole())

    assert ours.words == one.words
    assert ours.known == one.known


@settings(deadline=None)
@given(EDITS)
def test_many_updates_together_bring_what_each_brings(edits: list[tuple[int, int, str]]) -> None:
    one, ours = SharedText(ROOT), SharedText(ROOT)
    updates = edited(edits, one)
    if updates:
        ours.take(together(updates))

    assert ours.words == one.words


@settings(deadline=None)
@given(EDITS, st.text(max_size=30).filter(lambda words: "\x00" not in words))
def test_a_text_that_is_rewritten_is_what_was_wanted(
    edits: list[tuple[int, int, str]], wanted: str
) -> None:
    shared = SharedText(ROOT)
    edited(edits, shared)
    shared.rewrite(wanted)

    assert shared.words == wanted


def taken(update: bytes) -> bool:
    """Have an update taken on top of a text, and hold the library to what was read."""
    shared = SharedText(ROOT)
    shared.load(BASE, 1)
    try:
        shared.take(update)
        shared.must_be_sound()
    except BadUpdate:
        return False
    assert len(shared.words.encode("utf-16-le")) // 2 <= sum(shared.known.values())
    again = SharedText(ROOT)
    again.load(shared.whole(), 1)
    assert again.words == shared.words
    return True


@pytest.mark.parametrize(("left", "right"), [(1, 1), (5, 2)])
def test_what_would_read_differently_later_is_refused(left: int, right: int) -> None:
    shared = SharedText(ROOT)
    shared.rewrite("Kết luận: giao Vụ.")
    (author,) = shared.known
    shared.take(between(author, left, right))

    with pytest.raises(BadUpdate, match="anew"):
        shared.must_be_sound()


def between(author: int, left: int, right: int) -> bytes:
    """Return an insertion between two places of an author's words, in whatever order."""
    places = b"".join(map(lib0.number, (author, left, author, right)))
    return b"\x01\x01" + lib0.number(7) + b"\x00\xc4" + places + lib0.block(b"abc") + b"\x00"


def _base() -> bytes:
    shared = SharedText(ROOT)
    edited([(0, 0, "Kết luận: giao Vụ Tổ chức. "), (500, 3, "🙂"), (0, 0, "Mở đầu. ")], shared)
    return shared.whole()


BASE = _base()


CHANGES = st.lists(st.tuples(st.integers(0, 400), st.integers(0, 255)), max_size=4)


@settings(max_examples=100, deadline=None)
@given(EDITS, CHANGES)
@example([(0, 0, "một")], [])
def test_no_changed_byte_does_harm(
    edits: list[tuple[int, int, str]], changes: list[tuple[int, int]]
) -> None:
    spoil(edits, changes)


@pytest.mark.slow
@settings(max_examples=3_000, deadline=None)
@given(EDITS, CHANGES)
def test_no_changed_byte_of_very_many_does_harm(
    edits: list[tuple[int, int, str]], changes: list[tuple[int, int]]
) -> None:
    spoil(edits, changes)


def spoil(edits: list[tuple[int, int, str]], changes: list[tuple[int, int]]) -> None:
    """Change some bytes of honest updates, and have them taken or refused."""
    shared = SharedText(ROOT)
    shared.load(BASE, 1)
    for update in edited(edits, shared)[:3]:
        spoilt = bytearray(update)
        for place, byte in changes:
            spoilt[place % len(spoilt)] = byte
        taken(bytes(spoilt))


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=60))
def test_no_bytes_do_harm(noise: bytes) -> None:
    taken(noise)
    taken(b"\x01\x01" + noise)
    taken(b"\x00\x01" + noise)


def _made(fill: Any) -> bytes:
    document: Doc[Any] = Doc()
    document[ROOT] = fill
    return document.get_update()


def _embedded() -> bytes:
    document: Doc[Text] = Doc()
    document[ROOT] = text = Text("x")
    text.insert_embed(1, {"a": [1, [2, [3]]]})
    return document.get_update()


def _marked() -> bytes:
    document: Doc[Text] = Doc()
    document[ROOT] = text = Text("x")
    text.format(0, 1, {"bold": True})
    return document.get_update()


def _nested(depth: int) -> bytes:
    inner: Map[Any] = Map({})
    for _ in range(depth):
        inner = Map({"x": inner})
    return _made(inner)


def _number_of(writer: int, clock: int) -> bytes:
    return lib0.number(writer) + lib0.number(clock)


def _one_run(info: int, rest: bytes, *, writer: int = 7, clock: int = 0) -> bytes:
    return b"\x01\x01" + _number_of(writer, clock) + bytes([info]) + rest + b"\x00"


OF_ROOT = b"\x01" + lib0.block(ROOT.encode())
WRONG = {
    "nothing at all": b"",
    "more behind the end": NOTHING + b"\x00",
    "a map": _made(Map({"a": 1})),
    "a list": _made(Array([1, 2])),
    "a page": _made(XmlFragment([])) + b"\x00",
    "types within types": _nested(200),
    "something embedded": _embedded(),
    "a mark": _marked(),
    "another text": _one_run(4, b"\x01" + lib0.block(b"other") + lib0.block(b"x")),
    "within another type": _one_run(4, b"\x00" + _number_of(1, 0) + lib0.block(b"x")),
    "under a key": _one_run(0x24, OF_ROOT + lib0.block(b"k") + lib0.block(b"x")),
    "a skip": _one_run(10, lib0.number(5)),
    "JSON": _one_run(2, OF_ROOT + lib0.number(1) + lib0.block(b"1")),
    "bytes": _one_run(3, OF_ROOT + lib0.block(b"\x00")),
    "any": _one_run(8, OF_ROOT + lib0.number(1) + b"\x75" * 50),
    "a document": _one_run(9, OF_ROOT + lib0.block(b"guid") + b"\x76\x00"),
    "no characters": _one_run(4, OF_ROOT + lib0.block(b"")),
    "a zero character": _one_run(4, OF_ROOT + lib0.block(b"a\x00b")),
    "no UTF-8": _one_run(4, OF_ROOT + lib0.block(b"\xff\xfe")),
    "half a surrogate": _one_run(4, OF_ROOT + lib0.block(b"\xed\xa0\x80")),
    "a run of nothing": _one_run(0, lib0.number(0)),
    "a run without end": _one_run(0, lib0.number(2**31)),
    "two runs beyond the end": (
        b"\x01\x02" + _number_of(7, 0) + (b"\x00" + lib0.number(2**31 - 1)) * 2 + b"\x00"
    ),
    "a gap before": _one_run(4, OF_ROOT + lib0.block(b"x"), clock=5),
    "beside what is not there": _one_run(0x84, _number_of(99, 0) + lib0.block(b"x")),
    "beside itself": _one_run(0x84, _number_of(7, 0) + lib0.block(b"x")),
    "two beside each other": (
        b"\x02"
        b"\x01" + _number_of(8, 0) + b"\x84" + _number_of(7, 0) + lib0.block(b"x")
        + b"\x01" + _number_of(7, 0) + b"\x84" + _number_of(8, 0) + lib0.block(b"y")
        + b"\x00"
    ),
    "a writer twice": b"\x02" + _one_run(0, lib0.number(1))[1:-1] * 2 + b"\x00",
    "a writer without a run": b"\x01\x00" + _number_of(7, 0) + b"\x00",
    "a count too large": b"\xff\xff\xff\xff\x0f\x01",
    "a longer number than needed": b"\x80\x00\x00",
    "deletes what is not there": b"\x00\x01" + lib0.number(99) + b"\x01" + _number_of(0, 1),
    "deletes nothing": b"\x00\x01" + lib0.number(99) + b"\x01" + _number_of(0, 0),
    "deletes nowhere": b"\x00\x01" + lib0.number(99) + b"\x00",
    "deletes twice": b"\x00\x02" + (lib0.number(7) + b"\x01" + _number_of(0, 1)) * 2,
}  # fmt: skip


@pytest.mark.parametrize("case", WRONG)
def test_what_is_not_of_a_plain_text_is_refused(case: str) -> None:
    assert not taken(WRONG[case])


def test_what_is_of_a_plain_text_is_taken() -> None:
    assert taken(_one_run(4, OF_ROOT + lib0.block("một".encode())))
    assert taken(_one_run(0, lib0.number(3)))
    assert taken(_one_run(1, OF_ROOT + lib0.number(3)))
    assert taken(BASE)
    assert taken(NOTHING)


def _runs(count: int, writers: int) -> bytes:
    """Write an update of runs of one character each, shared out among writers."""
    run = b"\x00" + lib0.number(1)
    each = [
        lib0.number(count // writers) + _number_of(writer, 0) + run * (count // writers)
        for writer in range(writers)
    ]
    return lib0.number(writers) + b"".join(each) + b"\x00"


def _ranges(count: int, writers: int) -> bytes:
    span = _number_of(0, 1)
    each = [
        lib0.number(writer) + lib0.number(count // writers) + span * (count // writers)
        for writer in range(writers)
    ]
    return b"\x00" + lib0.number(writers) + b"".join(each)


@pytest.mark.parametrize("writers", [1, 10])
@pytest.mark.parametrize(("made", "most"), [(_runs, MOST_RUNS), (_ranges, MOST_RANGES)])
def test_an_update_comes_in_as_many_pieces_as_may_be_and_no_more(
    made: Callable[[int, int], bytes], most: int, writers: int
) -> None:
    read(made(most, writers), ROOT)

    with pytest.raises(BadUpdate, match="too many"):
        read(made(most + writers, writers), ROOT)


def test_characters_are_counted_as_javascript_counts_them() -> None:
    contents = read(_one_run(4, OF_ROOT + lib0.block("ố🙂".encode())), ROOT)

    assert (contents.units, contents.runs) == (3, {7: (0, 3)})


@pytest.mark.parametrize(
    "vector", [b"", b"\x01", b"\x02\x01\x01", b"\x01\x01\x01\x00", b"\x02\x01\x01\x01\x02", b"\xff"]
)
def test_a_vector_that_is_none_is_refused(vector: bytes) -> None:
    with pytest.raises(BadUpdate):
        read_vector(vector)


def test_a_vector_says_how_far_each_writer_is_known() -> None:
    assert read_vector(b"\x00") == {}
    assert read_vector(b"\x02\x05\x01\x07\x80\x01") == {5: 1, 7: 128}
