"""Where the story is told: a terminal, a transcript, and no step that may fail unseen."""

from pathlib import Path
from typing import Any

from rich.console import Console


class Broken(Exception):
    """A step of the story did not hold."""


class Stage:
    """Tells the story step by step and keeps the transcript."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        self._terminal = Console(record=True, highlight=False, soft_wrap=True)
        self._act = 0

    def act(self, vi: str, en: str) -> None:
        """Begin an act."""
        self._act += 1
        self._terminal.print(f"\n[bold]{self._act}. {vi}[/bold]  [dim]{en}[/dim]")

    def tell(self, vi: str, en: str) -> None:
        """Tell what has just happened."""
        self._terminal.print(f"   [green]✓[/green] {vi}  [dim]· {en}[/dim]")

    def note(self, text: str) -> None:
        """Say something plain."""
        self._terminal.print(f"     {text}", markup=False)

    def expect(self, held: Any, en: str) -> None:
        """Stop the story where something did not hold."""
        if not held:
            raise Broken(en)

    def fail(self, why: str) -> None:
        """Say where the story broke."""
        for line in why.splitlines():
            self._terminal.print(f"   ✗ {line}", style="red", markup=False)

    def keep(self) -> Path:
        """Write the transcript."""
        path = self.folder / "transcript.txt"
        path.write_text(self._terminal.export_text(clear=False), "utf-8")
        return path
