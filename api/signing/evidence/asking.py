"""Asking trust services: everyone at once, one stamping service after the other."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, TypeVar

from api.signing.evidence.errors import BadStamp
from api.signing.trust.errors import AddressRefused, TrustServiceSilent
from api.signing.trust.port import Kind, Question, TrustServices
from core.clock import Clock
from core.errors import AppError

#: Lists are fetched anew after so long; a certificate's own status always is.
_REMEMBERED = timedelta(minutes=10)
FAILURES = (TrustServiceSilent, AddressRefused, BadStamp)
Answers = list[dict[str, Any]]
T = TypeVar("T")


@dataclass
class Inquiry:
    """The way to all trust services, and what was learnt lately of them.

    Attributes:
        stampers: the addresses of the time-stamping services, tried in turn.
        stampers_known: the certificates of who stamped last, so that their status can be asked
            together with that of the signers.
    """

    services: TrustServices
    clock: Clock
    stampers: Sequence[str]
    stampers_known: list[bytes] = field(default_factory=list)
    _lists: dict[str, tuple[datetime, bytes]] = field(default_factory=dict)

    async def stamped(self, asked: dict[str, Any], use: Callable[[bytes], Awaitable[T]]) -> T:
        """Ask one stamping service after the other until one gives a stamp that can be used."""
        failure: AppError = TrustServiceSilent(why="no_stamper")
        for url in self.stampers:
            try:
                return await use(await self.services.ask(Question.from_json(asked | {"url": url})))
            except FAILURES as one:
                failure = one
        raise failure

    async def answers(
        self, needs: Sequence[dict[str, Any]], answered: Answers, *, within: float | None = None
    ) -> Answers:
        """Ask about every certificate at once; a service that fails leaves its answer out.

        Args:
            needs: what `needs_of` found.
            answered: what is known already.
            within: after so many seconds what has not been answered is left out, too.
        """
        above = _certificates(answered)
        done = {each["about"] for each in answered if each not in above}
        open_ones = [each for each in needs if each["about"] not in done]
        found = await asyncio.gather(*(self._in_time(need, within) for need in open_ones))
        return [each for each in found if each is not None]

    async def _in_time(self, need: dict[str, Any], within: float | None) -> dict[str, Any] | None:
        try:
            async with asyncio.timeout(within):
                return await self._first(**need)
        except TimeoutError:
            return None

    async def _first(self, about: str, ways: list[dict[str, Any]]) -> dict[str, Any] | None:
        for asked in ways:
            try:
                answer = await self._remembered(Question.from_json(asked))
            except FAILURES:
                continue
            return {"about": about, "asked": asked, "answer": answer}
        return None

    async def _remembered(self, question: Question) -> bytes:
        """Ask, unless it is a list that was fetched just before."""
        now = self.clock()
        if question.kind is Kind.CRL and question.url in self._lists:
            at, answer = self._lists[question.url]
            if now - at < _REMEMBERED:
                return answer
        answer = await self.services.ask(question)
        if question.kind is Kind.CRL:
            self._lists[question.url] = (now, answer)
        return answer


def above(answers: Answers) -> list[bytes]:
    """Return the certificates of authorities that were fetched."""
    return [each["answer"] for each in _certificates(answers)]


def _certificates(answers: Answers) -> Answers:
    return [each for each in answers if each["asked"]["kind"] == Kind.CERTIFICATE]
