"""Attacks on the bytes of a file and of its signatures: no PDF library is needed for them."""

import re
from collections.abc import Callable
from pathlib import Path

from tests.support.forgers import Attack

_CONTENTS = re.compile(rb"/Contents <([0-9A-Fa-f]{2000,})>")
_RANGE = re.compile(rb"/ByteRange \[([0-9 ]+)\]")


def edit(change: Callable[[bytes], bytes]) -> Attack:
    """Return an attack that rewrites the file."""

    def attack(path: Path) -> None:
        before = path.read_bytes()
        after = change(before)
        assert after != before, "the attack changed nothing"
        path.write_bytes(after)

    return attack


def flip_content(place: int) -> Attack:
    """Flip a bit of what stands inside the first page's own stream."""

    def change(file: bytes) -> bytes:
        start = file.index(b"stream") + 8
        end = file.index(b"endstream") - 2
        return _flipped(file, start + place % (end - start), place % 8)

    return edit(change)


def flip_value(place: int, last: int = 64) -> Attack:
    """Flip a bit of the signature value itself, which ends the last container."""

    def change(file: bytes) -> bytes:
        start, end = _last_container(file)
        return _hex_flipped(file, end - 2 * (1 + place % last), place % 8, start)

    return edit(change)


def pad(place: int) -> Attack:
    """Write into the zeros behind the last container."""

    def change(file: bytes) -> bytes:
        _, end = _last_container(file)
        at = end + 2 * (place + 8)
        return file[:at] + b"5" + file[at + 1 :]

    return edit(change)


def set_range(render: Callable[[list[int]], str], which: int = -1) -> Attack:
    """Write another ByteRange over one that is there, of the same length."""

    def change(file: bytes) -> bytes:
        found = list(_RANGE.finditer(file))[which]
        numbers = [int(part) for part in found[1].split()]
        room = len(found[0])
        text = f"/ByteRange {render(numbers)}".encode()
        assert len(text) <= room, "no room"
        return file[: found.start()] + text.ljust(room) + file[found.end() :]

    return edit(change)


def rename(key: bytes, other: bytes, which: int = -1) -> Attack:
    """Take away a key of a signature's dictionary by giving it another name."""

    def change(file: bytes) -> bytes:
        signature = [match.start() for match in _CONTENTS.finditer(file)][which]
        # The dictionary stands around its contents: search close by.
        start = max(file.rfind(b" obj", 0, signature), 0)
        at = file.index(key, start)
        return file[:at] + other.ljust(len(key), b"x") + file[at + len(key) :]

    return edit(change)


def set_contents(render: Callable[[bytes], bytes], which: int = -1) -> Attack:
    """Write other contents into a signature, the brackets included, of the same length."""

    def change(file: bytes) -> bytes:
        found = list(_CONTENTS.finditer(file))[which]
        start, end = found.start() + len(b"/Contents "), found.end()
        text = render(file[start:end])
        assert len(text) <= end - start, "no room"
        return file[:start] + text.ljust(end - start) + file[end:]

    return edit(change)


def append(tail: bytes) -> Attack:
    """Write something behind the end."""
    return edit(lambda file: file + tail)


def cut(count: int) -> Attack:
    """Take some bytes away at the end."""
    return edit(lambda file: file[:-count])


def wrap(gap: int, inside: bytes) -> Attack:
    """Move the second signed part away and write into the gap (signature wrapping)."""

    def change(file: bytes) -> bytes:
        found = list(_RANGE.finditer(file))[-1]
        start, first, second, length = (int(part) for part in found[1].split())
        moved = inside.ljust(gap, b" ")
        tail = file[second : second + length]
        text = f"/ByteRange [{start} {first} {second + len(moved)} {length}]".encode()
        head = file[:second]
        room = len(found[0])
        if len(text) <= room:
            head = head[: found.start()] + text.ljust(room) + head[found.end() :]
        return head + moved + tail

    return edit(change)


def double_key(text: bytes, which: int = -1) -> Attack:
    """Give a signature a second ByteRange or Contents in the white space that is there."""

    def change(file: bytes) -> bytes:
        found = list(_RANGE.finditer(file))[which]
        at = file.rindex(b"<<", 0, found.start())
        return file[: at + 2] + text + file[at + 2 :]

    return edit(change)


def cut_back_to(revision: int) -> Attack:
    """Cut a file back to an earlier end (rollback)."""

    def change(file: bytes) -> bytes:
        ends = [match.end() for match in re.finditer(rb"%%EOF[\r\n]*", file)]
        return file[: ends[revision]]

    return edit(change)


def _last_container(file: bytes) -> tuple[int, int]:
    """Return where the hexadecimal digits of the last container begin, and where they end."""
    found = list(_CONTENTS.finditer(file))[-1]
    start = found.start(1)
    head = bytes.fromhex(file[start : start + 8].decode())
    length = int.from_bytes(head[2:4]) + 4  # every container of ours has a length of two bytes
    return start, start + 2 * length


def _flipped(file: bytes, at: int, bit: int) -> bytes:
    return file[:at] + bytes([file[at] ^ (1 << bit)]) + file[at + 1 :]


def _hex_flipped(file: bytes, at: int, bit: int, start: int) -> bytes:
    assert at > start
    value = bytes.fromhex(file[at : at + 2].decode())[0] ^ (1 << bit)
    return file[:at] + f"{value:02X}".encode() + file[at + 2 :]
