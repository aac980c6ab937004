"""A reader's name across a page, so that a photograph of a screen tells whose it was."""

# ruff: noqa: PLC0415 - the server names these functions, the sandbox's worker runs them

from io import BytesIO
from pathlib import Path

_TURNED = 30
_GREY = (90, 90, 90, 70)
_QUALITY = 80


def marked(path: Path, text: str) -> bytes:
    """Return the picture of a page with `text` across it, again and again."""
    from PIL import Image, ImageDraw, ImageFont

    from api.documents.paper.fonts import UPRIGHT

    with Image.open(path) as opened:
        page = opened.convert("RGBA")
    side = int((page.width**2 + page.height**2) ** 0.5)
    layer = Image.new("RGBA", (side, side), (255, 255, 255, 0))
    draw = ImageDraw.Draw(layer)
    size = max(14, page.width // 34)
    font = ImageFont.truetype(str(UPRIGHT), size)
    step = int(draw.textlength(text, font=font)) + 3 * size
    for row, top in enumerate(range(0, side, 7 * size)):
        for left in range(-(row % 2) * step // 2, side, step):
            draw.text((left, top), text, font=font, fill=_GREY)
    turned = layer.rotate(_TURNED).crop(_middle(side, page.width, page.height))
    picture = BytesIO()
    Image.alpha_composite(page, turned).convert("RGB").save(picture, "JPEG", quality=_QUALITY)
    return picture.getvalue()


def _middle(side: int, width: int, height: int) -> tuple[int, int, int, int]:
    left, top = (side - width) // 2, (side - height) // 2
    return left, top, left + width, top + height
