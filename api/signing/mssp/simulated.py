"""A simulated operator with a real authority behind it: real keys, real signatures, no phone.

Every transaction is one file, so that the operator remembers it through any crash of ours and
never prompts twice. Some phone numbers always misbehave, each in its own way (`MISBEHAVIOUR`).
"""

import asyncio
import hashlib
import json
from base64 import b64decode, b64encode
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

from typing_extensions import override

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
from api.signing.mssp.simulated_store import write_once
from api.signing.pdf.certificate import Mechanism, SignerCertificate
from core.clock import Clock, utc_now

#: Phone numbers that are answered with a refusal, by the status code of ETSI TS 102 204.
MISBEHAVIOUR: dict[str, int] = {
    "84900000401": 401,  # the user cancels
    "84900000208": 208,  # the user lets it expire
    "84900000402": 402,  # the PIN is blocked
    "84900000209": 209,  # the phone is off
    "84900000404": 404,  # there is no key on the card
    "84900000900": 900,  # the operator fails
}
#: This phone signs something else than what was asked.
WRONG_SIGNATURE = "84900000503"
#: This phone never answers.
SILENT = "84900000000"
MAGIC = frozenset({*MISBEHAVIOUR, WRONG_SIGNATURE, SILENT})


@dataclass(frozen=True)
class SimulatedMssp(Mssp):
    """An operator whose phones answer by themselves after `delay`."""

    folder: Path
    ca: SimulatedCa
    delay: timedelta = timedelta(seconds=3)
    clock: Clock = field(default=utc_now)

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
        if phone_number in MAGIC:
            await self.enrol(phone_number, name=f"Máy thử {phone_number}", organization="Thử")
        found = await asyncio.to_thread(self.ca.certificate, _label(phone_number))
        if found is None:
            raise UnknownPhone
        return found

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
        asked = {
            "phone_number": phone_number,
            "digest": digest.hex(),
            "mechanism": mechanism.value,
            "text": text,
        }
        await asyncio.to_thread(self._note, transaction_id, asked)

    @override
    async def status(self, transaction_id: UUID) -> Status:
        return await asyncio.to_thread(self._status, transaction_id)

    def prompts(self) -> int:
        """Count the prompts that ever went to a phone."""
        return len(list(self.folder.glob("*.asked")))

    def _note(self, transaction_id: UUID, asked: dict[str, str]) -> None:
        fresh = {**asked, "started_at": self.clock().isoformat()}
        path = self._path(transaction_id, "asked")
        stored = json.loads(write_once(path, json.dumps(fresh).encode()))
        if {key: stored[key] for key in asked} != asked:
            raise TransactionReused

    def _status(self, transaction_id: UUID) -> Status:
        path = self._path(transaction_id, "asked")
        if not path.exists():
            raise UnknownTransaction
        asked = json.loads(path.read_bytes())
        due = datetime.fromisoformat(asked["started_at"]) + self.delay
        if asked["phone_number"] == SILENT or self.clock() < due:
            return Waiting()
        if code := MISBEHAVIOUR.get(asked["phone_number"]):
            return Refused(code)
        return self._signed(transaction_id, asked)

    def _signed(self, transaction_id: UUID, asked: dict[str, Any]) -> Signed:
        path = self._path(transaction_id, "signed")
        if path.exists():
            return Signed(b64decode(path.read_bytes()))
        digest = bytes.fromhex(asked["digest"])
        if asked["phone_number"] == WRONG_SIGNATURE:
            digest = hashlib.sha256(digest).digest()
        label = _label(asked["phone_number"])
        raw = self.ca.sign(label, digest, Mechanism(asked["mechanism"]))
        return Signed(b64decode(write_once(path, b64encode(raw))))

    def _path(self, transaction_id: UUID, kind: str) -> Path:
        return self.folder / f"{transaction_id}.{kind}"


def _label(phone_number: str) -> str:
    if not (phone_number.isascii() and phone_number.isdigit()):
        raise UnknownPhone
    return f"sim-{phone_number}"
