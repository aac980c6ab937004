"""Classes of attacks on what a document shows and does: pages, annotations, forms, catalogue."""

from collections.abc import Iterator
from typing import Any

from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.generic import pdf_name

from api.signing.pdf.layout import DATE_FIELD, LEADER_FIELD, NUMBER_FIELD, SEAL_FIELD
from api.signing.pdf.objects import dictionary
from api.signing.verify.rules import Policy, Reason
from tests.corpus import on_annotations as notes
from tests.corpus import on_catalogues as roots
from tests.corpus import on_pages as pages
from tests.corpus import on_signers as people
from tests.corpus.bases import APPROVED, BROKEN, CERTIFIED, CHANGED, ISSUED, SIGNED
from tests.corpus.on_forms import fills, lies
from tests.corpus.specimens import AttackClass, Forgery, forgeries
from tests.corpus.workshop import Workshop
from tests.support import forgers


def of_pages() -> Iterator[AttackClass]:
    """Return attacks on what pages show."""
    box = pages.numbers
    yield AttackClass(
        "content-replaced", "A page gets another content stream.", CHANGED,
        [Forgery(f"page-{page}", pages.replace_content(page, pages.LIE), {"page": page})
         for page in (0, 1)],
        SIGNED,
    )  # fmt: skip
    yield AttackClass(
        "content-extended", "Something is drawn over or under a page.", CHANGED,
        [
            Forgery(f"{page}-{before}-{place}", pages.extend_content(page, ink, before=before),
                    {"page": page})
            for page in (0, 1) for before in (False, True) for place, ink in enumerate(INKS)
        ],
        SIGNED,
    )  # fmt: skip
    yield AttackClass(
        "stream-overwritten", "The stream of a page is written anew under its own number.", CHANGED,
        [Forgery(f"page-{page}-{place}", pages.overwrite_content(page, ink), {"page": page})
         for page in (0, 1) for place, ink in enumerate(INKS)],
        SIGNED,
    )  # fmt: skip
    yield AttackClass(
        "shadow-replace", "Shadow attack: the font means other letters, the resources are others.",
        CHANGED,
        [
            *(Forgery(f"font-{page}", pages.replace_font(page)) for page in (0, 1)),
            *(Forgery(f"resources-{page}", pages.replace_resources(page)) for page in (0, 1)),
        ],
        SIGNED,
    )  # fmt: skip
    yield AttackClass(
        "shadow-hide-and-replace", "Shadow attack: the catalogue leads to other pages.", CHANGED,
        forgeries(pages.update(pages.another_tree)), (*SIGNED, *CERTIFIED),
        policy=Policy.ANY,
    )  # fmt: skip
    yield AttackClass(
        "pages-removed", "A page is missing.", CHANGED,
        [Forgery(f"page-{page}", pages.remove_page(page)) for page in (0, 1)], SIGNED,
    )  # fmt: skip
    yield AttackClass(
        "pages-added", "A page is added, shown twice, or pages change places.", CHANGED,
        [
            *(Forgery(f"at-{place}", pages.add_page(place)) for place in (0, 1, 2)),
            Forgery("twice", pages.update(pages.show_a_page_twice)),
            Forgery("swapped", pages.update(pages.swap_pages)),
        ],
        SIGNED,
    )  # fmt: skip
    yield AttackClass(
        "page-entries", "A page is turned, cut, or does something when it opens.", CHANGED,
        [
            Forgery("turned", pages.set_page(0, "/Rotate", lambda: generic.NumberObject(180)),
                    {"page": 0}),
            Forgery("cut", pages.set_page(0, "/CropBox", lambda: box((0, 0, 300, 300)))),
            Forgery("stretched", pages.set_page(0, "/MediaBox", lambda: box((0, 0, 900, 900)))),
            Forgery("zoomed", pages.set_page(0, "/UserUnit", lambda: generic.NumberObject(2))),
            Forgery("acts", pages.set_page(1, "/AA", lambda: dictionary(
                {"/O": roots.script()})), {"page": 1}),
        ],
        SIGNED,
    )  # fmt: skip


INKS = (pages.LIE, b"1 1 1 rg 0 0 595 842 re f", b"0 0 10 10 re f")


def of_annotations() -> Iterator[AttackClass]:
    """Return attacks by what lies over a page."""
    yield AttackClass(
        "evil-annotation", "An annotation lies over the text.", CHANGED,
        notes.evil_annotations(), ("issued-ec", "certified-ec", "approved-1"), policy=Policy.ANY,
    )  # fmt: skip
    yield AttackClass(
        "evil-text-field", "A text field that nobody planned lies over the text.", CHANGED,
        [
            Forgery(f"{title}-{listed}", notes.add_text_field(title, listed=listed),
                    {"rect": [*map(float, notes.RECT)]})
            for title in ("Them", NUMBER_FIELD, "Ky_LanhDao2") for listed in (False, True)
        ],
        (*ISSUED, *CERTIFIED, *APPROVED),
    )  # fmt: skip
    yield AttackClass(
        "sneaky-empty-field", "A signature field that nobody signed covers the text.", CHANGED,
        [Forgery(str(n), notes.add_empty_signature_field(rect), {"rect": [*map(float, rect)]})
         for n, rect in enumerate(((50, 50, 500, 700), (10, 10, 20, 20), (0, 0, 595, 842)))],
        SIGNED,
    )  # fmt: skip
    yield AttackClass(
        "field-hidden", "A field is taken off its page, hidden, moved or made to act.", CHANGED,
        [
            Forgery("off-its-page", notes.remove_annotation(0)),
            *(Forgery(f"hidden-{title}", notes.set_widget(title, "/F", _number(2)))
              for title in (LEADER_FIELD, SEAL_FIELD)),
            *(Forgery(f"moved-{title}",
                      notes.set_widget(title, "/Rect", pages.numbers((0, 0, 500, 800))))
              for title in (LEADER_FIELD, SEAL_FIELD)),
            *(Forgery(f"acts-{title}", notes.set_widget(title, "/A", roots.script()))
              for title in (LEADER_FIELD, SEAL_FIELD)),
        ],
        ISSUED,
    )  # fmt: skip
    yield AttackClass(
        "signature-redrawn", "The picture of a signature or of the empty seal is another.", CHANGED,
        [
            Forgery(f"{title}-{place}", notes.draw_widget(title, ink), {"what": "Annot/Widget"})
            for title in (LEADER_FIELD, SEAL_FIELD) for place, ink in enumerate(INKS)
        ],
        (*ISSUED, *CERTIFIED),
    )  # fmt: skip


