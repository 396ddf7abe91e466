"""Obstacles and complaints: what holds cases up, what people write, one true concentration.

The true cluster sits in one neighbourhood of TRUE_IN. The decoys are many people in few letters
(DECOY_IN), letters repeated by the same household, and plain population: none of them is an excess
of households that complain.
"""

from dataclasses import dataclass, replace
from datetime import date

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from gpmb.management.demo.holders import CaseRow
from gpmb.management.demo.parameters import ProjectRow
from gpmb.management.demo.story import Life

Floats = NDArray[np.float64]

TRUE_IN, TRUE_HOUSEHOLDS, TRUE_CASES = "TD-04", 36, 17
DECOY_IN, DECOY_PEOPLE = "TD-03", (52, 38, 27)
DECOY_DAYS = (1_060, 420, 90)  # before the data date
RATE = 0.042  # share of notified cases that complain within the window
WINDOW_DAYS = 1_096  # 36 months
REPEATED = 0.12
MOST_ALSO = 7

OWNERS = {
    "origin_unconfirmed": "ward",
    "undivided_inheritance": "ward",
    "no_heir": "ward",
    "file_incomplete": "centre",
    "no_land_price": "resources",
    "area_or_price_disagreed": "centre",
    "no_certificate": "registry",
    "mixed_land": "registry",
    "no_funding": "finance",
    "mortgaged": "centre",
    "disputed": "ward",
    "graves": "ward",
    "utilities": "power",
    "refuses_to_sign": "front",
    "remainder_below_minimum": "resources",
    "waiting_resettlement": "building",
    "project_boundary": "board",
}
NEXT_STEPS = {
    "ward": "UBND phường, xã xác nhận, trả lời bằng văn bản",
    "centre": "Trung tâm Phát triển quỹ đất làm việc lại với hộ",
    "resources": "Trình UBND Thành phố quyết định",
    "registry": "Cung cấp hồ sơ địa chính, trích lục",
    "finance": "Đề nghị bố trí, chuyển vốn",
    "power": "Lập phương án di chuyển đường dây",
    "front": "Vận động, thuyết phục hộ dân",
    "building": "Hoàn thành hạ tầng, bố trí thêm lô",
    "board": "Điều chỉnh ranh giới, cắm mốc lại",
}


@dataclass(frozen=True, slots=True)
class Obstacle:
    """Something in the way of a case, or of a whole project (`case` None)."""

    project: int
    case: int | None
    cause: str
    owner: str
    opened: int
    due: int
    closed: int | None


@dataclass(frozen=True, slots=True)
class Complaint:
    """A letter. `first` is the index of the first letter on the same matter, if it repeats one.

    `case` is the representative's, `also` those of neighbours who signed with them.
    """

    kind: str
    received: int
    case: int | None
    people: int
    topic: str
    channel: str
    status: str
    accepted: int | None
    due: int | None
    answered: int | None
    implemented: int | None
    closed: int | None
    result: str
    first: int | None = None
    level: int = 1
    also: tuple[int, ...] = ()


def obstacles(
    rng: Generator,
    projects: list[ProjectRow],
    cases: list[CaseRow],
    lives: list[Life],
    as_of: int,
) -> list[Obstacle]:
    """Return the obstacles known on a day, of cases and of projects."""
    rows = []
    for number, (case, life) in enumerate(zip(cases, lives, strict=True)):
        hold = life.hold
        if hold is not None and hold.opened <= as_of:
            rows.append(
                _obstacle(rng, case.project, number, hold.cause, hold.opened, hold.closed, as_of)
            )
        if life.waiting_plot and life.approval is not None:
            opened = life.approval + 30
            if opened <= as_of:
                rows.append(
                    _obstacle(
                        rng, case.project, number, "waiting_resettlement", opened, None, as_of
                    )
                )
    for number, row in enumerate(projects):
        if row.readiness == "complete" or row.notice_on is None:
            continue
        opened = row.notice_on.toordinal() + 60
        if opened <= as_of:
            closed = date(2023, 9, 25).toordinal()
            cause = "no_land_price" if number % 2 else "no_funding"
            rows.append(_obstacle(rng, number, None, cause, opened, closed, as_of))
    for code, cause in (
        ("TD-06", "utilities"),
        ("HT-09", "project_boundary"),
        ("DK-05", "no_funding"),
    ):
        number = next(n for n, row in enumerate(projects) if row.code == code)
        opened = date(2023, 3, 14).toordinal() + 5 * number % 31
        if opened <= as_of:
            rows.append(_obstacle(rng, number, None, cause, opened, opened + 400, as_of))
    return rows


def _obstacle(
    rng: Generator,
    project: int,
    case: int | None,
    cause: str,
    opened: int,
    closed: int | None,
    as_of: int,
) -> Obstacle:
    due = opened + int(rng.choice([20, 30, 45, 60]))
    known = closed if closed is not None and closed <= as_of else None
    return Obstacle(project, case, cause, OWNERS[cause], opened, due, known)


