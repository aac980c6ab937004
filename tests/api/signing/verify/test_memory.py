"""Reports on files of ours are remembered for a while, and not without end."""

from api.signing.verify.memory import KEPT, MOST, Reports
from tests.support.clock import Clock


def test_reports_are_remembered_for_a_while_and_not_without_end(clock: Clock) -> None:
    reports = Reports()
    for number in range(MOST + 1):
        reports.keep(str(number), clock(), {"verdict": number})

    assert reports.recall("0", clock()) is None
    assert reports.recall(str(MOST), clock()) == {"verdict": MOST}
    clock.tick(KEPT)
    assert reports.recall(str(MOST), clock()) is None
