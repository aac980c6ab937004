"""What one process remembers between requests: who a device is, and which proofs it has seen."""

from datetime import datetime, timedelta
from uuid import UUID

from core.actor import Actor
from core.db import Database
from core.sessions import PROOF_LIFETIME, actor_of
from core.tokens import BadProof, Proof

#: How long an answer to "who is this device?" may be remembered in one process.
CACHED_FOR = timedelta(seconds=5)
CACHE_SIZE = 10_000
#: Proofs remembered in one process; beyond it the oldest half is dropped.
MOST_PROOFS = 200_000


class Memory:
    """Remembers for moments, in bounded memory."""

    def __init__(self, db: Database) -> None:
        self._db = db
        self._actors: dict[tuple[UUID, UUID | None, UUID | None], tuple[datetime, Actor]] = {}
        self._mistrusted_until: datetime | None = None
        self._proofs: set[tuple[str, str]] = set()
        self._older_proofs: set[tuple[str, str]] = set()
        self._turned_at = db.clock()

    async def actor(
        self, official_id: UUID, device_id: UUID | None, session_id: UUID | None
    ) -> Actor:
        """Return who is asking; a revocation elsewhere counts after `CACHED_FOR` at the latest."""
        now = self._db.clock()
        key = (official_id, device_id, session_id)
        kept = self._actors.get(key)
        if kept is not None and kept[0] > now:
            return kept[1]
        async with self._db.read() as view:
            actor = await actor_of(view, *key)
        if self._mistrusted_until is None or self._mistrusted_until <= now:
            if len(self._actors) >= CACHE_SIZE:
                self._actors.clear()
            self._actors[key] = (now + CACHED_FOR, actor)
        return actor

    def forget(self) -> None:
        """Drop every answer: somebody's rights or devices are about to change.

        Nothing is remembered for a while either: the change may not be committed yet, and a
        request beside it must not bring the old answer back.
        """
        self._actors.clear()
        self._mistrusted_until = self._db.clock() + CACHED_FOR

    def see(self, proof: Proof) -> None:
        """Note a proof; the second time it is a replay."""
        now = self._db.clock()
        if now >= self._turned_at + PROOF_LIFETIME or len(self._proofs) >= MOST_PROOFS // 2:
            self._older_proofs, self._proofs = self._proofs, set()
            self._turned_at = now
        key = (proof.thumbprint, proof.token_id)
        if key in self._proofs or key in self._older_proofs:
            raise BadProof
        self._proofs.add(key)
