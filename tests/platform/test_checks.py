"""A deployment that would go wrong silently is refused aloud."""

from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command

from gpmb import checks

GOOD_KEY = "k" * 50


def ids(found: list[Any]) -> list[str]:
    return [message.id for message in found]


@pytest.mark.django_db
def test_the_migrated_database_passes(production: Any) -> None:
    call_command("check", databases=["default"])
    assert checks.check_zone(None, ["default"]) == []
    assert checks.check_postgis(None, ["default"]) == []


@pytest.mark.django_db
def test_every_stored_geometry_is_compared() -> None:
    columns = list(checks._geometry_columns())
    assert ("land_parcel", "boundary") in {column[:2] for column in columns}
    assert ("clearance_taking", "boundary_web") in {column[:2] for column in columns}


@pytest.mark.django_db
def test_data_of_another_zone_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checks, "_geometry_columns", lambda: [("land_parcel", "boundary", 5898)])
    (error,) = checks.check_zone(None, ["default"])
    assert error.id == "gpmb.E001"
    assert "land_parcel.boundary (EPSG:5899, cần EPSG:5898)" in error.msg


@pytest.mark.django_db
def test_an_old_postgis_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checks, "LOWEST_POSTGIS", (99, 0))
    assert ids(checks.check_postgis(None, ["default"])) == ["gpmb.E002"]


@pytest.fixture
def production(settings: Any, tmp_path: Path) -> Any:
    settings.DEBUG = False
    settings.SECRET_KEY = GOOD_KEY
    settings.ALLOWED_HOSTS = ["gpmb.example.vn"]
    settings.MEDIA_ROOT = tmp_path / "media"
    settings.SECURE_SSL_REDIRECT = True
    return settings


def test_a_good_deployment_passes(production: Any) -> None:
    assert checks.check_production(None) == []


def test_a_developer_s_machine_is_not_asked(production: Any) -> None:
    production.DEBUG = True
    production.SECRET_KEY = production.DEFAULT_SECRET_KEY
    assert checks.check_production(None) == []


@pytest.mark.parametrize(
    ("name", "value", "code"),
    [
        ("SECRET_KEY", None, "gpmb.E003"),
        ("SECRET_KEY", "short", "gpmb.E004"),
        ("ALLOWED_HOSTS", [], "gpmb.E005"),
        ("ALLOWED_HOSTS", ["*"], "gpmb.E005"),
        ("MEDIA_ROOT", Path("/dev/null/media"), "gpmb.E006"),
        ("SECURE_SSL_REDIRECT", False, "gpmb.W001"),
    ],
)
def test_a_bad_deployment_is_refused(production: Any, name: str, value: Any, code: str) -> None:
    setattr(production, name, production.DEFAULT_SECRET_KEY if value is None else value)
    assert ids(checks.check_production(None)) == [code]


def test_plain_http_on_this_machine_is_no_danger(production: Any) -> None:
    production.SECURE_SSL_REDIRECT = False
    production.ALLOWED_HOSTS = ["127.0.0.1", "localhost"]
    assert checks.check_production(None) == []
