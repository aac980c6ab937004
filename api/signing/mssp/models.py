"""What we remember of our transactions with an operator that does not take the same one twice."""

from datetime import datetime
from typing import ClassVar
from uuid import UUID

from sqlmodel import Field, SQLModel


class OperatorTransaction(SQLModel, table=True):
    """One transaction with an operator, written before anything is sent."""

    __tablename__: ClassVar[str] = "operator_transaction"

    id: UUID = Field(primary_key=True)
    #: SHA-256 of what was asked: the same id never stands for something else.
    asked: bytes
    asked_at: datetime
    #: What the operator calls it; None: its answer has not arrived, and perhaps never will.
    reference: str | None = Field(default=None, max_length=400)
    #: The first final code; later ones change nothing.
    code: int | None = None
    raw: bytes | None = None
