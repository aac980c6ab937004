"""Behind our page stands all that the annex shows, and nothing that it could do."""

import json
import os
from io import BytesIO
from pathlib import Path
from zlib import compress

import pikepdf
import pypdfium2
import pytest
from pikepdf import Array, Dictionary, Name, String
from PIL import Image, ImageChops

from api.documents.pages.drawing import render_page
from api.documents.pages.errors import EncryptedPdf, NotPdf
from api.documents.pages.reading import inspect, read_text
from api.documents.paper import attach, write_decision
from core.bounds import SandboxLimits
from core.sandbox import Sandbox
from tests.api.documents.pages.test_reading import with_note
from tests.support.papers import decision_page
from tests.support.pdfs import assemble, encrypted, scanned, written

SCANS = sorted(Path(os.environ.get("KHONGGIAY_DATA", "")).glob("lookup/signed_scans/*.pdf"))
#: Names by which a PDF acts, is filled in or carries files.
ACTIVE = (
    "/AcroForm", "/Annots", "/OpenAction", "/AA", "/JavaScript", "/JS", "/Launch", "/URI", "/EF",
    "/EmbeddedFile", "/EmbeddedFiles", "/Sig", "/ByteRange", "/Perms", "/Widget", "/XFA", "/Names",
)  # fmt: skip


@pytest.fixture
def decision(tmp_path: Path) -> Path:
    write_decision(decision_page(), tmp_path / "decision.pdf")
    return tmp_path / "decision.pdf"


def names_in(path: Path) -> set[str]:
    """Return every key and name that an object of the file uses."""
    found: set[str] = set()
    with pikepdf.open(path) as document:
        for item in [*document.objects, document.Root]:
            found |= _names(item)
    return found


def _names(item: object) -> set[str]:
    if isinstance(item, pikepdf.Stream | Dictionary):
        parts = [(_names(value) if not _is_shared(value) else set()) for value in item.values()]
        return set(item.keys()).union(*parts)
    if isinstance(item, Array):
        return set().union(*(_names(each) for each in item if not _is_shared(each)))
    return {str(item)} if isinstance(item, Name) else set()


def _is_shared(value: object) -> bool:
    return isinstance(value, pikepdf.Object) and value.is_indirect


def difference(one: Path, page: int, other: Path, other_page: int) -> int:
    pictures = [
        Image.open(BytesIO(render_page(path, index, 320))).convert("L")
        for path, index in ((one, page), (other, other_page))
    ]
    return int(ImageChops.difference(*pictures).getextrema()[1])  # type: ignore[arg-type]


def armed(path: Path) -> Path:
    """Give a PDF everything that acts."""
    script = Dictionary(S=Name.JavaScript, JS=String("app.alert(1)"))
    with pikepdf.open(path, allow_overwriting_input=True) as document:
        link = Dictionary(
            Type=Name.Annot, Subtype=Name.Link, Rect=[0, 0, 600, 800],
            A=Dictionary(S=Name.URI, URI=String("https://example.org")),
        )  # fmt: skip
        page = document.pages[0]
        page.Annots = Array([*page.get("/Annots", []), document.make_indirect(link)])
        page.AA = Dictionary(O=script)
        document.attachments["secret.txt"] = b"hidden"
        page.AF = Array([document.attachments["secret.txt"].obj])
        document.Root.OpenAction = script
        document.Root.AA = Dictionary(WC=script)
        names = document.Root.get("/Names", Dictionary())
        names.JavaScript = Dictionary(Names=[String("a"), document.make_indirect(script)])
        document.Root.Names = names
        document.save()
    return path


def test_all_pages_follow_ours_in_their_order(decision: Path, tmp_path: Path) -> None:
    annex = written(tmp_path / "annex.pdf", ["Trang một"], ["Trang hai"], ["Trang ba"])

    count = attach(decision, annex, tmp_path / "whole.pdf")

    assert count == 4
    assert read_text(tmp_path / "whole.pdf") == read_text(decision) + read_text(annex)


def test_the_annex_is_only_read(decision: Path, tmp_path: Path) -> None:
    annex = with_note(scanned(tmp_path / "annex.pdf"), b"signed", kind="/Widget")
    before = annex.read_bytes()

    attach(decision, annex, tmp_path / "whole.pdf")

    assert annex.read_bytes() == before
    assert {path.name for path in tmp_path.iterdir()} == {"annex.pdf", "decision.pdf", "whole.pdf"}


