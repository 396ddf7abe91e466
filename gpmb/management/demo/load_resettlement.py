"""Write how households are resettled: arrangements and their log, temporary housing, draws."""

from __future__ import annotations

from collections import defaultdict

from gpmb.management.demo import resettle
from gpmb.management.demo.load_base import Loading, day
from gpmb.resettlement.models import (
    Arrangement,
    ArrangementEvent,
    Draw,
    DrawEntry,
    TemporaryHousing,
)

NEEDS = ("plot", "house", "self", "on_site")
MONTHLY_VND = 2_000_000  # illustrative
STAY_EVERY = 4
MOST_TURNS = 8
WITNESSES = "Đại diện Ủy ban MTTQ phường, tổ trưởng tổ dân phố (minh họa)"


def arrangements(load: Loading) -> None:
    """Write each household's arrangement as far as its case has come, and its log."""
    city = load.city
    given: dict[int, list[resettle.Allocation]] = defaultdict(list)
    for row in city.allocations:
        given[row.case].append(row)
    rows, log, stays = [], [], []
    for case, held in enumerate(city.held.cases):
        if held.need not in NEEDS:
            continue
        moves = _moves(dict(city.lives[case].moves), given[case], load.today.toordinal())
        if not moves:
            continue
        days = dict(moves)
        paper = None
        if "approved" in days:
            paper = load.papers.of("resettlement", held.project, days["approved"])
        rows.append((case, moves[-1][0], days.get("posted"), days.get("approved"), paper))
        log += [(len(rows) - 1, held.project, *move) for move in moves]
        if moves[-1][0] == "approved" and held.need == "plot" and case % STAY_EVERY == 0:
            stays.append((case, days["approved"] + 5))
    load.papers.write()
    ids = load.writer.ids(Arrangement, len(rows))
    load.writer.copy(
        Arrangement,
        ["case_id", "status", "ground", "posted_on", "approved_on", "document_id"],
        (
            [
                at,
                load.cases[case],
                status,
                "" if status == "registered" else "residential",
                day(posted),
                day(approved),
                paper,
            ]
            for at, (case, status, posted, approved, paper) in zip(ids, rows, strict=True)
        ),
    )
    load.writer.copy(
        ArrangementEvent,
        ["arrangement_id", "status", "on", "recorded_at", "by_id"],
        (
            [at, ids[n], status, day(on), load.recorded(on, at % 2), load.officer(project)]
            for at, (n, project, status, on) in zip(
                load.writer.ids(ArrangementEvent, len(log)), log, strict=True
            )
        ),
    )
    load.writer.copy(
        TemporaryHousing,
        ["case_id", "from_on", "monthly_vnd", "place"],
        (
            [at, load.cases[case], day(on), MONTHLY_VND, "Nhà trọ trong phường (minh họa)"]
            for at, (case, on) in zip(
                load.writer.ids(TemporaryHousing, len(stays)), stays, strict=True
            )
        ),
    )


def _moves(
    done: dict[str, int], given: list[resettle.Allocation], today: int
) -> list[tuple[str, int]]:
    """Return the moves of an arrangement up to today, each not before the one before it."""
    steps: list[tuple[str, int | None]] = [
        ("registered", done.get("inventory")),
        ("eligible", done.get("posting")),
        ("posted", done.get("posting")),
        ("approved", done.get("approval")),
        ("allocated", max((row.on for row in given), default=None)),
        ("settled", done.get("resettlement")),
    ]
    moves: list[tuple[str, int]] = []
    for status, on in steps:
        if on is None or on > today:
            if status == "allocated" and done.get("resettlement", today + 1) <= today:
                continue  # money or a place on site: nothing is allocated
            break
        moves.append((status, max(on, moves[-1][1] if moves else on)))
    return moves


def draws(load: Loading, plots: dict[tuple[int, int], int], sites: list[int]) -> None:
    """Write one closed draw a site: the first plots given there, with two left over."""
    city = load.city
    of_site: dict[int, list[resettle.Allocation]] = defaultdict(list)
    for row in city.allocations:
        of_site[row.site].append(row)
    made = [(site, rows[:MOST_TURNS]) for site, rows in sorted(of_site.items())]
    papers = [
        load.papers.of("draw", city.held.cases[rows[0].case].project, max(r.on for r in rows))
        for _, rows in made
    ]
    load.papers.write()
    ids = load.writer.ids(Draw, len(made))
    load.writer.copy(
        Draw,
        ["site_id", "on", "place", "witnesses", "status", "document_id", "by_id"],
        (
            [
                ids[n],
                sites[site],
                day(max(row.on for row in rows)),
                "Hội trường UBND phường (minh họa)",
                WITNESSES,
                "closed",
                papers[n],
                load.officer(city.held.cases[rows[0].case].project),
            ]
            for n, (site, rows) in enumerate(made)
        ),
    )
    pairs = []
    for n, (site, rows) in enumerate(made):
        used = {row.plot for row in city.allocations if row.site == site}
        free = [at for at in range(len(city.sites[site].plots)) if at not in used][:2]
        pairs += [(ids[n], plots[site, at]) for at in [*(row.plot for row in rows), *free]]
    load.writer.link(Draw, "plots", pairs)
    turns = [(n, order, row) for n, (_, rows) in enumerate(made) for order, row in enumerate(rows)]
    load.writer.copy(
        DrawEntry,
        ["draw_id", "case_id", "order", "present", "plot_id"],
        (
            [at, ids[n], load.cases[row.case], order + 1, True, plots[row.site, row.plot]]
            for at, (n, order, row) in zip(
                load.writer.ids(DrawEntry, len(turns)), turns, strict=True
            )
        ),
    )


OF_RESETTLEMENT = (Arrangement, ArrangementEvent, TemporaryHousing, Draw, DrawEntry)
