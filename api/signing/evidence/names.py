"""Names of authorities, compared again and again: each is made ready for comparing once.

asn1crypto maps every letter of a name by the rules of RFC 4518 whenever it meets it, and a chain
has the same few names in each of its certificates, answers and lists.
"""

from functools import lru_cache

from asn1crypto import x509

_slowly = x509.NameTypeAndValue._ldap_string_prep  # noqa: SLF001 - no public name leads there
#: Any name part may be hostile: what is remembered is bounded, and so is how long it may be.
_MOST, _LONGEST = 4096, 512


@lru_cache(maxsize=_MOST)
def _prepared(text: str) -> str:
    return str(_slowly(None, text))


def prepare(self: x509.NameTypeAndValue, text: str) -> str:
    """Return a part of a name as it is compared (RFC 4518, 2)."""
    return _prepared(text) if len(text) <= _LONGEST else str(_slowly(self, text))


def compare_quickly() -> None:
    """Have asn1crypto compare so in this process; done again it changes nothing."""
    x509.NameTypeAndValue._ldap_string_prep = prepare  # noqa: SLF001 - as above


@lru_cache(maxsize=256)
def anchor(der: bytes) -> x509.Certificate:
    """Return a root certificate as an object, parsed once for all files."""
    return x509.Certificate.load(der)
