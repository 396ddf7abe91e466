"""Legal procedures of projects: counted apart, with a roadmap, kept by their officers."""

import datetime as dt

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse

from gpmb.clearance.models import ReadinessItem
from tests.factories import TODAY, OrganisationFactory, ProjectFactory, UserFactory

pytestmark = pytest.mark.django_db
DAY = dt.timedelta(days=1)


@pytest.fixture
def officer(today):
    return UserFactory()


@pytest.fixture
def project(officer):
    return ProjectFactory(name="Đường Bắc Luân", officers=[officer])


def item(project, code="land_price", **facts):
    return ReadinessItem.objects.create(
        project=project, code=code, name=f"Thủ tục {code}", **facts
    )


def typed(row, **changed):
    """What the page posts for one line."""
    data = {
        "required": "on",
        "done_on": "",
        "number": "",
        "owner": "",
        "due_on": "",
        "note": row.note,
        "seen": row.version,
    } | changed
    return {f"i{row.pk}-{name}": value for name, value in data.items()}


def test_the_page_counts_each_project_once_and_shows_what_is_missing(client, officer, project):
    item(project, owner=OrganisationFactory(name="Phòng TN&MT"), due_on=TODAY - DAY)
    item(ProjectFactory(), done_on=TODAY)
    item(ProjectFactory(name="Chưa lộ trình"))
    ProjectFactory(name="Chưa rà soát")
    client.force_login(UserFactory(leader=True))
    answer = client.get(reverse("readiness"))
    counts = {group["code"]: len(group["rows"]) for group in answer.context["groups"]}
    assert counts == {"no_roadmap": 1, "roadmap": 1, "not_reviewed": 1, "complete": 1}
    page = answer.content.decode()
    assert "Phòng TN&amp;MT" in page
    assert f"{TODAY - DAY:%d/%m/%Y}, quá hạn" in page


def test_a_restricted_project_is_left_out_and_said(client, today):
    item(ProjectFactory(restricted=True, name="Công trình quốc phòng"))
    client.force_login(UserFactory(leader=True))
    page = client.get(reverse("readiness")).content.decode()
    assert "Công trình quốc phòng" not in page
    assert "chưa gồm 1 dự án hạn chế" in page


def test_an_officer_completes_a_procedure_by_a_document(client, officer, project):
    row = item(project)
    client.force_login(officer)
    address = reverse("project_readiness", args=[project.ref])
    answer = client.post(address, typed(row, done_on="20/06/2023", number="12/QĐ-UBND"))
    assert answer.status_code == 302
    row.refresh_from_db()
    assert (row.done_on, row.document.number) == (dt.date(2023, 6, 20), "12/QĐ-UBND")


@pytest.mark.parametrize(
    ("changed", "why"),
    [
        ({"done_on": "20/06/2023"}, "phải có số"),
        ({"number": "12/QĐ-UBND"}, "phải có ngày hoàn thành"),
        ({"required": ""}, "phải ghi lý do"),
        ({"done_on": "01/07/2023", "number": "1"}, "sau ngày số liệu"),
    ],
)
def test_a_wrong_line_says_why_and_saves_nothing(client, officer, project, changed, why):
    row, other = item(project), item(project, "funding")
    client.force_login(officer)
    address = reverse("project_readiness", args=[project.ref])
    data = typed(row, **changed) | typed(other, due_on="01/09/2023")
    answer = client.post(address, data)
    assert why in answer.content.decode()
    assert not ReadinessItem.objects.filter(due_on__isnull=False).exists()


def test_a_line_that_somebody_changed_meanwhile_is_not_overwritten(client, officer, project):
    row = item(project)
    seen = typed(row, note="hỏi Sở Tài chính")
    row.due_on = TODAY
    row.save()
    client.force_login(officer)
    page = client.post(reverse("project_readiness", args=[project.ref]), seen).content.decode()
    assert "Người khác vừa sửa dòng này" in page
    assert "hỏi Sở Tài chính" in page
    row.refresh_from_db()
    assert (row.due_on, row.note) == (TODAY, "")


def test_a_procedure_left_out_needs_a_reason_in_the_database_too(project):
    with pytest.raises(IntegrityError, match="readiness_left_out"), transaction.atomic():
        item(project, required=False)


@pytest.mark.parametrize(
    ("role", "may"),
    [
        ("officer", False),
        ("finance", False),
        ("petitions", False),
        ("leader", False),
        ("viewer", False),
        ("administrator", True),
    ],
)
def test_everyone_reads_and_few_keep(client, project, role, may):
    """`officer` here is one of another project; the project's own is tested above."""
    row = item(project)
    client.force_login(UserFactory(role=role))
    address = reverse("project_readiness", args=[project.ref])
    page = client.get(address)
    assert page.status_code == 200
    assert ("Lưu thủ tục" in page.content.decode()) is may
    answer = client.post(address, typed(row, due_on="01/09/2023"))
    assert answer.status_code == (302 if may else 404)


def test_the_page_asks_the_same_for_three_and_thirty(client, today, django_assert_max_num_queries):
    client.force_login(UserFactory(leader=True))
    for _ in range(3):
        item(ProjectFactory())
    client.get(reverse("readiness"))
    with django_assert_max_num_queries(12):
        client.get(reverse("readiness"))
    for _ in range(27):
        item(ProjectFactory())
    with django_assert_max_num_queries(12):
        client.get(reverse("readiness"))
