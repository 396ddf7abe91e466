"""Two people edit one case: other fields merge, the same field stands side by side."""

import pytest
from django.test import Client
from django.urls import reverse

from gpmb.clearance.models import Batch, Case
from tests.factories import CaseFactory, ObstacleFactory, ProjectFactory, UserFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def mine(today):
    return UserFactory(display_name="Nguyễn Thị Minh Họa")


@pytest.fixture
def other(today):
    return UserFactory(display_name="Trần Văn Thí Dụ")


@pytest.fixture
def case(mine, other):
    project = ProjectFactory(officers=[mine, other])
    Batch.objects.create(project=project, number=1)
    return CaseFactory(project=project, officer=mine, note="Hẹn đo lại", at="notice")


def as_user(user):
    client = Client()
    client.force_login(user)
    return client


def form_of(case, **changed):
    """What the page sends: every field as it was drawn, and what was typed over it."""
    drawn = {
        "officer": case.officer_id or "",
        "batch": case.batch_id or "",
        "resettlement_need": case.resettlement_need,
        "entitled_plots": case.entitled_plots,
        "note": case.note,
        "version": case.version,
    }
    return drawn | changed


def edit(user, case, form):
    return as_user(user).post(reverse("case_edit", args=[case.ref]), form, follow=True)


def test_the_page_draws_the_form_from_the_row(mine, case):
    shown = as_user(mine).get(reverse("case_edit", args=[case.ref])).content.decode()
    assert "Hẹn đo lại" in shown
    assert f'name="version" value="{case.version}"' in shown


def test_changes_of_different_fields_merge_and_the_page_says_so(mine, other, case):
    batch = Batch.objects.get()
    edit(other, case, form_of(case, officer=other.pk, note="Hẹn đo lại"))
    page = edit(mine, case, form_of(case, batch=batch.pk, note="Đã đo xong"))
    now = Case.objects.get(pk=case.pk)
    assert (now.officer, now.batch, now.note) == (other, batch, "Đã đo xong")
    shown = page.content.decode()
    assert "Đã gộp với thay đổi của người khác" in shown
    assert "Trần Văn Thí Dụ đã đổi cán bộ thụ lý" in shown


def test_the_same_field_stands_side_by_side_and_nothing_is_written(mine, other, case):
    edit(other, case, form_of(case, note="Hộ hẹn thứ Sáu", resettlement_need="plot"))
    answer = edit(mine, case, form_of(case, note="Hộ đi vắng\r\nđể lại giấy hẹn"))
    shown = answer.content.decode()
    assert "Hộ hẹn thứ Sáu" in shown
    assert "Trần Văn Thí Dụ" in shown
    assert "Hộ đi vắng" in shown
    now = Case.objects.get(pk=case.pk)
    assert now.note == "Hộ hẹn thứ Sáu"
    (conflict,) = answer.context["form"].conflicts
    assert (conflict.name, conflict.who) == ("note", "Trần Văn Thí Dụ")

    # The choice: mine stays; what they changed elsewhere stays too.
    chosen = {"note": "Hộ đi vắng", "keep-note": "mine", "seen": now.version}
    edit(mine, case, form_of(case, **chosen))
    now.refresh_from_db()
    assert (now.note, now.resettlement_need) == ("Hộ đi vắng", "plot")


def test_choosing_theirs_keeps_theirs_and_saves_the_rest(mine, other, case):
    edit(other, case, form_of(case, note="Hộ hẹn thứ Sáu"))
    now = Case.objects.get(pk=case.pk)
    chosen = {"note": "Khác", "entitled_plots": 2, "keep-note": "theirs", "seen": now.version}
    edit(mine, case, form_of(case, **chosen))
    now.refresh_from_db()
    assert (now.note, now.entitled_plots) == ("Hộ hẹn thứ Sáu", 2)


