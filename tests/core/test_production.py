"""Exactly the simulated parts that are chosen are refused in production, each by its name."""

from pathlib import Path
from typing import Any

import pytest

from api import wiring
from core.config import Settings
from core.console import explained
from core.errors import AddressNeeded, RefusedInProduction
from core.messages import LANGUAGES, catalogue
from core.production import Simulated, simulated_in

URL = "https://operator.example"
#: What a ministry sets when every part is real, by the part that it makes real.
REAL: dict[Simulated, dict[str, Any]] = {
    Simulated.OPERATOR: {"signing": {"operator": "csc", "csc": {"url": URL}}},
    Simulated.SEAL: {"signing": {"seal": {"module": "/usr/lib/hsm.so"}}},
    Simulated.REMOTE_KEYS: {"signing": {"remote": "none"}},
    Simulated.TRUST_SERVICES: {"trust_services": {"timestamps": ["https://tsa.example"]}},
    Simulated.PUSH: {"push": {"webpush": {"contact": "mailto:admin@bo.gov.vn"}}},
}


def production(folder: Path, *left_out: Simulated) -> Settings:
    """Return the settings of a server that has everything but some parts."""
    said: dict[str, Any] = {
        "env": "production",
        "data": folder,
        "http": {"public_url": "https://office.example"},
    }
    for part, settings in REAL.items():
        for name, values in settings.items() if part not in left_out else ():
            said[name] = said.get(name, {}) | values
    return Settings(**said)


def test_a_server_with_real_parts_is_not_refused(tmp_path: Path) -> None:
    assert simulated_in(production(tmp_path)) == []


def test_a_server_that_does_not_know_its_address_is_refused(tmp_path: Path) -> None:
    """It would believe a proof made for another host, under that host's name."""
    settings = production(tmp_path)
    settings.http.public_url = ""

    with pytest.raises(AddressNeeded) as refusal:
        wiring.must_be_allowed(settings)

    assert explained(refusal.value).count("KHONGGIAY_HTTP__PUBLIC_URL") == len(LANGUAGES)


def test_a_server_with_real_parts_is_allowed(tmp_path: Path) -> None:
    wiring.must_be_allowed(production(tmp_path))


@pytest.mark.parametrize("part", REAL)
def test_each_part_that_is_left_simulated_is_refused_by_its_name(
    tmp_path: Path, part: Simulated
) -> None:
    with pytest.raises(RefusedInProduction) as refusal:
        wiring.must_be_allowed(production(tmp_path, part))

    assert refusal.value.facts["parts"] == part
    said = explained(refusal.value)
    for language in LANGUAGES:
        assert catalogue(language)[f"production.{part}"] in said


def test_all_of_them_are_told_at_once_and_nothing_is_built(tmp_path: Path) -> None:
    folder = tmp_path / "data"

    with pytest.raises(RefusedInProduction) as refusal:
        wiring.assemble(production(folder, *REAL))

    assert refusal.value.facts["parts"] == ", ".join(REAL)
    assert not folder.exists()


def test_trust_services_that_are_named_and_simulated_are_simulated(tmp_path: Path) -> None:
    settings = production(tmp_path)
    settings.trust_services.simulated_url = "http://127.0.0.1:9317"

    assert simulated_in(settings) == [Simulated.TRUST_SERVICES]


@pytest.mark.parametrize(
    ("left", "part"),
    [("simulated-operator", Simulated.AUTHORITY), ("demo/accounts.json", Simulated.MINISTRY)],
)
def test_what_a_demo_left_in_the_folder_is_refused(
    tmp_path: Path, left: str, part: Simulated
) -> None:
    (tmp_path / left).mkdir(parents=True)

    assert simulated_in(production(tmp_path)) == [part]


def test_the_demo_ministry_is_refused(tmp_path: Path) -> None:
    with pytest.raises(RefusedInProduction) as refusal:
        wiring.must_be_allowed(production(tmp_path), demo=True)

    assert refusal.value.facts["parts"] == Simulated.MINISTRY


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_part_has_its_next_step(language: str) -> None:
    steps = {code for code in catalogue(language) if code.startswith("production.")}

    assert steps == {f"production.{part}" for part in Simulated}
