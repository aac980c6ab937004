"""A plugin for the test runner: property tests draw little, the same each time, and shrink nothing.

Whether a mutant dies is all that is asked; how to break it most simply is not.
"""

from hypothesis import HealthCheck, Phase, settings

settings.register_profile(
    "swift",
    max_examples=30,
    stateful_step_count=25,
    derandomize=True,
    database=None,
    deadline=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)
