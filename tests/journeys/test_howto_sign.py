"""What the guides tell mobile developers to type works, word for word."""

import asyncio
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from api.demo import seed
from core.config import Settings
from tests.support.databases import SqliteFactory, lacking
from tests.support.server import Server

HOWTO = Path(__file__).parents[2] / "docs" / "howto"

ADDRESS = "http://127.0.0.1:8000"
#: What the guide to meetings takes from the guide to signing, and how many lines that says.
FIRST_STEPS, FIRST_LINES = slice(5), 3

pytestmark = pytest.mark.story


@pytest.fixture
def served(tmp_path: Path, sqlite: SqliteFactory) -> Server:
    """The demo ministry, served."""
    data = tmp_path / "data"
    data.mkdir()
    sqlite.url(data)
    asyncio.run(seed.load(Settings(data=data), count=2))
    return Server(data)


def typed(guide: str, blocks: slice = slice(None)) -> str:
    """Return everything that a guide has its reader type."""
    text = (HOWTO / guide).read_text("utf-8")
    found = re.findall(r"^```sh\n(.*?)^```$", text, re.DOTALL | re.MULTILINE)
    return "\n".join(found[blocks])


def run(served: Server, shell: Path, script: str) -> list[str]:
    """Type it into one shell, and return what was said."""
    if not (shutil.which("curl") and shutil.which("openssl")):
        lacking("curl or openssl")
    shell.mkdir()
    served.start()
    try:
        asyncio.run(served.ready())
        done = subprocess.run(
            ["bash", "-c", "set -euo pipefail\n" + script.replace(ADDRESS, served.url)],
            cwd=shell, capture_output=True, text=True, check=False, timeout=120,
        )  # fmt: skip
    finally:
        served.stop()
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout.splitlines()


def test_a_meeting_with_curl_goes_as_it_is_told(served: Server, tmp_path: Path) -> None:
    script = typed("sign.md", FIRST_STEPS) + typed("meetings.md")
    said = run(served, tmp_path / "shell", script)[FIRST_LINES:]

    assert said == [
        "invited", "1", "in_session", "closed", "Các đơn vị cho ý kiến, thống nhất cao.",
        "consented", "signed: the very bytes that were frozen", "Hoàn thiện phương án",
        "accepted", "archived",
    ]  # fmt: skip


def test_signing_with_curl_works_as_it_is_told(served: Server, tmp_path: Path) -> None:
    said = run(served, tmp_path / "shell", typed("sign.md"))
    assert said[:2] == ["Về việc phê duyệt kết quả", "Xem từng trang, rồi đồng ý hoặc từ chối."]
    assert said[2] == "consented"
    assert said[4:6] == ["embedded", "Văn bản đã được ký."]
    assert said[6:8] == ["consented", "Mọi văn bản trong danh sách đã có chữ ký."]
    assert [line.split()[0] for line in said[8:15]] == ["ok"] * 7
    assert said[15:] == ["False"]
