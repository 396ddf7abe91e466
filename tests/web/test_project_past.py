"""A project's page as of a past day: its list, its papers, its figures are those of that day."""

import datetime as dt

import pytest
from django.urls import reverse

from gpmb.accounts.models import Assignment
from gpmb.analysis import freeze
from gpmb.clearance.models import ReadinessItem, Responsibility
from tests.factories import (
    FIRST_DAY,
    TODAY,
    CaseFactory,
    DocumentFactory,
    ObstacleFactory,
    OrganisationFactory,
    ProjectFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db
DAY = dt.timedelta(days=1)
PAST = FIRST_DAY + 100 * DAY


@pytest.fixture
def officer(today, client):
    user = UserFactory()
    client.force_login(user)
    return user


@pytest.fixture
def project(officer):
    project = ProjectFactory(officers=[officer])
    for at in (None, "notice", "inventory", "approval", "payment", "handover"):
        CaseFactory(project=project, at=at, takings=2)
    CaseFactory(project=project, withdrawn_on=PAST + 20 * DAY, withdrawn_reason="ngoài ranh")
    return project


def page(client, project, on=PAST, **asked):
    address = reverse("project", args=[project.ref])
    return client.get(address, ({"on": on.isoformat()} if on else {}) | asked)


@pytest.mark.parametrize("on", [PAST, FIRST_DAY + 10 * DAY, FIRST_DAY + 206 * DAY, TODAY])
def test_the_list_holds_as_many_cases_of_each_stage_as_the_figures(client, project, on):
    shown = page(client, project, on)
    figures = shown.context["figures"]
    assert shown.context["page"].paginator.count == figures.cases > 0
    stages = [row["case"].stage for row in shown.context["rows"]]
    assert tuple(stages.count(stage) for stage in range(7)) == figures.stages
    for stage, count in enumerate(figures.stages):
        listed = page(client, project, on, stage=stage)
        assert listed.context["page"].paginator.count == count


def test_a_past_row_tells_the_step_the_day_and_the_ceiling_of_then(client, project):
    rows = {row["case"].code: row for row in page(client, project).context["rows"]}
    paid = project.cases.get(stage=5)
    row = rows[paid.code]
    # PACE: posted on day 80, appraised on day 120.
    assert (row["case"].step, row["case"].stepped_on) == ("posting", FIRST_DAY + 80 * DAY)
    assert row["next_label"] == ""
    spans = paid.due_spans.filter(since__lte=PAST).order_by("-since")
    assert row["case"].due_on == (spans[0].due_on if spans else None)
    paid.refresh_from_db()
    assert paid.stage == 5


def test_a_condition_that_a_past_day_cannot_answer_lists_nothing_and_says_so(client, project):
    then = page(client, project, state="late")
    assert then.context["page"].paginator.count == 0
    assert "Tình trạng: số liệu của ngày đã qua không lọc theo được" in then.content.decode()
    assert page(client, project).context["page"].paginator.count > 0


def test_nothing_is_changed_from_a_past_day(client, project):
    now, then = page(client, project, None), page(client, project)
    assert "bulk-choose" in now.content.decode()
    assert "bulk-choose" not in then.content.decode()
    assert now.context["paste_form"] is not None
    assert then.context["paste_form"] is None
    assert f"như ngày {PAST:%d/%m/%Y}" in then.content.decode()


def test_who_may_open_a_file_is_asked_of_today(client, project):
    former = UserFactory()
    Assignment.objects.create(
        user=former, project=project, valid_from=FIRST_DAY, valid_to=PAST + DAY
    )
    client.force_login(former)
    rows = page(client, project).context["rows"]
    assert rows
    assert not any(row["opens"] or row["names"] for row in rows)


def test_the_checklist_stands_at_the_day(client, project):
    for name, done in (("Quyết định đầu tư", PAST - DAY), ("Kế hoạch thu hồi", PAST + DAY)):
        ReadinessItem.objects.create(
            project=project, code=name[:9], name=name, done_on=done, document=DocumentFactory()
        )
    then = page(client, project)
    assert [row["done"] for row in then.context["checklist"]] == [True, False]
    assert then.context["readiness"] == "Chưa đủ, chưa có lộ trình"
    assert page(client, project, None).context["readiness"] == "Đủ thủ tục"
    assert "theo lộ trình hiện nay" in then.content.decode()


def test_people_and_obstacles_stand_at_the_day(client, project):
    before, after = OrganisationFactory(name="Tổ công tác cũ"), OrganisationFactory(name="Tổ mới")
    facts = {"project": project, "role": "team"}
    Responsibility.objects.create(
        organisation=before, valid_from=FIRST_DAY, valid_to=PAST, **facts
    )
    Responsibility.objects.create(organisation=after, valid_from=PAST + DAY, **facts)
    ObstacleFactory(project=project, case=None, opened_on=PAST + DAY)
    then, now = page(client, project), page(client, project, None)
    assert [str(row.organisation) for row in then.context["people"]] == ["Tổ công tác cũ"]
    assert [str(row.organisation) for row in now.context["people"]] == ["Tổ mới"]
    assert (len(then.context["obstacles"]), len(now.context["obstacles"])) == (0, 1)


def test_a_late_step_shows_what_was_frozen_then_and_what_is_known_now(client, project):
    freeze.take(PAST)
    late = project.cases.get(stage=1)
    late.advance("inventory", on=PAST - DAY, by=None)
    shown = page(client, project)
    told = {d.label: (d.then, d.now) for d in shown.context["frozen"].differences}
    assert told["hồ sơ ở bước Thông báo thu hồi đất"] == ("1", "0")
    assert "khi chốt 1, nay tính lại 0" in shown.content.decode()
    late_row = next(r for r in shown.context["rows"] if r["case"].pk == late.pk)
    assert late_row["case"].step == "inventory"
    assert shown.context["later"] > 0


def test_obstacles_of_a_restricted_parcel_are_not_listed_to_others(client, project):
    taking = project.takings.first()
    taking.parcel.restricted = True
    taking.parcel.save()
    ObstacleFactory(project=project, case=None, parcel=taking.parcel)
    assert page(client, project, None).context["obstacles"] == []


def test_a_list_of_a_past_day_leads_to_the_project_of_that_day(client, project):
    address = reverse("project", args=[project.ref])
    behind = reverse("behind", args=["ho-so"])
    past = client.get(behind, {"on": PAST.isoformat()}).content.decode()
    assert f'href="{address}?on={PAST.isoformat()}"' in past
    assert f'href="{address}"' in client.get(behind).content.decode()


TODAY_ONLY = "Đang xem số liệu hôm nay"


@pytest.mark.parametrize("name", ["matrix", "obstacles", "outreach", "services", "case", "panel"])
def test_a_page_that_knows_today_alone_says_so_to_who_comes_from_a_past_day(client, project, name):
    case = project.cases.filter(withdrawn_on=None).first()
    row = {"matrix": project, "case": case, "panel": case.takings.first()}.get(name)
    address = reverse(name, args=[row.ref] if row else [])
    said = client.get(address, {"on": PAST.isoformat()}).content.decode()
    assert f"{TODAY_ONLY} ({TODAY:%d/%m/%Y}), không phải số liệu đến {PAST:%d/%m/%Y}" in said
    assert TODAY_ONLY not in client.get(address).content.decode()
    assert TODAY_ONLY not in client.get(address, {"on": TODAY.isoformat()}).content.decode()


def test_the_panel_beside_a_map_of_a_past_day_says_that_it_is_of_today(client, project):
    taking = project.cases.filter(withdrawn_on=None).first().takings.first()
    headers = {"HX-Request": "true", "HX-Current-URL": f"http://x/ban-do/?on={PAST}&z=14"}
    said = client.get(reverse("panel", args=[taking.ref]), headers=headers).content.decode()
    assert TODAY_ONLY in said


def test_the_project_of_a_past_day_leads_on_with_its_day(client, project):
    text = page(client, project).content.decode()
    for name in ("matrix", "blocking"):
        assert f'{reverse(name, args=[project.ref])}?on={PAST.isoformat()}"' in text
    case = page(client, project).context["rows"][0]["case"]
    assert f'{reverse("case", args=[case.ref])}?on={PAST.isoformat()}"' in text
