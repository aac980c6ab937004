"""What a production server is never built of: the simulated parts that its settings choose."""

from enum import StrEnum

from core.config import Settings


class Simulated(StrEnum):
    """A part that stands in for a real one; each has its sentence under `production.`."""

    OPERATOR = "operator"
    SEAL = "seal"
    REMOTE_KEYS = "remote_keys"
    TRUST_SERVICES = "trust_services"
    PUSH = "push"
    AUTHORITY = "authority"
    MINISTRY = "ministry"


def simulated_in(settings: Settings, *, demo: bool = False) -> list[Simulated]:
    """Return the simulated parts that are chosen, in the order in which somebody replaces them.

    Args:
        settings: as the environment says.
        demo: the demo ministry is asked for.
    """
    signing, trust, push = settings.signing, settings.trust_services, settings.push
    chosen = {
        Simulated.OPERATOR: signing.operator == "simulated",
        Simulated.SEAL: signing.seal.module is None,
        Simulated.REMOTE_KEYS: signing.remote == "simulated",
        Simulated.TRUST_SERVICES: not trust.timestamps or bool(trust.simulated_url),
        Simulated.PUSH: push.fcm.credentials is None and not push.webpush.contact,
        # Its keys may lie on this machine: what it certifies must not be trusted here.
        Simulated.AUTHORITY: settings.simulated_operator.exists(),
        Simulated.MINISTRY: demo or settings.demo_accounts.exists(),
    }
    return [part for part, is_chosen in chosen.items() if is_chosen]
