"""Our own documents on paper, in the layout of Decree 30/2020, Annex I."""

from api.documents.paper.sandboxed import (
    attach,
    seal_image,
    signature_image,
    write_decision,
    write_letter,
)
from api.documents.paper.sheets import Box, DecisionPage, Letter, Written

__all__ = [
    "Box",
    "DecisionPage",
    "Letter",
    "Written",
    "attach",
    "seal_image",
    "signature_image",
    "write_decision",
    "write_letter",
]
