"""The prompts of the simulated operator, one file each: what it must not forget in a crash."""

import json
from base64 import b64decode, b64encode
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from uuid import UUID, uuid4

from api.signing.mssp.simulated_phones import PIN, PIN_TRIES, PROMPT_LIFETIME
from api.signing.mssp.simulated_store import write_once


@dataclass(frozen=True, slots=True)
class Asked:
    """What the operator was asked for; digests in hexadecimal."""

    phone_number: str
    digest: str
    mechanism: str
    text: str


@dataclass(frozen=True, slots=True)
class Prompt:
    """A prompt, and since when it is there."""

    id: UUID
    asked: Asked
    started_at: datetime


@dataclass(frozen=True, slots=True)
class Answer:
    """How a prompt ended: a status code, and the signature where there is one."""

    code: int
    raw: bytes = b""


@dataclass(frozen=True, slots=True)
class Prompts:
    """Prompts and their answers in a folder; the first answer stays."""

    folder: Path

    def note(self, id_: UUID, asked: Asked, now: datetime) -> Prompt:
        """Keep what was asked, and return what was asked first under this id."""
        fresh = json.dumps({**asdict(asked), "started_at": now.isoformat()})
        stored = write_once(self._path(id_, "asked"), fresh.encode())
        prompt = _prompt(id_, stored)
        if not self._path(id_, "answer").exists():
            self._open(prompt).parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            self._open(prompt).touch()
        return prompt

    def find(self, id_: UUID) -> Prompt | None:
        """Return a prompt."""
        path = self._path(id_, "asked")
        return _prompt(id_, path.read_bytes()) if path.exists() else None

    def answer(self, id_: UUID) -> Answer | None:
        """Return how a prompt ended, if it did."""
        path = self._path(id_, "answer")
        return _answer(path.read_bytes()) if path.exists() else None

    def end(self, prompt: Prompt, answer: Answer) -> Answer:
        """End a prompt; return how it really ended, since somebody may have been faster."""
        said = json.dumps({"code": answer.code, "raw": b64encode(answer.raw).decode()})
        kept = write_once(self._path(prompt.id, "answer"), said.encode())
        self._open(prompt).unlink(missing_ok=True)
        return _answer(kept)

    def count(self) -> int:
        """Count the prompts that ever went to a phone."""
        return len(list(self.folder.glob("*.asked")))

    def on(self, phone_number: str, now: datetime) -> list[Prompt]:
        """Return what a phone shows, oldest first."""
        shown = (self.folder / "open" / phone_number).glob("*")
        found = [self.find(UUID(path.name)) for path in shown]
        live = [each for each in found if each and now < each.started_at + PROMPT_LIFETIME]
        return sorted(live, key=lambda each: each.started_at)

    # --- the PIN of a phone's SIM -----------------------------------------------------------

    def is_blocked(self, phone_number: str) -> bool:
        """Say whether the PIN was wrong too often."""
        return len(self._wrong(phone_number)) >= PIN_TRIES

    def takes(self, phone_number: str, pin: str) -> bool:
        """Judge a PIN; a wrong one counts, a right one is a new beginning."""
        if pin == PIN:
            self.unblock(phone_number)
            return True
        write_once(self.folder / "wrong" / phone_number / uuid4().hex, b"")
        return False

    def unblock(self, phone_number: str) -> None:
        """Do what an operator's counter does with a PUK."""
        for path in self._wrong(phone_number):
            path.unlink(missing_ok=True)

    def _wrong(self, phone_number: str) -> list[Path]:
        return [
            each
            for each in (self.folder / "wrong" / phone_number).glob("*")
            if not each.name.startswith(".")
        ]

    def _path(self, id_: UUID, kind: str) -> Path:
        return self.folder / f"{id_}.{kind}"

    def _open(self, prompt: Prompt) -> Path:
        return self.folder / "open" / prompt.asked.phone_number / str(prompt.id)


def _prompt(id_: UUID, stored: bytes) -> Prompt:
    said = json.loads(stored)
    started_at = datetime.fromisoformat(said.pop("started_at"))
    return Prompt(id_, Asked(**said), started_at)


def _answer(stored: bytes) -> Answer:
    said = json.loads(stored)
    return Answer(said["code"], b64decode(said["raw"]))
