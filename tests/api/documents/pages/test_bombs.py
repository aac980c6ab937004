"""A hostile file is refused with a stable code, and the next file is read."""

from collections.abc import AsyncGenerator, Callable
from pathlib import Path

import pytest

from api.documents.pages.drawing import render_page
from api.documents.pages.reading import inspect
from core.bounds import SandboxLimits
from core.errors import AppError
from core.sandbox import Sandbox
from tests.support.pdfs import assemble, encrypted, raw_pdf, size_of, written

LIMITS = SandboxLimits(workers=1, memory_bytes=768 * 1024**2, cpu_seconds=3, wall_seconds=20)


@pytest.fixture
async def sandbox() -> AsyncGenerator[Sandbox]:
    sandbox = Sandbox(LIMITS)
    yield sandbox
    await sandbox.close()


def nested_arrays(path: Path) -> None:
    path.write_bytes(
        assemble(
            b"<< /Type /Catalog /Pages 2 0 R >>",
            b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
            b"<< /Type /Page /Parent 2 0 R /Contents 4 0 R /X "
            + b"[" * 500_000
            + b"]" * 500_000
            + b" >>",
            b"<< /Length 0 >>\nstream\n\nendstream",
        )
    )


def page_tree_in_a_ring(path: Path) -> None:
    path.write_bytes(
        assemble(
            b"<< /Type /Catalog /Pages 2 0 R >>",
            b"<< /Type /Pages /Kids [2 0 R 2 0 R] /Count 2000 >>",
        )
    )


def encrypted_file(path: Path) -> None:
    encrypted(written(path.with_suffix(".open"), ["Một"]), path, user="x")


def garbage(path: Path) -> None:
    path.write_bytes(b"%PDF-1.7\n" + b"\x00\xff" * 1000)


def too_many_operators(path: Path) -> None:
    path.write_bytes(raw_pdf(b"0 0 500 500 re f\n" * 20_000_000))


def long_stream(path: Path) -> None:
    path.write_bytes(raw_pdf(b" " * 800_000_000))


def boundless_text(path: Path) -> None:
    lines = b"".join(b"(%050d) Tj 0 0.03 Td\n" % number for number in range(20_000))
    page = raw_pdf(b"BT /F1 8 Tf 10 10 Td " + lines + b"ET")
    font = b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>"
    resources = b"/Resources << /Font << /F1 %b >> >> /Contents 4 0 R" % font
    path.write_bytes(page.replace(b"/Contents 4 0 R", resources))


@pytest.mark.parametrize(
    ("make", "codes"),
    [
        (too_many_operators, {"sandbox.killed"}),
        (long_stream, {"sandbox.killed"}),
        (boundless_text, {"documents.pdf_too_complex"}),
        (page_tree_in_a_ring, {"documents.not_pdf"}),
        (encrypted_file, {"documents.encrypted_pdf"}),
        (garbage, {"documents.not_pdf"}),
    ],
)
async def test_a_bomb_is_refused_and_the_next_file_is_read(
    sandbox: Sandbox, tmp_path: Path, make: Callable[[Path], None], codes: set[str]
) -> None:
    make(tmp_path / "bomb.pdf")

    with pytest.raises(AppError) as refusal:
        await sandbox.run(inspect, tmp_path / "bomb.pdf")

    assert refusal.value.code in codes
    assert refusal.value.status == 422
    good = written(tmp_path / "good.pdf", ["Một"])
    assert (await sandbox.run(inspect, good))["pages"] == 1


async def test_deep_nesting_is_survived(sandbox: Sandbox, tmp_path: Path) -> None:
    nested_arrays(tmp_path / "deep.pdf")

    assert (await sandbox.run(inspect, tmp_path / "deep.pdf"))["pages"] == 1


async def test_a_page_is_drawn_inside_the_sandbox(sandbox: Sandbox, tmp_path: Path) -> None:
    picture = await sandbox.run(render_page, written(tmp_path / "good.pdf", ["Một"]), 0, 320)

    assert size_of(picture)[0] == 320
