"""Reviews: officers prepare, leaders conclude, everything is followed to the end."""

import datetime as dt
from io import BytesIO

import docx
import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse

from gpmb.accounts.models import Role
from gpmb.analysis.agenda import agenda, completion, waiting
from gpmb.analysis.models import Hotspot
from gpmb.clearance.models import Directive, DirectiveNote, Question, QuestionOption, Review
from gpmb.clearance.models.review import ConclusionRefused
from tests.factories import (
    TODAY,
    CaseFactory,
    DocumentFactory,
    ObstacleFactory,
    OrganisationFactory,
    ProjectFactory,
    UserFactory,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("today")]
DAY = dt.timedelta(days=1)
HELD = TODAY - 2 * DAY
ROLES = Role.values


@pytest.fixture
def officer():
    return UserFactory(role="officer")


@pytest.fixture
def leader():
    return UserFactory(role="leader")


@pytest.fixture
def project(officer):
    return ProjectFactory(name="Dự án của tôi", officers=[officer])


@pytest.fixture
def meeting():
    return Review.objects.create(on=HELD, title="Giao ban tháng 6")


def ask(project, **fields):
    question = Question.objects.create(
        **{
            "title": "Bố trí tạm cư",
            "project": project,
            "asked_on": TODAY - 10 * DAY,
            "asked_by": UserFactory(),
            "owner": OrganisationFactory(),
            "needed_on": TODAY + 5 * DAY,
            "households": 12,
            "area_m2": 34_500,
        }
        | fields
    )
    for order in (1, 2):
        QuestionOption.objects.create(question=question, order=order, text=f"Cách {order}")
    return question


def direct(meeting, project=None, **fields):
    return Directive.objects.create(
        **{
            "review": meeting,
            "project": project,
            "text": "Hoàn thành kiểm đếm",
            "owner": OrganisationFactory(),
            "due_on": TODAY + 10 * DAY,
        }
        | fields
    )


def as_(user) -> Client:
    client = Client()
    client.force_login(user)
    return client


# Who may do what: an action, who may do it. Officers act on projects of their own alone.
READERS = {"leader", "officer", "administrator"}
MAY = {
    "read": READERS,
    "call a review": {"officer"},
    "ask": {"officer"},
    "ask about another's project": set(),
    "conclude": {"leader"},
    "answer": {"leader"},
    "issue": {"leader"},
    "report": {"officer"},
    "report on another's project": set(),
    "report on the city's": {"officer"},
}


def _attempt(action, client, own, other, meeting) -> bool:
    owner = OrganisationFactory()
    asked = {
        "title": "Xin ý kiến",
        "level": "city",
        "owner": owner.pk,
        "needed_on": "15/07/2023",
        "option_1": "Một",
        "option_2": "Hai",
    }
    match action:
        case "read":
            return client.get(reverse("review", args=[meeting.ref])).status_code == 200
        case "call a review":
            data = {"on": "28/07/2023", "kind": "periodic", "title": "Giao ban tháng 7"}
            client.post(reverse("review_add"), data)
            return Review.objects.filter(title="Giao ban tháng 7").exists()
        case "ask" | "ask about another's project":
            mine = own if action == "ask" else other
            client.post(reverse("question_ask"), asked | {"project": mine.pk})
            return Question.objects.filter(title="Xin ý kiến").exists()
        case "conclude":
            data = {"text": "Làm ngay", "owner": owner.pk, "due_on": "15/07/2023"}
            client.post(reverse("review_conclude", args=[meeting.ref]), data)
            return meeting.directives.filter(text="Làm ngay").exists()
        case "answer":
            question = ask(own)
            data = {"decision": "Đồng ý", "on": "30/06/2023"}
            client.post(reverse("question", args=[question.ref]), data)
            question.refresh_from_db()
            return question.decided_on == TODAY
        case "issue":
            data = {"number": "12/TB-VP", "signed_on": "30/06/2023"}
            client.post(reverse("review_issue", args=[meeting.ref]), data)
            meeting.refresh_from_db()
            return meeting.document is not None
    of = {"report": own, "report on another's project": other, "report on the city's": None}
    directive = direct(meeting, of[action])
    data = {"text": "Đã xong", "done_on": "30/06/2023"}
    client.post(reverse("directive_report", args=[directive.ref]), data)
    directive.refresh_from_db()
    return directive.done_on == TODAY


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("action", MAY)
def test_matrix(role, action, meeting):
    user = UserFactory(role=role)
    own, other = ProjectFactory(officers=[user]), ProjectFactory()
    assert _attempt(action, as_(user), own, other, meeting) is (role in MAY[action])


