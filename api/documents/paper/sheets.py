"""What is to be written, and what was: plain values, for they cross into the sandbox."""

from typing import NotRequired, TypedDict

#: Left, bottom, right, top in points from the lower left corner of the page.
Box = tuple[float, float, float, float]


class Cosigner(TypedDict):
    """Who signs beside: the lines above the name, and the name."""

    capacity: list[str]
    name: str


class Sheet(TypedDict):
    """What every document of Decree 30/2020 has.

    Attributes:
        superior: the agency above, if it is named.
        agency: who issues it.
        kind: the type in words (`Quyết định`); empty for an official letter (công văn).
        summary: what it is about (trích yếu).
        recipients: the lines under "Nơi nhận".
        capacity: in what right it is signed (`KT. BỘ TRƯỞNG`, `THỨ TRƯỞNG`), one line each.
        signer: full name.
        urgency: as stamped (`HỎA TỐC`); empty for none.
        cosigners: who signs beside, before or after; their blocks stand before the signer's.
    """

    superior: NotRequired[str]
    agency: str
    kind: str
    summary: str
    recipients: list[str]
    capacity: list[str]
    signer: str
    urgency: NotRequired[str]
    cosigners: NotRequired[list[Cosigner]]


class DecisionPage(Sheet):
    """A document of ours, before its number, date and signatures.

    Attributes:
        symbol: what will stand behind the number, so that there is room for it.
        authority: who decides; empty where nothing is decided.
        grounds: the laws and reports it rests on.
        articles: each begins with "Điều n." or gets it, where something is decided.
        addressees: the lines of "Kính gửi", of letters and reports.
        checked_at: the address that says what the paper is worth; none: it shows none.
    """

    symbol: str
    authority: NotRequired[str]
    grounds: NotRequired[list[str]]
    articles: list[str]
    addressees: NotRequired[list[str]]
    checked_at: NotRequired[str]


class Letter(Sheet):
    """A finished document as others send it.

    Attributes:
        number: with its symbol.
        date_line: place and date.
        addressees: the lines of "Kính gửi".
        body: its paragraphs.
    """

    number: str
    date_line: str
    addressees: list[str]
    body: list[str]


class Written(TypedDict):
    """Where the room for number, date, signatures and seal is; pages count from 0.

    Attributes:
        cosigners: page and room of each who signs beside, in their order.
    """

    pages: int
    head_page: int
    signature_page: int
    number: Box
    date: Box
    signature: Box
    seal: Box
    cosigners: list[tuple[int, Box]]
