"""What is noted once for the whole installation, so that a node that differs is noticed.

Every node must have the same keys: a token that one gives out, another one checks. A node with
others would refuse everybody it did not log in itself, so it refuses to start.
"""

from hashlib import sha256
from pathlib import Path
from typing import ClassVar

from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlmodel import Field, SQLModel

from core.db import Tx
from core.errors import ForeignKeys

#: Half-written files of a killed process have others.
KEY_FILES = {".key", ".pem"}


class InstallationNote(SQLModel, table=True):
    """A name and what it stands for; written once."""

    __tablename__: ClassVar[str] = "installation_note"

    name: str = Field(primary_key=True, max_length=120)
    value: str = Field(max_length=200)


async def must_be_its_keys(tx: Tx, folder: Path) -> None:
    """Refuse keys that differ from those of the node that came first; only hashes are noted."""
    for name, mark in marks_of(folder):
        if await note_once(tx, f"key:{name}", mark) != mark:
            raise ForeignKeys(key=name)


def marks_of(folder: Path) -> list[tuple[str, str]]:
    """Return the name and the hash of each key."""
    keys = sorted(path for path in folder.iterdir() if path.suffix in KEY_FILES)
    return [(key.name, sha256(key.read_bytes()).hexdigest()) for key in keys]


async def note_once(tx: Tx, name: str, value: str) -> str:
    """Note a value unless there is one, and return the one that holds."""
    postgresql = tx.session.get_bind().dialect.name == "postgresql"
    insert = postgresql_insert if postgresql else sqlite_insert
    statement = insert(InstallationNote).values(name=name, value=value).on_conflict_do_nothing()
    await (await tx.session.connection()).execute(statement)
    return (await tx.session.get_one(InstallationNote, name)).value
