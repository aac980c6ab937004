"""What a corpus is made of: classes of attacks, and single files that show them."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import product
from pathlib import Path
from typing import Any

from api.signing.verify.rules import Policy, Reason, Verdict
from tests.corpus.workshop import Workshop
from tests.support.forgers import Attack

#: Part of a finding, as the report tells it.
Guilty = dict[str, Any]


@dataclass(frozen=True)
class Forgery:
    """One way to do it, and what must be named as guilty."""

    label: str
    attack: Attack
    guilty: Guilty = field(default_factory=dict)


@dataclass(frozen=True)
class AttackClass:
    """One kind of attack.

    Attributes:
        name: how the manifest calls it.
        what: one sentence for people.
        reasons: the reasons that are right, one of them is told.
        forgeries: the ways to do it.
        bases: the honest files that it is done to.
        policy: what is demanded of the file.
        verdicts: what may be said of it; never `valid`.
    """

    name: str
    what: str
    reasons: frozenset[Reason]
    forgeries: Sequence[Forgery]
    bases: Sequence[str]
    policy: Policy = Policy.OWN
    verdicts: frozenset[Verdict] = frozenset({Verdict.INVALID})

    def specimens(self) -> Iterator["Specimen"]:
        """Return every file of this class, not made yet."""
        for base, forgery in product(self.bases, self.forgeries):
            yield Specimen(self, base, forgery)


@dataclass(frozen=True)
class Specimen:
    """One forged file."""

    of: AttackClass
    base: str
    forgery: Forgery

    @property
    def name(self) -> str:
        return f"{self.of.name}/{self.base}/{self.forgery.label}"

    def make(self, workshop: Workshop, path: Path) -> Path:
        """Write the file."""
        path.write_bytes(workshop.base(self.base))
        self.forgery.attack(path)
        return path


def forgeries(*attacks: Attack, **guilty: Any) -> tuple[Forgery, ...]:
    """Name each attack by its function."""
    return tuple(Forgery(attack.__name__, attack, guilty) for attack in attacks)


Make = Callable[[Workshop, Path], None]
