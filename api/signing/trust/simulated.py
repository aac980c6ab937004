"""Simulated trust services: real keys of the demo authority, the real wire formats, no network.

They answer inside this process; `simulated_server` puts the same answers behind HTTP. Each can be
told to misbehave.
"""

import asyncio
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum
from urllib.parse import urlsplit

from cryptography import x509
from typing_extensions import override

from api.signing.mssp import simulated_names as names
from api.signing.mssp.simulated_ca import SimulatedCa
from api.signing.mssp.simulated_names import Issuer, PrivateKey
from api.signing.trust import simulated_answers as answers
from api.signing.trust.errors import AddressRefused, TrustServiceSilent
from api.signing.trust.port import Kind, Question, TrustServices

TSA_DAYS = 12 * 365
_PATHS = {"/tsa": Kind.TIMESTAMP, "/ocsp": Kind.OCSP}


class Behaviour(StrEnum):
    """How a simulated service answers."""

    SOUND = "sound"
    DEAD = "dead"  # no answer at all
    SLOW = "slow"  # a sound answer, after `slowness`
    WRONG_NONCE = "wrong_nonce"
    WRONG_DIGEST = "wrong_digest"  # a stamp on something else
    EXPIRED = "expired"  # signed with a certificate that has ended, or an answer that has
    REVOKED = "revoked"  # every certificate is said to be revoked
    GARBAGE = "garbage"


@dataclass
class SimulatedTrustServices(TrustServices):
    """TSA, OCSP responder, CRLs and certificates of the demo authority."""

    ca: SimulatedCa
    slowness: timedelta = timedelta(seconds=2)
    tsa_days: int = TSA_DAYS
    behaviour: dict[Kind, Behaviour] = field(default_factory=dict)
    asked: list[Kind] = field(default_factory=list)

    @override
    async def ask(self, question: Question) -> bytes:
        parts = urlsplit(question.url)
        if f"{parts.scheme}://{parts.netloc}" != self.ca.services:
            raise AddressRefused(why="not_listed", host=parts.hostname or "")
        answer = await self.answer(parts.path, question.body)
        if answer is None:
            raise TrustServiceSilent(why="status")
        return answer

    @override
    async def close(self) -> None:
        """Hold nothing."""

    async def answer(self, path: str, body: bytes) -> bytes | None:
        """Return what the service at `path` answers; None: nothing."""
        kind = _PATHS.get(path) or (Kind.CRL if path.startswith("/crl/") else Kind.CERTIFICATE)
        manner = self.behaviour.get(kind, Behaviour.SOUND)
        self.asked.append(kind)
        if manner is Behaviour.DEAD:
            return None
        if manner is Behaviour.SLOW:
            await asyncio.sleep(self.slowness.total_seconds())
        if manner is Behaviour.GARBAGE:
            return b"\x30\x03nonsense"
        return await asyncio.to_thread(self._answer, kind, path, body, manner)

    def _answer(self, kind: Kind, path: str, body: bytes, manner: Behaviour) -> bytes | None:
        name = path.rpartition("/")[2].partition(".")[0]
        try:
            match kind:
                case Kind.TIMESTAMP:
                    return self._stamp(body, manner)
                case Kind.OCSP:
                    return self._status(body, manner)
                case Kind.CRL:
                    issuer = self.ca.issuers()[name]
                    return answers.revocation_list(issuer, self.ca.revoked(), self._now(manner))
                case Kind.CERTIFICATE:
                    return answers.certificate(self.ca.issuers()[name])
        except (ValueError, KeyError, TypeError):
            return None  # a question that nobody understands

    def _stamp(self, body: bytes, manner: Behaviour) -> bytes:
        ended = manner is Behaviour.EXPIRED
        issued = self.ca.clock() - timedelta(days=2 if ended else 0)

        def made(key: PrivateKey, issuer: Issuer) -> x509.Certificate:
            return names.time_stamper(
                key.public_key(),
                issuer,
                today=issued,
                days=1 if ended else self.tsa_days,
                services=self.ca.services,
            )

        return answers.timestamp(
            answers.Stamper(
                self.ca.service("tsa-expired" if ended else "tsa", made),
                self.ca.issuers()["sub"].certificate,
            ),
            body,
            self.ca.clock(),
            wrong_nonce=manner is Behaviour.WRONG_NONCE,
            wrong_digest=manner is Behaviour.WRONG_DIGEST,
        )

    def _status(self, body: bytes, manner: Behaviour) -> bytes:
        responder = self.ca.service(
            "ocsp",
            lambda key, issuer: names.responder(
                key.public_key(), issuer, today=self.ca.clock(), days=TSA_DAYS
            ),
        )
        issuer = self.ca.issuers()["sub"].certificate
        now = self._now(manner)
        revoked = self.ca.revoked()
        return answers.status(
            answers.Responder(responder, issuer), body, now, revoked,
            every_one_since=now if manner is Behaviour.REVOKED else None,
            wrong_nonce=manner is Behaviour.WRONG_NONCE,
        )  # fmt: skip

    def _now(self, manner: Behaviour) -> answers.Moment:
        """Return the time that an answer bears; an expired one is a month old."""
        age = timedelta(days=30) if manner is Behaviour.EXPIRED else timedelta()
        return self.ca.clock().replace(microsecond=0) - age
