"""The page of reports: for leaders, officers and administrators; what leaves is logged."""

import pytest
from django.test import Client
from django.urls import reverse

from gpmb.accounts.models import Role
from gpmb.reports.models import ExportLog
from tests.factories import CaseFactory, ProjectFactory, UserFactory

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("today")]
READERS = {"leader", "officer", "administrator"}


def as_(role: str, **fields) -> Client:
    client = Client()
    client.force_login(UserFactory(role=role, **fields))
    return client


@pytest.mark.parametrize("role", Role.values)
def test_matrix(role):
    CaseFactory(at="inventory")
    client = as_(role)
    asked = {"scope": "city", "on": "30/06/2023", "form": "xlsx"}
    told = [
        client.get(reverse("reports")).status_code,
        client.post(reverse("report_file"), asked).status_code,
        client.post(reverse("briefing_file"), {"on": "30/06/2023"}).status_code,
    ]
    assert told == ([200] * 3 if role in READERS else [404] * 3)
    kinds = list(ExportLog.objects.order_by("pk").values_list("format", flat=True))
    assert kinds == (["xlsx-bc", "html"] if role in READERS else [])


def test_the_briefing_button_gives_the_file_and_logs_it():
    CaseFactory(at="inventory", takings=2)
    answer = as_("leader").post(reverse("briefing_file"), {"on": "30/06/2023"})
    assert "ban-do-2023-06-30.html" in answer["Content-Disposition"]
    assert "const briefing = " in answer.content.decode()
    log = ExportLog.objects.get()
    assert (log.format, log.rows, log.filters) == ("html", 2, "Mọi nhóm")


def test_even_a_cleared_leader_takes_no_restricted_project_away_on_the_map():
    CaseFactory(at="inventory")
    secret = ProjectFactory(restricted=True, name="Công trình kín")
    CaseFactory(project=secret)
    client = as_("leader", cleared=True)
    text = client.post(reverse("briefing_file"), {"on": "30/06/2023"}).content.decode()
    assert "Công trình kín" not in text
    assert "1 dự án hạn chế" in text


def test_a_restricted_project_is_no_choice_for_those_not_cleared():
    secret = ProjectFactory(restricted=True, name="Công trình kín")
    client = as_("leader")
    assert "Công trình kín" not in client.get(reverse("reports")).content.decode()
    asked = {"scope": f"project:{secret.code}", "on": "30/06/2023", "form": "pdf"}
    answer = client.post(reverse("report_file"), asked)
    assert answer["Content-Type"].startswith("text/html")
    assert not ExportLog.objects.exists()


def test_a_wrong_day_is_said_and_nothing_typed_is_lost():
    asked = {"scope": "city", "on": "31/12/2023", "form": "pdf"}
    text = as_("leader").post(reverse("report_file"), asked).content.decode()
    assert "sau ngày số liệu" in text
    assert "31/12/2023" in text


def test_an_empty_city_has_no_map_to_take_along():
    answer = as_("leader").post(reverse("briefing_file"), {"on": "30/06/2023"}, follow=True)
    assert "Không có thửa công khai nào" in answer.content.decode()
