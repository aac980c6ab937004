"""The worker process: limits first, then one job after the other from its standard input."""

import ctypes
import errno
import os
import resource
import signal
import sys
from pathlib import Path
from typing import Any, BinaryIO

from core.errors import AppError
from core.sandbox import codec

_PR_SET_PDEATHSIG = 1
_OPEN_FILES = 128
_LARGEST_FILE = 1024**3


def main() -> None:
    """Serve jobs until the parent is gone."""
    memory, cpu_seconds = int(sys.argv[1]), int(sys.argv[2])
    packages = tuple(sys.argv[3].split(","))
    answers = _private_output()
    _limit(memory)
    while (message := _read(sys.stdin.buffer)) is not None:
        _allow_cpu(cpu_seconds)
        answers.write(_answer(_do(message, packages), memory))
        answers.flush()


def _do(message: dict[str, Any], packages: tuple[str, ...]) -> dict[str, Any]:
    try:
        function = codec.find(message["function"], packages)
        return {"value": function(*message["args"])}
    except AppError as refusal:
        return {"refused": codec.name_of(type(refusal)), "facts": refusal.facts}
    except MemoryError:
        return {"killed": "memory"}
    except Exception as error:  # noqa: BLE001 - a parser may raise anything
        if isinstance(error, OSError) and error.errno == errno.EFBIG:
            return {"killed": "file"}
        return {"failed": f"{type(error).__name__}: {error}"[:500]}


def _peak() -> int:
    """Return the most memory that this process has used, in bytes.

    Not `ru_maxrss`: that starts with the parent's, and a large server would make every worker look
    grown.
    """
    status = Path("/proc/self/status").read_text("ascii")
    return int(status.partition("VmHWM:")[2].split()[0]) * 1024


def _answer(answer: dict[str, Any], memory: int) -> bytes:
    """Encode the answer; say too when the next job deserves a fresh process."""
    answer["grown"] = _peak() > memory // 2
    try:
        return codec.encode(answer)
    except MemoryError:
        return codec.encode({"killed": "memory"})
    except TypeError as error:  # a result that is no plain value
        return codec.encode({"failed": str(error)})


def _private_output() -> BinaryIO:
    """Keep the pipe for answers; whatever a library prints goes nowhere."""
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    return answers


def _limit(memory: int) -> None:
    # The kernel ends us with the parent, even in the middle of an endless loop.
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (_LARGEST_FILE, _LARGEST_FILE))
    resource.setrlimit(resource.RLIMIT_NOFILE, (_OPEN_FILES, _OPEN_FILES))


def _allow_cpu(seconds: int) -> None:
    used = resource.getrusage(resource.RUSAGE_SELF)
    limit = int(used.ru_utime + used.ru_stime) + seconds + 1
    _, hard = resource.getrlimit(resource.RLIMIT_CPU)
    resource.setrlimit(resource.RLIMIT_CPU, (limit, hard))


def _read(source: BinaryIO) -> dict[str, Any] | None:
    prefix = source.read(codec.PREFIX)
    if len(prefix) < codec.PREFIX:
        return None
    message: dict[str, Any] = codec.decode(source.read(int.from_bytes(prefix)))
    return message


if __name__ == "__main__":
    main()
