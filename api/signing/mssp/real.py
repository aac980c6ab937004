"""The real operators that can be set, each with the libraries that only it needs."""

# ruff: noqa: PLC0415 - only who has one pays for it

from api.signing.mssp.ledger import Ledger
from api.signing.mssp.port import Mssp
from core.config import Signing
from core.db import Database


def real_operator(settings: Signing, db: Database) -> Mssp | None:
    """Return the operator that is set, or None for the simulated one."""
    if settings.operator == "mss204":
        from api.signing.mssp.mss204 import Mss204Mssp

        return Mss204Mssp(settings.mss204, Ledger(db))
    if settings.operator == "csc":
        from api.signing.mssp.csc import CscMssp

        return CscMssp(settings.csc, Ledger(db))
    return None
