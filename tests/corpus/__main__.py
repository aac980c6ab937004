"""`python -m tests.corpus FOLDER`: write the corpus for other verifiers, with a manifest."""

import json
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from tests.corpus.catalogue import catalogue
from tests.corpus.specimens import Specimen
from tests.corpus.valid import honest
from tests.corpus.workshop import Workshop


def main(target: Path) -> None:
    """Write every file, the authorities to trust, and what is right to say of each file."""
    with TemporaryDirectory() as folder:
        workshop = Workshop(Path(folder))
        listed = [*_attacks(workshop, target), *_honest(workshop, target)]
        trust = target / "trust"
        trust.mkdir(exist_ok=True)
        for number, root in enumerate(workshop.trust.certificates):
            (trust / f"root-{number}.der").write_bytes(root)
    (target / "manifest.json").write_text(json.dumps(listed, ensure_ascii=False, indent=1))


def _attacks(workshop: Workshop, target: Path) -> list[dict[str, Any]]:
    found = []
    for each in catalogue(workshop):
        for specimen in each.specimens():
            path = target / f"{specimen.name}.pdf"
            path.parent.mkdir(parents=True, exist_ok=True)
            specimen.make(workshop, path)
            found.append(_entry(specimen, path.relative_to(target)))
    return found


def _entry(specimen: Specimen, path: Path) -> dict[str, Any]:
    return {
        "file": str(path),
        "class": specimen.of.name,
        "what": specimen.of.what,
        "policy": specimen.of.policy.value,
        "verdicts": sorted(one.value for one in specimen.of.verdicts),
        "reasons": sorted(one.value for one in specimen.of.reasons),
        "guilty": specimen.forgery.guilty,
    }


def _honest(workshop: Workshop, target: Path) -> list[dict[str, Any]]:
    found = []
    (target / "valid").mkdir(parents=True, exist_ok=True)
    for number, one in enumerate(honest()):
        path = one.make(workshop).rename(target / "valid" / f"{number:03d}.pdf")
        name = str(path.relative_to(target))
        found.append({"file": name, "class": "valid", "what": one.name, "verdicts": ["valid"]})
    return found


if __name__ == "__main__":
    main(Path(sys.argv[1]))
