"""Column types and row bases that every table shares."""

from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, Column, Enum
from sqlalchemy.orm import declared_attr
from sqlmodel import Field, SQLModel

#: Constraint names are the same on SQLite and PostgreSQL, so that one migration serves both.
SQLModel.metadata.naming_convention = {
    "ix": "ix_%(column_0_N_label)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}


def _values(values: type[StrEnum]) -> list[str]:
    return [member.value for member in values]


def choice(values: type[StrEnum]) -> Enum:
    """Store an enum by value, in a plain column that needs no migration to grow."""
    return Enum(
        values, native_enum=False, create_constraint=False, length=32, values_callable=_values
    )


def json_field() -> Any:
    """Declare a JSON column; a changed value must be assigned anew."""
    return Field(sa_column=Column(JSON, nullable=False))


class Versioned(SQLModel):
    """A row that refuses to be overwritten by someone who read an older one."""

    version: int = 1

    @declared_attr.directive
    def __mapper_args__(cls) -> dict[str, Any]:  # noqa: N805 - SQLAlchemy calls it on the class
        return {"version_id_col": cls.__table__.c.version}  # type: ignore[attr-defined]
