"""Forecast and back-test of projects: what is measured, what is refused, what is published."""

import datetime as dt
import json
from dataclasses import replace

import numpy as np
import pytest
from django.core.management import CommandError, call_command

from gpmb.analysis import backtest, durations, forecast
from gpmb.analysis.blocking_models import Backtest
from gpmb.clearance.models import PlanEntry, PlanVersion, Project, Target
from gpmb.law.rules import Rule, RuleType, Unit
from tests import factories

TODAY = dt.date(2023, 6, 30)
DAY0 = dt.date(2022, 1, 1).toordinal()


def city(
    count: int = 400,
    projects: int = 8,
    seed: int = 1,
    days: tuple[float, ...] = (20, 40, 30, 25, 20),
) -> durations.Log:
    """A made-up log: cases of 500 m² that start over a year and take lognormal steps."""
    rng = np.random.default_rng(seed)
    notice = DAY0 + rng.integers(0, 420, count)
    spans = np.ceil(rng.lognormal(np.log(days), 0.5, (count, 5)))
    reached = np.full((count, 7), np.inf)
    reached[:, 1:] = notice[:, None] + np.c_[np.zeros(count), np.cumsum(spans, axis=1)]
    never = np.full(count, np.inf)
    return durations.Log(
        case_ids=np.arange(count),
        project=np.arange(count) % projects,
        kind=np.array(["road"] * count),
        withdrawn=never,
        reached=reached,
        own=np.isfinite(reached),
        non_agri=np.zeros(count, dtype=bool),
        case_of=np.arange(count),
        taking_project=np.arange(count) % projects,
        area_m2=np.full(count, 500.0),
        handed_over=reached[:, 6],
        taking_withdrawn=never,
    )


def test_durations_stop_at_the_day_they_are_asked_for():
    log = city(3, 1, days=(10, 10, 10, 10, 10))
    log.reached[:] = np.inf
    log.reached[0, 1:4] = DAY0 + np.array([0, 10, 30])
    known = log.durations(dt.date.fromordinal(DAY0 + 15))
    mine = known.of(known.days >= 0)
    assert list(
        zip(mine.step.tolist(), mine.days.tolist(), mine.finished.tolist(), strict=True)
    ) == [
        (0, 10, True),
        (1, 5, False),
    ]


def test_withdrawn_cases_teach_nothing():
    log = city(30, 1)
    known = replace(log, withdrawn=np.full(30, float(DAY0))).durations(TODAY)
    assert len(known.days) == 0


def test_pending_land_is_grouped_by_case_and_land_without_a_case_starts_today():
    log = city(2, 1)
    log.reached[:] = np.inf
    log.reached[0, 1:4] = TODAY.toordinal() - np.array([50, 30, 10])
    log = replace(
        log,
        case_of=np.array([0, 0, 1, -1]),
        taking_project=np.zeros(4, dtype=np.int64),
        area_m2=np.array([100.0, 200, 300, 400]),
        handed_over=np.array([np.inf, np.inf, TODAY.toordinal() - 1, np.inf]),
        taking_withdrawn=np.full(4, np.inf),
    )
    left = forecast.pending(log, 0, TODAY)
    assert left.done_m2 == 300
    assert left.unstarted == 1
    rows = zip(left.cases.step, left.cases.age, left.cases.area_m2, strict=True)
    found = dict(zip(left.case.tolist(), rows, strict=True))
    assert found == {-1: (0, 0, 400), 0: (2, 10, 300)}


def fake_project(pk: int = 0, kind: str = "road"):
    return Project(pk=pk, kind=kind, code="DA-0")


def test_quantiles_and_shares_are_in_order():
    found = forecast.forecast(fake_project(), on=TODAY, log=city())
    assert found.status == "ok"
    for dates in found.dates.values():
        assert TODAY <= dates["p50"] <= dates["p80"] <= dates["p90"]
    by_share = [found.dates[share]["p80"] for share in forecast.SHARES]
    assert by_share == sorted(by_share)
    assert found.dates[0.8]["p80"] < found.finish["p80"]


def test_same_seed_gives_the_same_dates_and_the_past_does_not_see_the_future():
    log, then = city(), TODAY - dt.timedelta(days=200)
    first = forecast.forecast(fake_project(), on=then, log=log)
    hidden = np.where(log.reached > then.toordinal(), np.inf, log.reached)
    blind = replace(log, reached=hidden, handed_over=hidden[:, 6])
    assert first == forecast.forecast(fake_project(), on=then, log=blind)


