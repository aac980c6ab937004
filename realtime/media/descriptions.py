"""What may stand in a phone's session description (RFC 8866), before an engine sees it. Pure."""

from collections.abc import Collection

from realtime.errors import BadDescription

#: An engine asks every address that a description names: not too many of them.
MOST_CANDIDATES = 40
#: Stands for an address that only the phone's own network knows (RFC 5737: nobody has it). The
#: engine learns the real one when the phone calls; without any it would not wait for that.
NOBODY = "192.0.2.1"
_CANDIDATE = "a=candidate:"
_ADDRESS, _FIELDS = 4, 8


def checked(sdp: str, kinds: Collection[str]) -> str:
    """Return a description as engines take it, or refuse it.

    Args:
        sdp: what the phone sent.
        kinds: what its media may be, each at most as often as it is named here.

    Raises:
        BadDescription: it has other media or too many addresses.
    """
    lines = sdp.splitlines()
    media = [line[2:].partition(" ")[0] for line in lines if line.startswith("m=")]
    left = list(kinds)
    for kind in media:
        if kind not in left:
            raise BadDescription(media=kind[:40])
        left.remove(kind)
    if not media or sum(line.startswith(_CANDIDATE) for line in lines) > MOST_CANDIDATES:
        raise BadDescription
    return "".join(f"{_reachable(line)}\r\n" for line in lines)


def _reachable(line: str) -> str:
    """Replace a name of the phone's own network (mDNS), which we could not look up."""
    parts = line.split(" ")
    is_named = line.startswith(_CANDIDATE) and len(parts) >= _FIELDS
    if is_named and parts[_ADDRESS].endswith(".local"):
        parts[_ADDRESS] = NOBODY
    return " ".join(parts)
