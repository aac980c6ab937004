"""Ways: what this installation serves, for those who ask before they give an address."""

from collections.abc import Callable
from dataclasses import dataclass

from push.errors import KindNotServed
from push.rules import AddressKind


@dataclass(frozen=True, slots=True)
class Ways:
    """By which ways devices are reached here.

    Attributes:
        vapid_key: what a browser subscribes with; None where there is no web push.
        must_be_an_endpoint: refuses a URL that web push would not connect to.
    """

    kinds: frozenset[AddressKind]
    vapid_key: str | None = None
    must_be_an_endpoint: Callable[[str], object] | None = None

    def must_serve(self, kind: AddressKind, value: str) -> None:
        """Refuse an address that no gateway here would use."""
        if kind not in self.kinds:
            raise KindNotServed(kind=kind)
        if kind is AddressKind.WEBPUSH and self.must_be_an_endpoint is not None:
            self.must_be_an_endpoint(value)
