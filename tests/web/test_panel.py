"""The panel of a taking and the step recorded from it, without a browser."""

import datetime as dt
import json

import pytest
from django.contrib.gis.geos import MultiPolygon
from django.urls import reverse

from gpmb.clearance.models import Case, CaseEvent
from gpmb.land.models import Document
from tests.factories import (
    CaseFactory,
    DocumentFactory,
    ObstacleCauseFactory,
    ObstacleFactory,
    ParcelFactory,
    ProjectFactory,
    TakingFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def officer(today, client):
    user = UserFactory(display_name="Nguyễn Thị Minh Họa")
    client.force_login(user)
    return user


@pytest.fixture
def case(officer):
    return CaseFactory(project=ProjectFactory(officers=[officer]), takings=2, at="notice")


def panel_of(client, taking):
    return client.get(reverse("panel", args=[taking.ref])).content.decode()


def send(client, case, **fields):
    taking = case.takings.first()
    form = {"step": "inventory", "on": "05/06/2023", "number": "12/BB-KĐ", "note": ""}
    form |= {"version": case.version} | fields
    return client.post(reverse("advance", args=[taking.ref]), form)


def test_the_panel_shows_the_facts_of_the_taking(client, case):
    ObstacleFactory(case=case)
    parcel = ParcelFactory(number="5/85")
    taking = TakingFactory(project=case.project, case=case, parcel=parcel)
    shown = panel_of(client, taking)
    for fact in (
        "Tờ 5 · thửa 85",
        "LUC · 500,0 m²",
        "500,0 m² (toàn bộ)",
        case.project.name,
        "Thông báo thu hồi đất",
        "01/09/2022",
        "Kiểm đếm",
        "Chưa thống nhất diện tích",
        case.code,
        case.parties.get().name,
    ):
        assert fact in shown


def test_the_panel_names_what_holds_up_its_ground_and_its_whole_project(client, case):
    taking = TakingFactory(project=case.project, case=case)
    power = ObstacleCauseFactory(name="Đường điện 110 kV")
    money = ObstacleCauseFactory(code="von", name="Chưa bố trí vốn")
    inside = MultiPolygon(taking.boundary.buffer(-2), srid=taking.boundary.srid)
    ObstacleFactory(case=None, project=case.project, cause=power, area=inside)
    ObstacleFactory(case=None, project=case.project, cause=money)
    shown = panel_of(client, taking)
    assert "Đường điện 110 kV (khu vực)" in shown
    assert "Chưa bố trí vốn (cả dự án)" in shown
    elsewhere = TakingFactory(project=case.project, case=case)
    assert "Đường điện" not in panel_of(client, elsewhere)


def test_a_taking_without_a_case_says_so(client, case):
    shown = panel_of(client, TakingFactory(project=case.project))
    assert "Chưa lập hồ sơ" in shown
    assert "Cập nhật" not in shown


def test_a_recorded_step_answers_with_the_new_panel_and_tells_the_map(client, case, officer):
    answer = send(client, case)
    case.refresh_from_db()
    assert (case.step, case.stage, case.stepped_on) == ("inventory", 2, dt.date(2023, 6, 5))
    event = case.log()[-1]
    assert event.by == officer
    assert event.document.number == "12/BB-KĐ"
    assert event.document.signed_on == dt.date(2023, 6, 5)
    told = json.loads(answer["HX-Trigger"])["taking-changed"]
    assert told["ref"] == case.takings.first().ref
    assert set(told["refs"]) == set(case.takings.values_list("ref", flat=True))
    assert (told["project"], told["stage"]) == (case.project.ref, 2)
    assert "12/BB-KĐ" in answer.content.decode()


def test_one_decision_serves_many_cases(client, case):
    known = DocumentFactory(number="12/BB-KĐ", signed_on=dt.date(2023, 6, 5))
    send(client, case)
    assert case.log()[-1].document == known
    assert Document.objects.filter(number="12/BB-KĐ").count() == 1


@pytest.mark.parametrize(
    ("fields", "reason", "first"),
    [
        (
            {"step": "payment"},
            "Chưa thể ghi bước “Chi trả”",
            "Trước hết phải xong bước “Kiểm đếm”",
        ),
        ({"step": "notice"}, "Bước “Thông báo thu hồi đất” đã được ghi nhận", "hủy bước đã ghi"),
        ({"on": "31/08/2022"}, "trước ngày 01/09/2022", "từ 01/09/2022 trở đi"),
    ],
)
def test_a_refused_move_says_why_and_what_comes_first(client, case, fields, reason, first):
    answer = send(client, case, **fields)
    shown = answer.content.decode()
    assert reason in shown
    assert first in shown
    assert 'value="12/BB-KĐ"' in shown
    assert "HX-Trigger" not in answer
    assert case.events.count() == 1
    assert not Document.objects.filter(number="12/BB-KĐ").exists()


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"on": "01/07/2023"}, "Ngày 01/07/2023 sau ngày số liệu 30/06/2023"),
        ({"on": "6/31/2023"}, "Ngày phải gõ dạng dd/mm/yyyy"),
        ({"on": ""}, "Hãy gõ ngày"),
        ({"number": ""}, "Hãy gõ số, ký hiệu văn bản"),
        ({"step": "nonsense"}, "Hãy chọn bước trong danh sách"),
    ],
)
def test_a_form_that_cannot_be_read_says_what_to_type(client, case, fields, message):
    shown = send(client, case, **fields).content.decode()
    assert message in shown
    assert case.events.count() == 1


