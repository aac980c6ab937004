"""What every operator across the network has in common: our ledger around its messages."""

import hashlib
from abc import ABC, abstractmethod
from dataclasses import dataclass
from uuid import UUID

from typing_extensions import override

from api.signing.mssp.codes import Progress, meaning_of
from api.signing.mssp.ledger import Ledger
from api.signing.mssp.models import OperatorTransaction
from api.signing.mssp.port import (
    Mssp,
    OperatorUnreachable,
    Refused,
    Signed,
    Status,
    TransactionReused,
    UnknownTransaction,
    Waiting,
)
from api.signing.pdf.certificate import Mechanism


class NotSent(OperatorUnreachable):
    """The operator was not even reached, so that it cannot have prompted anybody."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """A signature that is wanted of a phone."""

    transaction_id: UUID
    phone_number: str
    digest: bytes
    mechanism: Mechanism
    text: str

    @property
    def fingerprint(self) -> bytes:
        """Return what tells one content from another."""
        parts = (self.phone_number, self.digest.hex(), self.mechanism.value, self.text)
        return hashlib.sha256("\x00".join(parts).encode()).digest()


@dataclass(frozen=True, slots=True)
class Said:
    """What an operator said about a transaction.

    Attributes:
        code: as the standard numbers it.
        reference: what the operator calls the transaction.
        raw: the signature.
    """

    code: int
    reference: str = ""
    raw: bytes = b""


class RemoteMssp(Mssp, ABC):
    """An operator that is asked at most once for each transaction, and then about it."""

    ledger: Ledger

    @override
    async def start(
        self,
        *,
        transaction_id: UUID,
        phone_number: str,
        digest: bytes,
        mechanism: Mechanism,
        text: str,
    ) -> None:
        wanted = Wanted(transaction_id, phone_number, digest, mechanism, text)
        if not await self.ledger.begin(transaction_id, wanted.fingerprint):
            line = await self.ledger.find(transaction_id)
            if line is None or line.asked != wanted.fingerprint:
                raise TransactionReused
            return
        try:
            said = await self.prompt(wanted)
        except NotSent:
            await self.ledger.strike(transaction_id)
            raise
        if said.reference:
            await self.ledger.refer(transaction_id, said.reference)
        await self._heard(transaction_id, said)

    @override
    async def status(self, transaction_id: UUID) -> Status:
        line = await self.ledger.find(transaction_id)
        if line is None:
            raise UnknownTransaction
        if line.code is not None:
            return _ended(line.code, line.raw)
        if line.reference is None:
            return Waiting()  # a lost answer is not asked for twice: time ends it
        await self._heard(transaction_id, await self.ask(line))
        ended = await self.ledger.find(transaction_id)
        if ended is None or ended.code is None:
            return Waiting()
        return _ended(ended.code, ended.raw)

    @abstractmethod
    async def prompt(self, wanted: Wanted) -> Said:
        """Ask for a signature, once; raises `NotSent` where it certainly did not arrive."""

    @abstractmethod
    async def ask(self, line: OperatorTransaction) -> Said:
        """Ask how far a transaction is."""

    async def _heard(self, transaction_id: UUID, said: Said) -> None:
        means = meaning_of(said.code)
        if means is Progress.WAITING or (means is Progress.SIGNED and not said.raw):
            return
        await self.ledger.end(transaction_id, said.code, said.raw or None)


def _ended(code: int, raw: bytes | None) -> Status:
    signed = meaning_of(code) is Progress.SIGNED and raw
    return Signed(raw) if signed and raw else Refused(code)
