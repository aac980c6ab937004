"""What stands in a frame is cut out of the page, whatever lies under it."""

import pytest
from PIL import Image, ImageDraw

from api.documents.pages.frames import framed

SIZE, DOTS = (1654, 2339), 200


def page(*boxes: tuple[int, int, int, int], ink: tuple[int, int, int] = (0, 0, 0)) -> Image.Image:
    sheet = Image.new("RGB", SIZE, (255, 255, 255))
    pen = ImageDraw.Draw(sheet)
    for left, top, right, bottom in boxes:
        pen.rectangle((left, top, right, bottom), outline=ink, width=4)
        pen.rectangle((left + 30, top + 20, left + 60, bottom - 20), fill=ink)
    return sheet


def test_a_page_without_frames_gives_nothing() -> None:
    assert framed(page(), DOTS) is None


@pytest.mark.parametrize("turned", [0, 0.7, -0.7])
def test_a_frame_of_a_stamps_size_is_cut_out(turned: float) -> None:
    sheet = page((200, 150, 400, 230)).rotate(turned, fillcolor=(255, 255, 255))

    inside = framed(sheet, DOTS)

    assert inside is not None
    assert inside.getextrema()[0] == 0


def test_a_red_frame_is_seen_through_black_words() -> None:
    sheet = page((200, 150, 400, 230), ink=(200, 20, 20))
    ImageDraw.Draw(sheet).rectangle((280, 170, 330, 215), fill=(0, 0, 0))

    inside = framed(sheet, DOTS)

    assert inside is not None
    red = inside.crop((0, inside.height // 2, inside.width, inside.height))
    assert red.crop((105, 30, 160, red.height - 30)).getextrema() == (255, 255)


@pytest.mark.parametrize("box", [(200, 150, 1500, 230), (200, 150, 400, 900), (200, 150, 240, 230)])
def test_tables_pictures_and_letters_are_no_stamps(box: tuple[int, int, int, int]) -> None:
    assert framed(page(box), DOTS) is None


def test_a_page_full_of_cells_is_bounded() -> None:
    cells = [
        (50 + 220 * x, 60 * y, 240 + 220 * x, 60 * y + 45) for x in range(7) for y in range(38)
    ]

    inside = framed(page(*cells), DOTS)

    assert inside is not None
    assert inside.height < 60 * 2 * 100
