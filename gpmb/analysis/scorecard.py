"""How effective clearance work is: eight criteria, their figures and the cases behind each.

The arithmetic is gpmb.analysis.scoring. A household's case is the unit of K1, K2, K6; a matter
counts once in K3 to K5, denunciations never; K8 counts events.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django.db.models import Case as CaseWhen
from django.db.models import Count, DateField, Exists, F, Max, OuterRef, Q, Value, When
from django.db.models.functions import Coalesce, Least, TruncDate

from gpmb.analysis import figures, lateness, progress, schedule, standing
from gpmb.analysis.progress_models import DueSpan
from gpmb.analysis.scorecard_models import ScoreWeights, Weights
from gpmb.analysis.scoring import Count as Tally
from gpmb.analysis.scoring import Criterion, Score, score
from gpmb.clearance.models import Case, CaseEvent, Project
from gpmb.complaints.models import Complaint
from gpmb.law import steps as law_steps
from gpmb.law.regimes import Facts, Regime, regime_of
from gpmb.reference.models import Holiday
from gpmb.resettlement.models import Allocation

if TYPE_CHECKING:
    from gpmb.accounts.models import User
    from gpmb.law.calendar import Calendar

ENTRY_DAYS = 3  # working days between an act and its entry
REPEAT_DAYS = 365
NEEDS_PLACE = ("plot", "house", "on_site")
MONTH_DAYS = 30.4375
DUE_KINDS = ("petition", "complaint")
# Under the 2013 law a household may wait after recovery: amber, never a violation.
RESETTLE_FIRST = (Regime.R2, Regime.R3, Regime.R4)

LABELS = {
    Criterion.STEPS: ("Bước thực hiện đúng hạn", "hồ sơ đúng hạn / hồ sơ đến hạn trong kỳ"),
    Criterion.PAYMENT: ("Chi trả trong hạn luật định", "hồ sơ trả trong hạn / hồ sơ đến hạn trả"),
    Criterion.COMPLAINTS: (
        "Đơn kiến nghị, khiếu nại giải quyết trong hạn",
        "đơn trong hạn / đơn đến hạn (quá hạn chưa xong là không đạt)",
    ),
    Criterion.REPEATS: (
        "Không lặp lại sau trả lời",
        "đơn không lặp lại trong 12 tháng / đơn đã trả lời trong kỳ",
    ),
    Criterion.COLLECTIVE: (
        "Vụ đông người không để quá hạn",
        "số vụ từ 5 người bị quá hạn xử lý; có vụ được ghi nhận không bị trừ điểm",
    ),
    Criterion.RESETTLEMENT: (
        "Có chỗ ở trước khi thu hồi đất",
        "hồ sơ có nơi ở trước quyết định thu hồi (luật 2013: trước khi bàn giao) / hồ sơ "
        "được bố trí",
    ),
    Criterion.SCHEDULE: ("Tiến độ so với kế hoạch", "SPI(t) theo diện tích, tối đa 1"),
    Criterion.DATA: (
        "Cập nhật số liệu kịp thời",
        f"diễn biến ghi trong {ENTRY_DAYS} ngày làm việc / diễn biến trong kỳ",
    ),
}


@dataclass(frozen=True)
class Period:
    """First and last day; `last` is the day the figures stand at."""

    first: dt.date
    last: dt.date

    @property
    def days(self) -> tuple[dt.date, dt.date]:
        return self.first, self.last


def quarter(on: dt.date) -> Period:
    """Return the quarter of a day, up to that day."""
    return Period(dt.date(on.year, 3 * ((on.month - 1) // 3) + 1, 1), on)


def month(on: dt.date) -> Period:
    """Return the month of a day, up to that day."""
    return Period(on.replace(day=1), on)


@dataclass(frozen=True)
class Card:
    """A scorecard of some projects in a period, with the weights it was made by."""

    score: Score
    weights: Weights
    period: Period


def read(user: User, projects: Iterable[Project], period: Period) -> Card:
    """Return the scorecard of projects that were filtered for `user` already."""
    keys = [project.pk for project in projects]
    lateness.refresh(keys)
    cases = _cases(user, keys, period)
    complaints = _complaints(keys)
    counts = {
        Criterion.STEPS: _tally(steps(cases, period)),
        Criterion.PAYMENT: _tally(payments(cases, period)),
        Criterion.COMPLAINTS: _matters(answered(complaints, period)),
        Criterion.REPEATS: _matters(repeated(complaints, period)),
        Criterion.COLLECTIVE: Tally(value=float(missed(complaints, period).count())),
        Criterion.RESETTLEMENT: _tally(places(cases, period)),
        Criterion.SCHEDULE: _schedule(user, keys, period),
        Criterion.DATA: _entered(cases, period),
    }
    weights = ScoreWeights.objects.in_force(on=period.last)
    forced = any(forced_before_resettlement(cases, period))
    found = score(counts, weights.by_criterion, forced_before_resettlement=forced)
    return Card(found, weights, period)


@dataclass(frozen=True)
class Item:
    """One case behind a figure: due when, done when, good or not."""

    case: int
    due_on: dt.date | None
    done_on: dt.date | None
    good: bool
    step: str = ""
    """Which act, where several of a case count."""


def items(user: User, keys: list[int], period: Period, criterion: str) -> list[Item]:
    """Return the cases behind a criterion, the failures first; for complaints see `matters`."""
    asked: dict[str, Callable[[Any, Period], Iterable[Item]]] = {
        Criterion.STEPS: steps,
        Criterion.PAYMENT: payments,
        Criterion.RESETTLEMENT: places,
        Criterion.DATA: entries,
    }
    if criterion not in asked:
        return []
    lateness.refresh(keys)
    found = asked[criterion](_cases(user, keys, period), period)
    return sorted(found, key=lambda item: (item.good, item.due_on or dt.date.max, item.case))


def _cases(user: User, keys: list[int], period: Period) -> Any:
    return Case.objects.counted_for(user).live(on=period.last).filter(project__in=keys)


def _tally(found: Iterable[Item]) -> Tally:
    rows = list(found)
    return Tally(sum(row.good for row in rows), len(rows))


# K1, K2, K6: cases


def steps(cases: Any, period: Period) -> Iterable[Item]:
    """Yield the legal ceilings that fell in the period: kept, or broken whether done or not."""
    spans = (
        DueSpan.objects.filter(case__in=cases, due_on__range=period.days)
        .values("case_id", "due_on")
        .annotate(done=Max("until"), open=Count("pk", filter=Q(until=None)))
        .order_by("due_on", "case_id")
    )
    for span in spans:
        done = None if span["open"] else span["done"]
        if done is not None and done > period.last:
            done = None
        if done is None and span["due_on"] >= period.last:
            continue  # still in time
        good = done is not None and done <= span["due_on"]
        yield Item(span["case_id"], span["due_on"], done, good)


def payments(cases: Any, period: Period) -> Iterable[Item]:
    """Yield the approved cases whose payment fell due in the period; a deposit is a payment."""
    due = DueSpan.objects.filter(
        case=OuterRef("pk"), since=OuterRef("approval_on"), due_on__range=period.days
    )
    rows = (
        cases.filter(Exists(due))
        .annotate(
            pay_by=Max("due_spans__due_on", filter=Q(due_spans__since=F("approval_on"))),
            settled_on=Least("paid_on", "deposited_on"),
        )
        .values_list("pk", "pay_by", "settled_on")
        .order_by("pay_by", "pk")
    )
    for case, pay_by, settled_on in rows:
        paid = settled_on if settled_on and settled_on <= period.last else None
        if paid is None and pay_by >= period.last:
            continue
        yield Item(case, pay_by, paid, paid is not None and paid <= pay_by)


def places(cases: Any, period: Period) -> Iterable[Item]:
    """Yield the entitled cases whose land was recovered in the period: was a place ready first?

    Under the 2013 law a household may wait after the decision, so what counts is the day it hands
    its land over. Cash agreed instead of a place is ready.
    """
    handed_over = When(stage=figures.DONE, then=F("stepped_on"))
    left = Coalesce("recovery_on", CaseWhen(handed_over), output_field=DateField())
    handed = Allocation.objects.filter(
        case=OuterRef("pk"), released_on=None, handed_over_on__lte=OuterRef("left_on")
    )
    rows = (
        cases.filter(resettlement_need__in=(*NEEDS_PLACE, "self"))
        .annotate(left_on=left)
        .filter(left_on__range=period.days)
        .annotate(place=Exists(handed))
        .values_list("pk", "left_on", "resettled_on", "place", "resettlement_need")
        .order_by("left_on", "pk")
    )
    for case, left_on, resettled_on, place, need in rows:
        in_time = resettled_on is not None and resettled_on <= left_on
        yield Item(case, left_on, resettled_on, place or in_time or need == "self")


def forced_before_resettlement(cases: Any, period: Period) -> Iterable[int]:
    """Yield the cases taken by force before the resettlement their own regime asks for first."""
    forced = (
        CaseEvent.objects.living()
        .filter(
            case__in=cases,
            step="enforcement",
            on__range=period.days,
            case__resettlement_need__in=NEEDS_PLACE,
        )
        .filter(Q(case__resettled_on=None) | Q(case__resettled_on__gt=F("on")))
        .select_related("case")
    )
    for event in forced:
        case = event.case
        override = Regime(case.regime_override) if case.regime_override else None
        facts = Facts(
            notice_on=case.notice_on,
            approval_on=case.approval_on,
            recovery_on=case.recovery_on,
            override=override,
        )
        if regime_of(facts, event.on) in RESETTLE_FIRST:
            yield case.pk


# K3, K4, K5: matters, each with whether it was `good`


def _complaints(keys: list[int]) -> Any:
    return Complaint.objects.filter(project__in=keys).counted()


def _said(good: Q) -> Any:
    return CaseWhen(When(good, then=Value(True)), default=Value(False))


def answered(complaints: Any, period: Period) -> Any:
    """Matters whose answer fell due in the period: answered in time, or not."""
    done = Q(answered_on__lte=period.last)
    due = complaints.filter(kind__in=DUE_KINDS, due_on__range=period.days)
    return due.filter(done | Q(due_on__lt=period.last)).annotate(
        good=_said(done & Q(answered_on__lte=F("due_on")))
    )


def repeated(complaints: Any, period: Period) -> Any:
    """Matters answered in the period: did they come back within a year?"""
    again = Complaint.objects.filter(
        repeats=OuterRef("pk"),
        received_on__gt=OuterRef("answered_on"),
        received_on__lte=Least(
            OuterRef("answered_on") + dt.timedelta(days=REPEAT_DAYS), period.last
        ),
    )
    return complaints.filter(answered_on__range=period.days).annotate(good=~Exists(again))


def missed(complaints: Any, period: Period) -> Any:
    """Collective matters whose day of answer passed unanswered: none of them good."""
    late = complaints.collective().filter(due_on__range=period.days, due_on__lt=period.last)
    rows = late.filter(Q(answered_on=None) | Q(answered_on__gt=F("due_on")))
    return rows.annotate(good=Value(False))


MATTERS: dict[str, Callable[[Any, Period], Any]] = {
    Criterion.COMPLAINTS: answered,
    Criterion.REPEATS: repeated,
    Criterion.COLLECTIVE: missed,
}


def matters(keys: list[int], period: Period, criterion: str) -> Any:
    """Return the matters behind K3, K4 or K5, the failures first; filter them for the reader."""
    rows = MATTERS[criterion](_complaints(keys), period)
    return rows.select_related("project").order_by("good", "due_on", "serial")


def _matters(rows: Any) -> Tally:
    counts = rows.aggregate(of=Count("pk"), fine=Count("pk", filter=Q(good=True)))
    return Tally(counts["fine"], counts["of"])


@dataclass(frozen=True)
class Share:
    """Matters of one project, or of several small ones together (`project` None)."""

    project: int | None
    projects: int
    good: int
    of: int

    @property
    def bad(self) -> int:
        return self.of - self.good


def by_project(rows: Any, least: int) -> list[Share]:
    """Count matters by project; what is fewer than `least` is never told, nor left to be guessed.

    Projects with fewer are put together, with the next smallest until the rest holds `least`
    matters of at least two projects: else it would be the difference to the total.
    """
    counts: Any = (
        rows.order_by()
        .values("project")
        .annotate(of=Count("pk"), fine=Count("pk", filter=Q(good=True)))
    )
    shares = [Share(row["project"], 1, row["fine"], row["of"]) for row in counts]
    shares.sort(key=lambda share: share.of)
    rest: list[Share] = []
    while shares and (
        shares[0].of < least or (rest and (sum(s.of for s in rest) < least or len(rest) < 2))
    ):
        rest.append(shares.pop(0))
    shares.sort(key=lambda s: (s.good / s.of, -s.of))
    if rest:
        shares.append(Share(None, len(rest), sum(s.good for s in rest), sum(s.of for s in rest)))
    return shares


# K7, K8


@dataclass(frozen=True)
class Pace:
    """One project against its plan: earned schedule over the year so far, weighted by its land."""

    project: int
    spi: float
    area_m2: Decimal


def paces(user: User, keys: list[int], on: dt.date) -> list[Pace]:
    """Return SPI(t) of every project with a plan for the year and enough months of it."""
    progress.refresh_deltas()
    eve = dt.date(on.year - 1, 12, 31)
    days = figures.on_days(keys, [eve, on], cleared=user.cleared)
    plan = standing.plan_on(on, keys)
    at = (on - eve).days / MONTH_DAYS
    found = []
    for key in keys:
        start, done = (float(days[day][key].handed_over_m2) for day in (eve, on))
        planned = [0.0, *(max(0.0, float(m2) - start) for _, m2 in plan.current.get(key, []))]
        if len(planned) <= schedule.LEAST_PERIODS or planned[-1] <= 0 or done < start:
            continue
        earned = schedule.earned(planned, done - start, at)
        found.append(Pace(key, earned.spi or 0.0, days[on][key].area_m2))
    return found


def _schedule(user: User, keys: list[int], period: Period) -> Tally:
    rows = paces(user, keys, period.last)
    area = sum((row.area_m2 for row in rows), Decimal(0))
    if not area:
        return Tally(0, 0)
    mean = sum(min(1.0, row.spi) * float(row.area_m2) for row in rows) / float(area)
    return Tally(value=mean)


def entries(cases: Any, period: Period) -> Iterable[Item]:
    """Yield the acts of the period: by which day they were to be entered, and when they were."""
    rows = _acts(cases, period).values_list("case_id", "step", "on", "entered")
    rows = rows.order_by("on", "case_id", "pk")
    last_day = _Deadline()
    words = dict(law_steps.choices())
    for case, step, on, entered in rows:
        good = entered <= last_day[on]
        yield Item(case, last_day[on], entered, good, words.get(step, step))


def _acts(cases: Any, period: Period) -> Any:
    return (
        CaseEvent.objects.living()
        .filter(case__in=cases, kind="move", on__range=period.days)
        .annotate(entered=TruncDate("recorded_at"))
    )


def _entered(cases: Any, period: Period) -> Tally:
    rows = _acts(cases, period).values_list("on", "entered").annotate(n=Count("pk")).order_by()
    last_day = _Deadline()
    good = of = 0
    for on, entered, n in rows:
        of += n
        good += n if entered <= last_day[on] else 0
    return Tally(good, of)


class _Deadline(dict[dt.date, dt.date]):
    """The last day to enter an act of a day, worked out once a day."""

    def __init__(self) -> None:
        super().__init__()
        self.calendar: Calendar = Holiday.objects.as_law()

    def __missing__(self, on: dt.date) -> dt.date:
        self[on] = self.calendar.add_working_days(on, ENTRY_DAYS)
        return self[on]
