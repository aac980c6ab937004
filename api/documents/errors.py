"""How documents are refused."""

from http import HTTPStatus

from core.errors import AppError


class WrongState(AppError):
    """The document is not in a state that allows this."""

    status = HTTPStatus.CONFLICT
    code = "documents.wrong_state"


class Secret(AppError):
    """A secret document must never enter this system."""

    status = HTTPStatus.UNPROCESSABLE_ENTITY
    code = "documents.secret"


class WrongValidity(AppError):
    """A document begins to hold before it ceases to; only what its days do not say is noted."""

    status = HTTPStatus.UNPROCESSABLE_ENTITY
    code = "documents.wrong_validity"


class UnknownType(AppError):
    """There is no such type of document."""

    status = HTTPStatus.UNPROCESSABLE_ENTITY
    code = "documents.unknown_type"


class NotRegistered(AppError):
    """Only a registered incoming document can be worked on."""

    status = HTTPStatus.CONFLICT
    code = "documents.not_registered"


class NotYetRead(AppError):
    """The document has pages without text, and no clerk has confirmed that it is not secret."""

    status = HTTPStatus.CONFLICT
    code = "documents.not_yet_read"


class NotALeader(AppError):
    """Documents are presented to a leader of the agency."""

    status = HTTPStatus.UNPROCESSABLE_ENTITY
    code = "documents.not_a_leader"


class NotASignatory(AppError):
    """The official neither leads nor has the power to sign this type of document for a leader."""

    status = HTTPStatus.UNPROCESSABLE_ENTITY
    code = "documents.not_a_signatory"


class WrongCosigners(AppError):
    """Everybody signs a paper once, and it has room for so many."""

    status = HTTPStatus.UNPROCESSABLE_ENTITY
    code = "documents.wrong_cosigners"


class NotTheDrafter(AppError):
    """Only the drafter submits a draft."""

    status = HTTPStatus.FORBIDDEN
    code = "documents.not_the_drafter"


class NotTheSigner(AppError):
    """Only the signer can return a submitted document."""

    status = HTTPStatus.FORBIDDEN
    code = "documents.not_the_signer"


class SealerIsSigner(AppError):
    """Whoever signed a document cannot also seal it."""

    status = HTTPStatus.FORBIDDEN
    code = "documents.sealer_is_signer"


class NumberNotOnPaper(AppError):
    """The number is allotted, but not yet on the paper."""

    status = HTTPStatus.CONFLICT
    code = "documents.number_not_on_paper"


class DateGoesBack(AppError):
    """The series already has a later date; the server's clock went back."""

    status = HTTPStatus.SERVICE_UNAVAILABLE
    code = "documents.date_goes_back"


class NoSuchPage(AppError):
    """The document has no page of that number."""

    status = HTTPStatus.NOT_FOUND
    code = "documents.no_such_page"


class SecondPersonNeeded(AppError):
    """A document leaves quarantine on the word of two persons."""

    status = HTTPStatus.CONFLICT
    code = "documents.second_person_needed"
