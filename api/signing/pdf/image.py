"""The picture of a signature: decoded and packed once, for whoever signs signs many papers."""

import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from io import BytesIO

from PIL import Image
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.content import PdfContent, ResourceType
from pyhanko.pdf_utils.generic import pdf_name as name
from pyhanko.pdf_utils.layout import BoxConstraints
from typing_extensions import override

from api.signing.pdf.errors import NotSignable
from api.signing.pdf.objects import dictionary

_NAME = "/Picture"
_REMEMBERED = 32


@dataclass(frozen=True, slots=True)
class Packed:
    """A picture as it stands in a PDF: colours and opacity, each deflated."""

    width: int
    height: int
    colours: bytes
    opacity: bytes


@lru_cache(maxsize=_REMEMBERED)
def packed(image: bytes) -> Packed:
    """Decode a picture, or refuse what is none."""
    try:
        with Image.open(BytesIO(image)) as picture:
            shown = picture.convert("RGBA")
    except OSError as broken:
        raise NotSignable(why="image") from broken
    colours, opacity = shown.convert("RGB").tobytes(), shown.getchannel("A").tobytes()
    return Packed(shown.width, shown.height, zlib.compress(colours), zlib.compress(opacity))


class Picture(PdfContent):
    """A picture that fills its box; the same input gives the same bytes."""

    def __init__(self, shown: Packed) -> None:
        super().__init__(box=BoxConstraints(shown.width, shown.height))
        self._shown = shown

    @override
    def render(self) -> bytes:
        """Put the picture among the resources and return what draws it."""
        shown = self._shown
        colours = {"/SMask": self._image("/DeviceGray", shown.opacity)}
        reference = self._image("/DeviceRGB", shown.colours, colours)
        self.set_resource(ResourceType.XOBJECT, name(_NAME), reference)
        return f"q {shown.width} 0 0 {shown.height} 0 0 cm {_NAME} Do Q".encode("ascii")

    def _image(
        self, space: str, data: bytes, more: Mapping[str, generic.PdfObject] | None = None
    ) -> generic.IndirectObject:
        entries = {
            "/Type": name("/XObject"),
            "/Subtype": name("/Image"),
            "/Width": generic.NumberObject(self._shown.width),
            "/Height": generic.NumberObject(self._shown.height),
            "/ColorSpace": name(space),
            "/BitsPerComponent": generic.NumberObject(8),
            "/Filter": name("/FlateDecode"),
        }
        stream = generic.StreamObject(dictionary(entries | dict(more or {})), encoded_data=data)
        writer = self.writer
        if writer is None:
            raise RuntimeError("a picture is drawn into a file")
        return writer.add_object(stream)
