"""Whether the evidence at hand proves every signer and every stamp of a file."""

from datetime import datetime
from pathlib import Path
from typing import Any

from api.signing.evidence.chains import Evidence, Standing, standing_at
from api.signing.pdf.archive import survey


def unproven(
    path: Path, anchors: tuple[bytes, ...], now: datetime, fresh: Evidence
) -> dict[str, Any]:
    """Return the standings of all signers when they signed, and how many have no evidence yet."""
    found = survey(path)
    evidence = Evidence(
        [*found.pool, *fresh.certificates],
        [*found.evidence.ocsps, *fresh.ocsps],
        [*found.evidence.crls, *fresh.crls],
    )
    standings = [
        standing_at(signer, time or now, anchors, evidence).standing
        for signer, time in found.signers
    ]
    return {
        "missing": standings.count(Standing.NOT_CHECKED),
        "standings": sorted({each.value for each in standings}),
    }
