"""Many cases at once: exactly what one by one would have done, or nothing, and taken back."""

import datetime as dt

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from gpmb.clearance import bulk
from gpmb.clearance.models import (
    DECIDING_FIELDS,
    STATE_FIELDS,
    Batch,
    BulkRun,
    Case,
    CaseEvent,
    Law,
    Move,
    Obstacle,
    Outreach,
    OutreachHousehold,
    Taking,
)
from gpmb.clearance.moves import standings, void_many
from gpmb.compensation.models import Payment
from gpmb.land.models import Document
from gpmb.law.steps import MoveRefused
from gpmb.reference.loading import load
from tests.factories import (
    TODAY,
    CaseFactory,
    DocumentFactory,
    ObstacleCauseFactory,
    ObstacleFactory,
    PaymentFactory,
    PlanFactory,
    ProjectFactory,
    UserFactory,
    open_at,
)

pytestmark = pytest.mark.django_db

ON = dt.date(2023, 6, 20)
STEPS = ["notice", "inventory", "posting", "appraisal", "approval", "payment", "handover"]


@pytest.fixture
def officer():
    return UserFactory()


@pytest.fixture
def project(officer):
    return ProjectFactory(officers=[officer])


def chosen(officer, cases=None):
    every = Case.objects.all() if cases is None else Case.objects.filter(pk__in=cases)
    return bulk.choose(every, by=officer, on=TODAY, selected_by="mọi hồ sơ")


def step(code="inventory", on=ON, number="12/BB-KĐ"):
    return {"step": code, "on": on.isoformat(), "number": number}


def previewed(officer, kind, values, cases=None):
    run = chosen(officer, [case.pk for case in cases] if cases else None)
    bulk.preview(run, kind, values, on=TODAY)
    return run


def write(run, reason="theo kế hoạch tháng 6"):
    BulkRun.objects.filter(pk=run.pk).update(reason=reason)
    run.refresh_from_db()
    assert run.claim("running", dt.datetime.now(dt.UTC))
    bulk.write(run, on=TODAY)
    return run


def undo(run, by, reason="chọn nhầm văn bản"):
    BulkRun.objects.filter(pk=run.pk).update(undo_reason=reason, undone_by=by)
    run.refresh_from_db()
    assert run.claim("undoing", dt.datetime.now(dt.UTC))
    bulk.undo(run, on=TODAY)
    return run


def verdicts(run):
    return {row.case.code: row.outcome for row in run.rows.select_related("case")}


def everything():
    """All that a move may touch, in comparable form; keys and moments left out."""
    events = CaseEvent.objects.select_related("document").order_by("case", "on", "pk")
    return (
        [
            (e.case_id, e.kind, e.step, e.on, e.by_id, str(e.document), e.reason, e.taking_id)
            for e in events
        ],
        list(Case.objects.order_by("pk").values_list("pk", *STATE_FIELDS)),
        list(
            Taking.objects.order_by("pk").values_list(
                "pk", "handed_over_on", "handed_over_area_m2"
            )
        ),
        list(Payment.objects.order_by("pk").values_list("pk", "amount_vnd", "on")),
    )


def pay(case):
    """Pay the whole approved plan of a case that walked its steps already."""
    plan = PlanFactory(case=case, amount=1000)
    for status, code in (("posted", "posting"), ("appraised", "appraisal")):
        plan.move(status, on=case.events.get(step=code).on, by=None)
    plan.move("approved", on=case.approval_on, by=None, document=DocumentFactory())
    PaymentFactory(plan=plan, on=case.paid_on, approved=True)


@pytest.fixture
def cases(project):
    """Cases at every step, some with several parcels, one partly handed over, one that opened."""
    load()
    made = [CaseFactory(project=project), CaseFactory(project=project, resettlement_need="plot")]
    made += [CaseFactory(project=project, at=at, takings=2) for at in STEPS]
    pay(made[-2])
    partly = CaseFactory(project=project, at="payment", takings=3)
    partly.advance("handover", on=dt.date(2023, 6, 1), by=None, takings=[partly.takings.first()])
    opened = CaseFactory(project=project)
    open_at(opened, "approval", dt.date(2021, 3, 1))
    return [*made, partly, opened]