def test_a_double_click_is_refused_and_not_recorded_twice(client, case):
    send(client, case)
    answer = send(client, case)
    assert "Hồ sơ vừa được người khác cập nhật" in answer.content.decode()
    assert CaseEvent.objects.filter(case=case, step="inventory").count() == 1


def test_the_second_of_two_officers_sees_the_change_and_can_confirm(client, case, officer):
    seen = case.version
    colleague = UserFactory(display_name="Trần Văn Thí Dụ")
    case.project.assignment_set.create(user=colleague, valid_from="2023-01-01")
    send(client, case)
    client.force_login(colleague)
    answer = send(client, case, step="posting", on="20/06/2023", number="8/NY", version=seen)
    shown = answer.content.decode()
    assert "Nguyễn Thị Minh Họa" in shown
    assert "Thông báo thu hồi đất → <b>Kiểm đếm</b>" in shown
    assert 'value="8/NY"' in shown
    assert 'value="20/06/2023"' in shown
    now = Case.objects.get(pk=case.pk)
    assert now.step == "inventory"
    assert f'name="version" value="{now.version}"' in shown

    send(client, now, step="posting", on="20/06/2023", number="8/NY")
    assert Case.objects.get(pk=case.pk).step == "posting"


def test_handover_of_a_case_hands_over_all_its_takings(client, officer):
    case = CaseFactory(project=ProjectFactory(officers=[officer]), takings=2, at="payment")
    send(client, case, step="handover", on="20/06/2023", number="9/BB-BG")
    assert [taking.stage for taking in case.takings.all()] == [6, 6]
    assert {t.handed_over_on for t in case.takings.all()} == {dt.date(2023, 6, 20)}


def test_a_step_recorded_by_mistake_is_taken_back_and_the_log_keeps_both(client, case, officer):
    address = reverse("case_void", args=[case.ref])
    refused = client.post(address, {"reason": "", "version": case.version})
    assert "Hãy ghi lý do hủy" in refused.content.decode()
    stale = client.post(address, {"reason": "ghi nhầm", "version": case.version - 1})
    assert "vừa được người khác cập nhật" in stale.content.decode()
    assert Case.objects.get(pk=case.pk).step == "notice"

    page = client.post(address, {"reason": "ghi nhầm ngày", "version": case.version}, follow=True)
    case.refresh_from_db()
    assert (case.step, case.stage) == ("planned", 0)
    assert [event.kind for event in case.events.order_by("pk")] == ["move", "void"]
    assert "ghi nhầm ngày" in page.content.decode()


def test_taking_back_a_handover_takes_back_that_of_every_taking(client, officer):
    case = CaseFactory(project=ProjectFactory(officers=[officer]), takings=2, at="handover")
    data = {"reason": "biên bản chưa ký", "version": case.version}
    client.post(reverse("case_void", args=[case.ref]), data)
    case.refresh_from_db()
    assert case.step == "payment"
    assert {taking.handed_over_on for taking in case.takings.all()} == {None}
