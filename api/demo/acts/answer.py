"""The answer: written, signed by the leader's SIM, numbered, sealed, issued."""

import asyncio
import sys
from hashlib import sha256
from io import BytesIO
from typing import Any
from zipfile import ZipFile

from api.demo.cast import Cast, passkey_of
from api.demo.signature import await_signature
from api.demo.stage import Stage

UNAUTHORIZED = 401


async def play(stage: Stage, cast: Cast, incoming: dict[str, Any]) -> dict[str, Any]:
    """Play the act and return our document."""
    stage.act("Trả lời: soạn, ký, cấp số, đóng dấu, phát hành", "the answer, signed and issued")
    await cast.refresh()
    ours = await _draft(cast, incoming)
    pages = ours["file"]["pages"]
    stage.tell(
        f"Dự thảo {pages} trang: quyết định của Bộ, kèm văn bản đến làm phụ lục",
        "a decision page of ours, followed by the incoming pages as an annex",
    )
    request = await _submit(cast, ours)
    await _initial(stage, cast, ours)
    await _say_yes(stage, cast, request)
    signed = await await_signature(stage, cast, request)
    stage.tell(
        f"SIM của lãnh đạo đã ký; mã trên hai màn hình {signed['verification_code']}",
        f"only a digest left; the SIM showed «{signed['display_text']}»",
    )
    await cast.refresh()
    await _keep_evidence(stage, cast, request)
    for step in ("number", "seal", "issue"):
        ours = (await cast.clerk.post(f"/documents/{ours['id']}/{step}")).json()
    stage.tell(
        f"Văn thư cấp số {ours['number']:02d}/{ours['symbol']}, đóng dấu cơ quan, phát hành",
        "numbered without gaps, sealed by the clerk, issued",
    )
    return ours


async def _draft(cast: Cast, incoming: dict[str, Any]) -> dict[str, Any]:
    body = {
        "reply_to": incoming["id"],
        "type_code": "decision",
        "title": "Về việc chấp thuận kết quả rà soát quy hoạch sử dụng đất ven biển",
        "articles": [
            "Chấp thuận kết quả rà soát quy hoạch theo phụ lục kèm theo.",
            "Giao địa phương công bố công khai, cập nhật cơ sở dữ liệu đất đai.",
            "Quyết định này có hiệu lực thi hành kể từ ngày ký.",
        ],
        "recipients": ["Ủy ban nhân dân tỉnh Quảng Trị", "Lưu: VT, PC"],
        "signer_id": cast.ids["leader"],
    }
    ours: dict[str, Any] = (await cast.director.post("/documents/drafts", json=body)).json()
    return ours


async def _submit(cast: Cast, ours: dict[str, Any]) -> dict[str, Any]:
    body = {
        "signer_id": cast.ids["leader"],
        "initials": [cast.ids["specialist"]],
        "version": ours["version"],
    }
    path = f"/documents/{ours['id']}/submit"
    request: dict[str, Any] = (await cast.director.post(path, json=body)).json()
    return request


async def _initial(stage: Stage, cast: Cast, ours: dict[str, Any]) -> None:
    """Let the specialist approve with their initials before the leader's turn comes."""
    waiting = (await cast.specialist.get("/signature-requests")).json()
    (asked,) = [one for one in waiting if one["document_id"] == ours["id"]]
    answer = await cast.specialist.initial(asked["id"], asked["sha256"])
    stage.expect(answer.is_success, f"the specialist initials: {answer.text}")
    stage.tell(
        "Chuyên viên ký nháy trên điện thoại; đến lượt lãnh đạo",
        "the specialist initialled on their phone; now it is the leader's turn",
    )


async def _say_yes(stage: Stage, cast: Cast, request: dict[str, Any]) -> None:
    digest = sha256(
        (await cast.leader.get(f"/documents/{request['document_id']}/file")).content
    ).hexdigest()
    await cast.leader.get(f"/signature-requests/{request['id']}/pages/0")
    async with passkey_of(cast, "leader") as passkey:
        refusal = await cast.leader.sign(request["id"], digest)
        stage.expect(refusal.status_code == UNAUTHORIZED, "a yes without the passkey is refused")
        answer = await cast.leader.sign(request["id"], digest, show=passkey.show)
    stage.expect(answer.is_success, f"the leader's yes is taken: {answer.text}")
    stage.tell(
        "Lãnh đạo đồng ý bằng khóa truy cập, chỉ cho đúng văn bản vừa đọc",
        "the leader said yes with a passkey, over the digest of just this paper",
    )


async def _keep_evidence(stage: Stage, cast: Cast, request: dict[str, Any]) -> None:
    """Unpack the evidence and let its own script judge it, as an auditor would."""
    answer = await cast.leader.get(f"/signature-requests/{request['id']}/evidence")
    folder = stage.folder / "evidence"
    with ZipFile(BytesIO(answer.content)) as archive:
        archive.extractall(folder)
    command = [sys.executable, "-I", str(folder / "verify.py")]
    judged = await asyncio.create_subprocess_exec(*command, stdout=asyncio.subprocess.PIPE)
    said, _ = await judged.communicate()
    stage.expect(judged.returncode == 0, f"the evidence holds: {said.decode()}")
    stage.tell(
        "Bằng chứng của lần ký được kiểm lại chỉ bằng Python và OpenSSL",
        "the evidence of the signature was checked with Python and OpenSSL alone",
    )
