"""No engine: documents are found by their fields and honestly "not yet read"."""

from pathlib import Path

from typing_extensions import override

from api.documents.ocr.port import Layout, Ocr, OcrAbsent
from api.documents.words import Word


class AbsentOcr(Ocr):
    """Reads nothing."""

    @override
    async def is_there(self) -> bool:
        return False

    @override
    async def read(self, picture: Path, layout: Layout = Layout.PAGE) -> list[Word]:
        raise OcrAbsent
