"""Debian's `belenios-tool`: every step in a folder of its own that is gone afterwards."""

import hashlib
from collections.abc import AsyncGenerator, Iterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import orjson
from typing_extensions import override

from api.meetings.secrecy.archive import Archive
from api.meetings.secrecy.teller.port import (
    Concluded,
    Founded,
    Tallied,
    Teller,
    TellerFailed,
    TellerRefused,
)
from api.meetings.secrecy.tool import Tool
from core.bounds import VotingTool

_KEY = "generate-trustee-key-threshold"
#: What it complains of when all partial decryptions hold and some are missing.
_NOT_ENOUGH = "not enough partial decryptions"


class BeleniosTeller(Teller):
    """The protocol's own tool, version 2.0."""

    def __init__(self, engine: VotingTool) -> None:
        self._tool = Tool(engine)

    @override
    async def is_there(self) -> bool:
        return self._tool.is_there()

    @override
    async def certify(self, certificate: str) -> None:
        async with _folder(certificates=[certificate]) as folder:
            await self._tool.setup(folder, _KEY, "--certs", "certificates", "--step", "2")

    @override
    async def deal(self, certificates: Sequence[str], polynomials: Sequence[str]) -> list[str]:
        async with _folder(certificates=certificates, polynomials=polynomials) as folder:
            said = ("--certs", "certificates", "--polynomials", "polynomials")
            await self._tool.setup(folder, _KEY, *said, "--step", "4")
            return list(_each(folder, certificates, "vinput"))

    @override
    async def conclude(
        self, certificates: Sequence[str], polynomials: Sequence[str], outputs: Sequence[str]
    ) -> Concluded:
        async with _folder(certificates=certificates, polynomials=polynomials) as folder:
            said = ("--certs", "certificates", "--polynomials", "polynomials")
            parameters = await self._tool.setup(
                folder, _KEY, *said, "--step", "6", said=_lines(outputs)
            )
            return Concluded(parameters.strip(), list(_each(folder, certificates, "dkey")))

    @override
    async def found(self, uuid: str, template: str, parameters: str) -> Founded:
        async with _folder(template=[template]) as folder:
            (folder / "threshold.json").write_text(parameters)
            (folder / "public_keys.jsons").touch()  # no key of a server's own
            await self._tool.run(folder, "setup", "make-trustees")
            await self._tool.setup(
                folder, "make-election", "--uuid", uuid, "--template", "template"
            )
            election, trustees = (folder / f"{one}.json" for one in ("election", "trustees"))
            return Founded(_read(election), _read(trustees))

    @override
    async def verify(self, uuid: str, archive: Archive) -> None:
        await self._over(uuid, archive, "verify")

    @override
    async def tally(self, uuid: str, archive: Archive) -> Tallied:
        told = await self._over(uuid, archive, "compute-encrypted-tally")
        match told.split("\n"):
            case [tally, sized, *_]:
                return Tallied(tally, sized)
            case _:
                raise TellerFailed("answer")

    @override
    async def result(self, uuid: str, archive: Archive) -> str | None:
        try:
            return (await self._over(uuid, archive, "compute-result")).strip()
        except TellerRefused as refusal:
            if _NOT_ENOUGH in str(refusal):
                return None
            raise

    async def _over(self, uuid: str, archive: Archive, step: str) -> str:
        async with _folder() as folder:
            (folder / f"{uuid}.bel").write_bytes(archive.content())
            return await self._tool.run(folder, "election", step)


@asynccontextmanager
async def _folder(**files: Sequence[str]) -> AsyncGenerator[Path]:
    with TemporaryDirectory(prefix="khonggiay-vote-") as name:
        folder = Path(name)
        for file, texts in files.items():
            (folder / file).write_text(_lines(texts))
        yield folder


def _lines(texts: Sequence[str]) -> str:
    return "".join(f"{text}\n" for text in texts)


def _read(path: Path) -> str:
    return path.read_text().strip()


def _each(folder: Path, certificates: Sequence[str], kind: str) -> Iterator[str]:
    """Yield each trustee's file, named by the hash of what their certificate says."""
    for certificate in certificates:
        try:
            message: str = orjson.loads(certificate)["message"]
            yield _read(folder / f"{hashlib.sha256(message.encode()).hexdigest()}.{kind}")
        except (FileNotFoundError, KeyError, TypeError, ValueError, AttributeError) as error:
            raise TellerRefused("certificate") from error
