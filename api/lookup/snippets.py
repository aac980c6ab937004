"""The lines of a page that answer a query, as they stand there, with what matched marked."""

from dataclasses import dataclass
from itertools import pairwise

from api.lookup.analysis.text import Word, bigrams, composed, words
from api.lookup.plan import Plan

#: Words that are shown.
LENGTH = 32
#: Words before the first match.
_LEAD = 4

Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Marked:
    """Text in its own spelling, and the spans of it that match: [start, end) in code points."""

    text: str
    spans: tuple[Span, ...]


def matches(plan: Plan, folded: str) -> bool:
    """Say whether anything in a folded text is to be marked."""
    return not set(plan.syllables).isdisjoint(folded.split())


def mark(plan: Plan, text: str) -> Marked:
    """Mark in the whole of `text` what matches."""
    shown = composed(text)
    return Marked(shown, _spans(plan, list(words(shown))))


def cut(plan: Plan, text: str) -> Marked:
    """Return the part of `text` that answers best, in one line."""
    line = " ".join(composed(text).split())
    found = list(words(line))
    first = _best_start(plan, found)
    window = found[first : first + LENGTH]
    if not window:
        return Marked("", ())
    start, end = window[0].start, window[-1].end
    spans = tuple((left - start, right - start) for left, right in _spans(plan, window))
    return Marked(line[start:end], spans)


def _best_start(plan: Plan, found: list[Word]) -> int:
    """Return the word to begin with: a little before the window with the most matches."""
    gains = _gains(plan, found)
    inside = sum(gains[:LENGTH])
    best, best_start = inside, 0
    for start in range(1, len(found)):
        inside -= gains[start - 1]
        inside += gains[start - 1 + LENGTH] if start - 1 + LENGTH < len(gains) else 0
        if inside > best:
            best, best_start = inside, start
    first = next((n for n in range(best_start, len(found)) if gains[n]), best_start)
    return max(0, first - _LEAD)


def _gains(plan: Plan, found: list[Word]) -> list[int]:
    """Return what each word is worth: more when it continues the words of the query."""
    wanted = set(plan.syllables)
    gains = [int(not wanted.isdisjoint(word.syllables)) for word in found]
    for place in _joined(plan, found):
        gains[place] += 4
    return gains


def _spans(plan: Plan, found: list[Word]) -> tuple[Span, ...]:
    """Return what matches; a syllable that continues the query somewhere is marked only there."""
    joined = _joined(plan, found)
    inside = {syllable for place in joined for syllable in found[place].syllables}
    alone = set(plan.syllables) - inside
    return tuple(
        (word.start, word.end)
        for place, word in enumerate(found)
        if place in joined or not alone.isdisjoint(word.syllables)
    )


def _joined(plan: Plan, found: list[Word]) -> set[int]:
    """Return the words that hold a pair of the query, alone or with a neighbour."""
    pairs = set(plan.bigrams)
    joined = {
        place for place, word in enumerate(found) if not pairs.isdisjoint(bigrams(word.syllables))
    }
    for place, (left, right) in enumerate(pairwise(found)):
        if f"{left.syllables[-1]}_{right.syllables[0]}" in pairs:
            joined |= {place, place + 1}
    return joined
