"""How the city steers: plan versions with monthly targets, reviews with directives, funding."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from gpmb.management.demo.holders import CaseRow
from gpmb.management.demo.money import Payment, Plan
from gpmb.management.demo.parameters import PLAN_YEAR, ProjectRow
from gpmb.management.demo.story import Days, Life
from gpmb.management.demo.troubles import NEXT_STEPS, Obstacle

Floats = NDArray[np.float64]

FIRST_REVIEW = (2022, 7)
DIRECTIVES = 5  # at most, of one review
ADDED = frozenset({"added"})

TASKS = {
    "ward": "Hoàn thành xác nhận nguồn gốc, giải quyết dứt điểm các hộ còn vướng mắc",
    "centre": "Làm việc trực tiếp với từng hộ, hoàn thiện hồ sơ trình thẩm định",
    "resources": "Tham mưu giá đất cụ thể, trình UBND Thành phố phê duyệt",
    "registry": "Cung cấp trích lục, đính chính hồ sơ địa chính",
    "finance": "Bố trí đủ kinh phí bồi thường, báo cáo kết quả",
    "power": "Di chuyển đường dây ra khỏi phạm vi dự án",
    "front": "Tổ chức vận động, thuyết phục các hộ chưa ký biên bản",
    "building": "Đẩy nhanh hạ tầng khu tái định cư, bổ sung lô đất",
    "board": "Rà soát, điều chỉnh ranh giới, cắm mốc giải phóng mặt bằng",
}


@dataclass(frozen=True, slots=True)
class TargetRow:
    """What a plan version wants of a project by the end of a month, cumulative."""

    project: int
    stage: int
    month: date
    cases: int
    area_m2: float
    amount_vnd: int | None = None  # of payments


@dataclass(frozen=True, slots=True)
class Version:
    """A version of a year's plan: its projects and targets."""

    year: int
    kind: str
    name: str
    on: int
    projects: tuple[int, ...]
    targets: tuple[TargetRow, ...]


@dataclass(frozen=True, slots=True)
class Directive:
    """A conclusion of a review about a project."""

    project: int
    text: str
    owner: str
    due: int
    done: int | None


@dataclass(frozen=True, slots=True)
class Review:
    """A monthly review and its conclusions."""

    on: int
    kind: str
    title: str
    directives: tuple[Directive, ...]


@dataclass(frozen=True, slots=True)
class Money:
    """A movement of a project's funding."""

    project: int
    kind: str
    day: int
    amount_vnd: int


def versions(
    rng: Generator,
    projects: list[ProjectRow],
    cases: list[CaseRow],
    lives: list[Life],
    plans: list[Plan],
    as_of: int,
) -> list[Version]:
    """Return the plan versions known on a day: four of 2023, one issued in each later year.

    The fourth is a draft that nobody decided yet: the one officers type into.
    """
    everything = tuple(range(len(projects)))
    first = tuple(n for n in everything if projects[n].origin not in ADDED)
    known = [
        (PLAN_YEAR, "draft", "Dự thảo kế hoạch GPMB năm 2023", date(2023, 1, 16), first, 1.0),
        (
            PLAN_YEAR,
            "after_meeting",
            "Kế hoạch GPMB năm 2023 sau cuộc họp 31/01/2023",
            date(2023, 2, 6),
            everything,
            1.0,
        ),
        (PLAN_YEAR, "issued", "Kế hoạch GPMB năm 2023", date(2023, 2, 20), everything, 0.96),
        (
            PLAN_YEAR,
            "draft",
            "Dự thảo điều chỉnh kế hoạch GPMB năm 2023",
            date(2023, 6, 26),
            everything,
            0.92,
        ),
    ]
    worth = _worth(cases, plans)
    known += [
        (year, "issued", f"Kế hoạch GPMB năm {year}", date(year, 1, 22), everything, 1.0)
        for year in range(PLAN_YEAR + 1, date.fromordinal(as_of).year + 1)
    ]
    grip = rng.uniform(0.86, 1.0, len(projects))
    return [
        Version(
            year,
            kind,
            name,
            on.toordinal(),
            chosen,
            tuple(_targets(year, chosen, projects, cases, lives, worth, grip * factor)),
        )
        for year, kind, name, on, chosen, factor in known
        if on.toordinal() <= as_of
    ]


def _targets(
    year: int,
    chosen: tuple[int, ...],
    projects: list[ProjectRow],
    cases: list[CaseRow],
    lives: list[Life],
    worth: Floats,
    grip: Floats,
) -> list[TargetRow]:
    """Plan each month as life will bring it within the year, and the laggards by its end."""
    by_project: dict[int, list[int]] = defaultdict(list)
    for number, case in enumerate(cases):
        by_project[case.project].append(number)
    months = [date(year, month, 1) for month in range(1, 13)]
    ends = [_month_end(month) for month in months]
    rows = []
    for project in chosen:
        mine = by_project[project]
        for stage, wanted in ((5, ("payment", "deposit")), (6, ("handover",))):
            days = np.array([_day(lives[n], wanted) for n in mine])
            area = np.array([cases[n].area_m2 for n in mine])
            start = np.where(days < ends[0] - 31, days, 0)
            # The plan hopes: everything that life brings comes a month early, and by year's end
            # (a quarter later for new projects) the share `grip` of all cases.
            hope = np.maximum(days - 34, ends[0] - 5)
            due = ends[11] if projects[project].origin != "new" else ends[11] + 120
            late = hope > due
            spread = np.arange(len(mine)) * 7 % 120
            hope = np.where(late, due - spread, hope)
            hope = np.where(start > 0, start, hope)
            keep = np.arange(len(mine)) < np.ceil(len(mine) * grip[project])
            for month, end in zip(months, ends, strict=True):
                reached = (hope <= end) & (keep | (start > 0))
                rows.append(
                    TargetRow(
                        project,
                        stage,
                        month,
                        int(reached.sum()),
                        round(float(area[reached].sum()), 1),
                        _million(worth[mine][reached]) if stage == 5 else None,
                    )
                )
    return rows


