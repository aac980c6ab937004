# ruff: noqa: E501 - a document a line
"""A small corpus of our own: documents of an imaginary province, and what people ask of them."""

DOCUMENTS = (
    ("dyke", "Kế hoạch", "14/KH-UBND", "UBND tỉnh Sông Lam", "2026-03-02",
     "Kế hoạch tu bổ đê điều và ứng phó lũ lụt",
     "Các huyện ven sông rà soát đê điều xung yếu trước mùa lũ.\nDự trữ bao tải, đá hộc và rọ thép."),
    ("forest", "Chỉ thị", "09/CT-TTg", "Thủ tướng Chính phủ", "2026-01-04",
     "Tăng cường bảo vệ rừng đầu nguồn", "Kiểm lâm tuần tra, ngăn chặn phá rừng và cháy rừng."),
    ("water", "Công văn", "25/BTNMT-VP", "Bộ Tài nguyên và Môi trường", "2025-11-20",
     "Về việc cấp nước sạch nông thôn", "Đề nghị các tỉnh rà soát hạ tầng cấp nước, giá nước sạch."),
    ("land", "Quyết định", "187/QĐ-UBND", "UBND tỉnh Sông Lam", "2026-02-11",
     "Về bảng giá đất năm 2026", "Giá đất ở tại đô thị, hệ số điều chỉnh, miễn giảm tiền sử dụng đất."),
    ("school", "Thông báo", "31/TB-SGDĐT", "Sở Giáo dục và Đào tạo", "2026-05-30",
     "Lịch thi tốt nghiệp trung học phổ thông", "Thí sinh có mặt trước giờ thi, mang CCCD."),
    ("leave", "Quy chế", "02/QC-VP", "Văn phòng tỉnh", "2024-12-31",
     "Nghỉ phép của cán bộ, công chức", "Công chức báo trước mười ngày; trưởng phòng duyệt đơn nghỉ phép."),
    ("digital", "Nghị quyết", "5/NQ-HĐND", "HĐND tỉnh Sông Lam", "2026-04-15",
     "Chuyển đổi số trong dịch vụ công", "Hồ sơ trực tuyến, chữ ký số, không dùng giấy tờ bản sao."),
    ("bridge", "Tờ trình", "77/TTr-SGTVT", "Sở Giao thông vận tải", "2026-06-01",
     "Xin chủ trương xây dựng cầu Bến Thủy", "Tổng mức đầu tư, giải phóng mặt bằng, nguồn vốn trung hạn."),
    ("health", "Báo cáo", "118/BC-SYT", "Sở Y tế", "2026-07-08",
     "Tình hình dịch sốt xuất huyết", "Số ca mắc, ổ dịch, phun hóa chất diệt muỗi ở các xã."),
    ("fire", "Công điện", "03/CĐ-UBND", "UBND tỉnh Sông Lam", "2026-06-20",
     "Bảo đảm PCCC mùa nắng nóng", "Kiểm tra nhà trọ, chợ, kho xăng dầu; sẵn sàng chữa cháy."),
)  # fmt: skip

QUESTIONS = (
    ("tu bổ đê điều trước mùa lũ", "dyke"),
    ("ai duyệt đơn nghỉ phép của công chức", "leave"),
    ("phá rừng đầu nguồn bị xử lý thế nào", "forest"),
    ("hạ tầng cấp nước sạch ở nông thôn", "water"),
    ("bảng giá đất ở tại đô thị năm nay", "land"),
    ("thí sinh thi tốt nghiệp mang theo căn cước công dân", "school"),
    ("chữ ký số trong hồ sơ trực tuyến", "digital"),
    ("vốn đầu tư xây cầu Bến Thuỷ", "bridge"),
    ("phun hoá chất diệt muỗi sốt xuất huyết", "health"),
    ("phòng cháy chữa cháy kho xăng dầu", "fire"),
    ("qd 187 ubnd", "land"),
    ("công điện số 3/CĐ-UBND ngày 20 tháng 6", "fire"),
)


def lines() -> list[dict[str, str]]:
    """Return the documents as the lines of a corpus."""
    names = ("id", "type", "number", "issuer", "date", "title", "body")
    return [dict(zip(names, one, strict=True)) for one in DOCUMENTS]
