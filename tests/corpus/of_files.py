"""Classes of attacks on bytes, signatures, histories and signers."""

from collections.abc import Iterator

from api.signing.pdf.layout import LEADER_FIELD, SEAL_FIELD
from api.signing.verify.rules import Policy, Reason
from tests.corpus import on_bytes as raw
from tests.corpus import on_catalogues as roots
from tests.corpus import on_signers as people
from tests.corpus.bases import (
    APPROVED,
    BROKEN,
    CERTIFIED,
    CHANGED,
    DOUBTFUL,
    ISSUED,
    MECHANISMS,
    NEVER_VALID,
    SIGNED,
)
from tests.corpus.specimens import AttackClass, Forgery, forgeries
from tests.corpus.workshop import Workshop


def of_bytes() -> Iterator[AttackClass]:
    """Return attacks on bytes."""
    yield AttackClass(
        "content-bit", "One bit of what was signed is flipped.",
        frozenset({Reason.DIGEST_MISMATCH}),
        [Forgery(str(place), raw.flip_content(place * 7)) for place in range(16)], SIGNED,
    )  # fmt: skip
    yield AttackClass(
        "value-bit", "One bit of the raw signature is flipped.",
        frozenset({Reason.WRONG_SIGNATURE, Reason.CANNOT_BE_EVALUATED, Reason.NOT_CANONICAL}),
        [Forgery(str(place), raw.flip_value(place * 5)) for place in range(12)], ISSUED,
    )  # fmt: skip
    yield AttackClass(
        "padding", "Something is hidden in the zeros behind the signature.",
        frozenset({Reason.NOT_ZERO_PADDING}),
        [Forgery(str(place), raw.pad(place * 11), {"signature": SEAL_FIELD}) for place in range(8)],
        ISSUED,
    )  # fmt: skip
    yield AttackClass(
        "byte-range", "The signed range is written anew: shifted, torn, of another length.",
        BROKEN | {Reason.DIGEST_MISMATCH},
        [Forgery(name, raw.set_range(render)) for name, render in RANGES.items()], SIGNED,
    )  # fmt: skip
    yield AttackClass(
        "garbage", "Something stands behind the end of the file.",
        frozenset({Reason.GARBAGE_AFTER_END}) | BROKEN,
        [Forgery(name, raw.append(tail)) for name, tail in TAILS.items()], SIGNED,
    )  # fmt: skip
    yield AttackClass(
        "cut-off", "The end of the file is missing.", BROKEN | CHANGED,
        [Forgery(str(count), raw.cut(count)) for count in (7, 40, 300, 2000, 20000)], ISSUED,
    )  # fmt: skip


RANGES = {
    "shifted": lambda n: f"[{n[0]} {n[1] - 1} {n[2]} {n[3]}]",
    "later-start": lambda n: f"[1 {n[1] - 1} {n[2]} {n[3]}]",
    "no-gap": lambda n: f"[0 {n[1]} {n[1]} {n[3]}]",
    "shorter": lambda n: f"[0 {n[1]} {n[2]} {n[3] - 1}]",
    "longer": lambda n: f"[0 {n[1]} {n[2]} {n[3] + 1}]",
    "wider-gap": lambda n: f"[0 {n[1] - 9} {n[2]} {n[3]}]",
    "two-numbers": lambda n: f"[0 {n[1]}]",
    "three-numbers": lambda n: f"[0 {n[1]} {n[2]}]",
    "negative": lambda n: f"[0 -1 {n[2]} {n[3]}]",
    "words": lambda _: "[/a /b /c /d]",
    "empty": lambda _: "[]",
    "null": lambda _: "null",
    "whole-file": lambda n: f"[0 {n[2] + n[3]} 0 0]",
    "first-part-only": lambda n: f"[0 {n[1]} {n[2]} 0]",
}
TAILS = {
    "word": b"garbage",
    "zeros": bytes(64),
    "object": b"\n99 0 obj\n<< >>\nendobj\n",
    "ended": b"\n99 0 obj\n<< >>\nendobj\n%%EOF\n",
    "second-end": b"%%EOF",
    "header": b"\n%PDF-1.7\n",
    "page": b"\n3 0 obj\n<< /Type /Page >>\nendobj\nstartxref\n0\n%%EOF\n",
}


