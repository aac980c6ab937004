"""Looking at a signer's certificate before anyone is prompted (TT 15/2025).

It must be its holder's, of an authority that is trusted, in its time, strong enough and not
revoked. Where nobody can say whether it is revoked, signing goes on and the signer is warned.
"""

import asyncio
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from api.signing.evidence import errors
from api.signing.evidence.asking import Inquiry
from api.signing.evidence.chains import Standing
from api.signing.longterm import sandboxed
from api.signing.pdf.certificate import SignerCertificate, fits
from core.clock import Clock
from core.sandbox import Sandbox

#: A signer waits no longer than this for what others say.
_PATIENCE = 5.0
_REFUSALS: dict[str, type[errors.CertificateRefused]] = {
    Standing.REVOKED: errors.CertificateRevoked,
    Standing.EXPIRED: errors.CertificateExpired,
    Standing.NOT_YET_VALID: errors.CertificateExpired,
    Standing.UNTRUSTED: errors.CertificateUntrusted,
}


def nobody(_: str) -> bool:
    """Say that every phone has a holder."""
    return False


@dataclass(frozen=True, slots=True)
class Screen:
    """What looks at certificates.

    Attributes:
        is_nobodys: whether a phone is a simulated one that stands for no person.
    """

    sandbox: Sandbox
    trust: Path
    inquiry: Inquiry
    clock: Clock
    is_nobodys: Callable[[str], bool] = nobody

    async def must_pass(
        self, certificate: SignerCertificate, *, holder: str, phone_number: str
    ) -> bool:
        """Refuse a certificate that must not sign; say whether its status could be learnt.

        Raises:
            CertificateRefused: with the code of the reason.
        """
        if not fits(certificate.parsed, certificate.mechanism):
            raise errors.CertificateWeak
        if not (self.is_nobodys(phone_number) or is_holder(certificate.name, holder)):
            raise errors.CertificateOfAnother
        standing = await self._standing(certificate)
        if refusal := _REFUSALS.get(standing):
            raise refusal
        return standing == Standing.GOOD

    async def _standing(self, certificate: SignerCertificate) -> str:
        chain = [certificate.der, *certificate.chain]
        needs = await self.sandbox.run(sandboxed.survey_chain, chain, self.trust)
        answers: list[dict[str, Any]] = []
        try:
            async with asyncio.timeout(_PATIENCE):
                answers = await self.inquiry.answers(needs, [])
        except TimeoutError:
            pass  # nobody can say: the signer is warned
        moment = self.clock().isoformat()
        return await self.sandbox.run(sandboxed.judge_chain, chain, self.trust, moment, answers)


def is_holder(common_name: str, full_name: str) -> bool:
    """Tell whether a certificate names this person, however its letters are composed."""
    return _plain(common_name) == _plain(full_name)


def _plain(name: str) -> str:
    return " ".join(unicodedata.normalize("NFC", name).casefold().split())