def _number(value: int) -> Any:
    return generic.NumberObject(value)


def of_forms(workshop: Workshop) -> Iterator[AttackClass]:
    """Return attacks on filled fields."""
    forged = frozenset({Reason.NUMBER_FIELD_FORGED})
    yield AttackClass(
        "value-not-appearance", "A filled field shows something else than its value.", forged,
        lies(), (*CERTIFIED, *ISSUED), policy=Policy.ANY,
    )  # fmt: skip
    yield AttackClass(
        "value-not-appearance-sealed", "The agency seals a number that lies.", forged,
        [
            Forgery(f"{lie.label}-{mechanism}", people.then(lie.attack,
                    people.seal(workshop, mechanism)), lie.guilty)
            for mechanism in ("ec",)
            for lie in lies()
            if not lie.label.startswith("value-")
        ],
        ("certified-ec",),
    )  # fmt: skip
    yield AttackClass(
        "field-abused", "A number field is moved, hidden, drawn twice or with another font.",
        forged | CHANGED,
        forgeries(
            forgers.widen_the_number, forgers.hide_the_number, forgers.add_a_second_picture,
            forgers.draw_with_a_foreign_font, forgers.replace_the_font, forgers.empty_the_value,
        ),
        (*CERTIFIED, *ISSUED), policy=Policy.ANY,
    )  # fmt: skip
    yield AttackClass(
        "number-after-seal", "Number or date is filled anew, honestly drawn, after the seal.",
        CHANGED, fills(), ISSUED,
    )  # fmt: skip
    yield AttackClass(
        "form-entries", "The form is made to calculate, to be drawn by the reader, or to be XFA.",
        CHANGED | {Reason.CANNOT_BE_EVALUATED, Reason.NUMBER_FIELD_FORGED},
        [
            Forgery("need-appearances", roots.set_form(
                "/NeedAppearances", generic.BooleanObject(True))),
            Forgery("xfa", roots.set_form("/XFA", generic.pdf_string("<xdp/>"))),
            Forgery("calculates", roots.set_form("/CO", generic.ArrayObject())),
            Forgery("aligned", roots.set_form("/Q", _number(2))),
            *(Forgery(f"dropped-{title}", roots.drop_field(title))
              for title in (LEADER_FIELD, SEAL_FIELD, NUMBER_FIELD, DATE_FIELD)),
            *(Forgery(f"acts-{title}", notes.set_widget(title, "/AA", dictionary(
                {"/K": roots.script()}))) for title in (NUMBER_FIELD, DATE_FIELD)),
        ],
        ISSUED,
    )  # fmt: skip


def of_catalogues() -> Iterator[AttackClass]:
    """Return attacks on what the document does."""
    empty = dictionary
    yield AttackClass(
        "active-content", "The document acts when it is opened.", CHANGED,
        [
            Forgery("open-action", roots.set_root("/OpenAction", roots.script()),
                    {"what": "Catalog"}),
            Forgery("actions", roots.set_root("/AA", empty({"/WC": roots.script()}))),
            Forgery("names", roots.set_root("/Names", empty({"/JavaScript": empty({})}))),
            Forgery("address", roots.set_root("/URI", empty({}))),
        ],
        SIGNED,
    )  # fmt: skip
    yield AttackClass(
        "catalogue-entries", "The catalogue hides layers, shows attachments, or loses its rules.",
        CHANGED,
        [
            Forgery("layers", roots.set_root("/OCProperties", empty({}))),
            Forgery("collection", roots.set_root("/Collection", empty({}))),
            Forgery("outlines", roots.set_root("/Outlines", empty({}))),
            Forgery("labels", roots.set_root("/PageLabels", empty({}))),
            Forgery("view", roots.set_root("/PageMode", pdf_name("/FullScreen"))),
            Forgery("threads", roots.set_root("/Threads", generic.ArrayObject())),
        ],
        SIGNED,
    )  # fmt: skip
    yield AttackClass(
        "permissions-dropped", "The certification is taken out of the catalogue.", CHANGED,
        [Forgery("perms", roots.drop_root("/Perms"), {"what": "Catalog"})], (*ISSUED, *CERTIFIED),
        policy=Policy.ANY,
    )  # fmt: skip
    yield AttackClass(
        "form-dropped", "The form is taken out of the catalogue, the signatures stay to be seen.",
        BROKEN, [Forgery("form", roots.drop_root("/AcroForm"))], SIGNED,
    )  # fmt: skip
    yield AttackClass(
        "signature-dropped", "A signature is taken out, its picture stays.",
        CHANGED | {Reason.AGENCY_MISSING},
        [Forgery(title, roots.drop_signature(title)) for title in (LEADER_FIELD, SEAL_FIELD)],
        ISSUED,
    )  # fmt: skip