def of_forged_signatures() -> Iterator[AttackClass]:
    """Return attacks on the signature itself."""
    yield AttackClass(
        "usf-contents", "Universal signature forgery: the signature's contents are void.",
        BROKEN | {Reason.NOT_CANONICAL, Reason.UNSIGNED},
        [Forgery(name, raw.set_contents(render)) for name, render in CONTENTS.items()], SIGNED,
        verdicts=NEVER_VALID,
    )  # fmt: skip
    yield AttackClass(
        "usf-keys", "Universal signature forgery: a key of the signature is missing.",
        BROKEN | CHANGED | {Reason.DIGEST_MISMATCH, Reason.UNSIGNED, Reason.AGENCY_MISSING},
        [Forgery(key[1:], raw.rename(key.encode(), b"/X")) for key in KEYS], SIGNED,
        verdicts=NEVER_VALID,
    )  # fmt: skip
    yield AttackClass(
        "wrapping", "Signature wrapping: the second signed part is moved, the gap is filled.",
        BROKEN,
        [
            Forgery(f"{gap}-{place}", raw.wrap(gap, inside))
            for gap in (64, 512, 4096)
            for place, inside in enumerate(WRAPPED)
        ],
        SIGNED,
    )  # fmt: skip
    yield AttackClass(
        "double-keys", "A signature says two things about its range or its contents.",
        BROKEN | {Reason.DIGEST_MISMATCH},
        [Forgery(name, raw.double_key(text)) for name, text in DOUBLES.items()], SIGNED,
    )  # fmt: skip


CONTENTS = {
    "empty": lambda _: b"<>",
    "zero": lambda _: b"<00>",
    "null": lambda _: b"null",
    "zeros": lambda old: b"<" + b"0" * (len(old) - 2) + b">",
    "literal": lambda _: b"(abc)",
    "name": lambda _: b"/abc",
    "sequence": lambda _: b"<3000>",
    "other-type": lambda _: b"<300B06092A864886F70D010701>",
    "odd": lambda old: old[:-3] + b">",
    "spaced": lambda old: old[:9] + b" " + old[9:-2] + b">",
    "lower": lambda old: old[:20] + old[20:40].swapcase() + old[40:],
    "boolean": lambda _: b"true",
}
KEYS = ("/ByteRange", "/Contents", "/SubFilter", "/Filter", "/Type")
WRAPPED = (
    b"",
    b"4 0 obj\n<< /Length 4 >>\nstream\nBT ET\nendstream\nendobj\n",
    b"xref\n0 1\n0000000000 65535 f \ntrailer\n<< /Root 1 0 R /Size 9 >>\nstartxref\n9\n%%EOF\n",
)
DOUBLES = {
    "range-null": b" /ByteRange null",
    "range-all": b" /ByteRange [0 9 9 9]",
    "contents-null": b" /Contents null",
    "contents-void": b" /Contents <>",
}


def of_history() -> Iterator[AttackClass]:
    """Return attacks on the revisions of a file."""
    yield AttackClass(
        "incremental-saving", "Another page content is appended, with a table that is not one.",
        CHANGED | BROKEN | {Reason.GARBAGE_AFTER_END, Reason.IRREGULAR_FILE},
        [
            Forgery(f"{name}{end[:2].strip()}", roots.append_body(trailer=text, end=end))
            for name, text in roots.TRAILERS.items() for end in ("%%EOF\n", "")
        ],
        SIGNED, verdicts=NEVER_VALID,
    )  # fmt: skip
    yield AttackClass(
        "rewritten", "A program that knows nothing of signatures saved the file anew.",
        BROKEN | {Reason.DIGEST_MISMATCH}, forgeries(roots.save_anew, roots.save_packed), SIGNED,
    )  # fmt: skip
    yield AttackClass(
        "locked", "The file was encrypted after it was signed.", frozenset({Reason.ENCRYPTED}),
        forgeries(roots.lock), SIGNED, verdicts=DOUBTFUL,
    )  # fmt: skip
    yield AttackClass(
        "rollback", "The file is cut back: to the leader's signature, to the number, to nothing.",
        frozenset({Reason.AGENCY_MISSING, Reason.UNSIGNED, Reason.NUMBER_MISSING}),
        [Forgery(str(back), raw.cut_back_to(-back)) for back in (2, 3, 4)], ISSUED,
        verdicts=NEVER_VALID,
    )  # fmt: skip
    yield AttackClass(
        "one-of-several-missing",
        "A paper of several people is cut back to those who had signed before the others.",
        frozenset({Reason.PERSON_MISSING}),
        [Forgery(str(back), raw.cut_back_to(-back), {"signature": None}) for back in (4, 5)],
        ("joint-3", "joint-5"), verdicts=NEVER_VALID,
    )  # fmt: skip
    yield AttackClass(
        "incomplete", "Not all have signed who must, or there is no number.",
        frozenset({Reason.AGENCY_MISSING, Reason.PERSON_MISSING, Reason.NUMBER_MISSING}),
        [Forgery("as-it-is", lambda _: None)],
        (*CERTIFIED, "numbered-rsa", "numbered-pss", "numbered-ec", *APPROVED),
        policy=Policy.ISSUED,
    )  # fmt: skip


