"""A real OpenID provider: npm's `oidc-provider`, fetched once into the user's cache."""

import json
import re
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx

from tests.support.npm import installed

HERE = Path(__file__).parent
_MOST_STEPS = 20


class RealProvider:
    """One provider's process; it answers nothing before it is told its client."""

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        self._process = process
        self.issuer = str(self._line()["issuer"])

    def serve(self, **client: Any) -> None:
        """Tell it who its one client is from now on; everybody is logged out."""
        if self._process.stdin is None:
            raise RuntimeError
        self._process.stdin.write(json.dumps(client) + "\n")
        self._process.stdin.flush()
        self._line()

    def _line(self) -> dict[str, Any]:
        if self._process.stdout is None:
            raise RuntimeError
        for line in self._process.stdout:
            if line.startswith("{"):  # the provider also has advice to give
                said: dict[str, Any] = json.loads(line)
                return said
        raise AssertionError("the provider ended")


@contextmanager
def real_provider() -> Iterator[RealProvider]:
    """Run a provider on a free port."""
    folder = installed(HERE, "identity-provider")
    script = (HERE / "provider.mjs").read_text("utf-8")
    with subprocess.Popen(
        ["node", "--input-type=module", "--eval", script], cwd=folder, text=True,
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
    ) as process:  # fmt: skip
        try:
            yield RealProvider(process)
        finally:
            process.terminate()


class Browser:
    """A person's browser: it keeps cookies, follows redirects and fills the provider's forms."""

    def __init__(self, issuer: str) -> None:
        self._issuer = issuer
        self._client = httpx.AsyncClient(trust_env=False)

    async def sign_in(self, address: str, name: str) -> dict[str, str]:
        """Go to an address of the provider, log in, and return what comes back to the app."""
        answer = await self._client.get(address)
        for _ in range(_MOST_STEPS):
            if answer.is_redirect:
                target = httpx.URL(answer.url).join(answer.headers["location"])
                if not str(target).startswith(self._issuer):
                    return dict(target.params)
                answer = await self._client.get(target)
            else:
                answer = await self._fill(answer, login=name, password="any")
        raise AssertionError("the provider never came to an end")

    async def sign_out(self) -> None:
        """End the session at the provider."""
        answer = await self._client.get(f"{self._issuer}/session/end")
        answer = await self._fill(answer, logout="yes")
        assert answer.is_redirect, answer.text

    async def close(self) -> None:
        """Forget everything."""
        await self._client.aclose()

    async def _fill(self, page: httpx.Response, **typed: str) -> httpx.Response:
        assert page.is_success, page.text
        form = re.search(r'<form[^>]*action="([^"]+)"', page.text)
        assert form is not None, page.text
        hidden = re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', page.text)
        wanted = set(re.findall(r'name="([^"]+)"', page.text)) | {"logout"}
        data = dict(hidden) | {name: text for name, text in typed.items() if name in wanted}
        return await self._client.post(page.url.join(form[1]), data=data)