def test_too_few_finished_steps_are_refused_by_name():
    log = city(24, 1)
    log.reached[19:, 6] = np.inf
    log = replace(log, handed_over=log.reached[:, 6])
    found = forecast.forecast(fake_project(), on=TODAY, log=log)
    assert (found.status, found.dates) == ("not_enough_data", {})
    assert "Chưa đủ dữ liệu để dự báo" in found.reason
    assert "Chi trả" in found.reason


def test_another_kind_of_project_borrows_the_citys_durations():
    log = city()
    kind = np.where(log.project == 0, "port", "road")
    few = replace(log, kind=np.where(np.cumsum(kind == "port") > 15, "road", kind))
    borrowed = forecast.forecast(fake_project(kind="port"), on=TODAY, log=few)
    assert borrowed.status == "ok"
    assert "mọi loại dự án" in borrowed.reason
    own = forecast.forecast(fake_project(kind="port"), on=TODAY, log=replace(log, kind=kind))
    assert own.reason is None


def test_finished_and_empty_projects_are_said():
    log = city(40, 1)
    done = replace(log, handed_over=np.full(40, DAY0 + 300.0))
    found = forecast.forecast(fake_project(), on=TODAY, log=done)
    assert found.finish["p80"] == dt.date.fromordinal(DAY0 + 300)
    assert "Đã bàn giao toàn bộ" in found.reason
    assert forecast.forecast(fake_project(9), on=TODAY, log=log).reason == forecast.NO_LAND


def test_month_ends_before_a_day():
    ends = [day.isoformat() for day in backtest.month_ends(dt.date(2023, 3, 15), 3)]
    assert ends == ["2022-12-31", "2023-01-31", "2023-02-28"]


def test_actual_days_count_the_area_that_stood_then():
    log = replace(
        city(4, 1),
        handed_over=DAY0 + np.array([10.0, 20, 30, np.inf]),
        taking_withdrawn=np.array([np.inf, np.inf, np.inf, DAY0 + 40.0]),
    )
    then = dt.date.fromordinal(DAY0 + 5)
    assert backtest.actual_days(log, 0, then, 0.5) == 15
    assert backtest.actual_days(log, 0, then, 1.0) == 35
    open_end = replace(log, taking_withdrawn=np.full(4, np.inf))
    assert backtest.actual_days(open_end, 0, then, 1.0) == np.inf


def test_naive_forecast_is_the_full_legal_time():
    def rule(code: str, value: int) -> Rule:
        return Rule(
            code, value, Unit.DAY, RuleType.MAX, "điều thử", dt.date(2014, 7, 1), regime="R1"
        )

    rules = [rule("NOTICE_WAIT_AGRI", 90), rule("NOTICE_WAIT_NONAGRI", 180), rule("PAYMENT", 30)]
    log = city(4, 1)
    log.reached[:] = np.inf
    today = TODAY.toordinal()
    log.reached[0, 1] = today - 60
    log.reached[1, 1] = today - 60
    log.reached[2, 1:5] = today - np.array([200, 90, 60, 20])
    log = replace(
        log, non_agri=np.array([False, True, False, False]), handed_over=np.full(4, np.inf)
    )
    left = forecast.pending(log, 0, TODAY)
    days = backtest.naive_days(log, left, rules, TODAY)
    assert dict(zip(left.case.tolist(), days.tolist(), strict=True)) == {
        0: 60,
        1: 150,
        2: 10,
        3: 120,
    }


def test_coverage_is_judged_on_forecasts_whose_date_has_come():
    score = backtest._Score()
    days = {"p50": 10.0, "p80": 50.0, "p90": 200.0, "naive": 5.0}
    score.add(days, actual=20.0, horizon=100.0)
    score.add(days, actual=np.inf, horizon=100.0)
    found = score.summary()
    assert found["quantiles"]["p50"]["coverage"] == 0
    assert found["quantiles"]["p80"] == {
        "nominal": 0.8,
        "judged": 2,
        "coverage": 0.5,
        "pinball_days": pytest.approx((0.2 * 30 + 0.8 * 50) / 2),
        "naive_pinball_days": pytest.approx((0.8 * 15 + 0.8 * 95) / 2),
    }
    assert found["quantiles"]["p90"]["judged"] == 0
    assert found["quantiles"]["p90"]["coverage"] is None


@pytest.mark.django_db
def test_the_log_is_read_from_living_events(today):
    project = factories.ProjectFactory()
    paid = factories.CaseFactory(project=project, at="payment", takings=2)
    log = durations.read()
    row = np.flatnonzero(log.case_ids == paid.pk)[0]
    days = log.reached[row] - factories.FIRST_DAY.toordinal()
    assert days[1:].tolist() == [0, 30, 80, 190, 205, np.inf]
    assert log.own[row, 1:].tolist() == [True] * 5 + [False]
    assert log.stage_on(today)[row] == 5
    assert (log.case_of == row).sum() == 2
    approval = paid.events.get(step="payment")
    paid.void(approval, on=today, by=None, reason="ghi nhầm")
    assert durations.read().reached[row, 5] == np.inf