@pytest.mark.parametrize("role", sorted(set(ROLES) - READERS))
def test_the_reviews_do_not_exist_for_others(role, meeting, project):
    client = as_(UserFactory(role=role))
    for address in (
        reverse("reviews"),
        reverse("directives"),
        reverse("questions"),
        reverse("question", args=[ask(project).ref]),
        reverse("review", args=[meeting.ref]),
        reverse("review_notice", args=[meeting.ref]),
        reverse("review_add"),
        reverse("question_ask"),
    ):
        assert client.get(address).status_code == 404, address
    assert "Giao ban" not in client.get(reverse("overview")).content.decode()


def test_what_is_about_a_restricted_project_exists_only_for_those_cleared(meeting, leader):
    secret = ProjectFactory(restricted=True, name="Công trình kín")
    question = ask(secret, title="Chuyện kín")
    direct(meeting, secret, text="Việc kín")
    for cleared in (False, True):
        client = as_(UserFactory(role="leader", cleared=cleared))
        pages = [
            reverse("reviews"),
            reverse("questions"),
            reverse("directives"),
            reverse("review", args=[meeting.ref]),
        ]
        for address in pages:
            text = client.get(address).content.decode()
            assert any(word in text for word in ("kín", "Kín")) is cleared, address
        answer = client.get(reverse("question", args=[question.ref]))
        assert answer.status_code == (200 if cleared else 404)
        paper = client.get(reverse("review_notice", args=[meeting.ref])).content
        words = "\n".join(
            c.text
            for t in docx.Document(BytesIO(paper)).tables
            for row in t.rows
            for c in row.cells
        )
        assert ("Việc kín" in words) is cleared


# Agenda


def test_the_agenda_puts_what_waits_for_a_decision_first(leader):
    calm, stuck, asked = (ProjectFactory(name=name) for name in ("Êm", "Vướng", "Hỏi"))
    CaseFactory(project=calm)
    case = CaseFactory(project=stuck)
    ObstacleFactory(case=case, opened_on=TODAY - 40 * DAY)
    ObstacleFactory(case=case, opened_on=TODAY - 10 * DAY)
    ObstacleFactory(case=case, opened_on=TODAY - 90 * DAY, closed_on=TODAY - 50 * DAY)
    ask(asked)
    lines = agenda(leader, TODAY)
    assert [line.project.name for line in lines] == ["Hỏi", "Vướng"]
    assert lines[0].questions == 1
    assert (lines[1].obstacles, lines[1].oldest_obstacle_on) == (2, TODAY - 40 * DAY)


def test_the_agenda_of_a_past_day_knows_what_was_open_then(meeting, leader, project):
    before = meeting.on - 30 * DAY
    earlier = Review.objects.create(on=before, title="Giao ban tháng 5")
    direct(earlier, project, due_on=before + 5 * DAY, done_on=meeting.on - DAY, result="xong")
    assert agenda(leader, TODAY) == []
    (line,) = agenda(leader, before + 10 * DAY)
    assert (line.unfinished, line.unfinished_late) == (1, 1)


def test_completion_counts_every_conclusion_once(meeting, leader):
    direct(meeting, done_on=TODAY, result="xong")
    direct(meeting, done_on=TODAY, result="xong", due_on=TODAY - DAY)
    late = direct(meeting, due_on=TODAY - DAY)
    direct(meeting)
    found = completion(leader, TODAY)
    assert (found.given, found.done, found.in_time, found.late) == (4, 2, 1, 1)
    assert found.share == 0.5
    assert found.oldest == late
    assert completion(leader, HELD - DAY).share is None


def test_waiting_counts_households_and_land_not_handed_over(leader):
    project = ProjectFactory()
    CaseFactory(project=project, takings=2)
    CaseFactory(project=project, at="handover")
    CaseFactory(project=project, party__kind="organisation")
    found = waiting(leader, project, TODAY)
    assert (found.households, found.area_m2) == (1, 3 * 500)


# Moves


def test_a_question_is_answered_once_by_one_of_its_options(project, leader, meeting):
    question = ask(project)
    option = question.options.last()
    question.decide(on=TODAY, by=leader, option=option, decision="Làm ngay", review=meeting)
    question.refresh_from_db()
    assert question.decision == "Chọn phương án 2. Làm ngay"
    assert [o.chosen for o in question.options.all()] == [False, True]
    with pytest.raises(ConclusionRefused, match="đã có ý kiến"):
        question.decide(on=TODAY, by=leader, decision="Khác")


