"""Signatures are blue, seals are red and round, both on nothing."""

from io import BytesIO

import pytest
from PIL import Image

from api.documents.paper import seal_image, signature_image

PAPER = (0, 0)


def opened(picture: bytes) -> Image.Image:
    image = Image.open(BytesIO(picture))
    image.load()
    return image


def ink_of(image: Image.Image) -> tuple[int, ...]:
    """Return the colour of the most opaque pixel."""
    alpha = list(image.getchannel("A").tobytes())
    place = alpha.index(max(alpha))
    colour = image.getpixel((place % image.width, place // image.width))
    assert isinstance(colour, tuple)
    return colour


def test_a_signature_is_blue_ink_on_nothing() -> None:
    image = opened(signature_image("Lê Minh Đức"))

    red, green, blue, alpha = ink_of(image)
    assert image.mode == "RGBA"
    assert image.getpixel(PAPER)[3] == 0  # type: ignore[index]
    assert (blue > 2 * max(red, green), alpha) == (True, 255)


def test_a_seal_is_red_and_as_wide_as_high() -> None:
    image = opened(seal_image("Bộ Tài nguyên và Môi trường"))

    red, green, blue, alpha = ink_of(image)
    left, top, right, bottom = image.getchannel("A").getbbox() or (0, 0, 0, 0)
    assert image.getpixel(PAPER)[3] == 0  # type: ignore[index]
    assert (red > 2 * max(green, blue), alpha) == (True, 255)
    assert abs((right - left) - (bottom - top)) <= 1


def test_everybody_has_a_signature_of_their_own_that_stays() -> None:
    names = ["Lê Minh Đức", "Nguyễn Thị Phượng", "Trần Văn An", "Đỗ Quỳnh"]

    assert len({signature_image(name) for name in names}) == len(names)
    assert signature_image(names[0]) == signature_image(names[0])


def test_a_seal_names_its_agency() -> None:
    assert seal_image("Bộ Y tế") != seal_image("Bộ Nội vụ")
    assert seal_image("Bộ Y tế") == seal_image("Bộ Y tế")


@pytest.mark.parametrize("text", ["", " ", "x" * 300, "\x00", "阮"])
def test_any_name_gets_a_picture(text: str) -> None:
    assert opened(signature_image(text)).size
    assert opened(seal_image(text)).size
