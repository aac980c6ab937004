"""What a foreign PDF shows, and nothing it could do: joined to a document of ours, or alone."""

import tempfile
from collections.abc import Generator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path

import pikepdf
import pypdfium2
from pikepdf import Dictionary, Name, Pdf
from pypdfium2 import raw

from api.documents.errors import NoSuchPage
from api.documents.pages.errors import NotPdf
from api.documents.pages.opening import opened, page_of

#: What a page needs to be seen. Annotations, actions and private data are not among it.
_SHOWN = frozenset(
    {"/Type", "/Resources", "/Contents", "/MediaBox", "/CropBox", "/Rotate", "/UserUnit", "/Group"}
)
#: Entries of a stream that bind files to it, or would take its content from outside.
_BOUND = frozenset({"/AF", "/OPI", "/PieceInfo", "/Ref", "/F", "/FFilter", "/FDecodeParms"})


def attach(decision: Path, annex: Path, target: Path) -> int:
    """See `sandboxed.attach`."""
    with (
        _drawn_together(annex, target.parent) as flat,
        pikepdf.open(decision) as ours,
        _readable(flat) as theirs,
    ):
        for page in theirs.pages:
            _keep_what_is_shown(page)
        ours.pages.extend(theirs.pages)
        _keep_layers(ours, theirs)
        _unbind(ours)
        ours.save(
            target, object_stream_mode=pikepdf.ObjectStreamMode.disable, deterministic_id=True
        )
        return len(ours.pages)


def bare(source: Path, target: Path, pages: Sequence[int] | None) -> int:
    """See `sandboxed.bare_copy`."""
    with (
        _drawn_together(source, target.parent) as flat,
        _readable(flat) as theirs,
        pikepdf.new() as ours,
    ):
        chosen = range(len(theirs.pages)) if pages is None else pages
        if any(page >= len(theirs.pages) for page in chosen):
            raise NoSuchPage(pages=len(theirs.pages))
        for page in theirs.pages:
            _keep_what_is_shown(page)
        ours.pages.extend([theirs.pages[page] for page in chosen])
        _keep_layers(ours, theirs)
        _unbind(ours)
        ours.save(
            target, object_stream_mode=pikepdf.ObjectStreamMode.disable, deterministic_id=True
        )
        return len(ours.pages)


@contextmanager
def _drawn_together(annex: Path, desk: Path) -> Generator[Path]:
    """Give the annex with its annotations' looks, such as old signatures, drawn into its pages."""
    with opened(annex) as document:
        drawn = [_draw_in(document, index) for index in range(len(document))]
        if not any(drawn):
            yield annex
            return
        with tempfile.NamedTemporaryFile(suffix=".pdf", dir=desk) as flat:
            document.save(flat.name)
            yield Path(flat.name)


def _draw_in(document: pypdfium2.PdfDocument, index: int) -> bool:
    with page_of(document, index) as page:
        if raw.FPDFPage_GetAnnotCount(page) == 0:
            return False
        return bool(raw.FPDFPage_Flatten(page, raw.FLAT_NORMALDISPLAY) == raw.FLATTEN_SUCCESS)


@contextmanager
def _readable(path: Path) -> Generator[Pdf]:
    try:
        document = pikepdf.open(path, suppress_warnings=True)
        count = len(document.pages)
    except pikepdf.PdfError as error:
        raise NotPdf(why="damaged") from error
    with closing(document):
        if count == 0:
            raise NotPdf(why="no_pages")
        yield document


def _keep_what_is_shown(page: pikepdf.Page) -> None:
    for key in set(page.obj.keys()) - _SHOWN:
        del page.obj[key]


def _keep_layers(ours: Pdf, theirs: Pdf) -> None:
    """Keep hidden what was hidden: which layers are on, without the means to switch them."""
    layers = theirs.Root.get("/OCProperties")
    if not isinstance(layers, Dictionary) or "/OCGs" not in layers:
        return
    shown = layers.get("/D")
    kept = Dictionary()
    for key in ("/BaseState", "/ON", "/OFF"):
        if isinstance(shown, Dictionary) and key in shown:
            kept[key] = shown[key]
    fixed = Dictionary({"/OCGs": layers.OCGs, "/D": kept})
    ours.Root.OCProperties = ours.copy_foreign(theirs.make_indirect(fixed))


def _unbind(document: Pdf) -> None:
    """Cut off embedded files that hang on what is shown."""
    for item in document.objects:
        if isinstance(item, pikepdf.Stream):
            _drop(item, _BOUND)
        elif isinstance(item, Dictionary) and item.get("/Type") == Name.Filespec:
            _drop(item, frozenset({"/EF", "/RF"}))


def _drop(item: pikepdf.Object, keys: frozenset[str]) -> None:
    for key in keys & set(item.keys()):
        del item[Name(key)]
