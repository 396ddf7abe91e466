"""However an import ends, one run tells of it."""

from contextlib import closing
from pathlib import Path

import pytest
from django.db import OperationalError, connection

from gpmb.clearance.models import Project
from gpmb.importing.attempt import Attempt
from gpmb.importing.models import ImportRun
from tests.factories import ProjectFactory

pytestmark = pytest.mark.django_db

Kind = ImportRun.Kind


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "danh_sach.xlsx"
    path.write_bytes(b"minh hoa")
    return path


def rename_to_the_same_code() -> None:
    """Two projects of one code, which a constraint refuses."""
    with connection.cursor() as cursor:
        cursor.execute("UPDATE clearance_project SET code = 'TRUNG'")


def test_a_constraint_that_refuses_is_a_finding_and_nothing_is_kept(path):
    ProjectFactory(code="DA-1")
    ProjectFactory(code="DA-2")
    attempt = Attempt(Kind.WORKBOOK, path)
    with attempt.writing("Nhập"):
        attempt.report.created = 2
        attempt.report.applied = True
        rename_to_the_same_code()
    report = attempt.end()
    assert [f.code for f in report.findings] == ["conflict"]
    assert (report.applied, report.saved, report.run_id) == (False, 0, None)
    assert set(Project.objects.values_list("code", flat=True)) == {"DA-1", "DA-2"}
    assert [run.applied for run in ImportRun.objects.all()] == [False]


def test_what_is_not_applied_is_taken_back_and_told(path):
    project = ProjectFactory(name="Tên cũ")
    attempt = Attempt(Kind.WORKBOOK, path, project=project, dry_run=True)
    with attempt.writing("Nhập"):
        Project.objects.update(name="Tên mới")
        attempt.report.changed = 1
        attempt.report.applied = attempt.may_write()
    attempt.end()
    project.refresh_from_db()
    assert project.name == "Tên cũ"
    assert ImportRun.objects.get().report["changed"] == 1


@pytest.mark.parametrize(
    ("options", "refused", "written"),
    [
        ({}, 0, True),
        ({"dry_run": True}, 0, False),
        ({}, 1, False),
        ({"accept_partial": True}, 1, True),
        ({"accept_partial": True, "agreed": [0, 0, 0, 1]}, 1, True),
        ({"accept_partial": True, "agreed": [0, 0, 0, 0]}, 1, False),
    ],
)
def test_what_may_be_written(path, options, refused, written):
    attempt = Attempt(Kind.WORKBOOK, path, **options)
    attempt.report.refused = refused
    assert attempt.may_write() is written


def test_an_error_of_the_whole_file_is_not_overruled_by_accepting_a_part(path):
    attempt = Attempt(Kind.WORKBOOK, path, accept_partial=True)
    attempt.report.error("no_rows", "Danh sách không có dòng nào dưới tiêu đề.")
    assert not attempt.may_write()


@pytest.mark.django_db(transaction=True)
def test_a_second_import_into_a_project_waits_and_who_adds_to_it_does_not(path):
    project = ProjectFactory()
    attempt = Attempt(Kind.WORKBOOK, path, project=project, dry_run=True)
    lock = "SELECT 1 FROM clearance_project WHERE id = %s FOR {} NOWAIT"
    with (
        attempt.writing("Nhập"),
        closing(connection.copy()) as other,
        other.cursor() as cursor,
    ):
        cursor.execute(lock.format("KEY SHARE"), [project.pk])  # as a foreign key asks
        assert cursor.fetchone() == (1,)
        with pytest.raises(OperationalError):
            cursor.execute(lock.format("NO KEY UPDATE"), [project.pk])
