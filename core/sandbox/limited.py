"""A foreign program under limits: `python -m core.sandbox.limited MEMORY CPU FILE program …`.

They are set in a process that then becomes the program; what the program reads may be hostile.
"""

import ctypes
import os
import resource
import signal
import sys

_PR_SET_PDEATHSIG = 1


def main() -> None:
    """Become the program."""
    memory, cpu_seconds, largest_file = (int(word) for word in sys.argv[1:4])
    # The kernel ends it with us, even in the middle of an endless loop; this survives the exec.
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    resource.setrlimit(resource.RLIMIT_CPU, (cpu_seconds, cpu_seconds + 1))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (largest_file, largest_file))
    os.execvp(sys.argv[4], sys.argv[4:])  # noqa: S606 - the program that the settings name


if __name__ == "__main__":
    main()
