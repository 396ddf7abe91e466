"""An officer signed in, and the one project that is theirs."""

from typing import Any

import pytest
from django.test import Client

from gpmb.clearance.models import Project
from tests.factories import ProjectFactory, UserFactory


@pytest.fixture
def officer(today: Any) -> Any:
    return UserFactory()


@pytest.fixture
def project(officer: Any) -> Project:
    return ProjectFactory(code="CCN", officers=[officer])


@pytest.fixture
def client(officer: Any) -> Client:
    client = Client()
    client.force_login(officer)
    return client
