"""Whether a filled number says what it shows: redraw it from its value and demand equality.

Without this a file can carry the value `123`, draw `999` in its place, and still satisfy every
other judge: filling a field after certification is allowed, and its picture is free.
"""

from typing import Any

from pyhanko.pdf_utils import generic

from api.signing.pdf.drawing import draw, pen_of
from api.signing.pdf.errors import NotDrawable
from api.signing.pdf.fields import appearance_entries
from api.signing.pdf.objects import dictionary, written

#: All that filling a field may touch.
_FILLED = frozenset({"/V", "/AP"})


def only_filled(old: Any, new: Any) -> bool:
    """Tell whether nothing but value and appearance differs between two forms of a field."""
    keys = (set(old) | set(new)) - _FILLED
    return all(
        key in old and key in new and written(old.raw_get(key)) == written(new.raw_get(key))
        for key in keys
    )


def is_honest(field: Any, signed_form: Any) -> bool:
    """Tell whether the field shows exactly its value, in the font that was signed."""
    try:
        pen = pen_of(field, signed_form)
        value = field["/V"]
        drawn = draw(str(value), pen)
        appearance = field["/AP"]
        stream = appearance["/N"]
    except (NotDrawable, KeyError, TypeError, ValueError, AttributeError):
        return False
    expected = appearance_entries(signed_form, pen.font, pen.width, pen.height)
    return (
        isinstance(value, generic.TextStringObject)
        and set(appearance) == {"/N"}
        and isinstance(stream, generic.StreamObject)
        and stream.encoded_data == drawn
        and _entries(stream) == _entries(dictionary(expected))
    )


def _entries(shape: Any) -> dict[str, bytes]:
    return {str(key): written(shape.raw_get(key)) for key in shape if key != "/Length"}
