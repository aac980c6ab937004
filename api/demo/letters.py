"""What the demo ministry receives: believable letters, every one different, none of anybody."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from api.documents.paper.sheets import Letter

_SENDERS = (
    ("Sở Tài nguyên và Môi trường tỉnh Lai Châu", "STNMT", "Lai Châu"),
    ("Ủy ban nhân dân tỉnh Quảng Trị", "UBND", "Quảng Trị"),
    ("Sở Xây dựng tỉnh Nghệ An", "SXD", "Vinh"),
    ("Cục Biến đổi khí hậu", "BĐKH", "Hà Nội"),
    ("Ủy ban nhân dân thành phố Đà Nẵng", "UBND", "Đà Nẵng"),
    ("Trung tâm Dữ liệu quan trắc", "TTQT", "Hà Nội"),
    ("Sở Nông nghiệp tỉnh Bến Tre", "SNN", "Bến Tre"),
    ("Viện Khoa học đo đạc và bản đồ", "VĐĐBĐ", "Hà Nội"),
)
_SUBJECTS = (
    ("rà soát quy hoạch sử dụng đất {place}", "quy hoạch sử dụng đất",
     "Kết quả rà soát cho thấy một số chỉ tiêu sử dụng đất cần được điều chỉnh cho phù hợp."),
    ("cấp giấy phép khai thác nước dưới đất tại {place}", "khai thác nước dưới đất",
     "Đơn vị đề nghị xem xét hồ sơ cấp phép, kèm báo cáo đánh giá trữ lượng nước dưới đất."),
    ("quan trắc chất lượng không khí ở {place}", "chất lượng không khí",
     "Số liệu quan trắc tự động được truyền về trung tâm liên tục trong cả quý."),
    ("phòng chống sạt lở bờ sông, bờ biển {place}", "sạt lở bờ biển",
     "Mưa lớn kéo dài làm gia tăng nguy cơ sạt lở; địa phương đề nghị hỗ trợ khảo sát."),
    ("lập bản đồ địa hình tỷ lệ 1:2.000 khu vực {place}", "bản đồ địa hình",
     "Đề nghị cung cấp dữ liệu nền địa lý phục vụ công tác đo đạc, lập bản đồ."),
    ("kết nối cơ sở dữ liệu đất đai của {place}", "cơ sở dữ liệu đất đai",
     "Địa phương đã hoàn thành số hóa hồ sơ địa chính và sẵn sàng kết nối, chia sẻ."),
    ("thu gom, xử lý rác thải nhựa tại {place}", "rác thải nhựa",
     "Mô hình phân loại rác tại nguồn bước đầu đạt kết quả, cần được nhân rộng."),
    ("đánh giá tác động môi trường dự án tại {place}", "đánh giá tác động môi trường",
     "Hội đồng thẩm định đề nghị chủ dự án bổ sung phương án cải tạo, phục hồi môi trường."),
)  # fmt: skip
_PLACES = (
    "các xã ven biển", "vùng cao phía Bắc", "lưu vực sông Cả", "đồng bằng sông Cửu Long",
    "khu công nghiệp phía Nam", "huyện Mường Tè", "thành phố Huế", "đảo Lý Sơn",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Arriving:
    """A letter that arrives on a day."""

    day: date
    number: int
    symbol: str
    issuer: str
    title: str
    paper: Letter


def arriving(count: int, today: date) -> Iterator[Arriving]:
    """Give `count` letters, the oldest first, three or four on each of the last days."""
    for index in range(count):
        day = today - timedelta(days=(count - 1 - index) // 4 + 1)
        yield _letter(index, day)


def _letter(index: int, day: date) -> Arriving:
    issuer, letters, seat = _SENDERS[index % len(_SENDERS)]
    subject, theme, sentence = _SUBJECTS[(index // 3) % len(_SUBJECTS)]
    place = _PLACES[(index * 5 + index // 8) % len(_PLACES)]
    title = f"Về việc {subject.format(place=place)}"
    number, symbol = 100 + index * 7, f"{letters}-TH"
    body = [
        f"Thực hiện chương trình công tác năm {day.year}, {issuer} báo cáo về {theme} như sau.",
        f"Phạm vi thực hiện là {place}. {sentence}",
        f"Đơn vị đã tổ chức {index % 9 + 2} đoàn kiểm tra, lấy ý kiến {index % 13 + 4} cơ quan.",
        "Kính đề nghị Bộ xem xét, cho ý kiến chỉ đạo để đơn vị triển khai các bước tiếp theo.",
    ]
    paper: Letter = {
        "agency": issuer,
        "kind": "",
        "summary": title,
        "recipients": ["Như trên", "Lưu: VT"],
        "capacity": ["GIÁM ĐỐC"],
        "signer": "Hoàng Văn Thử",
        "number": f"{number}/{symbol}",
        "date_line": f"{seat}, ngày {day.day:02d} tháng {day.month} năm {day.year}",
        "addressees": ["Bộ Tài nguyên và Môi trường"],
        "body": body,
    }
    return Arriving(day, number, symbol, issuer, title, paper)
