"""What a person sees who has just started the demo."""

PASSWORD = "giay-trang"  # noqa: S105 - printed on the screen, for the demo alone

#: Account -> who that is.
ACCOUNTS = {
    "bo.truong": "Trần Quốc Ánh, Bộ trưởng (leader; signs)",
    "thu.truong": "Vũ Hải Nam, Thứ trưởng (leader; acts for the minister, signs KT.)",
    "van.thu": "Lê Thị Đào, văn thư (clerk; registers, numbers, seals)",
    "thu.ky": "Phạm Thu Hà, thư ký (secretary; meetings)",
    "vu.truong": "Nguyễn Văn Bưởi, Vụ trưởng (officer; leads tasks)",
    "chuyen.vien": "Võ Thị Sen, chuyên viên (officer; coordinates)",
    "quan.tri": "Đỗ Minh Quân, quản trị (administrator; approves devices)",
}


def text(url: str) -> str:
    """Return the greeting, in both languages."""
    accounts = "\n".join(f"    {name:<12} {who}" for name, who in ACCOUNTS.items())
    return f"""
  Tài khoản dùng thử / demo accounts (mật khẩu / password: {PASSWORD})
{accounts}

  Thử ngay, ở cửa sổ khác / try it, in another terminal:
    make demo URL={url}      một ngày làm việc / an official's day, step by step
    TOKEN=$(curl -s {url}/sessions/console -H 'content-type: application/json' \\
      -d '{{"account": "vu.truong", "password": "{PASSWORD}"}}' | grep -oE 'eyJ[^"]+')
    curl -s {url}/tasks -H "Authorization: Bearer $TOKEN"
    cũng vậy / likewise: /documents  /lookup?q=quy+hoach  /meetings  /inbox
    {url}/docs: trang API, dán TOKEN vào ô «console» / paste TOKEN into «console»

  Mô phỏng / simulated: SIM operator, agency seal, remote keys, TSA/OCSP/CRL, push provider,
    the console's login. README: «Real and simulated».
  Dừng / stop: Ctrl-C
"""
