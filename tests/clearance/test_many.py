"""Many rows by one statement: the same rows, versions and history as one by one."""

import pytest
from django.db.models import Value

from gpmb.clearance.models import BulkRow, BulkRun, Case, ProjectVersion, Taking
from gpmb.many import among, array, insert_from, update_many
from tests.factories import CaseFactory, TakingFactory, UserFactory

pytestmark = pytest.mark.django_db


def versions():
    return dict(Case.objects.values_list("code", "version"))


def history():
    return list(
        Case.pgh_event_model.objects.order_by("pgh_id").values_list("code", "note", "version")
    )


def test_a_row_that_comes_out_another_counts_one_version_and_the_others_none():
    changed, same = CaseFactory(code="HS-1"), CaseFactory(code="HS-2", note="như cũ")
    before = versions()
    told = len(history())
    changed.note = "mới"
    answered = update_many([changed, same], ["note"])
    assert versions() == before | {"HS-1": before["HS-1"] + 1}
    assert answered == {changed.pk: before["HS-1"] + 1, same.pk: before["HS-2"]}
    assert history()[told:] == [("HS-1", "mới", before["HS-1"] + 1)]


def test_a_save_with_an_old_version_still_counts_up():
    case = CaseFactory()
    stale = Case.objects.get(pk=case.pk)
    for note in ("một", "hai"):
        Case.objects.filter(pk=case.pk).update(note=note)
    now = Case.objects.get(pk=case.pk).version
    stale.note = "ba"
    stale.save()
    assert Case.objects.get(pk=case.pk).version == now + 1


def test_one_statement_over_several_projects_raises_the_data_version_of_each_once():
    first, second, other = CaseFactory(), CaseFactory(), CaseFactory()

    def numbers():
        return dict(ProjectVersion.objects.values_list("project", "number"))

    before = numbers()
    Case.objects.filter(pk__in=[first.pk, second.pk]).update(note="mới")
    touched = {first.project_id, second.project_id}
    assert len(touched) == 2
    after = numbers()
    assert {p for p in after if after[p] != before[p]} == touched
    assert {after[p] - before[p] for p in touched} == {1}
    assert other.project_id not in touched


def test_keys_that_are_among_many_are_found_by_key_and_by_relation():
    cases = [CaseFactory(at="notice") for _ in range(3)]
    wanted = among([case.pk for case in cases[:2]])
    assert set(Case.objects.filter(pk=wanted)) == set(cases[:2])
    assert Case.objects.filter(events__case=wanted).distinct().count() == 2
    assert not Case.objects.filter(pk=among([])).exists()
    assert array([1, None, 3]) == "{1,NULL,3}"


def test_rows_are_inserted_from_a_question_and_a_question_without_answer_inserts_none():

    case = CaseFactory()
    run = BulkRun.objects.create(by=UserFactory(), selected_by="mọi hồ sơ")
    rows = Case.objects.annotate(of=Value(run.pk)).values_list("of", "pk", "version")
    fields = ["run", "case", "version_before"]
    assert insert_from(BulkRow, fields, rows.none()) == 0
    assert insert_from(BulkRow, fields, rows) == 1
    row = run.rows.get()
    assert (row.case, row.version_before, row.verdict) == (case, case.version, "chosen")


def test_shapes_and_what_is_missing_are_written_as_they_are():
    first, second = TakingFactory(), TakingFactory()
    before = Taking.objects.get(pk=first.pk).version
    shape, first.boundary, second.boundary = first.boundary, second.boundary, None
    versions = update_many([first, second], ["boundary"])
    moved = Taking.objects.get(pk=first.pk)
    assert not moved.boundary.equals(shape)
    assert moved.boundary.srid == shape.srid
    assert moved.boundary.hexewkb == first.boundary.hexewkb
    assert Taking.objects.get(pk=second.pk).boundary is None
    assert versions[first.pk] == moved.version == before + 1