def test_an_empty_answer_or_an_option_of_another_question_is_refused(project, leader):
    question, other = ask(project), ask(project)
    with pytest.raises(ConclusionRefused, match="chọn một phương án"):
        question.decide(on=TODAY, by=leader, decision="  ")
    with pytest.raises(ConclusionRefused, match="không thuộc"):
        question.decide(on=TODAY, by=leader, option=other.options.first())


def test_a_question_waits_until_it_is_decided(project, leader):
    question = ask(project)
    assert list(Question.objects.waiting(on=TODAY)) == [question]
    assert not Question.objects.waiting(on=question.asked_on - DAY).exists()
    question.decide(on=TODAY, by=leader, decision="Đồng ý")
    assert not Question.objects.waiting(on=TODAY).exists()
    assert Question.objects.waiting(on=TODAY - DAY).exists()


def test_the_database_refuses_an_answer_without_words(project, leader):
    question = ask(project)
    with pytest.raises(IntegrityError), transaction.atomic():
        Question.objects.filter(pk=question.pk).update(decided_on=TODAY, decided_by=leader)


def test_a_conclusion_is_finished_with_a_result_and_once(meeting, officer):
    directive = direct(meeting)
    with pytest.raises(ConclusionRefused, match="kết quả"):
        directive.finish(on=TODAY, by=officer, result=" ")
    with pytest.raises(ConclusionRefused, match="trước ngày họp"):
        directive.finish(on=HELD - DAY, by=officer, result="Đã làm")
    directive.finish(on=TODAY, by=officer, result="Đã làm")
    assert DirectiveNote.objects.get().text == "Đã làm"
    with pytest.raises(ConclusionRefused, match="đã ghi hoàn thành"):
        directive.finish(on=TODAY, by=officer, result="Lần hai")
    with pytest.raises(IntegrityError), transaction.atomic():
        Directive.objects.create(
            review=meeting, owner=directive.owner, due_on=TODAY, done_on=TODAY, text="x"
        )


def test_no_conclusion_is_added_once_the_notice_is_out(meeting, leader, project):
    meeting.issue(document=DocumentFactory(signed_on=TODAY), by=leader, on=TODAY)
    with pytest.raises(ConclusionRefused, match="đã ban hành"):
        meeting.issue(document=DocumentFactory(signed_on=TODAY), by=leader, on=TODAY)
    data = {"text": "Thêm", "owner": OrganisationFactory().pk, "due_on": "15/07/2023"}
    answer = as_(leader).post(reverse("review_conclude", args=[meeting.ref]), data)
    assert "cuộc họp sau" in answer.content.decode()
    assert not meeting.directives.exists()


def test_a_notice_is_not_issued_before_the_meeting(leader):
    coming = Review.objects.create(on=TODAY + 20 * DAY, title="Giao ban tháng 7")
    with pytest.raises(ConclusionRefused, match="chưa diễn ra"):
        coming.issue(document=DocumentFactory(signed_on=TODAY), by=leader, on=TODAY)
    with pytest.raises(ConclusionRefused, match="trước ngày họp"):
        coming.issue(document=DocumentFactory(signed_on=TODAY), by=leader, on=coming.on + DAY)


# Pages


def test_a_question_counts_what_waits_where_the_officer_leaves_it_empty(officer, project):
    CaseFactory(project=project, takings=2)
    data = {
        "title": "Xin ý kiến",
        "project": project.pk,
        "level": "province",
        "owner": OrganisationFactory().pk,
        "needed_on": "15/07/2023",
        "option_1": "Một",
        "option_2": "Hai",
        "proposed": "2",
    }
    as_(officer).post(reverse("question_ask"), data)
    question = Question.objects.get()
    assert (question.households, question.area_m2) == (1, 1000)
    assert [(o.order, o.proposed) for o in question.options.all()] == [(1, False), (2, True)]
    as_(officer).post(reverse("question_ask"), data | {"title": "Hai", "area_ha": "3,25"})
    assert Question.objects.get(title="Hai").area_m2 == 32_500


def test_a_question_needs_two_options_and_loses_nothing_typed(officer, project):
    data = {"title": "Xin ý kiến", "project": project.pk, "option_1": "Một"}
    text = as_(officer).post(reverse("question_ask"), data).content.decode()
    assert "ít nhất hai phương án" in text
    assert "Xin ý kiến" in text
    assert not Question.objects.exists()


def test_a_conclusion_about_a_case_takes_its_project(meeting, leader):
    case = CaseFactory(code="HS-1")
    data = {
        "text": "Gặp hộ",
        "owner": OrganisationFactory().pk,
        "due_on": "15/07/2023",
        "case_code": "HS-1",
    }
    as_(leader).post(reverse("review_conclude", args=[meeting.ref]), data)
    directive = meeting.directives.get()
    assert (directive.case, directive.project) == (case, case.project)
    answer = as_(leader).post(
        reverse("review_conclude", args=[meeting.ref]), data | {"case_code": "KHÔNG"}
    )
    assert "Hồ sơ KHÔNG không có" in answer.content.decode()


