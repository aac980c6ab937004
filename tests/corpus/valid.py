"""Honest files of every kind, none of which may raise an alarm."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import product
from pathlib import Path

from api.signing.pdf.signature import Look
from tests.corpus.people import KEYS
from tests.corpus.workshop import IMAGE, Workshop

#: The shortest number, the longest, one with every kind of letter.
NUMBERS = ("01/QĐ-BTNMT", "123/QĐ-BTNMT", "2345/BTNMT-VP", "99/NQ-HĐND", "7/KH-UBND")
MECHANISMS = ("rsa", "pss", "ec")


@dataclass(frozen=True)
class Honest:
    """One honest file, not made yet."""

    name: str
    make: Callable[[Workshop], Path]
    signatures: int


def honest() -> Iterator[Honest]:
    """Return every honest file of the corpus."""
    yield from _own()
    yield from _joint()
    yield from _foreign()
    yield from _lasting()


def _own() -> Iterator[Honest]:
    looks = {"plain": None, "pictured": Look(image=IMAGE, reason="Ký ban hành")}
    for mechanism, pages, number, (look_name, look) in product(
        MECHANISMS, (1, 2, 3), NUMBERS, looks.items()
    ):
        for stage, count in ((1, 1), (3, 2)):
            if stage == 1 and number != NUMBERS[0]:
                continue  # before it is numbered, the number makes no difference
            name = f"own-{mechanism}-{pages}-{number}-{look_name}-{stage}"
            yield Honest(name, _maker(mechanism, stage, pages, number, look), count)


def _joint() -> Iterator[Honest]:
    for mechanism, count, last_first in product(MECHANISMS, range(2, 6), (False, True)):
        name = f"joint-{mechanism}-{count}-{'signer' if last_first else 'beside'}-first"
        yield Honest(name, _of_several(mechanism, count, last_first=last_first), count + 1)


def _of_several(mechanism: str, count: int, *, last_first: bool) -> Callable[[Workshop], Path]:
    return lambda shop: shop.joint(count, mechanism, last_first=last_first)


def _lasting() -> Iterator[Honest]:
    for mechanism in MECHANISMS:
        yield Honest(f"lasting-{mechanism}", _base(f"lasting-{mechanism}"), 3)
    yield Honest("revoked-later", _base("revoked-later"), 3)


def _base(name: str) -> Callable[[Workshop], Path]:
    def make(shop: Workshop) -> Path:
        path = shop.folder / f"{name}.pdf"
        path.write_bytes(shop.base(name))
        return path

    return make


def _maker(
    mechanism: str, stage: int, pages: int, number: str, look: Look | None
) -> Callable[[Workshop], Path]:
    return lambda shop: shop.own(mechanism, stage=stage, pages=pages, number=number, look=look)


def _foreign() -> Iterator[Honest]:
    for key, count, visible, pages, certify, stamped in product(
        KEYS, range(1, 6), (True, False), (1, 2), (False, True), (False, True)
    ):
        traits = "".join(
            word for word, has in (("v", visible), ("c", certify), ("t", stamped)) if has
        )
        yield Honest(
            f"foreign-{key}-{count}-{pages}-{traits}",
            _signed(key, count, visible=visible, pages=pages, certify=certify, stamped=stamped),
            count,
        )


def _signed(
    key: str, count: int, *, visible: bool, pages: int, certify: bool, stamped: bool
) -> Callable[[Workshop], Path]:
    return lambda shop: shop.foreign(
        count, key=key, visible=visible, pages=pages, certify=certify, stamped=stamped
    )
