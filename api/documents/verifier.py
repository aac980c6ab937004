"""Who judges the signatures in a received file; `api/wiring.py` injects it from above us."""

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

#: Returns the report on a file as plain JSON values.
Verifier = Callable[[Path], Awaitable[dict[str, Any]]]
