"""Two small cities, built once: mid-2023 as `bin/demo` shows it, and three years on."""

from datetime import date

import pytest

from gpmb.management.demo import city


@pytest.fixture(scope="session")
def town() -> city.City:
    return city.build(scale=0.1)


@pytest.fixture(scope="session")
def town_2026() -> city.City:
    return city.build(scale=0.3, as_of=date(2026, 6, 30))


@pytest.fixture(scope="session")
def same_town_2026() -> city.City:
    return city.build(scale=0.1, as_of=date(2026, 6, 30))


@pytest.fixture(scope="session")
def full_city() -> city.City:
    return city.build()
