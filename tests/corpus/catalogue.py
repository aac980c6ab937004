"""The classes of attacks; `docs/reference/attack-corpus.md` tells people about them."""

from tests.corpus import of_contents, of_files
from tests.corpus.specimens import AttackClass
from tests.corpus.workshop import Workshop


def catalogue(workshop: Workshop) -> list[AttackClass]:
    """Return every class; nothing is made yet."""
    return [
        *of_files.of_bytes(),
        *of_files.of_forged_signatures(),
        *of_files.of_history(),
        *of_files.of_signers(workshop),
        *of_contents.of_pages(),
        *of_contents.of_annotations(),
        *of_contents.of_forms(workshop),
        *of_contents.of_catalogues(),
    ]
