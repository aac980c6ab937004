"""The page behind the QR code: one HTML document without scripts, in Vietnamese and English.

A file is dropped on an ordinary file field, which every browser takes: so nothing has to run, and
the policy can forbid everything.
"""

from base64 import b64encode
from hashlib import sha256
from html import escape

from api.signing.verify.schemas import ComparisonOut, PublicVerdictOut, Told
from core.messages import LANGUAGES, say

_STYLE = """
:root{color-scheme:light dark;--good:#0a6b2d;--bad:#b3151b;--open:#8a5a00}
body{font:1.05rem/1.5 system-ui,sans-serif;max-width:40rem;margin:2rem auto;padding:0 1rem}
h1{font-size:1.4rem}dt{font-weight:600;margin-top:.7rem}dd{margin:0}
i{opacity:.75;font-size:.9em}.verdict{padding:1rem;border:3px solid;border-radius:.5rem}
.valid{border-color:var(--good)}.invalid{border-color:var(--bad)}
.indeterminate{border-color:var(--open)}.verdict b{font-size:1.4rem;display:block}
form{margin-top:2rem}input[type=file]{display:block;width:100%;box-sizing:border-box;
padding:2.5rem 1rem;margin:.5rem 0;border:2px dashed;border-radius:.5rem}
button{font:inherit;padding:.6rem 1.4rem}
"""
_POLICY = "; ".join(
    (
        "default-src 'none'",
        f"style-src 'sha256-{b64encode(sha256(_STYLE.encode()).digest()).decode()}'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    )
)
#: The address holds the code: it is told to nobody, and the answer is kept by nobody.
HEADERS = {
    "Content-Security-Policy": _POLICY,
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "no-store",
}


def of_document(told: PublicVerdictOut, below: str = "") -> str:
    """Return the page on an issued document; `below` is what was found of somebody's file."""
    return _page(_verdict(told), _facts(told), below, _form())


def of_nothing() -> str:
    """Return the one page for every code that leads nowhere."""
    return _page(_both("nothing", tag="p"))


def of_haste() -> str:
    """Return the page for who checks too fast."""
    return _page(_both("haste", tag="p"))


def of_file(found: ComparisonOut) -> str:
    """Return what is said of a file that was dropped."""
    if found.same:
        return f'<div class="verdict valid">{_both("same", tag="p")}</div>'
    told = _both("different", tag="p") + _verdict(found)
    return f'<div class="verdict invalid">{told}</div>'


def of_refusal(code: str) -> str:
    """Return what is said of a file that could not be compared."""
    return f'<div class="verdict invalid">{_both(code, tag="p")}</div>'


def _page(*parts: str) -> str:
    return (
        '<!doctype html><html lang="vi"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width,initial-scale=1">'
        f"<title>{escape(say('checking.title', 'vi'))}</title><style>{_STYLE}</style></head>"
        f"<body><h1>{_both('title')}</h1>{''.join(parts)}</body></html>"
    )


def _verdict(told: Told) -> str:
    sentences = f'{escape(told.sentence_vi)}<br><i lang="en">{escape(told.sentence)}</i>'
    word = _both(told.verdict)
    return f'<div class="verdict {told.verdict}" role="status"><b>{word}</b>{sentences}</div>'


def _facts(told: PublicVerdictOut) -> str:
    date = f"{told.issued_on:%d/%m/%Y}" if told.issued_on else ""
    kinds = "".join(f"<dd>{escape(one.name)} ({_both(one.kind)})</dd>" for one in told.signers)
    both = f'{escape(told.type_vi)} <i lang="en">{escape(told.type)}</i>'
    rows = (("type", both), ("number", escape(told.number)), ("date", escape(date)))
    listed = "".join(f"<dt>{_both(name)}</dt><dd>{value}</dd>" for name, value in rows)
    return f"<dl>{listed}<dt>{_both('signers')}</dt>{kinds}</dl>"


def _form() -> str:
    return (
        '<form method="post" enctype="multipart/form-data">'
        f'<label for="file">{_both("drop")}</label>'
        '<input id="file" name="file" type="file" accept="application/pdf" required>'
        f"<button>{_both('compare')}</button>{_both('kept', tag='p')}</form>"
    )


def _both(name: str, tag: str = "span") -> str:
    vietnamese, english = (escape(say(f"checking.{name}", language)) for language in LANGUAGES)
    return f'<{tag}>{vietnamese} <i lang="en">{english}</i></{tag}>'
