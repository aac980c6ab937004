"""Making a paper last on files alone, with the demo authority's trust services."""

import asyncio
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from api.signing.longterm import sandboxed
from api.signing.pdf.fields import fill_number
from api.signing.pdf.layout import SEAL_FIELD
from api.signing.trust.port import Question
from api.signing.trust.simulated import SimulatedTrustServices
from tests.support.signed_papers import DATE_LINE, NUMBER, Desk


@dataclass
class Archivist:
    """Stamps and archives the papers of a desk."""

    desk: Desk

    @cached_property
    def services(self) -> SimulatedTrustServices:
        return SimulatedTrustServices(self.desk.ca)

    @cached_property
    def trust(self) -> Path:
        return self.desk.ca.export_trust(self.desk.folder / "trust").parent

    def ask(self, asked: dict[str, Any]) -> bytes:
        url = asked["url"] or f"{self.desk.ca.services}/tsa"
        return asyncio.run(self.services.ask(Question.from_json(asked | {"url": url})))

    def stamp(self, path: Path) -> Path:
        """Reach B-T."""
        asked = sandboxed.survey_file(path, self.trust, [])["stamp"]
        sandboxed.stamp_file(path, self.ask(asked), asked["body"], self.trust)
        return path

    def answers(self, path: Path) -> list[dict[str, Any]]:
        """Ask about every certificate in the file."""
        needs = sandboxed.survey_file(path, self.trust, [])["needs"]
        return [
            {"about": need["about"], "asked": need["ways"][0], "answer": self.ask(need["ways"][0])}
            for need in needs
        ]

    def archive(self, path: Path, answers: list[dict[str, Any]] | None = None) -> Path:
        """Reach B-LTA, or stamp anew."""
        moment = self.desk.clock().isoformat()
        gathered = self.answers(path) if answers is None else answers
        prepared = sandboxed.archive_file(path, self.trust, moment, gathered)
        assert not prepared["missing"]
        asked, region = prepared["asked"], prepared["region"]
        sandboxed.finish_file(path, region, self.ask(asked), asked["body"], self.trust)
        return path

    def lasting(self) -> Path:
        """Return a finished paper of two signatures at B-LTA; the leader's has its stamp too."""
        desk = self.desk
        path = self.stamp(desk.certified())
        return self.finished(path)

    def finished(self, path: Path) -> Path:
        """Number, seal, stamp and archive a paper that the leader has signed."""
        fill_number(path, NUMBER, DATE_LINE)
        self.desk.sign(path, SEAL_FIELD)
        return self.archive(self.stamp(path))
