"""Fixtures that every part of the tests shares."""

import datetime as dt

import pytest
from django.conf import settings
from django.db import connection
from pytest_django import DjangoDbBlocker

from tests import databases, factories


def pytest_configure() -> None:
    """WhiteNoise warns of a folder that only `collectstatic` fills, and a warning is an error."""
    settings.STATIC_ROOT.mkdir(parents=True, exist_ok=True)


@pytest.fixture
def today(db: None) -> dt.date:
    """The installation stands at the demo's data date, 30/06/2023."""
    factories.deployment()
    return factories.TODAY


@pytest.fixture(scope="session")
def django_db_modify_db_settings(
    django_db_modify_db_settings_parallel_suffix: None, django_db_blocker: DjangoDbBlocker
) -> None:
    """Copy test databases from a migrated one instead of migrating each."""
    with django_db_blocker.unblock():
        connection.settings_dict["TEST"]["TEMPLATE"] = databases.migrated_template()


@pytest.fixture(autouse=True, scope="session")
def files_of_tests(tmp_path_factory: pytest.TempPathFactory) -> None:
    """What tests attach never lands in the folder of a real installation."""
    settings.MEDIA_ROOT = tmp_path_factory.mktemp("media")


@pytest.fixture(autouse=True, scope="session")
def quick_passwords() -> None:
    """Hashing slowly on purpose is for real passwords."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
