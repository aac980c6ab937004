"""Where untrusted files are parsed: child processes with limits, replaced after a breach."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from core.sandbox.pool import Sandbox, SandboxKilled

__all__ = ["Sandbox", "SandboxKilled"]


def __getattr__(name: str) -> Any:
    # A worker imports this package too, and must stay small: no asyncio, no settings in there.
    if name not in __all__:
        raise AttributeError(name)
    from core.sandbox import pool  # noqa: PLC0415

    return getattr(pool, name)
