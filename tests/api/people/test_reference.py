"""What the reference tells a mobile developer to run does what it says."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from core.clock import utc_now
from core.tokens import Proof, check_proof

REFERENCE = Path(__file__).parents[3] / "docs" / "reference" / "identity.md"
URL = "https://office.example/sessions/refresh"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A developer's folder, with `proof.py` as the reference prints it."""
    folder = tmp_path_factory.mktemp("developer")
    (script,) = re.findall(
        r"```python\n(import base64.*?)```", REFERENCE.read_text("utf-8"), re.DOTALL
    )
    (folder / "proof.py").write_text(script, "utf-8")
    return folder


def proved(folder: Path, *said: str, access_token: str | None = None) -> Proof:
    command = [sys.executable, "proof.py", *said]
    made = subprocess.run(command, cwd=folder, check=True, capture_output=True, text=True)
    return check_proof(
        made.stdout.strip(), method="POST", url=URL, now=utc_now(), access_token=access_token
    )


def test_its_proofs_are_right_and_hold_what_was_asked(folder: Path) -> None:
    proof = proved(
        folder, "POST", f"{URL}?page=2", "the-token", "the-nonce", access_token="the-token"
    )

    assert proof.nonce == "the-nonce"


def test_its_key_is_made_once_and_kept_private(folder: Path) -> None:
    first, second = proved(folder, "POST", URL), proved(folder, "POST", URL)

    assert first.thumbprint == second.thumbprint
    assert first.token_id != second.token_id
    assert (folder / "device.pem").stat().st_mode & 0o077 == 0
