"""Statements compiled once in a test process, though every test has engines of its own."""

from typing import Any

from sqlalchemy import Engine
from sqlalchemy.dialects import registry
from sqlalchemy.dialects.postgresql.asyncpg import PGDialect_asyncpg
from sqlalchemy.dialects.sqlite.aiosqlite import SQLiteDialect_aiosqlite
from sqlalchemy.engine import Dialect
from typing_extensions import override

_COMPILED: dict[Any, Any] = {}


class _Alike(Dialect):
    """Equal to its like: what was compiled for one engine is found by the next."""

    supports_statement_cache = True

    @override
    def __eq__(self, other: object) -> bool:
        return type(self) is type(other)

    @override
    def __hash__(self) -> int:
        return hash(type(self))

    @classmethod
    @override
    def engine_created(cls, engine: Engine) -> None:
        engine.update_execution_options(compiled_cache=_COMPILED)


class Sqlite(_Alike, SQLiteDialect_aiosqlite):
    """Our driver of SQLite."""

    supports_statement_cache = True


class Postgres(_Alike, PGDialect_asyncpg):
    """Our driver of PostgreSQL."""

    supports_statement_cache = True


def compile_once() -> None:
    """Have all engines that are made from now on share what they compile."""
    registry.register("sqlite.aiosqlite", __name__, "Sqlite")
    registry.register("postgresql.asyncpg", __name__, "Postgres")
