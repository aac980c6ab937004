"""Ten people go from the draft of a meeting to signed minutes and tasks, over the public API alone.

The steps are those that `make demo` shows; each holds what it claims, or ends the story.
"""

from pathlib import Path
from typing import Any

import httpx
import pytest

from api.demo.acts import arrival, meeting, minutes
from api.demo.cast import Cast, assemble
from api.demo.paper import default_pdf
from api.demo.peer import use_address
from api.demo.stage import Stage
from tests.support.server import Server

pytestmark = [pytest.mark.story, pytest.mark.timeout(300)]


async def test_ten_people_go_from_a_draft_to_signed_minutes_and_tasks(
    tmp_path: Path, theatre: Server
) -> None:
    stage = Stage(tmp_path)
    use_address("127.0.0.1")
    async with assemble(theatre.url) as cast:
        await cast.log_in(stage)
        incoming = await arrival.play(stage, cast, default_pdf(tmp_path))
        hall = await meeting.play(stage, cast, incoming)
        left = await minutes.play(stage, cast, hall)

        path = f"/documents/{left.minutes['document_id']}"
        signed = await judged(cast, (await cast.director.get(f"{path}/file")).content)
        for step in ("number", "seal", "issue"):
            await cast.clerk.post(f"{path}/{step}")
        issued = await judged(cast, (await cast.director.get(f"{path}/file")).content)
        seen = [
            (await cast.leader.get(f"/tasks/{task['id']}")).json() for task in left.tasks.values()
        ]
        notice = (await cast.secretary.get(f"/documents/{left.notice_id}")).json()
        meetings = (await cast.director.get("/meetings")).json()

    assert left.minutes["signed_sha256"] not in {None, left.minutes["sha256"]}
    (chair,) = signed["signatures"]
    assert (chair["field"], chair["intact"]) == ("Ky_LanhDao", True)
    assert (issued["verdict"], len(issued["signatures"])) == ("valid", 2)
    assert {lead: task["content"] for lead, task in left.tasks.items()} == {
        "director": "Hoàn thiện phương án, trình Bộ trưởng",
        "officer1": "Công bố công khai phương án",
    }
    assert [task["state"] for task in seen] == ["accepted", "accepted"]
    assert notice["state"] == "draft"
    assert {one["official_id"] for one in left.access_log} == {
        cast.ids[part] for part in meeting.READERS
    }
    assert next(one for one in meetings if one["id"] == hall.meeting_id)["state"] == "archived"


async def judged(cast: Cast, content: bytes) -> dict[str, Any]:
    """Have the signed minutes verified, as anybody may."""
    files = {"file": ("minutes.pdf", content, "application/pdf")}
    answer: httpx.Response = await cast.client.post(f"{cast.url}/verify", files=files)
    report: dict[str, Any] = answer.json()
    return report
