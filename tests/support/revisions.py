"""A PDF written by hand, object by object, and the revisions that are added to it.

No library stands between: a revision may also free objects, name another catalogue or be broken.
"""

from collections.abc import Mapping

#: The catalogue, and the document information.
ROOT, INFO = 1, 15

Objects = Mapping[int, str]


def stream(content: str, entries: str = "") -> str:
    """Return a stream object."""
    return f"<< /Length {len(content)} {entries} >>\nstream\n{content}\nendstream"


def begun(objects: Objects) -> bytes:
    """Return a file of one revision."""
    return _section(b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n", objects, previous=None, root=ROOT, freed=())


def revised(
    file: bytes, objects: Objects, *, root: int = ROOT, freed: tuple[int, ...] = ()
) -> bytes:
    """Return the file with one more revision that replaces, adds or frees objects."""
    previous = int(file[file.rindex(b"startxref") :].split()[1])
    return _section(file, objects, previous=previous, root=root, freed=freed)


def _section(
    file: bytes, objects: Objects, *, previous: int | None, root: int, freed: tuple[int, ...]
) -> bytes:
    body, places = bytearray(file), {}
    for number, text in objects.items():
        places[number] = len(body)
        body += f"{number} 0 obj\n{text}\nendobj\n".encode("latin-1")
    start = len(body)
    body += b"xref\n"
    if previous is None:
        body += b"0 1\n0000000000 65535 f \n"
    for number, place in places.items():
        body += f"{number} 1\n{place:010} 00000 n \n".encode()
    for number in freed:
        body += f"{number} 1\n0000000000 00001 f \n".encode()
    before = f"/Prev {previous} " if previous is not None else ""
    size = max([_size(file), *(number + 1 for number in objects)])
    trailer = f"<< {before}/Size {size} /Root {root} 0 R /Info {INFO} 0 R >>"
    body += f"trailer\n{trailer}\nstartxref\n{start}\n%%EOF\n".encode()
    return bytes(body)


def _size(file: bytes) -> int:
    """Return how many numbers of objects are taken; only those above are new."""
    _, found, after = file.rpartition(b"/Size ")
    return int(after.split()[0]) if found else 0
