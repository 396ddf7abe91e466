"""Write resettlement, obstacles, complaints, the plan and the reviews."""

from typing import Any

import numpy as np
import shapely

from gpmb.clearance.models import (
    Directive,
    Obstacle,
    PlanEntry,
    PlanVersion,
    Review,
    Target,
)
from gpmb.complaints.models import Complaint, ComplaintCase, ComplaintEvent, ComplaintParcel
from gpmb.management.demo import load_resettlement, resettle, steering, troubles
from gpmb.management.demo.load_base import Loading, day
from gpmb.management.demo.writer import lines, points, polygons
from gpmb.reference.models import ObstacleCause
from gpmb.resettlement.models import Allocation, Plot, Site

# What letters say, three ways a topic: those that say the same are proposed as one matter.
ABOUT = {
    "price": (
        "Đơn giá đất trồng lúa thấp hơn giá đã chi trả ở dự án bên cạnh",
        "Đề nghị tính lại hệ số vị trí mặt đường của thửa đất ở",
        "Chưa áp dụng bảng giá mới ban hành đầu năm",
    ),
    "area": (
        "Diện tích đo đạc thiếu so với giấy chứng nhận",
        "Ranh giới với hộ liền kề cắm mốc sai",
        "Phần bờ, mương trong thửa chưa được tính",
    ),
    "origin": (
        "Đất khai hoang trước năm 1993 nhưng ghi là đất công ích",
        "Xác nhận sai thời điểm sử dụng đất",
        "Đất vườn trong cùng thửa có nhà chưa công nhận là đất ở",
    ),
    "asset": (
        "Sót chuồng trại và giếng khoan khi kiểm đếm",
        "Mật độ cây ăn quả ghi thấp hơn thực tế",
        "Chưa bồi thường tường rào, sân bê tông",
    ),
    "resettlement": (
        "Xin thêm suất tái định cư vì có hai cặp vợ chồng",
        "Vị trí lô tái định cư xa nơi buôn bán",
        "Hạ tầng khu tái định cư chưa có nước sạch",
    ),
    "support": (
        "Chưa tính hỗ trợ ổn định đời sống cho con mới sinh",
        "Đề nghị hỗ trợ chuyển đổi nghề nghiệp theo diện tích thực thu hồi",
        "Hộ kinh doanh ngừng việc chưa được hỗ trợ",
    ),
    "owner": (
        "Thửa đất đã nhận chuyển nhượng giấy viết tay, đề nghị ghi đúng người sử dụng",
        "Đồng thừa kế chưa được ghi tên trong phương án",
        "Ghi nhầm tên chủ sử dụng với người thuê đất",
    ),
    "procedure": (
        "Không được mời họp trước khi niêm yết phương án",
        "Biên bản kiểm đếm không giao cho hộ",
        "Thời gian niêm yết ngắn hơn quy định",
    ),
}
# Letters about these name every parcel of the case; the others the first.
ABOUT_LAND = ("area", "origin", "owner")


def resettlement(load: Loading) -> None:
    """Write sites, plots with the status they have on the data day, and allocations."""
    city, writer = load.city, load.writer
    today = load.today.toordinal()
    sites = writer.ids(Site, len(city.sites))
    outline = np.array([_site_outline(row) for row in city.sites])
    boundary = polygons(outline)
    homes = [
        int(city.land.ward[np.flatnonzero(city.land.project == s.project)[0]]) for s in city.sites
    ]
    writer.copy(
        Site,
        ["code", "name", "unit_id", "boundary", "status", "ready_on"],
        (
            [
                sites[n],
                row.code,
                row.name,
                load.units[homes[n]],
                boundary[n],
                _site_status(row.ready, today),
                day(row.ready) if row.ready <= today else None,
            ]
            for n, row in enumerate(city.sites)
        ),
    )
    writer.link(
        Site,
        "projects",
        [(sites[n], load.projects[p]) for n, row in enumerate(city.sites) for p in row.serves],
    )
    load_resettlement.arrangements(load)
    given = {(row.site, row.plot): row for row in city.allocations}
    keys = [(n, at) for n, row in enumerate(city.sites) for at in range(len(row.plots))]
    plots = dict(zip(keys, writer.ids(Plot, len(keys)), strict=True))
    outlines = polygons(np.array([city.sites[n].plots[at] for n, at in keys]))
    writer.copy(
        Plot,
        ["site_id", "number", "boundary", "area_m2", "price_vnd", "status"],
        (
            [
                plots[n, at],
                sites[n],
                f"L{at + 1:03d}",
                outlines[row],
                round(float(city.sites[n].plots[at].area), 1),
                round(city.sites[n].plots[at].area * _price(load, homes[n]), -6),
                _plot_status(city.sites[n], (n, at) in given, today),
            ]
            for row, (n, at) in enumerate(keys)
        ),
    )
    papers = [
        load.papers.of("resettlement", city.held.cases[row.case].project, row.handed_over)
        for row in city.allocations
    ]
    load.papers.write()
    ids = writer.ids(Allocation, len(papers))
    writer.copy(
        Allocation,
        ["case_id", "plot_id", "allocated_on", "document_id", "handed_over_on"],
        (
            [
                ids[n],
                load.cases[row.case],
                plots[row.site, row.plot],
                day(row.on),
                papers[n],
                day(row.handed_over),
            ]
            for n, row in enumerate(city.allocations)
        ),
    )
    load_resettlement.draws(load, plots, sites)