def _worth(cases: list[CaseRow], plans: list[Plan]) -> Floats:
    """What each case costs in đồng: its plan, or without one its land at the city's mean price."""
    area = np.array([case.area_m2 for case in cases])
    worth = np.zeros(len(cases))
    for plan in plans:
        worth[plan.case] = plan.total_vnd
    known = worth > 0
    price = worth[known].sum() / max(area[known].sum(), 1.0)
    return np.where(known, worth, area * price)


def _million(amounts: Floats) -> int:
    return int(amounts.sum() // 1_000_000) * 1_000_000


def _day(life: Life, wanted: tuple[str, ...]) -> int:
    return next((day for step, day in life.moves if step in wanted), 10**7)


def _month_end(month: date) -> int:
    return (month + timedelta(days=31)).replace(day=1).toordinal() - 1


def reviews(
    rng: Generator,
    projects: list[ProjectRow],
    obstacles: list[Obstacle],
    days: Days,
    as_of: int,
) -> list[Review]:
    """Return the monthly reviews up to a day; directives follow the obstacles open then."""
    rows: list[Review] = []
    year, month = FIRST_REVIEW
    while True:
        on = days.next(date(year, month, 28).toordinal())
        if on > as_of:
            return rows
        title = f"Giao ban công tác giải phóng mặt bằng tháng {month:02d}/{year}"
        rows.append(
            Review(on, "periodic", title, _directives(rng, projects, obstacles, on, as_of))
        )
        if (year, month) == (2023, 3):
            held = days.next(on + 8)
            title = "Hội nghị chuyên đề công tác giải phóng mặt bằng năm 2023"
            if held <= as_of:
                rows.append(Review(held, "thematic", title, ()))
        year, month = (year + month // 12, month % 12 + 1)


def _directives(
    rng: Generator,
    projects: list[ProjectRow],
    obstacles: list[Obstacle],
    on: int,
    as_of: int,
) -> tuple[Directive, ...]:
    open_now: dict[tuple[int, str], int] = defaultdict(int)
    for row in obstacles:
        if row.opened <= on and (row.closed is None or row.closed > on):
            open_now[row.project, row.owner] += 1
    worst = sorted(open_now.items(), key=lambda item: (-item[1], item[0]))[: DIRECTIVES + 7]
    if not worst:
        return ()
    picked = rng.permutation(len(worst))[:DIRECTIVES].tolist()
    rows = []
    for at in sorted(picked):
        (project, owner), count = worst[at]
        due = on + int(rng.choice([15, 30, 45]))
        done: int | None = due + int(rng.integers(-10, 22))
        if rng.random() < 0.16 or (done is not None and done > as_of):
            done = None
        task = TASKS[owner]
        text = f"{projects[project].name}: {task[0].lower()}{task[1:]} ({count} vướng mắc)."
        rows.append(Directive(project, text[0].upper() + text[1:], owner, due, done))
    return tuple(rows)


def funding(
    projects: list[ProjectRow],
    plans: list[Plan],
    ledger: list[Payment],
    cases: list[CaseRow],
    as_of: int,
) -> list[Money]:
    """Return needed, allocated and moved money; never less moved than was paid."""
    need: dict[int, int] = defaultdict(int)
    spent: dict[int, list[tuple[int, int]]] = defaultdict(list)
    for plan in plans:
        need[cases[plan.case].project] += plan.total_vnd
    for row in ledger:
        spent[cases[plans[row.plan].case].project].append((row.day, row.amount_vnd))
    rows = []
    for number, project in enumerate(projects):
        if not need[number] or project.notice_on is None:
            continue
        start = project.notice_on.toordinal()
        if start > as_of:
            continue
        total = int(need[number] * 1.08) // 1_000_000 * 1_000_000
        rows.append(Money(number, "needed", start, total))
        short = 0.72 if project.readiness != "complete" or number % 9 == 4 else 1.0
        paid = sum(amount for _, amount in spent[number])
        given = max(int(total * short) // 1_000_000 * 1_000_000, paid)
        rows.append(Money(number, "allocated", min(start + 45, as_of), given))
        rows += _moved(number, spent[number])
    return rows


def _moved(project: int, spent: list[tuple[int, int]]) -> list[Money]:
    """Let the investor's money arrive before each quarter's payments, rounded up to a million."""
    quarters: dict[int, int] = defaultdict(int)
    for day, amount in spent:
        quarters[day // 91] += amount
    return [
        Money(
            project,
            "moved",
            min(d for d, _ in spent if d // 91 == q) - 1,
            -(-amount // 10**6) * 10**6,
        )
        for q, amount in sorted(quarters.items())
    ]


def next_step(owner: str) -> str:
    """Return what the owner of an obstacle has to do next, in the words of a minute."""
    return NEXT_STEPS[owner]