@pytest.mark.parametrize("code", STEPS)
def test_a_bulk_step_writes_what_advance_would_case_by_case(cases, officer, code):
    reason = "theo kế hoạch tháng 6"
    before = transaction.savepoint()
    paper = Document.objects.create(number="12/BB-KĐ", signed_on=ON, kind="minutes")
    refused = set()
    for case in Case.objects.order_by("pk"):
        try:
            case.advance(code, on=ON, by=officer, document=paper, reason=reason, law=Law.read())
        except MoveRefused:
            refused.add(case.code)
    one_by_one = everything()
    transaction.savepoint_rollback(before)

    run = write(previewed(officer, "step", step(code)), reason)
    assert everything() == one_by_one
    assert {code for code, verdict in verdicts(run).items() if verdict == "refused"} == refused
    assert run.counts()["written"] == len(cases) - len(refused) > 0


def test_cases_with_the_same_history_are_decided_once_and_each_is_written(
    project, officer, monkeypatch
):
    same = [CaseFactory(project=project, at="notice") for _ in range(4)]
    other = CaseFactory(project=project, at="notice", resettlement_need="plot")
    asked = []
    decide = Case.decide
    monkeypatch.setattr(
        Case, "decide", lambda case, *given: asked.append(case.pk) or decide(case, *given)
    )
    run = write(previewed(officer, "step", step()))
    assert len(asked) == 2 * 2  # two histories, at the preview and at the writing
    assert run.counts()["written"] == 5
    for case in [*same, other]:
        case.refresh_from_db()
        assert (case.step, case.stepped_on) == ("inventory", ON)
        event = case.events.get(step="inventory")
        made = run.receipts.get().made[str(case.pk)]
        assert made == {"version": case.version, "events": [event.pk]}


def test_a_decision_reads_no_more_of_the_row_than_what_makes_cases_alike(project, officer):
    load()
    law = Law.read()
    pk = CaseFactory(project=project, at="notice").pk
    standing = standings([pk])[pk]
    case = Case.objects.only(*DECIDING_FIELDS).get(pk=pk)
    with CaptureQueriesContext(connection) as queries:
        case.decide(Move("inventory", ON, officer), standing, law)
    assert not [query["sql"] for query in queries]


def test_the_preview_says_what_each_becomes_and_in_the_laws_words_why_not(project, officer):
    ready = CaseFactory(project=project, code="HS-1", at="notice")
    early = CaseFactory(project=project, code="HS-2")
    before = everything()
    run = previewed(officer, "step", step("inventory"))
    assert everything() == before
    rows = {row.case_id: row for row in run.rows.all()}
    assert rows[ready.pk].verdict == "changes"
    assert rows[ready.pk].was == "Thông báo thu hồi đất"
    assert rows[ready.pk].becomes.startswith("Kiểm đếm 20/06/2023; tiếp theo Niêm yết")
    assert rows[early.pk].verdict == "refused"
    with pytest.raises(MoveRefused) as refused:
        early.advance("inventory", on=ON, by=officer)
    assert rows[early.pk].why == f"{refused.value.reason} {refused.value.first}"
    assert run.described == "Ghi bước “Kiểm đếm” ngày 20/06/2023, văn bản 12/BB-KĐ"
    assert not Document.objects.filter(number="12/BB-KĐ").exists()


def test_only_what_the_officer_may_edit_is_chosen_and_the_rest_is_counted(project, officer):
    mine = CaseFactory(project=project)
    CaseFactory(project=ProjectFactory(officers=[UserFactory()]))
    CaseFactory(project=project, withdrawn_on=TODAY, withdrawn_reason="ngoài ranh giới")
    run = chosen(officer)
    assert [row.case for row in run.rows.all()] == [mine]
    assert (run.total, run.left_out) == (1, 1)
    assert chosen(UserFactory(leader=True)).total == 0


def test_a_choice_above_the_limit_is_refused_whole(project, officer, monkeypatch):
    monkeypatch.setattr(bulk, "MOST", 1)
    CaseFactory(project=project)
    CaseFactory(project=project)
    with pytest.raises(bulk.TooMany):
        chosen(officer)
    assert not BulkRun.objects.exists()


