"""Write the land, the people and the cases with their event log and the state it leads to."""

from collections import defaultdict
from collections.abc import Iterator
from datetime import date
from typing import Any

from gpmb.clearance.models import (
    STATE_FIELDS,
    Case,
    CaseEvent,
    CaseParty,
    Law,
    SiteHandover,
    Taking,
    TakingPart,
)
from gpmb.land.models import Document, Parcel, ParcelNumber, Party
from gpmb.management.demo import shapes
from gpmb.management.demo.holders import NON_AGRI
from gpmb.management.demo.load_base import INVESTORS, SINCE, Loading, day
from gpmb.management.demo.outreach import is_served
from gpmb.management.demo.writer import polygons
from gpmb.reference.models import LandClass

KIND_NAMES = {
    "household": "Hộ minh họa",
    "individual": "Cá nhân minh họa",
    "organisation": "Tổ chức minh họa",
    "community": "Cộng đồng dân cư minh họa",
}
WITHDRAWN_REASON = "Điều chỉnh ranh giới dự án (minh họa)"
LAGS = (0, 0, 1, 1, 1, 2, 2, 3, 0, 1, 2, 1, 0, 3, 1, 2, 0, 1, 5, 9)  # days until entered
INVESTOR_EVERY = 61  # days between two handovers of a project to its investor
INVESTOR_LEAST = 4  # takings


def parcels(load: Loading) -> None:
    """Write parcels with their current numbers, and the takings without their cases' state."""
    land, writer = load.city.land, load.writer
    count = len(land.use)
    load.parcels = writer.ids(Parcel, count)
    shapes_ = polygons(land.boundary)
    restricted = [row.restricted for row in load.city.projects]
    writer.copy(
        Parcel,
        ["unit_id", "boundary", "registered_area_m2", "measured_area_m2", "restricted"],
        (
            [
                load.parcels[n],
                load.units[int(land.ward[n])],
                shapes_[n],
                round(float(land.area_m2[n]), 1),
                round(float(land.area_m2[n]), 1),
                restricted[int(land.project[n])],
            ]
            for n in range(count)
        ),
    )
    ids = writer.ids(ParcelNumber, count)
    writer.copy(
        ParcelNumber,
        ["parcel_id", "unit_id", "sheet", "number", "kind"],
        (
            [
                ids[n],
                load.parcels[n],
                load.units[int(land.ward[n])],
                str(land.sheet[n]),
                str(land.number[n]),
                "current",
            ]
            for n in range(count)
        ),
    )


def parties(load: Loading) -> None:
    """Write fictional holders: names that can't be a person's, ID numbers of no province."""
    rows = load.city.held.parties
    load.parties = load.writer.ids(Party, len(rows))
    home = _addresses(load)
    load.writer.copy(
        Party,
        ["kind", "name", "id_number", "phone", "address", "bank_name", "bank_account", "members"],
        (
            [
                load.parties[n],
                kind,
                f"{KIND_NAMES[kind]} {n + 1:05d}",
                f"999{n + 1:09d}",
                f"0000 {n // 1000 % 1000:03d} {n % 1000:03d}",
                home.get(n, ""),
                "Ngân hàng minh họa" if n % 3 else "",
                f"MH{n + 1:08d}" if n % 3 else "",
                members or None,
            ]
            for n, (kind, members) in enumerate(rows)
        ),
    )


def _addresses(load: Loading) -> dict[int, str]:
    """Return a party's address: a made-up quarter of the ward of its first case."""
    home: dict[int, str] = {}
    for case in load.city.held.cases:
        ward = load.city.wards[int(load.city.land.ward[case.takings[0]])]
        word, kind = ("Khu", "phường") if ward.kind == "ward" else ("Thôn", "xã")
        for party in case.parties:
            home.setdefault(party, f"{word} {1 + party % 9}, {kind} {ward.name}")
    return home


def cases(load: Loading) -> None:
    """Write cases with their state, who holds them, the takings and the log."""
    rows, writer = load.city.held.cases, load.writer
    load.cases = writer.ids(Case, len(rows))
    papers = [
        load.papers.of(event.step, rows[event.case].project, event.day)
        for event in load.city.events
    ]
    load.papers.write()
    names = ["project_id", "batch_id", "code", "officer_id", "resettlement_need"]
    names += ["entitled_plots", "notice_served_on", *STATE_FIELDS]
    writer.copy(Case, names, _case_rows(load, papers))
    held = [
        (case, party, "holder" if at == 0 else "co_owner", len(row.parties))
        for case, row in zip(load.cases, rows, strict=True)
        for at, party in enumerate(row.parties)
    ]
    ids = writer.ids(CaseParty, len(held))
    writer.copy(
        CaseParty,
        ["case_id", "party_id", "role", "share_percent", "valid_from"],
        (
            [at, case, load.parties[party], role, _share(role, of) if of > 1 else None, SINCE]
            for at, (case, party, role, of) in zip(ids, held, strict=True)
        ),
    )
    _takings(load)
    _log(load, papers)


def _share(role: str, of: int) -> str:
    """Return the percent of one of two or three owners; the first has what makes 100."""
    others = {2: "50.000", 3: "33.333"}[of]
    return others if of == 2 or role == "co_owner" else "33.334"


