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

  Thử ngay / try it:
    curl -s {url}/sessions/console -H 'content-type: application/json' \\
         -d '{{"account": "van.thu", "password": "{PASSWORD}"}}'
    then GET {url}/documents, /tasks, /lookup?q=quy+hoach
    with «Authorization: Bearer <access_token>», or open {url}/docs
    In another terminal: make demo

  Mô phỏng / simulated: SIM operator, agency seal, push provider. Real: everything else.
  Dừng / stop: Ctrl-C
"""
