"""A clerk registers the incoming PDF; it is found again without diacritics."""

import asyncio
import hashlib
import unicodedata
from pathlib import Path
from typing import Any
from uuid import uuid4

from api.demo.cast import Cast
from api.demo.stage import Stage

TITLE = "Về việc rà soát quy hoạch sử dụng đất ven biển"
_TRIES, _PAUSE = 100, 0.2
_WORDS, _PAGES = 4, 5
_MOTTO = "cộng hòa xã hội chủ nghĩa"


async def play(stage: Stage, cast: Cast, pdf: Path) -> dict[str, Any]:
    """Play the act and return the incoming document."""
    stage.act("Văn thư tiếp nhận văn bản đến", "the clerk registers the incoming document")
    document = await _register(stage, cast, pdf)
    _tell_signatures(stage, document["file"]["verification"])
    await _download_is_the_same(stage, cast, document, pdf)
    if document["held"]:
        document = await _confirm(stage, cast, document)
    await _find(stage, cast, document, pdf)
    return document


async def _register(stage: Stage, cast: Cast, pdf: Path) -> dict[str, Any]:
    said = {
        "type_code": "official_letter",
        "title": TITLE,
        "symbol": "UBND-TH",
        "issuer": "Ủy ban nhân dân tỉnh Quảng Trị",
        "presented_to": cast.ids["leader"],
    }
    key = {"Idempotency-Key": str(uuid4())}
    content = pdf.read_bytes()
    files = {"file": (pdf.name, content, "application/pdf")}
    answer = await cast.clerk.post("/documents/incoming", data=said, files=files, headers=key)
    document: dict[str, Any] = answer.json()
    file = document["file"]
    stage.tell(
        f"{pdf.name}: {file['pages']} trang, {file['size']:,} byte, số đến "
        f"{document['arrival_number']}",
        f"registered with arrival number {document['arrival_number']}",
    )
    again = await cast.clerk.post("/documents/incoming", data=said, files=files, headers=dict(key))
    stage.expect(again.json()["id"] == document["id"], "the same request is the same document")
    return document


def _tell_signatures(stage: Stage, report: dict[str, Any]) -> None:
    signatures = report["signatures"]
    stage.tell(
        f"Chữ ký số sẵn có trong tệp: {len(signatures)}, kết luận «{report['verdict']}»"
        f" ({report['reason']})",
        "the signatures in it are verified and reported; the file stays untouched",
    )
    for one in signatures:
        state = "nguyên vẹn" if one["intact"] else "KHÔNG nguyên vẹn"
        stage.note(f"- {one['signer']}: {state}, {one['time']}")


async def _download_is_the_same(
    stage: Stage, cast: Cast, document: dict[str, Any], pdf: Path
) -> None:
    file = (await cast.clerk.get(f"/documents/{document['id']}/file")).content
    same = hashlib.sha256(file).digest() == hashlib.sha256(pdf.read_bytes()).digest()
    stage.expect(same, "the file is kept byte for byte")


async def _confirm(stage: Stage, cast: Cast, document: dict[str, Any]) -> dict[str, Any]:
    stage.tell(
        "Có trang chưa đọc được chữ: văn bản bị giữ lại, chưa chuyển cho ai",
        "some pages are not yet read: the document is held, nobody else gets it",
    )
    body = {"version": document["version"]}
    confirmed = await cast.clerk.post(f"/documents/{document['id']}/confirm", json=body)
    stage.tell("Văn thư xem từng trang, xác nhận không mật", "the clerk confirms it is not secret")
    return {**document, **confirmed.json()}


async def _find(stage: Stage, cast: Cast, document: dict[str, Any], pdf: Path) -> None:
    words = await asyncio.to_thread(_words_of, pdf)
    if document["file"]["text_state"] != "read" or not words:
        stage.tell(
            "Bản quét chưa có chữ: nói thật là chưa đọc, tìm bằng trích yếu",
            "a scan without text is honestly not yet read, and found by its fields",
        )
        words = TITLE
    query = _without_diacritics(words)
    found = await _search(cast, query, document["id"])
    stage.expect(found, f"«{query}» finds the document")
    stage.tell(f"Lãnh đạo tìm không dấu «{query}» và thấy ngay", "found without diacritics")


async def _search(cast: Cast, query: str, document_id: str) -> bool:
    """Search until the index has followed; it does so in the background."""
    for _ in range(_TRIES):
        if await _is_among(cast, query, document_id):
            return True
        await asyncio.sleep(_PAUSE)
    return False


async def _is_among(cast: Cast, query: str, document_id: str) -> bool:
    """Look through all that is found: many stories may have been told here before."""
    asked: dict[str, str | int] = {"q": query, "limit": 50}
    while True:
        page = (await cast.leader.get("/lookup", params=asked)).json()
        if document_id in [item["id"] for item in page["items"]]:
            return True
        if page["cursor"] is None:
            return False
        asked["cursor"] = page["cursor"]


def _words_of(pdf: Path) -> str:
    """Return the longest line of plain words of the first pages; the motto is on every paper."""
    import pypdfium2  # noqa: PLC0415 - the demo alone reads the file itself

    document = pypdfium2.PdfDocument(pdf)
    try:
        pages = [document[number] for number in range(min(len(document), _PAGES))]
        text = "\n".join(page.get_textpage().get_text_bounded() for page in pages)
    finally:
        document.close()
    lines = [line.split() for line in text.splitlines() if _MOTTO not in line.lower()]
    plain = [words for words in lines if len(words) >= _WORDS and all(map(str.isalpha, words))]
    return " ".join(max(plain, key=len, default=[])[:8])


def _without_diacritics(text: str) -> str:
    plain = text.replace("đ", "d").replace("Đ", "D")
    decomposed = unicodedata.normalize("NFD", plain)
    return "".join(one for one in decomposed if not unicodedata.combining(one)).lower()
