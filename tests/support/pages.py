"""The blocks of code in our documentation, as a reader copies them."""

import re
from pathlib import Path

DOCS = Path(__file__).parents[2] / "docs"


def block(page: str, language: str, holds: str) -> str:
    """The one block of a page in a language that holds some words."""
    text = (DOCS / page).read_text("utf-8")
    blocks = re.findall(rf"```{language}\n(.*?)```", text, re.DOTALL)
    (found,) = [one for one in blocks if holds in one]
    return str(found)
