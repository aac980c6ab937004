"""A signing service that speaks the Cloud Signature Consortium's API, v1.0.4 or v2.

Its `credentials/authorize` answers when the person has decided, minutes later: it is asked beside
everything else, and what comes of it is written into the ledger. A process that dies meanwhile
has lost the answer; the prompt is never sent again.
"""

import asyncio
from dataclasses import dataclass, field

import httpx
import structlog
from typing_extensions import override

from api.signing.mssp.codes import SIGNATURE
from api.signing.mssp.csc_client import Credential, CscClient, CscRefused
from api.signing.mssp.ledger import Ledger
from api.signing.mssp.models import OperatorTransaction
from api.signing.mssp.port import OperatorUnreachable, UnknownPhone
from api.signing.mssp.remote import NotSent, RemoteMssp, Said, Wanted
from api.signing.pdf.certificate import SignerCertificate
from core.config import CscService

#: What the API's error codes are among those of ETSI TS 102 204; the rest is a failure.
CODES = {"access_denied": 401, "invalid_pin": 402, "expired_token": 208}
_FAILURE, _ASKED = 900, 100
#: As long as a person may take, and a little more.
_PATIENT = httpx.Timeout(330.0, connect=5.0)
_log = structlog.get_logger()


@dataclass
class CscMssp(RemoteMssp):
    """An operator behind such a service: its first credential of a phone is the SIM's."""

    settings: CscService
    ledger: Ledger
    _client: CscClient = field(init=False)
    _asking: set[asyncio.Task[None]] = field(default_factory=set, init=False)

    def __post_init__(self) -> None:
        self._client = CscClient(self.settings, self.ledger.db.clock)

    @override
    async def certificate(self, phone_number: str) -> SignerCertificate:
        return (await self._credential(phone_number)).signer

    @override
    async def prompt(self, wanted: Wanted) -> Said:
        try:
            credential = await self._credential(wanted.phone_number)
        except OperatorUnreachable as away:
            raise NotSent from away  # so far nobody was prompted
        except UnknownPhone:
            return Said(105)
        task = asyncio.create_task(self._collect(credential, wanted))
        self._asking.add(task)
        task.add_done_callback(self._asking.discard)
        return Said(_ASKED)

    @override
    async def ask(self, line: OperatorTransaction) -> Said:
        return Said(_ASKED)  # what comes of it is written into the ledger

    @override
    async def close(self) -> None:
        for task in self._asking:
            task.cancel()
        await asyncio.gather(*self._asking, return_exceptions=True)
        await self._client.close()

    async def _credential(self, phone_number: str) -> Credential:
        first, *_ = await self._client.listed(phone_number)
        return await self._client.credential(first)

    async def _collect(self, credential: Credential, wanted: Wanted) -> None:
        try:
            raw = await self._signature(credential, wanted)
            await self.ledger.end(wanted.transaction_id, SIGNATURE, raw)
        except CscRefused as refusal:
            code = CODES.get(refusal.error, _FAILURE)
            await self.ledger.end(wanted.transaction_id, code)
        except NotSent:
            await self.ledger.strike(wanted.transaction_id)
        except OperatorUnreachable as away:  # nobody knows what became of it: time ends it
            _log.warning("csc.lost", transaction=str(wanted.transaction_id), error=str(away))

    async def _signature(self, credential: Credential, wanted: Wanted) -> bytes:
        sad = await self._client.authorize(
            credential.id,
            [wanted.digest],
            patience=_PATIENT,
            description=wanted.text,
            clientData=str(wanted.transaction_id),
        )
        (raw,) = await self._client.sign_hash(credential.id, sad, [wanted.digest], wanted.mechanism)
        return raw