def _site_outline(row: resettle.Site) -> Any:
    whole = shapely.union_all(np.array(row.plots), grid_size=0.01)
    return whole.buffer(10, join_style="mitre").buffer(-4, join_style="mitre")


def _site_status(ready: int, today: int) -> str:
    if ready <= today:
        return "ready"
    return "building" if ready - today < 400 else "planned"


def _plot_status(site: resettle.Site, given: bool, today: int) -> str:
    if given:
        return "handed_over"
    return "available" if site.ready <= today else "planned"


def _price(load: Loading, ward: int) -> int:
    return resettle.PRICE_VND[load.city.wards[ward].kind]


def obstacles(load: Loading) -> None:
    """Write obstacles with their owners and dates."""
    city, writer = load.city, load.writer
    causes = dict(ObstacleCause.objects.values_list("code", "pk"))
    rows = city.obstacles
    ids = writer.ids(Obstacle, len(rows))
    writer.copy(
        Obstacle,
        [
            "project_id",
            "case_id",
            "line",
            "area",
            "cause_id",
            "owner_id",
            "opened_on",
            "due_on",
            "next_step",
            "closed_on",
            "close_note",
        ],
        (
            [
                ids[n],
                load.projects[row.project],
                None if row.case is None else load.cases[row.case],
                _along(load, row) if row.case is None and row.cause == "utilities" else None,
                _around(load, row)
                if row.case is None and row.cause == "project_boundary"
                else None,
                causes[row.cause],
                load.organisations[owner_key(load, row.project, row.owner)],
                day(row.opened),
                day(row.due),
                "" if row.closed else steering.next_step(row.owner),
                day(row.closed),
                "Đã giải quyết xong" if row.closed else "",
            ]
            for n, row in enumerate(rows)
        ),
    )


def _spots(load: Loading, row: troubles.Obstacle) -> Any:
    """Centres of a project's land (n, 2), from one end to the other."""
    land = load.city.land
    mine = shapely.get_coordinates(shapely.centroid(land.taken[land.project == row.project]))
    spread = np.cov(mine.T)
    return mine[np.argsort(mine @ np.linalg.eigh(spread)[1][:, -1])]