def test_a_case_changed_after_the_preview_is_refused_and_said(project, officer):
    kept = CaseFactory(project=project, code="HS-1", at="notice")
    moved = CaseFactory(project=project, code="HS-2", at="notice")
    run = previewed(officer, "step", step("inventory"))
    moved.advance("inventory", on=ON, by=UserFactory())
    write(run)
    assert verdicts(run) == {"HS-1": "written", "HS-2": "refused"}
    assert "sau khi bạn xem trước" in run.rows.get(case=moved).why
    assert (kept.events.count(), moved.events.count()) == (2, 2)


def test_an_officer_taken_off_the_project_after_the_preview_writes_nothing(project, officer):
    case = CaseFactory(project=project, at="notice")
    run = previewed(officer, "step", step("inventory"))
    project.assignment_set.update(valid_to=TODAY - dt.timedelta(days=1))
    write(run)
    assert run.counts()["refused"] == 1
    assert case.events.count() == 1


def test_a_second_click_does_nothing_twice(project, officer):
    case = CaseFactory(project=project, at="notice")
    run = write(previewed(officer, "step", step("inventory")))
    assert not run.claim("running", dt.datetime.now(dt.UTC))
    assert case.events.count() == 2
    undo(run, officer)
    assert not run.claim("undoing", dt.datetime.now(dt.UTC))
    assert case.events.count() == 3


@pytest.mark.parametrize("code", ["inventory", "handover"])
def test_undoing_a_step_voids_its_events_and_gives_the_state_back(cases, officer, code):
    state = list(Case.objects.order_by("pk").values_list("pk", *STATE_FIELDS))
    land = list(Taking.objects.order_by("pk").values_list("pk", "handed_over_on"))
    run = write(previewed(officer, "step", step(code)))
    written = CaseEvent.objects.filter(reason=run.reason)
    assert written.exists()
    undo(run, officer)
    assert list(Case.objects.order_by("pk").values_list("pk", *STATE_FIELDS)) == state
    assert list(Taking.objects.order_by("pk").values_list("pk", "handed_over_on")) == land
    assert all(hasattr(event, "voided_by") for event in written)
    counts = run.counts()
    assert counts["written"] == 0 < counts["undone"]


def test_voiding_many_events_writes_what_void_would_one_by_one(cases, officer):
    said = {"on": TODAY, "by": officer, "reason": "ghi nhầm", "law": Law.read()}
    own = CaseEvent.objects.filter(taking=None).order_by("case_id", "-on", "-pk")
    last = list(own.distinct("case_id"))
    before = transaction.savepoint()
    for event in last:
        Case.objects.get(pk=event.case_id).void(event, **said)
    one_by_one = everything()
    transaction.savepoint_rollback(before)

    void_many([event.case_id for event in last], last, **said)
    assert everything() == one_by_one
    assert CaseEvent.objects.filter(kind="void").count() == len(STEPS) + 2


def test_an_undo_skips_and_says_what_moved_since(project, officer):
    still = CaseFactory(project=project, code="HS-1", at="notice")
    moved = CaseFactory(project=project, code="HS-2", at="notice")
    run = write(previewed(officer, "step", step("inventory", on=dt.date(2022, 10, 1))))
    moved.refresh_from_db()
    moved.advance("posting", on=dt.date(2022, 11, 20), by=officer)
    undo(run, officer)
    assert verdicts(run) == {"HS-1": "undone", "HS-2": "kept"}
    assert "đã thay đổi sau lần ghi này" in run.rows.get(case=moved).why
    still.refresh_from_db()
    assert (still.step, moved.step) == ("notice", "posting")


def test_an_officer_is_given_cases_of_their_projects_alone(project, officer):
    colleague = UserFactory()
    project.assignment_set.create(user=colleague, valid_from="2022-01-01")
    elsewhere = ProjectFactory(officers=[officer])
    CaseFactory(project=project, code="HS-1", officer=officer)
    CaseFactory(project=project, code="HS-2", officer=colleague)
    CaseFactory(project=elsewhere, code="HS-3")
    run = write(previewed(officer, "officer", {"officer_id": colleague.pk}))
    assert verdicts(run) == {"HS-1": "written", "HS-2": "same", "HS-3": "refused"}
    assert Case.objects.get(code="HS-1").officer == colleague
    undo(run, officer)
    assert Case.objects.get(code="HS-1").officer == officer


