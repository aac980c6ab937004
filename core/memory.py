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
        #: By device; None stands for everybody.
        self._mistrusted: dict[UUID | None, datetime] = {}
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
        if not self._is_mistrusted(device_id, now):
            if len(self._actors) >= CACHE_SIZE:
                self._actors.clear()
            self._actors[key] = (now + CACHED_FOR, actor)
        return actor

    def forget(self, device_id: UUID | None = None) -> None:
        """Drop every answer about a device, or about everybody: rights are about to change.

        Nothing is remembered for a while either: the change may not be committed yet, and a
        request beside it must not bring the old answer back.
        """
        now = self._db.clock()
        self._mistrusted = {who: until for who, until in self._mistrusted.items() if until > now}
        self._mistrusted[device_id] = now + CACHED_FOR
        kept = {key: value for key, value in self._actors.items() if key[1] != device_id}
        self._actors = {} if device_id is None else kept

    def _is_mistrusted(self, device_id: UUID | None, now: datetime) -> bool:
        return any(self._mistrusted.get(who, now) > now for who in (device_id, None))

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
