"""A token of SoftHSM's, which stands for the HSM of a ministry."""

import os
import shutil
import subprocess
from pathlib import Path

from api.signing.seal.pkcs11 import Token
from tests.support.databases import lacking

MODULES = ("/usr/lib/softhsm/libsofthsm2.so", "/usr/lib64/libsofthsm2.so",
           "/usr/local/lib/softhsm/libsofthsm2.so")  # fmt: skip
PIN = "1234"


def soft_token(folder: Path) -> Token:
    """Make a token; SoftHSM reads its configuration once in a process, and hands it on."""
    module = next((Path(each) for each in MODULES if Path(each).exists()), None)
    if module is None or shutil.which("softhsm2-util") is None:
        lacking("softhsm2")
        raise AssertionError
    (folder / "tokens").mkdir()
    (folder / "softhsm2.conf").write_text(f"directories.tokendir = {folder}/tokens\n")
    os.environ["SOFTHSM2_CONF"] = str(folder / "softhsm2.conf")
    subprocess.run(
        ["softhsm2-util", "--init-token", "--free", "--label", "seal", "--pin", PIN,
         "--so-pin", PIN],
        check=True, capture_output=True,
    )  # fmt: skip
    return Token(module, "seal", PIN)