def complaints(
    rng: Generator,
    projects: list[ProjectRow],
    cases: list[CaseRow],
    lives: list[Life],
    places: Floats,
    as_of: int,
) -> list[Complaint]:
    """Return the letters of the 36 months up to a day, oldest first, repeats after their first.

    `places` are the cases' positions (n, 2) in EPSG:5899.
    """
    start = as_of - WINDOW_DAYS + 1
    notice = np.array([life.moves[0][1] for life in lives])
    codes = np.array([projects[case.project].code for case in cases])
    open_to = notice < as_of - 25
    matters: list[tuple[int, int, int]] = []  # (day, case, people)
    near = _neighbourhood(places, np.flatnonzero(codes == TRUE_IN), notice)
    ordinary = np.flatnonzero(open_to & ~np.isin(np.arange(len(cases)), near))
    # Drawn evenly along the projects, so that chance itself makes no second concentration.
    share = RATE * np.minimum(1.0, (as_of - notice[ordinary]) / 240.0)
    running = np.cumsum(share) + float(rng.random())
    drawn = np.flatnonzero(np.diff(np.floor(running), prepend=np.floor(running[:1])))
    for case in ordinary[drawn].tolist():
        first = max(start, int(notice[case]) + 12)
        day = first + int((as_of - first) * float(rng.random()))
        people = 1 if rng.random() < 0.9 else int(rng.integers(2, 4))
        matters.append((day, case, people))
    for at, case in enumerate(near[:TRUE_CASES]):  # more and more, most in the last year
        first = max(start, int(notice[case]) + 12)
        back = int(1_000 * (at / TRUE_CASES) ** 2.4)
        matters.append((max(first, as_of - 20 - back), case, 1))
    crowd = np.flatnonzero((codes == DECOY_IN) & open_to)
    for at, people in enumerate(DECOY_PEOPLE):
        if len(crowd):
            case = int(crowd[int(len(crowd) * (at + 0.5) / len(DECOY_PEOPLE))])
            first = max(start, int(notice[case]) + 12)
            matters.append((max(first, as_of - DECOY_DAYS[at]), case, people))
    rows = _letters(rng, sorted(set(matters)), as_of)
    of = np.array([case.project for case in cases])
    return [replace(row, also=_neighbours(row, of, notice)) for row in rows]


def _neighbours(
    row: Complaint, project: NDArray[np.int64], notice: NDArray[np.int64]
) -> tuple[int, ...]:
    """Return the cases, next in the list and noticed by then, of those who signed as well."""
    if row.case is None or row.people < 2:
        return ()
    near = np.arange(row.case + 1, min(row.case + row.people, row.case + MOST_ALSO + 1))
    near = near[near < len(project)]
    return tuple(
        near[(project[near] == project[row.case]) & (notice[near] < row.received)].tolist()
    )


def _neighbourhood(
    places: Floats, mine: NDArray[np.int64], notice: NDArray[np.int64]
) -> list[int]:
    """Return the households around the densest spot of a project, in a fixed mixed order."""
    if len(mine) == 0:
        return []
    spots = places[mine]
    distance = np.hypot(*(spots[:, None] - spots[None]).transpose(2, 0, 1))
    nearest = np.sort(distance, axis=1)[:, :TRUE_HOUSEHOLDS]
    centre = int(np.argmin(nearest[:, -1]))
    chosen = mine[np.argsort(distance[centre], kind="stable")[:TRUE_HOUSEHOLDS]]
    return [int(case) for case in chosen[np.argsort(chosen * 7_919 % 104_729, kind="stable")]]


def _letters(rng: Generator, matters: list[tuple[int, int, int]], as_of: int) -> list[Complaint]:
    rows: list[Complaint] = []
    for day, case, people in matters:
        kind = "complaint" if people > 4 or rng.random() < 0.42 else "petition"
        if people == 1 and rng.random() < 0.02:
            kind = "lawsuit"
        rows.append(_letter(rng, kind, day, case, people, as_of))
        again = day + int(rng.integers(40, 150))
        if rng.random() < REPEATED and again < as_of:
            rows.append(_letter(rng, kind, again, case, people, as_of, first=len(rows) - 1))
    for back in (640, 330, 75):
        accepted = as_of - back + 7
        settled = accepted + 28
        closed = settled if settled <= as_of else None
        rows.append(
            Complaint(
                "denunciation",
                as_of - back,
                None,
                1,
                "",
                "",
                "closed" if closed else "verifying",
                accepted,
                accepted + 30,
                closed,
                closed,
                closed,
                "",
            )
        )
    return rows


def _letter(
    rng: Generator,
    kind: str,
    day: int,
    case: int,
    people: int,
    as_of: int,
    first: int | None = None,
) -> Complaint:
    """Follow one letter through acceptance, answer and carrying out, up to a day."""
    topic = str(
        rng.choice(
            ["price", "area", "origin", "asset", "resettlement", "support", "owner", "procedure"],
            p=[0.3, 0.19, 0.13, 0.12, 0.1, 0.08, 0.04, 0.04],
        )
    )
    channel = str(
        rng.choice(
            ["reception", "post", "posting", "online", "forwarded"], p=[0.4, 0.22, 0.2, 0.1, 0.08]
        )
    )
    accepted = day + int(rng.integers(2, 10))
    due = accepted + (30 if kind == "complaint" else 45)
    answered = accepted + int(rng.choice([18, 24, 28, 36, 55], p=[0.25, 0.3, 0.22, 0.13, 0.1]))
    implemented = answered + int(rng.integers(8, 60))
    settled = implemented + 20
    status = "received"
    for name, at in (
        ("accepted", accepted),
        ("verifying", accepted + 6),
        ("decided", answered),
        ("implemented", implemented),
        ("closed", settled),
    ):
        if at <= as_of:
            status = name

    def known(at: int) -> int | None:
        return at if at <= as_of else None

    result = str(rng.choice(["right", "partly", "wrong"], p=[0.16, 0.34, 0.5]))
    return Complaint(
        kind,
        day,
        case,
        people,
        topic,
        channel,
        status,
        known(accepted),
        due if accepted <= as_of else None,
        known(answered),
        known(implemented),
        known(settled),
        result if answered <= as_of else "",
        first,
        2 if first is not None else 1,
    )
