"""Change the rules in every way there is, and see whether the tests notice.

`python -m tests.mutation [MODULE ...]`: of all modules, or of those that are named by their files.
"""

import os
import sys
import time
from pathlib import Path

from tests.mutation import functions, rows, scope
from tests.mutation.verdicts import ENOUGH, share, told

CHILDREN = 2


def main() -> None:
    """Try every mutant, tell who lives, and fail where too many do."""
    began = time.monotonic()
    os.environ["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"  # reading what no rule needs takes longest
    modules = [Path(name) for name in sys.argv[1:]] or scope.modules()
    mutants = rows.tried(modules, CHILDREN) + functions.tried(modules, CHILDREN)
    print("\n".join(told(mutants)))
    print(f"{time.monotonic() - began:.0f} s")
    if share(mutants) < ENOUGH:
        sys.exit(f"fewer than {ENOUGH} % of the mutants died")


if __name__ == "__main__":
    main()
