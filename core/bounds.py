"""Settings of what runs in processes of its own: which program, and what one step may cost."""

from pydantic import BaseModel


class SandboxLimits(BaseModel):
    """What one untrusted file may cost."""

    workers: int = 2
    memory_bytes: int = 1536 * 1024 * 1024
    cpu_seconds: int = 60
    wall_seconds: int = 120


class Program(BaseModel):
    """A foreign program, and what one run of it may cost."""

    command: str
    memory_bytes: int
    cpu_seconds: int
    wall_seconds: int
    #: Bytes of the largest file that it may write.
    largest_file: int = 256 * 1024**2


class OcrEngine(Program):
    """What reads the pages that are pictures, and what one page may cost."""

    #: Tesseract's command; empty: scans stay "not yet read".
    command: str = "tesseract"
    language: str = "vie"
    #: Pages read at the same time.
    workers: int = 1
    memory_bytes: int = 1024 * 1024 * 1024
    cpu_seconds: int = 40
    #: Below the lease of a job, so that no page is begun twice.
    wall_seconds: int = 45


class VotingTool(Program):
    """What sets secret votes up, verifies and counts them, and what one step may cost."""

    #: Debian's `belenios-tool`; empty: there are no secret votes.
    command: str = "belenios-tool"
    memory_bytes: int = 2 * 1024 * 1024 * 1024
    #: Of 2,000 ballots the slowest step takes about a minute of one core.
    cpu_seconds: int = 300
    wall_seconds: int = 300
