"""The reference reader of `docs/reference/offline-index.md`: a phone that searches by itself."""

from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from api.lookup.analysis.text import bigrams
from api.lookup.plan import Plan, Weighted, plan_of
from api.lookup.ranking import BUDGET, Heading, Place, Scorer, answers, is_near

Row = dict[str, Any]


@dataclass
class PhoneIndex:
    """The documents that a phone has, by their ids."""

    cursor: str | None = None
    documents: dict[str, Row] = field(default_factory=dict)

    def take(self, delta: dict[str, Any]) -> None:
        """Take in an answer of `GET /lookup/offline`."""
        if delta["reset"]:
            self.documents.clear()
        for gone in delta["gone"]:
            self.documents.pop(gone, None)
        for values in delta["documents"]:
            row = dict(zip(delta["columns"], values, strict=True))
            row |= {name: known[row[name]] for name, known in delta["tables"].items()}
            self.documents[row["id"]] = row
        self.cursor = delta["cursor"]

    def search(self, query: str, today: int) -> list[str]:
        """Return the ids of the documents that answer, best first, as the server ranks them."""
        plan = plan_of(query)
        numbered, sums = self._numbered(plan), self._candidates(plan)
        best_sum = max(sums.values(), default=0)
        near = [one for one in list(sums)[:BUDGET] if is_near(sums[one], best_sum)]
        scored = numbered.union(list(sums)[:BUDGET] if plan.phrases else near)
        places = {one: self._place(plan, one, today, numbered=one in numbered) for one in scored}
        best = max((place.score for place in places.values()), default=0)
        places = {one: p for one, p in places.items() if p.numbered or answers(p.score, best)}
        if not plan.phrases:
            behind = {
                one: Place.behind(UUID(one).int, sums[one]) for one in sums if one not in scored
            }
            places |= behind
        return sorted(places, key=lambda one: places[one], reverse=True)

    def _place(self, plan: Plan, document_id: str, today: int, *, numbered: bool) -> Place:
        row = self.documents[document_id]
        name = f"{row['kind']} {row['title']}".strip()
        heading = Heading(name, row["folded"], row["day"], row["until"])
        points = Scorer(plan, today).score(heading, [""])
        return Place.of(UUID(document_id).int, numbered=numbered, score=points, day=row["day"])

    def _numbered(self, plan: Plan) -> set[str]:
        by_key: dict[str, set[str]] = {}
        for document_id, row in self.documents.items():
            by_key.setdefault(row["number_key"], set()).add(document_id)
        longest = (next((key for key in group if key in by_key), None) for group in plan.keys)
        return set().union(*(by_key[key] for key in longest if key))

    def _candidates(self, plan: Plan) -> dict[str, int]:
        found = self._holding(plan.wanted)
        if not found and plan.bigrams:
            found = self._holding(plan.apart[:1], [one for one, _ in plan.apart])
        return found

    def _holding(self, terms: Weighted, required: list[str] | None = None) -> dict[str, int]:
        points = {}
        for document_id, row in self.documents.items():
            held = _terms(row)
            if held.issuperset(required or ()):
                points[document_id] = sum(weight for term, weight in terms if term in held)
        most = max(points.values(), default=0)
        near = [one for one in points if points[one] and answers(points[one], most)]
        return {one: points[one] for one in sorted(near, key=lambda one: -points[one])}


def _terms(row: Row) -> set[str]:
    heading, fields = row["folded"].split(), row["fields"].split()
    return {*heading, *bigrams(heading), *fields, *bigrams(fields)}
