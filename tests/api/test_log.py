"""The log says where a fault arose, and nothing of what passed through there."""

import pytest
import structlog

from api import server


def fail_with(authorization: str) -> None:
    raise LookupError(len(authorization))


def test_a_fault_is_logged_without_the_values_at_hand(capsys: pytest.CaptureFixture[str]) -> None:
    server._log_to_stderr()

    try:
        fail_with("DPoP " + "s3cr3t" * 3)
    except LookupError as error:
        structlog.get_logger().error("request.failed", exc_info=error)

    told = capsys.readouterr().err
    assert "request.failed" in told
    assert "fail_with" in told
    assert "s3cr3ts3cr3t" not in told