@pytest.mark.django_db
def test_openings_are_left_out_of_durations(today):
    case = factories.CaseFactory(takings=1)
    factories.open_at(case, "approval", dt.date(2023, 3, 1))
    case.advance("payment", on=dt.date(2023, 4, 1), by=None)
    log = durations.read()
    row = np.flatnonzero(log.case_ids == case.pk)[0]
    assert np.flatnonzero(log.own[row]).tolist() == [5]
    assert log.stage_on(today)[row] == 5


@pytest.mark.django_db
def test_restricted_projects_teach_none_but_themselves(today):
    secret = factories.ProjectFactory(restricted=True)
    factories.CaseFactory(project=secret, at="notice")
    assert not len(durations.read().case_ids)
    assert len(durations.read(secret).case_ids) == 1


@pytest.mark.django_db
def test_command_refuses_with_a_reason_and_writes_every_key(tmp_path, today):
    factories.CaseFactory(project=factories.ProjectFactory(code="IT-01"), at="inventory")
    call_command("forecast", "--project", "IT-01", "--json", str(tmp_path / "ra.json"))
    found = json.loads((tmp_path / "ra.json").read_text())
    assert found == {
        "project": "IT-01",
        "as_of": "2023-06-30",
        "status": "not_enough_data",
        "p50": None,
        "p80": None,
        "p90": None,
        "by_share": {},
        "reason": found["reason"],
    }
    assert "chưa đủ dữ liệu để dự báo" in found["reason"].lower()
    with pytest.raises(CommandError, match="Không có dự án"):
        call_command("forecast", "--project", "KHONG")


@pytest.mark.django_db
def test_command_forecasts_from_the_log(tmp_path, today, monkeypatch):
    project = factories.ProjectFactory(code="DU-01")
    monkeypatch.setattr(
        durations,
        "read",
        lambda only=None: replace(
            city(), project=np.full(400, project.pk), taking_project=np.full(400, project.pk)
        ),
    )
    out = tmp_path / "ra.json"
    call_command("forecast", "--project", "DU-01", "--as-of", "2023-05-31", "--json", str(out))
    found = json.loads(out.read_text())
    assert (found["status"], found["as_of"]) == ("ok", "2023-05-31")
    assert "2023-05-31" < found["p50"] <= found["p80"] <= found["p90"]
    assert list(found["by_share"]) == ["80", "90", "95", "100"]
    assert found["by_share"]["100"] == {key: found[key] for key in ("p50", "p80", "p90")}


@pytest.mark.django_db
def test_backtest_is_scored_and_kept(tmp_path, today, monkeypatch):
    projects = [factories.ProjectFactory() for _ in range(8)]
    keys = np.array([project.pk for project in projects])
    made = city()
    made = replace(made, project=keys[made.project], taking_project=keys[made.taking_project])
    monkeypatch.setattr(durations, "read", lambda only=None: made)
    out = tmp_path / "ra.json"
    call_command("backtest", "--months", "9", "--json", str(out))
    found = json.loads(out.read_text())
    assert Backtest.objects.get(on=today).result == found
    eighty = found["by_share"]["80"]
    assert eighty["forecasts"] > 30
    assert eighty["quantiles"]["p80"]["coverage"] > eighty["quantiles"]["p50"]["coverage"]
    assert eighty["quantiles"]["p80"]["pinball_days"] > 0
    assert eighty["naive"]["judged"] > 0


@pytest.mark.django_db
def test_earned_schedule_follows_the_plans_targets(today):
    project = factories.ProjectFactory()
    version = PlanVersion.objects.create(
        year=2023, kind="draft", name="KH", on=dt.date(2023, 1, 5)
    )
    entry = PlanEntry.objects.create(version=version, project=project)
    for month, area in enumerate((50, 120, 210, 320, 420, 500), start=1):
        Target.objects.create(entry=entry, stage=6, month=dt.date(2023, month, 1), area_m2=area)
    log = replace(
        city(2, 1),
        project=np.full(2, project.pk),
        taking_project=np.full(2, project.pk),
        area_m2=np.array([150.0, 350.0]),
        handed_over=np.array([dt.date(2023, 4, 20).toordinal(), np.inf]),
    )
    found = forecast.schedule(project, on=dt.date(2023, 4, 30), log=log)
    assert found.earned == pytest.approx(2.333333, abs=5e-7)
    assert found.at_completion == pytest.approx(10.285714, abs=5e-7)
    assert forecast.schedule(factories.ProjectFactory(), on=today, log=log) is None