def _case_rows(load: Loading, papers: list[int]) -> Iterator[list[Any]]:
    """Derive each case's state columns from its log, by the model's own rule."""
    law = Law.read()
    log: dict[int, list[CaseEvent]] = defaultdict(list)
    documents: dict[int, Document] = {}
    for event, paper in zip(load.city.events, papers, strict=True):
        if event.taking is None:
            on = date.fromordinal(event.day)
            if paper not in documents:
                documents[paper] = Document(pk=paper, signed_on=on, effective_on=on)
            log[event.case].append(
                CaseEvent(step=event.step, on=on, kind=event.kind, document=documents[paper])
            )
    parts, withdrawn = load.city.held.parts, load.city.withdrawn
    for number, row in enumerate(load.city.held.cases):
        groups = {
            "non_agri" if code in NON_AGRI else "agri"
            for at in row.takings
            if at not in withdrawn
            for code, _ in parts[at]
        }
        case = Case(resettlement_need=row.need)
        case.refresh_state(law, log[number], groups, ())
        project = load.city.projects[row.project]
        yield [
            load.cases[number],
            load.projects[row.project],
            load.batches[row.project, row.batch],
            f"{project.code}/{row.number:04d}",
            load.officer(row.project),
            row.need,
            row.plots if row.need == "plot" else 0,
            case.notice_on if is_served(number, case.notice_on, load.today) else None,
            *(getattr(case, name) for name in STATE_FIELDS),
        ]


def _takings(load: Loading) -> None:
    land, writer, city = load.city.land, load.writer, load.city
    owner = {at: load.cases[n] for n, row in enumerate(city.held.cases) for at in row.takings}
    load.takings = writer.ids(Taking, len(land.use))
    outlines = polygons(land.taken)
    writer.copy(
        Taking,
        [
            "project_id",
            "parcel_id",
            "case_id",
            "boundary",
            "recovered_area_m2",
            "handed_over_area_m2",
            "handed_over_on",
            "withdrawn_on",
            "withdrawn_reason",
            "note",
        ],
        (
            [
                load.takings[n],
                load.projects[int(land.project[n])],
                load.parcels[n],
                owner.get(n),
                outlines[n],
                _area(land.taken_m2[n]),
                _area(land.taken_m2[n]) if n in city.handed_over else None,
                day(city.handed_over.get(n)),
                day(city.withdrawn.get(n)),
                WITHDRAWN_REASON if n in city.withdrawn else "",
                "Đất công cộng" if land.use[n] in shapes.PUBLIC else "",
            ]
            for n in range(len(land.use))
        ),
    )
    classes = dict(LandClass.objects.valid(load.today).values_list("code", "pk"))
    known = dict(LandClass.objects.order_by("-valid_from").values_list("code", "pk"))
    flat = [(n, code, size) for n, parts in enumerate(city.held.parts) for code, size in parts]
    ids = writer.ids(TakingPart, len(flat))
    writer.copy(
        TakingPart,
        ["taking_id", "land_class_id", "area_m2"],
        (
            [at, load.takings[n], classes.get(code) or known[code], size]
            for at, (n, code, size) in zip(ids, flat, strict=True)
        ),
    )


def _area(value: Any) -> float:
    return round(float(value), 1)


def _log(load: Loading, papers: list[int]) -> None:
    events, writer = load.city.events, load.writer
    by_finance = {"payment", "deposit"}
    ids = writer.ids(CaseEvent, len(events))
    writer.copy(
        CaseEvent,
        ["case_id", "taking_id", "kind", "step", "on", "recorded_at", "by_id", "document_id"],
        (
            [
                at,
                load.cases[event.case],
                None if event.taking is None else load.takings[event.taking],
                event.kind,
                event.step,
                day(event.day),
                load.recorded(event.day, LAGS[(event.case * 31 + event.day) % len(LAGS)]),
                load.users["ketoan"]
                if event.step in by_finance
                else load.officer(load.city.held.cases[event.case].project),
                paper,
            ]
            for at, event, paper in zip(ids, events, papers, strict=True)
        ),
    )


def site_handovers(load: Loading) -> None:
    """Let the centre hand over to the investor what it has, every two months."""
    waiting: dict[int, list[tuple[int, int]]] = defaultdict(list)
    for at, on in load.city.handed_over.items():
        waiting[int(load.city.land.project[at])].append((on, at))
    today = load.today.toordinal()
    rows: list[list[Any]] = []
    pairs: list[tuple[int, int]] = []
    for project, given in sorted(waiting.items()):
        receiver = load.organisations[INVESTORS.get(load.city.projects[project].kind, "board")]
        rest = sorted(given)
        on = rest[0][0] + INVESTOR_EVERY
        while rest and on <= today:
            ready = [at for since, at in rest if since <= on - 7]
            if len(ready) >= INVESTOR_LEAST:
                (row_id,) = load.writer.ids(SiteHandover, 1)
                area = round(sum(float(load.city.land.taken_m2[at]) for at in ready), 1)
                paper = load.papers.of("site_handover", project, on)
                rows.append([row_id, load.projects[project], day(on), area, receiver, paper])
                pairs += [(row_id, load.takings[at]) for at in ready]
                rest = [(since, at) for since, at in rest if since > on - 7]
            on += INVESTOR_EVERY
    load.papers.write()
    names = ["project_id", "on", "area_m2", "receiver_id", "document_id"]
    load.writer.copy(SiteHandover, names, rows)
    load.writer.link(SiteHandover, "takings", pairs)
