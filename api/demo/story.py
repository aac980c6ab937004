"""An official's day, told while it really happens over HTTP, WebSocket and WebRTC.

Exit status 0 only if every step held.
"""

import asyncio
import contextlib
import os
import sys
from pathlib import Path
from typing import Any

import httpx
from websockets.exceptions import WebSocketException

from api.demo import theatre
from api.demo.acts import answer, arrival, direction, meeting, minutes, proof
from api.demo.cast import Cast, assemble
from api.demo.paper import default_pdf
from api.demo.peer import use_address
from api.demo.phone import Refused
from api.demo.stage import Broken, Stage
from core.config import Settings
from core.console import sentence
from core.pdf import begins_as_pdf


def tell(settings: Settings, *, pdf: Path | None, url: str) -> int:
    """Tell the story and return the exit status."""
    folder = settings.data / "demo"
    stage = Stage(folder)
    if pdf is not None and not (pdf.is_file() and os.access(pdf, os.R_OK)):
        stage.fail(sentence("console.file_unusable", path=str(pdf)))
        return 1
    if pdf is not None and not _begins_as_pdf(pdf):
        stage.fail(sentence("verify.not_a_pdf"))
        return 1
    # Nobody but the server that is named or started here is ever asked.
    os.environ["NO_PROXY"] = "*"
    use_address(settings.media.address)
    own = contextlib.nullcontext(url.rstrip("/")) if url else theatre.server(folder / "server")
    try:
        with own as address:
            return _play(stage, address, pdf or default_pdf(folder))
    except Broken as error:
        stage.fail(str(error))
        return 1


def _begins_as_pdf(path: Path) -> bool:
    """Spare a person the wait for a refusal that is certain; the server judges the rest."""
    with path.open("rb") as file:
        return begins_as_pdf(file)


def _play(stage: Stage, address: str, pdf: Path) -> int:
    try:
        asyncio.run(_acts(stage, address, pdf))
    except (Broken, Refused) as error:
        stage.fail(str(error))
        stage.keep()
        return 1
    except (TimeoutError, httpx.HTTPError, WebSocketException) as error:
        stage.fail(f"{type(error).__name__}: {error}")
        stage.keep()
        return 1
    finally:
        sys.stdout.flush()
    return 0


async def _acts(stage: Stage, address: str, pdf: Path) -> None:
    async with assemble(address) as cast:
        stage.act("Mọi người đăng nhập từ điện thoại", "everybody logs in from a phone")
        await cast.log_in(stage)
        incoming = await arrival.play(stage, cast, pdf)
        task = await direction.play(stage, cast, incoming)
        hall = await meeting.play(stage, cast, incoming)
        await minutes.play(stage, cast, hall)
        ours = await answer.play(stage, cast, incoming)
        await proof.play(stage, cast, ours)
        await _close(stage, cast, task, ours)


async def _close(stage: Stage, cast: Cast, task: dict[str, Any], ours: dict[str, Any]) -> None:
    await _judge(stage, cast, task)
    stage.act("Một vết xử lý duy nhất", "the one trace of all this")
    lines = (await cast.leader.get(f"/documents/{ours['id']}/trace")).json()
    for line in lines:
        stage.note(f"{line['at_in_vietnam'][:19]}  {line['name']:<24} {line['sentence_vi']}")
    told = {line["document_id"] for line in lines}
    stage.expect(told == {task["document_id"], ours["id"]}, "one trace holds all of it")
    transcript = stage.keep()
    stage.tell(
        f"Đã lưu {stage.folder}/signed.pdf, trust/ và {transcript.name}",
        f"kept signed.pdf, trust/ and {transcript.name} in {stage.folder}",
    )
    stage.keep()


async def _judge(stage: Stage, cast: Cast, task: dict[str, Any]) -> None:
    """Take the result and grade it; the task's history tells who said what."""
    path = f"/tasks/{task['id']}"
    await cast.leader.post(f"{path}/complete", json={})
    grade = {"grade": "excellent", "words": "Kịp thời, đúng yêu cầu."}
    done = (await cast.leader.post(f"{path}/evaluate", json=grade)).json()
    history = (await cast.director.get(f"{path}/history")).json()
    stage.expect(done["evaluation"]["grade"] == "excellent", "the work is graded")
    stage.expect(history[-1]["what"] == "tasks.evaluated", "the history tells of it")
    stage.tell(
        f"Nhiệm vụ hoàn thành và được đánh giá; lịch sử có {len(history)} dòng, không sửa được",
        f"the task is done and graded; its history has {len(history)} lines that nobody can change",
    )
