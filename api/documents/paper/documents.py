"""Whole documents: head, title, text, foot."""

import re
from pathlib import Path

from reportlab.platypus import (
    BaseDocTemplate,
    Flowable,
    Frame,
    HRFlowable,
    PageTemplate,
    Paragraph,
    Spacer,
)
from reportlab.platypus.doctemplate import LayoutError

from api.documents.paper import typesetting as type_
from api.documents.paper.blocks import Centred, Foot, Head, SignerRow, draw_page_number
from api.documents.paper.checking import draw_code
from api.documents.paper.errors import DoesNotFit
from api.documents.paper.sheets import Cosigner, DecisionPage, Letter, Sheet, Written

_ARTICLE = re.compile(r"(Điều \d+\.)\s*(.*)", re.DOTALL)
_END = "./."


def decision(page: DecisionPage, target: Path) -> Written:
    """See `sandboxed.write_decision`."""
    type_.set_up_fonts()
    beside, rows = _beside(page)
    head, foot = Head(page, page["symbol"], None), Foot(page, beside)
    articles = _articles(page)
    text = [*_grounds(page), *_body(articles)]
    pages = _build(page, [head, *_title(page), *_addressees(page), *text, *rows, foot], target)
    return {
        "pages": pages,
        "head_page": head.page,
        "signature_page": foot.page,
        "number": head.number_box,
        "date": head.date_box,
        "signature": foot.signature_box,
        "seal": foot.seal_box,
        "cosigners": [*(room for row in rows for room in row.rooms), *foot.rooms],
    }


def _beside(page: DecisionPage) -> tuple[Cosigner | None, list[SignerRow]]:
    """Return who signs left of the signer, and the rows of two above: the signer is the last."""
    cosigners = list(page.get("cosigners", ()))
    beside = cosigners.pop() if len(cosigners) % 2 else None
    return beside, [SignerRow(cosigners[at : at + 2]) for at in range(0, len(cosigners), 2)]


def finished(letter: Letter, target: Path) -> int:
    """See `sandboxed.write_letter`."""
    type_.set_up_fonts()
    head = Head(letter, letter["number"], letter["date_line"])
    text = _body([("", paragraph) for paragraph in letter["body"]])
    return _build(
        letter, [head, *_title(letter), *_addressees(letter), *text, Foot(letter)], target
    )


def _build(sheet: Sheet, story: list[Flowable], target: Path) -> int:
    template = BaseDocTemplate(
        str(target), pagesize=(type_.WIDTH, type_.HEIGHT), lang="vi", invariant=1,
        pageCompression=1, title=sheet["summary"], author=sheet["agency"], creator="Không Giấy",
    )  # fmt: skip
    _, bottom, left, _ = type_.MARGINS
    area = Frame(
        left, bottom, type_.TEXT_WIDTH, type_.TEXT_HEIGHT,
        leftPadding=0, bottomPadding=0, rightPadding=0, topPadding=0,
    )  # fmt: skip
    address = str(sheet.get("checked_at", ""))
    margins = draw_code(address) if address else draw_page_number
    template.addPageTemplates(PageTemplate(frames=[area], onPage=margins))
    try:
        template.build(story)
    except LayoutError as error:
        raise DoesNotFit from error
    return int(template.page)


def _title(sheet: Sheet) -> list[Flowable]:
    if not sheet["kind"]:
        return [Spacer(0, 12)]
    rule = HRFlowable(width=90, thickness=0.8, color="black", spaceBefore=5, spaceAfter=14)
    kind = type_.paragraph(sheet["kind"].upper(), type_.KIND)
    return [Spacer(0, 14), kind, Centred(type_.paragraph(sheet["summary"], type_.KIND)), rule]


def _addressees(sheet: DecisionPage | Letter) -> list[Flowable]:
    addressees = sheet.get("addressees", [])
    if not addressees:
        return []
    if len(addressees) == 1:
        return [_centred(f"Kính gửi: {addressees[0]}"), Spacer(0, 12)]
    lines = [type_.paragraph(f"- {text}", type_.ADDRESSEE) for text in addressees]
    head = type_.paragraph("Kính gửi:", type_.BODY.clone("greeting", firstLineIndent=72))
    return [head, *lines, Spacer(0, 12)]


def _centred(text: str) -> Paragraph:
    return type_.paragraph(text, type_.SUBJECT.clone("centred", fontSize=14, leading=18))


def _grounds(page: DecisionPage) -> list[Flowable]:
    authority, grounds = page.get("authority", ""), page.get("grounds", [])
    parts: list[Flowable] = [type_.paragraph(text, type_.GROUND) for text in grounds]
    if authority:
        bold = type_.KIND.clone("authority", spaceAfter=8)
        parts.insert(0, type_.paragraph(authority.upper(), bold))
        parts.append(type_.paragraph(f"{page['kind'].upper()}:", bold.clone("b", spaceBefore=4)))
    return parts


def _articles(page: DecisionPage) -> list[tuple[str, str]]:
    if not page.get("authority"):
        return [("", text) for text in page["articles"]]
    found = [_ARTICLE.fullmatch(text) for text in page["articles"]]
    return [
        (match[1], match[2]) if match else (f"Điều {number}.", text)
        for number, (match, text) in enumerate(zip(found, page["articles"], strict=True), start=1)
    ]


def _body(parts: list[tuple[str, str]]) -> list[Flowable]:
    if not parts:
        return []
    *others, (lead, last) = parts
    ended = last if last.endswith(_END) else f"{last.rstrip('. ')}{_END}"
    return [
        *(type_.paragraph(text, type_.BODY, lead=lead) for lead, text in others),
        type_.paragraph(ended, type_.LAST, lead=lead),
    ]
