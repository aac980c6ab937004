"""A simulated phone as the person who holds it sees it; a real operator has none."""

from collections.abc import Sequence
from typing import Protocol
from uuid import UUID

from api.signing.mssp.simulated_prompts import Prompt


class Phones(Protocol):
    """The screens and keys of simulated phones."""

    def shown_on(self, phone_number: str) -> Sequence[Prompt]:
        """Return the prompts that a phone shows, oldest first."""
        ...

    def type_pin(self, phone_number: str, prompt_id: UUID, pin: str) -> None:
        """Type the PIN; raises `WrongPin`, and blocks the PIN in the end."""
        ...

    def cancel(self, phone_number: str, prompt_id: UUID) -> None:
        """Say no on the phone."""
        ...

    def unblock(self, phone_number: str) -> None:
        """Give the SIM its PIN back."""
        ...
