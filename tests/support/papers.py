"""Documents of an imagined ministry, as plain values for the press."""

from api.documents.paper import DecisionPage, Letter


def decision_page(**changes: object) -> DecisionPage:
    page: DecisionPage = {
        "agency": "Bộ Tài nguyên và Môi trường",
        "symbol": "QĐ-BTNMT",
        "kind": "Quyết định",
        "summary": "Về việc phê duyệt Kế hoạch chuyển đổi số năm 2027",
        "authority": "Bộ trưởng Bộ Tài nguyên và Môi trường",
        "grounds": [
            "Căn cứ Nghị định số 30/2020/NĐ-CP ngày 05 tháng 3 năm 2020 của Chính phủ;",
            "Theo đề nghị của Cục trưởng Cục Chuyển đổi số.",
        ],
        "articles": [
            "Phê duyệt kèm theo Quyết định này Kế hoạch chuyển đổi số năm 2027.",
            "Giao Cục Chuyển đổi số chủ trì, phối hợp với Văn phòng Bộ tổ chức thực hiện.",
            "Chánh Văn phòng Bộ và Thủ trưởng các đơn vị chịu trách nhiệm thi hành.",
        ],
        "recipients": ["Như Điều 3;", "Các Thứ trưởng;", "Lưu: VT, CĐS."],
        "capacity": ["KT. Bộ trưởng", "Thứ trưởng"],
        "signer": "Lê Minh Đức",
    }
    page.update(changes)  # type: ignore[typeddict-item]
    return page


def letter(**changes: object) -> Letter:
    sheet: Letter = {
        "agency": "Bộ Tài chính",
        "kind": "",
        "summary": "góp ý dự thảo Thông tư quy định định mức kinh tế - kỹ thuật",
        "recipients": ["Như trên;", "Lưu: VT, HCSN (05b)."],
        "capacity": ["TL. Bộ trưởng", "Vụ trưởng Vụ Tài chính hành chính sự nghiệp"],
        "signer": "Nguyễn Thị Phượng",
        "number": "1245/BTC-HCSN",
        "date_line": "Hà Nội, ngày 18 tháng 11 năm 2026",
        "addressees": ["Bộ Tài nguyên và Môi trường", "Ủy ban nhân dân các tỉnh, thành phố"],
        "body": [
            "Bộ Tài chính đã nghiên cứu hồ sơ dự thảo Thông tư và có ý kiến như sau:",
            "Đề nghị cơ quan chủ trì soạn thảo rà soát các khoản chi, bảo đảm không trùng lặp.",
        ],
    }
    sheet.update(changes)  # type: ignore[typeddict-item]
    return sheet