def test_a_third_change_while_one_chooses_is_asked_about_again(mine, other, case):
    edit(other, case, form_of(case, note="một"))
    seen = Case.objects.get(pk=case.pk)
    edit(other, seen, form_of(seen, note="hai"))
    chosen = {"note": "ba", "keep-note": "mine", "seen": seen.version}
    answer = edit(mine, case, form_of(case, **chosen))
    assert [c.theirs for c in answer.context["form"].conflicts] == ["hai"]
    assert Case.objects.get(pk=case.pk).note == "hai"


def test_the_same_change_twice_is_no_conflict(mine, other, case):
    for user in (other, mine):
        answer = edit(user, case, form_of(case, note="Giống nhau"))
        assert answer.redirect_chain
    assert Case.objects.get(pk=case.pk).note == "Giống nhau"


def test_what_the_law_asks_next_follows_the_resettlement_need(mine, case):
    case = CaseFactory(project=case.project, officer=mine, at="payment")
    before = case.next_step
    edit(mine, case, form_of(case, resettlement_need="plot"))
    now = Case.objects.get(pk=case.pk)
    assert (before, now.next_step) == ("handover", "resettlement")


def test_a_step_is_recorded_beside_a_colleagues_note_without_a_question(mine, other, case):
    taking = case.takings.get()
    edit(other, case, form_of(case, note="Đổi ghi chú"))
    step = {"step": "inventory", "on": "05/06/2023", "number": "1/BB", "version": case.version}
    as_user(mine).post(reverse("advance", args=[taking.ref]), step)
    now = Case.objects.get(pk=case.pk)
    assert (now.step, now.note) == ("inventory", "Đổi ghi chú")


def test_an_obstacle_merges_as_a_case_does_and_two_results_stand_side_by_side(mine, other, case):
    obstacle = ObstacleFactory(case=case, next_step="Hẹn đo")
    drawn = {
        "where": "case",
        "place": case.code,
        "cause": obstacle.cause_id,
        "owner": obstacle.owner_id,
        "opened_on": "15/05/2023",
        "next_step": "Hẹn đo",
        "version": obstacle.version,
    }
    address = reverse("obstacle_edit", args=[obstacle.ref])
    as_user(other).post(address, drawn | {"next_step": "Họp thôn"})
    as_user(mine).post(address, drawn | {"due_on": "15/07/2023"})
    obstacle.refresh_from_db()
    assert (obstacle.next_step, obstacle.due_on.isoformat()) == ("Họp thôn", "2023-07-15")

    close = reverse("obstacle_close", args=[obstacle.ref])
    result = {"closed_on": "20/06/2023", "close_note": "đã đo lại", "version": obstacle.version}
    as_user(other).post(close, result)
    answer = as_user(mine).post(close, result | {"close_note": "hộ đồng ý"})
    assert [c.name for c in answer.context["form"].conflicts] == ["close_note"]
    obstacle.refresh_from_db()
    assert obstacle.close_note == "đã đo lại"


def test_a_result_before_the_beginning_is_refused(mine, case):
    obstacle = ObstacleFactory(case=case)
    result = {"closed_on": "01/05/2023", "close_note": "x", "version": obstacle.version}
    answer = as_user(mine).post(reverse("obstacle_close", args=[obstacle.ref]), result)
    assert "không được trước ngày phát sinh" in answer.content.decode()


@pytest.mark.parametrize("role", ["finance", "petitions", "leader", "viewer", "administrator"])
def test_only_officers_of_the_project_edit(case, role):
    for user in (UserFactory(role=role), UserFactory()):
        client = as_user(user)
        address = reverse("case_edit", args=[case.ref])
        assert client.get(address).status_code == 404
        assert client.post(address, form_of(case, note="x")).status_code == 404
        obstacle = ObstacleFactory(case=case)
        assert client.get(reverse("obstacle_edit", args=[obstacle.ref])).status_code == 404


def test_the_officers_offered_are_those_of_the_project(mine, other, case):
    stranger = UserFactory()
    answer = edit(mine, case, form_of(case, officer=stranger.pk))
    assert answer.context["form"].errors["officer"]