def test_nothing_that_acts_comes_along(decision: Path, tmp_path: Path) -> None:
    annex = armed(with_note(written(tmp_path / "annex.pdf", ["Một"]), b"signed", kind="/Widget"))
    assert {"/AcroForm", "/JavaScript", "/OpenAction", "/EF"} <= names_in(annex)

    attach(decision, annex, tmp_path / "whole.pdf")

    assert names_in(tmp_path / "whole.pdf") & set(ACTIVE) == set()


def test_files_that_hang_on_pictures_and_layers_do_not_come_along(
    decision: Path, tmp_path: Path
) -> None:
    annex = scanned(tmp_path / "annex.pdf")
    with pikepdf.open(annex, allow_overwriting_input=True) as document:
        content = document.make_indirect(document.make_stream(b"hidden", Type=Name.EmbeddedFile))
        file = document.make_indirect(
            Dictionary(Type=Name.Filespec, F=String("a.txt"), EF=Dictionary(F=content))
        )
        resources = document.pages[0].Resources
        next(iter(resources.XObject.values())).AF = Array([file])
        resources.Properties = Dictionary(P=document.make_indirect(Dictionary(MCAF=Array([file]))))
        document.save()
    assert {"/EF", "/EmbeddedFile"} <= names_in(annex)

    attach(decision, annex, tmp_path / "whole.pdf")

    assert names_in(tmp_path / "whole.pdf") & set(ACTIVE) == set()
    assert difference(annex, 0, tmp_path / "whole.pdf", 1) == 0


@pytest.mark.parametrize("kind", ["/Widget", "/FreeText", "/Stamp"])
def test_the_look_of_old_signatures_and_notes_stays(
    decision: Path, tmp_path: Path, kind: str
) -> None:
    annex = with_note(written(tmp_path / "annex.pdf", ["Một"]), b"signed", kind)

    attach(decision, annex, tmp_path / "whole.pdf")

    assert "signed" in read_text(tmp_path / "whole.pdf")[1]
    assert difference(annex, 0, tmp_path / "whole.pdf", 1) == 0


def test_the_looks_on_every_page_stay(decision: Path, tmp_path: Path) -> None:
    annex = with_note(written(tmp_path / "annex.pdf", ["Một"], ["Hai"]), b"signed")
    with pikepdf.open(annex, allow_overwriting_input=True) as document:
        document.pages[1].Annots = document.pages[0].Annots
        document.save()

    attach(decision, annex, tmp_path / "whole.pdf")

    assert ["signed" in text for text in read_text(tmp_path / "whole.pdf")] == [False, True, True]


def test_what_pages_inherit_comes_along(decision: Path, tmp_path: Path) -> None:
    annex = tmp_path / "annex.pdf"
    text = compress(b"BT /F 20 Tf 20 50 Td (inherited) Tj ET")
    annex.write_bytes(
        assemble(
            b"<< /Type /Catalog /Pages 2 0 R >>",
            b"<< /Type /Pages /Kids [3 0 R] /Count 1 /MediaBox [0 0 300 200] /Rotate 90"
            b" /Resources << /Font << /F 5 0 R >> >> >>",
            b"<< /Type /Page /Parent 2 0 R /Contents 4 0 R >>",
            b"<< /Length %d /Filter /FlateDecode >>\nstream\n%b\nendstream" % (len(text), text),
            b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
        )
    )

    attach(decision, annex, tmp_path / "whole.pdf")

    assert read_text(tmp_path / "whole.pdf")[1] == "inherited"
    assert difference(annex, 0, tmp_path / "whole.pdf", 1) == 0


def test_a_layer_that_was_hidden_stays_hidden(decision: Path, tmp_path: Path) -> None:
    annex = written(tmp_path / "annex.pdf", ["Một"])
    with pikepdf.open(annex, allow_overwriting_input=True) as document:
        layer = document.make_indirect(Dictionary(Type=Name.OCG, Name=String("draft")))
        page = document.pages[0]
        page.Resources.Properties = Dictionary(L=layer)
        page.contents_add(b"/OC /L BDC 1 0 0 rg 0 0 600 800 re f EMC", prepend=False)
        settings = Dictionary(OFF=[layer], AS=[Dictionary(Event=Name.Print, OCGs=[layer])])
        document.Root.OCProperties = Dictionary(OCGs=[layer], D=settings)
        document.save()

    attach(decision, annex, tmp_path / "whole.pdf")

    assert difference(annex, 0, tmp_path / "whole.pdf", 1) == 0
    with pikepdf.open(tmp_path / "whole.pdf") as whole:
        assert set(whole.Root.OCProperties.D.keys()) == {"/OFF"}


