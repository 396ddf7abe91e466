"""An administrator edits a rule or a day off: the effect first, then the change."""

import datetime as dt

import pytest
from django.test import Client
from django.urls import reverse

from gpmb.clearance.deadlines import refresh
from gpmb.clearance.models import Case
from gpmb.reference.loading import load
from gpmb.reference.models import Holiday, Rule
from gpmb.web.rule_admin import RuleForm
from tests.factories import CaseFactory, ProjectFactory, UserFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def administrator(today: dt.date, client: Client) -> Client:
    load()
    client.force_login(UserFactory(administrator=True))
    return client


def form_of(rule: Rule, **changed: object) -> dict[str, object]:
    values = {name: getattr(rule, name) for name in RuleForm._meta.fields}
    values |= changed
    return {
        name: "on" if value is True else value
        for name, value in values.items()
        if value is not None and value is not False
    }


def test_a_changed_rule_shows_its_effect_and_is_saved_at_the_second_press(
    administrator: Client,
) -> None:
    case = CaseFactory(at="approval")
    due = Case.objects.get(pk=case.pk).due_on
    rule = Rule.objects.get(code="PAYMENT", regime="R1")
    url = reverse("admin:reference_rule_change", args=[rule.pk])

    first = administrator.post(url, form_of(rule, value="40", source="QĐ thử nghiệm"))
    assert first.status_code == 200
    text = first.content.decode()
    assert "đổi thời hạn của 1 trong 1 hồ sơ" in text
    assert case.code in text
    assert Rule.objects.get(pk=rule.pk).value == 30

    token = first.context["adminform"].form.data["effect_seen"]
    second = administrator.post(
        url, form_of(rule, value="40", source="QĐ thử nghiệm", effect_seen=token), follow=True
    )
    assert "1 hồ sơ thay đổi" in second.content.decode()
    assert Rule.objects.get(pk=rule.pk).value == 40
    moved = Case.objects.get(pk=case.pk).due_on
    assert moved is not None
    assert due is not None
    assert moved > due

    page = administrator.get(url).content.decode()
    assert "40.0000, day, 01/07/2014, 31/07/2024" in page


def test_another_change_between_the_presses_is_shown_again(administrator: Client) -> None:
    rule = Rule.objects.get(code="PAYMENT", regime="R1")
    url = reverse("admin:reference_rule_change", args=[rule.pk])
    first = administrator.post(url, form_of(rule, value="40"))
    token = first.context["adminform"].form.data["effect_seen"]
    second = administrator.post(url, form_of(rule, value="50", effect_seen=token))
    assert "Chưa lưu" in second.content.decode()
    assert Rule.objects.get(pk=rule.pk).value == 30


def test_an_overlapping_version_is_refused(administrator: Client) -> None:
    rule = Rule.objects.get(code="PAYMENT", regime="R1")
    fields = form_of(rule, valid_from="2020-01-01", valid_to="")
    answer = administrator.post(reverse("admin:reference_rule_add"), fields)
    assert "kết thúc phiên bản cũ trước" in answer.content.decode()


def test_a_period_that_ends_before_it_starts_is_refused_without_asking_the_effect(
    administrator: Client,
) -> None:
    rule = Rule.objects.get(code="PAYMENT", regime="R1")
    url = reverse("admin:reference_rule_change", args=[rule.pk])
    text = administrator.post(url, form_of(rule, valid_to="2010-01-01")).content.decode()
    assert "Ngày kết thúc phải từ ngày bắt đầu" in text


def test_a_rule_not_checked_against_its_text_says_so_in_the_list(administrator: Client) -> None:
    text = administrator.get(
        reverse("admin:reference_rule_changelist"), {"q": "POSTING"}
    ).content.decode()
    assert "chưa đối chiếu văn bản" in text
    assert "20 ngày" in text


def test_rules_are_not_deleted(administrator: Client) -> None:
    rule = Rule.objects.first()
    assert rule is not None
    url = reverse("admin:reference_rule_delete", args=[rule.pk])
    assert administrator.post(url, {"post": "yes"}).status_code == 403
    assert Rule.objects.filter(pk=rule.pk).exists()


def test_a_day_off_moves_deadlines_and_its_removal_moves_them_back(
    administrator: Client,
) -> None:
    case = CaseFactory(at="approval")
    refresh(Case.objects.all())
    due = Case.objects.get(pk=case.pk).due_on
    assert due is not None
    url = reverse("admin:reference_holiday_add")
    fields = {"on": due.isoformat(), "name": "Nghỉ bù", "kind": "off", "source": "văn bản thử"}
    first = administrator.post(url, fields)
    assert "đổi thời hạn của 1 trong 1 hồ sơ" in first.content.decode()
    token = first.context["adminform"].form.data["effect_seen"]
    administrator.post(url, {**fields, "effect_seen": token})
    later = Case.objects.get(pk=case.pk).due_on
    assert later is not None
    assert later > due
    day = Holiday.objects.get(on=due)
    administrator.post(reverse("admin:reference_holiday_delete", args=[day.pk]), {"post": "yes"})
    assert Case.objects.get(pk=case.pk).due_on == due


def test_the_days_off_of_a_year_say_whether_they_are_confirmed(administrator: Client) -> None:
    url = reverse("admin:reference_holiday_changelist")
    text = administrator.get(url, {"nam": "2023"}).content.decode()
    assert "2022 (chưa xác nhận)" in text
    assert "8056/VPCP-KGVX" in text
    assert "8662/VPCP-KGVX" not in text
    everything = administrator.get(url, {"nam": "x", "q": "VPCP"}).content.decode()
    assert "8056/VPCP-KGVX" in everything
    assert "8662/VPCP-KGVX" in everything


@pytest.mark.parametrize(
    "name",
    [
        "prioritycategory",
        "mark",
        "landclass",
        "obstaclecause",
        "decidingauthority",
        "remoteunit",
        "readinesstemplate",
    ],
)
def test_every_list_of_the_reference_tables_opens(administrator: Client, name: str) -> None:
    assert administrator.get(reverse(f"admin:reference_{name}_changelist")).status_code == 200
    assert administrator.get(reverse(f"admin:reference_{name}_add")).status_code == 200


def test_for_anyone_else_the_rules_do_not_exist(today: dt.date, client: Client) -> None:
    client.force_login(UserFactory())
    assert client.get(reverse("admin:reference_rule_changelist")).status_code == 404


def test_the_administrator_starts_the_checklists_of_chosen_projects(
    administrator: Client,
) -> None:
    project = ProjectFactory()
    answer = administrator.post(
        reverse("admin:clearance_project_changelist"),
        {"action": "start_checklists", "_selected_action": [project.pk]},
        follow=True,
    )
    assert "Đã thêm 7 thủ tục" in answer.content.decode()
    assert project.readiness_items.count() == 7
