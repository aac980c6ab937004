"""Reading, making and comparing PDF objects."""

from collections.abc import Mapping
from io import BytesIO
from typing import Any

from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.generic import pdf_name


def entry(dictionary: Any, key: str, default: Any = None) -> Any:
    """Return what stands under `key`, references followed, which pyHanko's `get` does not."""
    return dictionary[key] if key in dictionary else default  # noqa: SIM401


def dictionary(entries: Mapping[str, Any]) -> Any:
    """Return a new PDF dictionary."""
    return generic.DictionaryObject({pdf_name(key): value for key, value in entries.items()})


def written(thing: Any) -> bytes:
    """Return the object as it stands in a file; references are not followed."""
    buffer = BytesIO()
    thing.write_to_stream(buffer, None)
    return buffer.getvalue()
