"""Where untrusted files are parsed: child processes with limits, replaced after a breach."""

from core.sandbox.pool import Sandbox, SandboxKilled

__all__ = ["Sandbox", "SandboxKilled"]
