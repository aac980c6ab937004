"""The document that the story is about when none is given."""

from pathlib import Path

from api.documents.paper.sandboxed import write_letter
from api.documents.paper.sheets import Letter

_COMMUNES = (
    "Vĩnh Thái", "Trung Giang", "Gio Mai", "Gio Hải", "Triệu Vân", "Triệu Lăng", "Triệu An",
    "Hải An", "Hải Khê", "Hải Ba", "Vĩnh Giang", "Vĩnh Hòa", "Kim Thạch", "Hiền Thành",
)  # fmt: skip
_LETTER: Letter = {
    "agency": "Ủy ban nhân dân tỉnh Quảng Trị",
    "kind": "Quyết định",
    "summary": "Về việc phê duyệt kết quả rà soát quy hoạch sử dụng đất các xã ven biển",
    "recipients": ["Bộ Tài nguyên và Môi trường", "Lưu: VT"],
    "capacity": ["CHỦ TỊCH"],
    "signer": "Nguyễn Thị Hải Đường",
    "number": "112/QĐ-UBND",
    "date_line": "Quảng Trị, ngày 05 tháng 01 năm 2026",
    "addressees": [],
    "body": [
        "Phê duyệt kết quả rà soát quy hoạch sử dụng đất các xã ven biển, gồm 14 xã.",
        "Diện tích rừng phòng hộ chắn gió, chắn cát ven biển được giữ nguyên là 1.250 héc-ta.",
        "Giao Sở Tài nguyên và Môi trường lập bản đồ, công bố công khai và báo cáo kết quả.",
        *(
            f"Xã {name}: điều chỉnh {12 + 7 * place} héc-ta đất chưa sử dụng sang đất trồng rừng"
            " phòng hộ; giữ nguyên hành lang bảo vệ bờ biển và đất ở hiện có."
            for place, name in enumerate(_COMMUNES)
        ),
        "Kiến nghị Bộ xem xét, có ý kiến về việc điều chỉnh chỉ tiêu sử dụng đất đến năm 2030.",
    ],
}


def default_pdf(folder: Path) -> Path:
    """Write the default document and return its path."""
    path = folder / "incoming.pdf"
    write_letter(_LETTER, path)
    return path