def test_an_annex_that_is_no_pdf_is_refused(decision: Path, tmp_path: Path) -> None:
    (tmp_path / "annex.pdf").write_bytes(b"%PDF-1.7\n" + b"\x00\xff" * 1000)

    with pytest.raises(NotPdf):
        attach(decision, tmp_path / "annex.pdf", tmp_path / "whole.pdf")


def test_an_encrypted_annex_is_refused(decision: Path, tmp_path: Path) -> None:
    locked = encrypted(written(tmp_path / "a.pdf", ["Một"]), tmp_path / "b.pdf", user="")

    with pytest.raises(EncryptedPdf):
        attach(decision, locked, tmp_path / "whole.pdf")


def test_a_broken_annex_is_attached_or_refused(decision: Path, tmp_path: Path) -> None:
    whole = with_note(written(tmp_path / "good.pdf", ["Một"], ["Hai"]), b"signed").read_bytes()
    annex = tmp_path / "annex.pdf"
    for cut in range(100, len(whole), len(whole) // 40):
        annex.write_bytes(whole[:cut] + b"\x00<<[" + whole[cut + 4 :])
        try:
            assert attach(decision, annex, tmp_path / "whole.pdf") >= 2
        except NotPdf:
            continue


def test_our_own_signed_kind_of_page_can_be_an_annex(decision: Path, tmp_path: Path) -> None:
    attach(decision, decision, tmp_path / "twice.pdf")

    count = attach(decision, tmp_path / "twice.pdf", tmp_path / "whole.pdf")

    assert count == 3
    assert inspect(tmp_path / "whole.pdf")["has_text"]


async def test_fifty_megabytes_are_attached_inside_the_sandbox(
    decision: Path, tmp_path: Path
) -> None:
    annex = with_note(heavy(tmp_path / "annex.pdf", pages=50), b"signed")
    sandbox = Sandbox(SandboxLimits(workers=1, memory_bytes=512 * 1024**2, cpu_seconds=20))

    count = await sandbox.run(attach, decision, annex, tmp_path / "whole.pdf")

    await sandbox.close()
    assert annex.stat().st_size > 50 * 1024**2
    assert count == 51


def heavy(path: Path, *, pages: int) -> Path:
    """Write a PDF whose pages are pictures of a megabyte each."""
    side = 1024
    with pikepdf.new() as document:
        for _ in range(pages):
            picture = document.make_stream(
                os.urandom(side * side), Type=Name.XObject, Subtype=Name.Image, Width=side,
                Height=side, ColorSpace=Name.DeviceGray, BitsPerComponent=8,
            )  # fmt: skip
            page = document.add_blank_page()
            page.Resources = Dictionary(XObject=Dictionary(I=picture))
            page.Contents = document.make_stream(b"q 600 0 0 700 0 0 cm /I Do Q")
        document.save(path, compress_streams=False)
    return path


@pytest.mark.skipif(not SCANS, reason="KHONGGIAY_DATA names no folder with lookup/signed_scans")
@pytest.mark.parametrize("scan", SCANS, ids=lambda path: path.stem)
def test_real_signed_documents_are_attached_as_they_look(
    decision: Path, tmp_path: Path, scan: Path
) -> None:
    facts = inspect(scan)

    count = attach(decision, scan, tmp_path / "whole.pdf")

    assert json.dumps(facts)
    assert count == facts["pages"] + 1
    assert names_in(tmp_path / "whole.pdf") & set(ACTIVE) == set()
    assert pypdfium2.raw.FPDF_GetSignatureCount(pypdfium2.PdfDocument(tmp_path / "whole.pdf")) == 0
    for page in range(min(3, facts["pages"])):
        assert difference(scan, page, tmp_path / "whole.pdf", page + 1) == 0