def test_cases_go_into_a_batch_of_their_own_project(project, officer):
    batch = Batch.objects.create(project=project, number=2)
    CaseFactory(project=project, code="HS-1")
    CaseFactory(project=ProjectFactory(officers=[officer]), code="HS-2")
    run = write(previewed(officer, "batch", {"batch_id": batch.pk}))
    assert verdicts(run) == {"HS-1": "written", "HS-2": "refused"}
    assert Case.objects.get(code="HS-1").batch == batch
    undo(run, officer)
    assert Case.objects.get(code="HS-1").batch is None


OBSTACLE = {"opened_on": "2023-06-01", "due_on": "2023-07-15", "owner_id": None}


def test_an_obstacle_is_recorded_once_a_case_and_taken_back(project, officer):
    cause = ObstacleCauseFactory()
    free = CaseFactory(project=project, code="HS-1")
    ObstacleFactory(case=CaseFactory(project=project, code="HS-2"), cause=cause)
    run = write(previewed(officer, "obstacle", OBSTACLE | {"cause_id": cause.pk}))
    assert verdicts(run) == {"HS-1": "written", "HS-2": "same"}
    made = free.obstacles.get()
    assert (made.project, made.cause, made.due_on) == (project, cause, dt.date(2023, 7, 15))
    undo(run, officer)
    assert Obstacle.objects.count() == 1
    assert Obstacle.pgh_event_model.objects.filter(pgh_obj_id=made.pk).count() == 2


def test_an_obstacle_edited_since_stays(project, officer):
    cause = ObstacleCauseFactory()
    case = CaseFactory(project=project, code="HS-1")
    run = write(previewed(officer, "obstacle", OBSTACLE | {"cause_id": cause.pk}))
    case.obstacles.update(next_step="đo lại")
    undo(run, officer)
    assert verdicts(run) == {"HS-1": "kept"}
    assert case.obstacles.get().next_step == "đo lại"


def test_obstacles_of_a_cause_are_settled_and_opened_again(project, officer):
    cause = ObstacleCauseFactory()
    stuck = ObstacleFactory(case=CaseFactory(project=project, code="HS-1"), cause=cause)
    ObstacleFactory(
        case=CaseFactory(project=project, code="HS-2"), cause=cause, opened_on=dt.date(2023, 6, 25)
    )
    CaseFactory(project=project, code="HS-3")
    values = {"cause_id": cause.pk, "closed_on": "2023-06-20", "close_note": "đã đo lại"}
    run = write(previewed(officer, "obstacle_closed", values))
    assert verdicts(run) == {"HS-1": "written", "HS-2": "refused", "HS-3": "same"}
    stuck.refresh_from_db()
    assert (stuck.closed_on, stuck.close_note) == (dt.date(2023, 6, 20), "đã đo lại")
    undo(run, officer)
    stuck.refresh_from_db()
    assert (stuck.closed_on, stuck.close_note) == (None, "")


def test_the_history_says_who_why_and_by_which_run(project, officer):
    case = CaseFactory(project=project, at="notice")
    run = write(previewed(officer, "step", step("inventory")))
    last = Case.pgh_event_model.objects.filter(pgh_obj_id=case.pk).latest("pgh_id")
    told = last.pgh_context.metadata
    assert (told["user"], told["reason"], told["bulk_run"]) == (officer.pk, run.reason, run.pk)


def test_what_fails_half_way_writes_nothing_and_can_be_tried_again(project, officer, monkeypatch):
    monkeypatch.setattr(bulk, "PORTION", 1)
    cases = [CaseFactory(project=project, at="notice") for _ in range(2)]
    run = previewed(officer, "step", step("inventory"))
    BulkRun.objects.filter(pk=run.pk).update(reason="theo kế hoạch")
    run.refresh_from_db()
    assert run.claim("running", dt.datetime.now(dt.UTC))
    told = []

    def break_off(done):
        told.append(done)
        if done == 2:
            raise OSError("mất điện")

    bulk.carry_out(run, bulk.write, on=TODAY, tell=break_off)
    assert told == [1, 2]
    assert (run.state, run.busy) == ("previewed", False)
    assert "chưa ghi gì" in run.trouble
    assert [case.events.count() for case in cases] == [1, 1]
    assert set(run.rows.values_list("verdict", flat=True)) == {"changes"}


