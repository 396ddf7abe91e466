"""`manage.py prepare` says why a database can't be brought to this version."""

import pytest
from django.core.management import CommandError, call_command
from django.db.migrations.recorder import MigrationRecorder

pytestmark = pytest.mark.django_db


def test_a_database_of_another_version_is_refused_and_left_alone():
    steps = MigrationRecorder.Migration.objects
    steps.create(app="clearance", name="0099_of_a_later_version")
    before = set(steps.values_list("app", "name"))
    with pytest.raises(CommandError, match=r"clearance\.0099_of_a_later_version.*GPMB_DB"):
        call_command("prepare")
    assert set(steps.values_list("app", "name")) == before