def test_what_earlier_reviews_left_stands_on_the_next_one(meeting, officer, project):
    earlier = Review.objects.create(on=HELD - 30 * DAY, title="Giao ban tháng 5")
    direct(earlier, project, text="Việc còn lại", due_on=HELD - 5 * DAY)
    direct(earlier, project, text="Việc đã xong", done_on=HELD - DAY, result="Tốt")
    text = as_(officer).get(reverse("review", args=[meeting.ref])).content.decode()
    left = text[text.index('id="ky-truoc"') :]
    assert "Việc còn lại" in left
    assert "Việc đã xong" not in left


def test_the_notice_is_a_draft_in_the_administrative_layout(meeting, leader, project):
    question = ask(project, title="Bố trí tạm cư cho hộ")
    question.decide(on=HELD, by=leader, option=question.options.first(), review=meeting)
    owner = OrganisationFactory(name="UBND phường thử nghiệm")
    due = dt.date(2023, 7, 15)
    direct(meeting, project, text="Làm xong kiểm đếm", due_on=due, owner=owner)
    answer = as_(leader).get(reverse("review_notice", args=[meeting.ref]))
    paper = docx.Document(BytesIO(answer.content))
    cells = [c.text for t in paper.tables for row in t.rows for c in row.cells]
    text = "\n".join([p.text for p in paper.paragraphs] + cells)
    for words in (
        "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM",
        "Độc lập - Tự do - Hạnh phúc",
        "THÔNG BÁO",
        "Kết luận tại giao ban tháng 6, ngày 28/06/2023",
        "Bố trí tạm cư cho hộ",
        "Chọn phương án 1.",
        "Làm xong kiểm đếm",
        "15/07/2023",
        "Nơi nhận:",
        "UBND phường thử nghiệm",
    ):
        assert words in text
    assert "Số: …………/TB-VP" in text


def test_lists_ask_as_often_for_30_rows_as_for_3(leader, django_assert_max_num_queries):
    client = as_(leader)
    counts = []
    for more in (3, 27):
        for n in range(more):
            on = HELD - (len(counts) * 100 + n + 1) * DAY
            review = Review.objects.create(on=on, title=f"Giao ban {on}")
            project = ProjectFactory()
            direct(review, project)
            ask(project)
        for name in ("reviews", "directives", "questions"):
            with django_assert_max_num_queries(40) as found:
                client.get(reverse(name))
            counts.append(len(found))
    assert counts[:3] == counts[3:]


def test_every_page_leads_to_what_changed_since_the_last_review(meeting, project):
    walked = CaseFactory(project=project, at="inventory")
    link = reverse("since_review")
    for role in ROLES:
        client = as_(UserFactory(role=role))
        assert link in client.get(reverse("projects")).content.decode()
        page = client.get(link)
        assert "Từ giao ban 28/06/2023 đến 30/06/2023" in page.content.decode()
        assert ("directives" in page.context) is (role in READERS)
    assert walked.project.name not in page.content.decode()  # nothing moved in two days


def test_what_moved_since_the_last_review_is_told_by_project(leader, project):
    # PACE: the inventory comes 30 days after the notice of 1/9/2022.
    CaseFactory(project=project, at="handover")
    Review.objects.create(on=dt.date(2023, 4, 28), title="Giao ban tháng 4")
    text = as_(leader).get(reverse("since_review")).content.decode()
    assert "Từ giao ban 28/04/2023" in text
    assert "bàn giao thêm 0,05 ha (1 hồ sơ)" in text
    assert "Dự án của tôi" in text


def test_open_hot_spots_are_followed_at_the_review(leader, meeting):
    facts = {"opened_by": leader, "owner": OrganisationFactory(), "opened_on": HELD - 30 * DAY}
    Hotspot.objects.create(name="Khu 2 Hải Hòa", open_document=DocumentFactory(), **facts)
    Hotspot.objects.create(
        name="Khu 9 đã xong",
        open_document=DocumentFactory(),
        closed_on=HELD - DAY,
        closed_by=leader,
        close_document=DocumentFactory(),
        **facts,
    )
    client = Client()
    client.force_login(leader)
    page = client.get(reverse("review", args=[meeting.ref])).content.decode()
    assert "Khu 2 Hải Hòa" in page
    assert "Khu 9 đã xong" not in page