def _along(load: Loading, row: troubles.Obstacle) -> str | None:
    """A power line over the middle third of a project's land."""
    spots = _spots(load, row)
    middle = spots[len(spots) // 3 : 2 * len(spots) // 3]
    ends = [part.mean(axis=0) for part in np.array_split(middle, 5) if len(part)]
    return lines([shapely.linestrings(ends)])[0]


def _around(load: Loading, row: troubles.Obstacle) -> str:
    """The corner of a project whose boundary is to be drawn anew."""
    corner = shapely.convex_hull(shapely.multipoints(_spots(load, row)[:8]))
    return polygons(np.array([shapely.buffer(corner, 12)]))[0]


def owner_key(load: Loading, project: int, owner: str) -> str:
    return f"ward:{load.city.projects[project].wards[0]}" if owner == "ward" else owner


def complaints(load: Loading) -> None:
    """Write letters and the log of each; a denunciation keeps its number and dates alone."""
    city, writer = load.city, load.writer
    rows = city.complaints
    ids = writer.ids(Complaint, len(rows))
    first = np.array(
        [0 if r.case is None else city.held.cases[r.case].takings[0] for r in rows], dtype=np.int64
    )
    spots = points(shapely.get_coordinates(shapely.point_on_surface(city.land.taken[first])))
    order = {
        n: at for at, n in enumerate(sorted(range(len(rows)), key=lambda n: rows[n].received))
    }
    answers = [
        None
        if row.answered is None or row.case is None
        else load.papers.of("answer", city.held.cases[row.case].project, row.answered)
        for row in rows
    ]
    data: list[list[Any]] = []
    for n, row in enumerate(rows):
        case = None if row.case is None else city.held.cases[row.case]
        year = day(row.received).year  # type: ignore[union-attr]
        data.append(
            [
                ids[n],
                f"{order[n] + 1}/{year}",
                row.kind,
                day(row.received),
                row.channel,
                row.people,
                row.topic,
                row.level,
                None if case is None else load.projects[case.project],
                None if case is None else spots[n],
                "" if case is None else ABOUT[row.topic][n % 3],
                None if row.first is None else ids[row.first],
                load.users["donthu"],
                row.status,
                day(row.accepted),
                day(row.due),
                day(row.answered),
                day(row.implemented),
                day(row.closed),
                row.result,
                answers[n],
            ]
        )
    names = [
        "serial",
        "kind",
        "received_on",
        "channel",
        "people_count",
        "topic",
        "level",
        "project_id",
        "location",
        "content",
        "repeats_id",
        "officer_id",
        "status",
        "accepted_on",
        "due_on",
        "answered_on",
        "implemented_on",
        "closed_on",
        "result",
        "document_id",
    ]
    load.papers.write()
    writer.copy(Complaint, names, data)
    _land_of(load, ids)
    log = [
        (ids[n], status, on, answers[n] if status == "decided" else None)
        for n, row in enumerate(rows)
        for status, on in (
            ("received", row.received),
            ("accepted", row.accepted),
            ("decided", row.answered),
            ("implemented", row.implemented),
            ("closed", row.closed),
        )
        if on is not None
        and not (row.kind == "denunciation" and status in ("decided", "implemented"))
    ]
    writer.copy(
        ComplaintEvent,
        ["complaint_id", "status", "on", "document_id", "recorded_at", "by_id"],
        (
            [at, letter, status, day(on), paper, load.recorded(on, at % 2), load.users["donthu"]]
            for at, (letter, status, on, paper) in zip(
                writer.ids(ComplaintEvent, len(log)), log, strict=True
            )
        ),
    )


def _land_of(load: Loading, ids: list[int]) -> None:
    """Link letters to their cases and to the first one's parcels: all where land is at issue."""
    city, writer = load.city, load.writer
    cases: list[tuple[int, int]] = []
    parcels: list[tuple[int, int]] = []
    for number, row in zip(ids, city.complaints, strict=True):
        if row.case is not None:
            cases += [(number, case) for case in (row.case, *row.also)]
            takings = city.held.cases[row.case].takings
            named = takings if row.topic in ABOUT_LAND else takings[:1]
            parcels += [
                (number, parcel) for parcel in dict.fromkeys(load.parcels[t] for t in named)
            ]
    writer.copy(
        ComplaintCase,
        ["complaint_id", "case_id", "project_id"],
        (
            [at, letter, load.cases[case], load.projects[city.held.cases[case].project]]
            for at, (letter, case) in zip(
                writer.ids(ComplaintCase, len(cases)), cases, strict=True
            )
        ),
    )
    writer.copy(
        ComplaintParcel,
        ["complaint_id", "parcel_id"],
        (
            [at, letter, parcel]
            for at, (letter, parcel) in zip(
                writer.ids(ComplaintParcel, len(parcels)), parcels, strict=True
            )
        ),
    )


def plans_of_the_city(load: Loading) -> None:
    """Write the versions of the yearly plan, their projects and monthly targets.

    Each is a draft while it is written: what has left the draft takes no more targets.
    """
    city, writer = load.city, load.writer
    versions = writer.ids(PlanVersion, len(city.versions))
    papers = [
        load.papers.of("plan", -1, row.on) if row.kind == "issued" else None
        for row in city.versions
    ]
    load.papers.write()
    writer.copy(
        PlanVersion,
        ["year", "kind", "name", "on", "document_id"],
        (
            [versions[n], row.year, PlanVersion.Kind.DRAFT, row.name, day(row.on), papers[n]]
            for n, row in enumerate(city.versions)
        ),
    )
    keys = [(n, project) for n, row in enumerate(city.versions) for project in row.projects]
    entries = dict(zip(keys, writer.ids(PlanEntry, len(keys)), strict=True))
    writer.copy(
        PlanEntry,
        ["version_id", "project_id"],
        ([at, versions[n], load.projects[project]] for (n, project), at in entries.items()),
    )
    targets = [(n, target) for n, row in enumerate(city.versions) for target in row.targets]
    ids = writer.ids(Target, len(targets))
    writer.copy(
        Target,
        ["entry_id", "stage", "month", "cases", "area_m2", "amount_vnd"],
        (
            [
                at,
                entries[n, row.project],
                row.stage,
                row.month,
                row.cases,
                row.area_m2,
                row.amount_vnd,
            ]
            for at, (n, row) in zip(ids, targets, strict=True)
        ),
    )
    for n, row in enumerate(city.versions):
        PlanVersion.objects.filter(pk=versions[n]).update(kind=row.kind)


def reviews(load: Loading) -> None:
    """Write the monthly reviews and their conclusions."""
    city, writer = load.city, load.writer
    ids = writer.ids(Review, len(city.reviews))
    papers = [load.papers.of("review", -1, row.on) for row in city.reviews]
    load.papers.write()
    writer.copy(
        Review,
        ["on", "kind", "title", "document_id", "chair_id"],
        (
            [ids[n], day(row.on), row.kind, row.title, papers[n], load.users["lanhdao"]]
            for n, row in enumerate(city.reviews)
        ),
    )
    flat = [(ids[n], row) for n, review in enumerate(city.reviews) for row in review.directives]
    writer.copy(
        Directive,
        ["review_id", "project_id", "text", "owner_id", "due_on", "done_on", "result"],
        (
            [
                at,
                review,
                load.projects[row.project],
                row.text,
                load.organisations[owner_key(load, row.project, row.owner)],
                day(row.due),
                day(row.done),
                "Đã thực hiện, có báo cáo" if row.done else "",
            ]
            for at, (review, row) in zip(writer.ids(Directive, len(flat)), flat, strict=True)
        ),
    )
