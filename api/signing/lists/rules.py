"""What signing a list allows. Its life is that of a request: the same states and moves."""

import hashlib
import json
from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

from api.signing.lists.errors import NotAllSeen, WrongList
from api.signing.rules import SIM_TEXT_LENGTH

MOST = 100


def canonical(value: Any) -> str:
    """Return JSON that everybody writes alike: sorted keys, no spaces."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def digest_of(items: Sequence[dict[str, Any]]) -> bytes:
    """Return the hash of what is in a list, as phones compute it too."""
    return hashlib.sha256(canonical(list(items)).encode()).digest()


def subject_of(list_id: UUID, items: Sequence[dict[str, Any]]) -> bytes:
    """Return what a signer steps up for: just this list of papers, each by its hash."""
    return b"list" + list_id.bytes + digest_of(items)


def manifest_of(list_id: UUID, items: Sequence[dict[str, Any]]) -> str:
    """Return what the SIM signs: which digest of which paper may be signed with the remote key.

    It begins with `{`, so it can never be taken for the attributes that a SIM signs for one paper.
    """
    return canonical({"authorises": str(list_id), "list": list(items)})


def sim_text(count: int, title: str, code: str) -> str:
    """Return what the SIM shows for a list: how many, an extract of the first, and the code."""
    head, tail = f"Ký {count} văn bản: ", f" Mã {code}"
    room = SIM_TEXT_LENGTH - len(head) - len(tail)
    extract = title if len(title) <= room else f"{title[: room - 1].rstrip()}…"
    return f"{head}{extract}{tail}"


def must_be_a_list(ids: Sequence[UUID]) -> None:
    """Refuse nothing, too much, and the same twice."""
    if not 1 <= len(ids) <= MOST or len(set(ids)) != len(ids):
        raise WrongList(most=MOST)


def must_all_be_seen(unseen: Iterable[tuple[UUID, int]]) -> None:
    """Refuse a yes to pages that the signer was not shown."""
    missing = list(unseen)
    if missing:
        request_id, page = missing[0]
        raise NotAllSeen(pages=len(missing), request=str(request_id), page=page)
