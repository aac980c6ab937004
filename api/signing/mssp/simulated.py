"""A simulated operator with a real authority behind it: real keys, real signatures, no phone.

Every transaction is one file, so that the operator remembers it through any crash of ours and
never prompts twice. Some phone numbers always misbehave, each in its own way
(`simulated_phones`). A prompt can be read and answered with a PIN, as on a phone.
"""

import asyncio
import hashlib
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from uuid import UUID

from typing_extensions import override

from api.signing.mssp import simulated_phones as phones
from api.signing.mssp.codes import SIGNATURE
from api.signing.mssp.errors import WrongPin
from api.signing.mssp.port import (
    Mssp,
    Refused,
    Signed,
    Status,
    TransactionReused,
    UnknownPhone,
    UnknownTransaction,
    Waiting,
)
from api.signing.mssp.simulated_ca import SimulatedCa
from api.signing.mssp.simulated_phones import Script
from api.signing.mssp.simulated_prompts import Answer, Asked, Prompt, Prompts
from api.signing.pdf.certificate import Mechanism, SignerCertificate
from core.clock import Clock, utc_now
from core.errors import NotFound

_CANCELLED, _BLOCKED, _EXPIRED = 401, 402, 208


@dataclass(frozen=True)
class SimulatedMssp(Mssp):
    """An operator whose phones answer by themselves after `delay`, or wait for their PIN."""

    folder: Path
    ca: SimulatedCa
    delay: timedelta = timedelta(seconds=3)
    clock: Clock = field(default=utc_now)
    by_hand: bool = False

    async def enrol(
        self,
        phone_number: str,
        *,
        name: str,
        organization: str,
        mechanism: Mechanism = Mechanism.RSA_PKCS1_SHA256,
    ) -> SignerCertificate:
        """Give a phone number a SIM with a key; done again it changes nothing."""
        return await asyncio.to_thread(
            self.ca.issue_person,
            _label(phone_number),
            name=name,
            organization=organization,
            mechanism=mechanism,
        )

    @override
    async def certificate(self, phone_number: str) -> SignerCertificate:
        found = await asyncio.to_thread(self.ca.certificate, _label(phone_number))
        if found is not None:
            return found
        if not phones.is_magic(phone_number):
            raise UnknownPhone
        return await self.enrol(
            phone_number,
            name="Máy thử",
            organization="Thử",
            mechanism=phones.KEYS.get(phone_number, Mechanism.RSA_PKCS1_SHA256),
        )

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
        await self.certificate(phone_number)
        asked = Asked(phone_number, digest.hex(), mechanism.value, text)
        stored = await asyncio.to_thread(self.kept.note, transaction_id, asked, self.clock())
        if stored.asked != asked:
            raise TransactionReused

    @override
    async def status(self, transaction_id: UUID) -> Status:
        return await asyncio.to_thread(self._status, transaction_id)

    @override
    async def close(self) -> None:
        """There is no connection to let go of."""

    @property
    def kept(self) -> Prompts:
        """What the operator remembers."""
        return Prompts(self.folder)

    def prompts(self) -> int:
        """Count the prompts that ever went to a phone."""
        return self.kept.count()

    def meanwhile(self, transaction_id: UUID) -> int:
        """Return the code that is told while one waits for this transaction."""
        prompt = self._prompt(transaction_id)
        return self._script(prompt).meanwhile

    # --- what the person at the phone sees and does ------------------------------------------

    def shown_on(self, phone_number: str) -> list[Prompt]:
        """Return the prompts that a phone shows, oldest first."""
        _label(phone_number)
        shown = self.kept.on(phone_number, self.clock())
        return [each for each in shown if isinstance(self._status(each.id), Waiting)]

    def type_pin(self, phone_number: str, prompt_id: UUID, pin: str) -> None:
        """Type the PIN: the SIM signs, or counts a wrong one and blocks itself in the end."""
        prompt = self._on(phone_number, prompt_id)
        if self.kept.takes(phone_number, pin):
            self._end(prompt, SIGNATURE)
        elif self.kept.is_blocked(phone_number):
            self._end(prompt, _BLOCKED)
        else:
            raise WrongPin

    def cancel(self, phone_number: str, prompt_id: UUID) -> None:
        """Say no on the phone."""
        self._end(self._on(phone_number, prompt_id), _CANCELLED)

    def unblock(self, phone_number: str) -> None:
        """Give the SIM its PIN back."""
        _label(phone_number)
        self.kept.unblock(phone_number)

    # --- the operator ------------------------------------------------------------------------

    def _on(self, phone_number: str, prompt_id: UUID) -> Prompt:
        shown = {each.id: each for each in self.shown_on(phone_number)}
        if prompt_id not in shown:
            raise NotFound(id=str(prompt_id))
        return shown[prompt_id]

    def _prompt(self, transaction_id: UUID) -> Prompt:
        prompt = self.kept.find(transaction_id)
        if prompt is None:
            raise UnknownTransaction
        return prompt

    def _script(self, prompt: Prompt) -> Script:
        return phones.script_of(prompt.asked.phone_number, by_hand=self.by_hand)

    def _status(self, transaction_id: UUID) -> Status:
        prompt = self._prompt(transaction_id)
        answer = self.kept.answer(transaction_id) or self._by_itself(prompt)
        if answer is None:
            return Waiting()
        return Signed(answer.raw) if answer.code == SIGNATURE else Refused(answer.code)

    def _by_itself(self, prompt: Prompt) -> Answer | None:
        script, waited = self._script(prompt), self.clock() - prompt.started_at
        if self.kept.is_blocked(prompt.asked.phone_number):
            return self._end(prompt, _BLOCKED)
        if script.by_hand:
            return self._end(prompt, _EXPIRED) if waited >= phones.PROMPT_LIFETIME else None
        after = self.delay if script.after is None else script.after
        if script.code is None or waited < after:
            return None
        return self._end(prompt, script.code)

    def _end(self, prompt: Prompt, code: int) -> Answer:
        raw = self._sign(prompt) if code == SIGNATURE else b""
        return self.kept.end(prompt, Answer(code, raw))

    def _sign(self, prompt: Prompt) -> bytes:
        digest = bytes.fromhex(prompt.asked.digest)
        if self._script(prompt).lies:
            digest = hashlib.sha256(digest).digest()
        label = _label(prompt.asked.phone_number)
        return self.ca.sign(label, digest, Mechanism(prompt.asked.mechanism))


def _label(phone_number: str) -> str:
    if not (phone_number.isascii() and phone_number.isdigit()):
        raise UnknownPhone
    shared = phones.is_magic(phone_number) and phone_number not in phones.KEYS
    return "sim-magic" if shared else f"sim-{phone_number}"