def test_a_run_that_nobody_carries_out_any_more_is_given_back(project, officer):
    CaseFactory(project=project, at="notice")
    run = previewed(officer, "step", step("inventory"))
    BulkRun.objects.filter(pk=run.pk).update(reason="theo kế hoạch")
    started = dt.datetime.now(dt.UTC)
    assert run.claim("running", started)
    bulk.recover(run)
    assert run.state == "running"
    assert BulkRun.objects.filter(pk=run.pk).update(started_at=started - dt.timedelta(minutes=1))
    run.refresh_from_db()
    bulk.recover(run)
    assert run.state == "previewed"
    assert "dừng giữa chừng" in run.trouble


def test_a_bulk_step_asks_as_often_for_30_cases_as_for_3(project, officer):
    def queries(count):
        cases = [CaseFactory(project=project, at="notice") for _ in range(count)]
        run = previewed(officer, "step", step("inventory"), cases)
        with CaptureQueriesContext(connection) as caught:
            write(run)
        return len(caught)

    queries(1)
    assert queries(3) == queries(30)


def test_a_run_keeps_the_version_before_and_after(project, officer):
    case = CaseFactory(project=project, at="notice")
    before = case.version
    run = write(previewed(officer, "step", step("inventory")))
    after = run.receipts.get().made[str(case.pk)]["version"]
    case.refresh_from_db()
    assert run.rows.get().version_before == before
    assert after == case.version > before


def test_a_big_run_is_written_and_undone_in_portions_and_tells_each(project, officer, monkeypatch):
    monkeypatch.setattr(bulk, "PORTION", 2)
    for at in ("notice", "notice", "notice", "inventory", "inventory"):
        CaseFactory(project=project, at=at)
    run = previewed(officer, "step", step())
    told = []
    assert run.claim("running", dt.datetime.now(dt.UTC), reason="theo kế hoạch")
    bulk.write(run, on=TODAY, tell=told.append)
    assert told == [4, 5]  # the two that the preview refused are done from the beginning
    assert run.counts()["written"] == 3
    told.clear()
    assert run.claim("undoing", dt.datetime.now(dt.UTC), undo_reason="nhầm", undone_by=officer)
    bulk.undo(run, on=TODAY, tell=told.append)
    assert told == [3, 5]
    assert run.counts()["undone"] == 3


def test_a_persuasion_of_many_is_a_talk_with_each_of_them_and_an_undo_takes_it_back(
    officer, project
):
    other = ProjectFactory(officers=[officer])
    cases = [CaseFactory(project=row, at="notice") for row in (project, project, other)]
    run = write(previewed(officer, "step", step("persuasion_inventory", number="5/BB-VĐ")))
    assert set(verdicts(run).values()) == {"written"}
    talks = Outreach.objects.living()
    assert {talk.project for talk in talks} == {project, other}
    assert {talk.kind for talk in talks} == {"persuade_inventory"}
    rows = OutreachHousehold.objects.select_related("event")
    assert {row.case_id for row in rows} == {case.pk for case in cases}
    assert {(row.event.step, row.event.case_id == row.case_id) for row in rows} == {
        ("persuasion_inventory", True)
    }
    # A case that moved on keeps its persuasion, and its place in the talk.
    Case.objects.get(pk=cases[0].pk).amend(note="đã sửa")
    undo(run, officer)
    assert OutreachHousehold.objects.get().case == cases[0]
    assert [talk.project for talk in talks.all()] == [project]


def test_a_big_run_begins_when_its_claim_can_be_seen(
    project, officer, monkeypatch, django_capture_on_commit_callbacks
):
    """The thread asks on a connection of its own: it must not look before the commit."""
    CaseFactory(project=project, at="notice")
    run = previewed(officer, "officer", {"officer_id": officer.pk})
    begun = []
    monkeypatch.setattr(bulk, "IN_THE_REQUEST", 0)
    monkeypatch.setattr(bulk.threading.Thread, "start", lambda thread: begun.append(thread.name))
    with django_capture_on_commit_callbacks(execute=True):
        bulk.begin(run, bulk.write, on=TODAY)
        assert not begun
    assert begun == [f"bulk-{run.pk}"]