def of_signers(workshop: Workshop) -> Iterator[AttackClass]:
    """Return attacks by those who sign."""
    cover, corner = (50, 50, 500, 790), (450, 20, 560, 60)
    yield AttackClass(
        "sneaky-signature", "Somebody signs where all fields were there from the beginning.",
        CHANGED,
        [
            Forgery(f"{who}-{n}", people.signs(workshop, who, rect))
            for who in ("good-p256", "evil-p256", "alone-rsa2048")
            for n, rect in enumerate((cover, corner, None))
        ],
        (*ISSUED, *CERTIFIED),
    )  # fmt: skip
    yield AttackClass(
        "untrusted", "The signer is nobody's: of another authority, of a double, or alone.",
        frozenset({Reason.UNTRUSTED_SIGNER}),
        [
            Forgery(f"{who}-{key}", people.signs(workshop, f"{who}-{key}"), {"signature": "KyThem"})
            for who in ("evil", "alone") for key in ("p256", "p384", "rsa2048", "pss")
        ],
        ("blank-1", "blank-2", *APPROVED), verdicts=DOUBTFUL,
    )  # fmt: skip
    yield AttackClass(
        "whole-evil", "A whole document of ours, by a double of our authority.",
        frozenset({Reason.UNTRUSTED_SIGNER}), [Forgery("as-it-is", lambda _: None)],
        ("issued-evil",), verdicts=DOUBTFUL,
    )  # fmt: skip
    yield AttackClass(
        "expired", "The certificates have ended, and nothing proves when was signed.",
        frozenset({Reason.CERTIFICATE_EXPIRED}), [Forgery("as-it-is", lambda _: None)],
        ("issued-expired",), verdicts=DOUBTFUL,
    )  # fmt: skip
    yield AttackClass(
        "signed-too-late", "Signed after the certificate had ended.",
        frozenset({Reason.SIGNED_OUTSIDE_VALIDITY}),
        [Forgery(key, people.signs(workshop, f"old-{key}"), {"signature": "KyThem"})
         for key in ("p256", "rsa2048", "pss")],
        ("blank-1", *APPROVED),
    )  # fmt: skip
    yield AttackClass(
        "weak", "The key is short, or the digest is one that can be forged.",
        frozenset({Reason.WRONG_ALGORITHM}),
        [
            Forgery("rsa1024", people.signs(workshop, "good-rsa1024")),
            Forgery("sha1", people.signs(workshop, "good-rsa2048", digest="sha1")),
            Forgery("md5", people.signs(workshop, "good-rsa2048", digest="md5")),
        ],
        ("blank-1", "blank-2", *APPROVED), verdicts=DOUBTFUL,
    )  # fmt: skip
    yield AttackClass(
        "revoked",
        "The leader's certificate was revoked before the time that is proven, or none is.",
        frozenset({Reason.CERTIFICATE_REVOKED}),
        [Forgery("as-it-is", lambda _: None, {"signature": LEADER_FIELD})],
        ("revoked-before", "revoked-bare"),
    )
    yield AttackClass(
        "foreign-stamp",
        "The time stamp belongs to another signature.",
        frozenset({Reason.WRONG_TIMESTAMP}),
        [Forgery("ec", people.stamp_of_another(workshop, "ec"), {"signature": LEADER_FIELD})],
        ("certified-ec",),
        policy=Policy.ANY,
    )
    yield AttackClass(
        "expired-stamped-by-a-stranger",
        "The certificates have ended, and only an authority that nobody trusts stamped the time.",
        frozenset({Reason.CERTIFICATE_EXPIRED}),
        [Forgery("once", people.stamp_of_a_stranger(workshop, "expired"))],
        ("certified-expired",),
        policy=Policy.ANY,
        verdicts=DOUBTFUL,
    )
    forms = {mechanism: f"form-{mechanism}" for mechanism in MECHANISMS}
    for mechanism, base in forms.items():
        yield AttackClass(
            f"certificate-unnamed-{mechanism}",
            "What was signed names no certificate: another of the same key could be shown.",
            frozenset({Reason.CERTIFICATE_NOT_BOUND}),
            [Forgery("once", people.unbound(workshop, mechanism), {"signature": LEADER_FIELD})],
            (base,), policy=Policy.ANY, verdicts=DOUBTFUL,
        )  # fmt: skip
        yield AttackClass(
            f"certificate-of-another-{mechanism}",
            "What was signed names another certificate than the one that is shown.",
            BROKEN | {Reason.WRONG_SIGNATURE},
            [Forgery("once", people.bound_to_another(workshop, mechanism))],
            (base,), policy=Policy.ANY,
        )  # fmt: skip
    for name, what, make, reason in (
        ("replayed-value", "The raw signature of another paper.", people.other_value,
         Reason.WRONG_SIGNATURE),
        ("other-key", "The raw signature of another key.", people.value_of_another_key,
         Reason.WRONG_SIGNATURE),
        ("swapped", "The whole signature of another paper.", people.swap_container,
         Reason.DIGEST_MISMATCH),
    ):  # fmt: skip
        for mechanism, base in forms.items():
            yield AttackClass(
                f"{name}-{mechanism}", what, frozenset({reason}),
                [Forgery("once", make(workshop, mechanism), {"signature": LEADER_FIELD})], (base,),
            )  # fmt: skip
