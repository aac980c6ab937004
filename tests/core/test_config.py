"""What an operator sets is taken alone; what is next to it keeps its default."""

import pytest
from pydantic import ValidationError

from core.config import Rates, Settings
from core.pace import Pace


def test_one_number_of_a_rate_is_set_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KHONGGIAY_RATES__DEVICE__BURST", "500")

    rates = Settings().rates

    assert rates.device == Pace(500, Rates().device.per_second)
    assert rates.official == Rates().official


def test_proxies_are_addresses_or_networks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KHONGGIAY_HTTP__PROXIES", '["10.0.0.5", "fd00::/8"]')
    assert [str(one) for one in Settings().http.proxies] == ["10.0.0.5/32", "fd00::/8"]

    monkeypatch.setenv("KHONGGIAY_HTTP__PROXIES", '["the one in front"]')
    with pytest.raises(ValidationError):
        Settings()
