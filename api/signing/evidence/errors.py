"""What is no evidence."""

from http import HTTPStatus
from typing import ClassVar

from api.signing.pdf.errors import WrongCertificate
from core.errors import AppError


class BadStamp(AppError):
    """The time-stamp is not on what was asked, or not of whom it names."""

    status: ClassVar[HTTPStatus] = HTTPStatus.BAD_GATEWAY
    code: ClassVar[str] = "evidence.bad_stamp"


class CertificateRefused(WrongCertificate):
    """The certificate must not sign."""


class CertificateRevoked(CertificateRefused):
    """The certificate has been revoked."""

    code: ClassVar[str] = "certificate.revoked"


class CertificateExpired(CertificateRefused):
    """The certificate is out of its time."""

    code: ClassVar[str] = "certificate.expired"


class CertificateUntrusted(CertificateRefused):
    """No trusted authority stands above the certificate."""

    code: ClassVar[str] = "certificate.untrusted"


class CertificateOfAnother(CertificateRefused):
    """The certificate names somebody else."""

    code: ClassVar[str] = "certificate.of_another"


class CertificateChanged(CertificateRefused):
    """It is not the certificate that its holder signed with before, and they did not confirm it."""

    code: ClassVar[str] = "certificate.changed"


class CertificateWeak(CertificateRefused):
    """The key is too short, or not made for its mechanism."""

    code: ClassVar[str] = "certificate.weak"
