"""The finished PDF is verified by us and by others; one changed byte is refused."""

import asyncio
import json
import shutil
import sys
from pathlib import Path
from typing import Any

from api.demo.cast import Cast
from api.demo.stage import Stage

VALID, INVALID = 0, 1


async def play(stage: Stage, cast: Cast, ours: dict[str, Any]) -> None:
    """Play the act."""
    stage.act("Kiểm tra chữ ký số", "the proof")
    signed = stage.folder / "signed.pdf"
    signed.write_bytes((await cast.director.get(f"/documents/{ours['id']}/file")).content)
    trust = await _keep_trust(stage, cast)
    await _verify_over_http(stage, cast, signed)
    await _verify_by_command(stage, signed, trust)
    await _ask_pdfsig(stage, signed)
    await _change_one_byte(stage, signed, trust)


async def _keep_trust(stage: Stage, cast: Cast) -> Path:
    trust = stage.folder / "trust"
    trust.mkdir(exist_ok=True)
    answer = await cast.client.get(f"{cast.url}/trust")
    (trust / "root.pem").write_text(answer.text)
    return trust


async def _verify_over_http(stage: Stage, cast: Cast, signed: Path) -> None:
    files = {"file": (signed.name, signed.read_bytes(), "application/pdf")}
    report = (await cast.client.post(f"{cast.url}/verify", files=files)).json()
    stage.expect(report["verdict"] == "valid", f"POST /verify says valid, not {report['reason']}")


async def _verify_by_command(stage: Stage, signed: Path, trust: Path) -> None:
    status, out = await _run(
        sys.executable, "-m", "api", "verify", str(signed), "--trust", str(trust),
        "--policy", "issued",
    )  # fmt: skip
    report = json.loads(out)
    stage.expect((status, report["verdict"]) == (VALID, "valid"), f"verified: {out}")
    stage.expect(len(report["signatures"]) == 2, "exactly our two signatures")  # noqa: PLR2004
    for one in report["signatures"]:
        stage.note(f"- {one['signer']} ({one['field']}), {one['time']}")
    stage.tell(
        "khonggiay verify: hợp lệ, đúng hai chữ ký", "valid, with exactly our two signatures"
    )


async def _ask_pdfsig(stage: Stage, signed: Path) -> None:
    pdfsig = shutil.which("pdfsig")
    if pdfsig is None:
        stage.tell("Máy này không có pdfsig, bỏ qua", "pdfsig is not installed here; not asked")
        return
    _, out = await _run(pdfsig, "-nocert", str(signed))
    agrees = out.count("Signature is Valid") == 2  # noqa: PLR2004 - the leader's and the agency's
    stage.expect(agrees, f"pdfsig agrees: {out}")
    stage.tell("pdfsig của poppler cũng kết luận hợp lệ", "poppler's pdfsig agrees")


async def _change_one_byte(stage: Stage, signed: Path, trust: Path) -> None:
    content = bytearray(signed.read_bytes())
    content[len(content) // 2] ^= 1
    changed = stage.folder / "changed.pdf"
    changed.write_bytes(content)
    status, out = await _run(
        sys.executable, "-m", "api", "verify", str(changed), "--trust", str(trust)
    )
    changed.unlink()
    report = json.loads(out)
    stage.expect((status, report["verdict"]) == (INVALID, "invalid"), f"refused: {out}")
    stage.tell(f"Đổi một byte: bị từ chối vì «{report['reason']}»", "one changed byte is refused")


async def _run(*command: str) -> tuple[int, str]:
    process = await asyncio.create_subprocess_exec(*command, stdout=asyncio.subprocess.PIPE)
    out, _ = await process.communicate()
    return process.returncode or 0, out.decode()
