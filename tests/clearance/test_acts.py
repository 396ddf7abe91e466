"""Acts that start, stop or waive a clock: stored deadlines follow, nothing is lost."""

import datetime as dt

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.urls import reverse

from gpmb.clearance.deadlines import refresh, timeline_of
from gpmb.clearance.models import Act, Case, StaleCase
from gpmb.land.models import Document
from gpmb.reference.loading import load
from tests.factories import CaseFactory, ProjectFactory, UserFactory

pytestmark = pytest.mark.django_db
NOTICE = dt.date(2025, 2, 10)
PAPER = "12/VB-UBND"


@pytest.fixture
def case(today) -> Case:
    """A case of the 2024 law, consulted, before its appraisal."""
    load()
    case = CaseFactory()
    for step, on in (
        ("notice", NOTICE),
        ("inventory", dt.date(2025, 2, 20)),
        ("posting", dt.date(2025, 3, 3)),
        ("consultation", dt.date(2025, 4, 2)),
    ):
        case.advance(step, on=on, by=None)
    return case


def paper(on: dt.date) -> Document:
    return Document.objects.create(kind="minutes", number=PAPER, signed_on=on)


def test_a_complete_file_starts_the_appraisal_clock(case):
    assert case.due_on is None
    case.note_act("appraisal_file", on=dt.date(2025, 4, 10), by=None)
    assert (case.due_on, case.due_rule) == (dt.date(2025, 5, 12), "APPRAISAL")
    assert Case.objects.get().due_on == case.due_on
    assert refresh(Case.objects.all()) == 0, "the stored answer is the rule's answer"


def test_a_request_for_a_supplement_stops_it_and_the_receipt_starts_it_again(case):
    case.note_act("appraisal_file", on=dt.date(2025, 4, 10), by=None)
    case.note_act("supplement_asked", on=dt.date(2025, 4, 14), by=None, note="thiếu trích đo")
    assert case.due_on is None
    lines = timeline_of(case, dt.date(2025, 6, 1))
    assert any("thiếu trích đo" in item.what for item in lines)
    case.note_act("supplement_done", on=dt.date(2025, 4, 24), by=None)
    # 10/05/2025 and ten days: 20/05/2025
    assert case.due_on == dt.date(2025, 5, 20)
    assert refresh(Case.objects.all()) == 0


def test_an_act_of_a_later_day_is_not_in_the_timeline_of_an_earlier_one(case):
    case.note_act("appraisal_file", on=dt.date(2025, 4, 10), by=None)
    rules = {item.rule_code for item in timeline_of(case, dt.date(2025, 4, 9))}
    assert "APPRAISAL" not in rules


def test_disagreement_asks_for_a_dialogue_until_it_is_said_to_be_over(case):
    case.note_act("disagreed", on=dt.date(2025, 4, 2), by=None)
    assert (case.next_step, case.due_rule) == ("dialogue", "DIALOGUE")
    case.note_act("agreed", on=dt.date(2025, 4, 20), by=None)
    assert case.next_step == "appraisal"


def test_consent_of_everybody_waives_the_notice_wait_and_needs_a_document(case):
    case.advance("appraisal", on=dt.date(2025, 4, 14), by=None)
    case.advance("approval", on=dt.date(2025, 4, 21), by=None)
    case.advance("payment", on=dt.date(2025, 4, 22), by=None)
    assert case.earliest_on == NOTICE + dt.timedelta(days=90)
    with pytest.raises(ValidationError, match="văn bản"):
        case.note_act("all_consent", on=dt.date(2025, 4, 23), by=None)
    day = dt.date(2025, 4, 23)
    case.note_act("all_consent", on=day, by=None, document=paper(day))
    assert case.earliest_on is None


def test_an_act_taken_back_no_longer_counts_and_stays_with_its_reason(case):
    act = case.note_act("appraisal_file", on=dt.date(2025, 4, 10), by=None)
    case.take_back_act(act, on=dt.date(2025, 4, 11), reason="ghi nhầm hồ sơ")
    assert case.due_on is None
    kept = Act.objects.get()
    assert (kept.taken_back_on, kept.taken_back_reason) == (dt.date(2025, 4, 11), "ghi nhầm hồ sơ")
    with pytest.raises(ValidationError, match="đã được rút lại"):
        case.take_back_act(act, on=dt.date(2025, 4, 11), reason="lần nữa")


def test_the_database_refuses_a_silent_suspension(case):
    with pytest.raises(IntegrityError, match="act_suspension_has_reason"), transaction.atomic():
        Act.objects.create(case=case, kind="supplement_asked", on=NOTICE)


def test_an_act_on_a_case_that_moved_meanwhile_writes_nothing(case):
    with pytest.raises(StaleCase):
        case.note_act("appraisal_file", on=NOTICE, by=None, version=case.version - 1)
    assert not Act.objects.exists()


# On the page of the case


@pytest.fixture
def early(today):
    """A case of a project with an officer, before its appraisal under the 2013 law."""
    officer = UserFactory()
    return officer, CaseFactory(project=ProjectFactory(officers=[officer]), at="posting")


def post(client, case, **data):
    return client.post(
        reverse("act_note", args=[case.ref]),
        {"kind": "disagreed", "on": "20/06/2023", "number": "", "note": ""}
        | {"version": case.version}
        | data,
    )


def test_an_officer_notes_and_takes_back_an_act(client, early):
    officer, case = early
    client.force_login(officer)
    answer = post(client, case, number="7/BB")
    assert answer.status_code == 302
    act = case.acts.get()
    assert (act.by, act.document.number) == (officer, "7/BB")
    assert (
        "còn ý kiến không đồng ý" in client.get(reverse("case", args=[case.ref])).content.decode()
    )
    client.post(reverse("act_take_back", args=[act.ref]), {"reason": "ghi nhầm hồ sơ"})
    assert not case.acts.standing().exists()


def test_a_suspension_without_a_reason_comes_back_with_what_was_typed(client, early):
    officer, case = early
    client.force_login(officer)
    page = post(client, case, kind="supplement_asked", number="77/CV").content.decode()
    assert "Tạm dừng tính thời hạn phải ghi lý do" in page
    assert 'value="77/CV"' in page
    assert not case.acts.exists()


def test_a_second_officer_is_told_and_loses_nothing(client, early):
    officer, case = early
    client.force_login(officer)
    page = post(client, case, note="ba hộ", version=case.version - 1).content.decode()
    assert "vừa được người khác cập nhật" in page
    assert "ba hộ" in page
    assert not case.acts.exists()


@pytest.mark.parametrize("role", ["officer", "finance", "petitions", "leader", "viewer"])
def test_nobody_else_notes_or_takes_back(client, early, role):
    _, case = early
    act = case.note_act("disagreed", on=dt.date(2023, 6, 20), by=None)
    client.force_login(UserFactory(role=role))
    assert post(client, case, on="21/06/2023").status_code == 404
    answer = client.post(reverse("act_take_back", args=[act.ref]), {"reason": "ghi nhầm hồ sơ"})
    assert answer.status_code == 404
    assert case.acts.standing().count() == 1
