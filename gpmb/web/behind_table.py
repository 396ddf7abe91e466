"""Columns and cells of the lists behind figures: public facts, files linked for those who may.

A cell is (text, address or ""). Amounts stand by project, never by household.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Sum
from django.urls import reverse

from gpmb.analysis import figures
from gpmb.analysis.behind import Scope
from gpmb.clearance.models import Case, Taking
from gpmb.law.steps import STAGE_LABELS
from gpmb.web.templatetags import vn

Cell = tuple[str, str]
Rows = list[list[Cell]]


@dataclass(frozen=True)
class Table:
    """What a list is called, its headings (a leading "#" marks figures), how rows become cells."""

    title: str
    counted: str
    headings: tuple[str, ...]
    cells: Callable[[Scope, Iterable[Any]], Rows]


def _day(scope: Scope) -> str:
    """What keeps a link on the list's past day."""
    return f"?on={scope.on.isoformat()}" if scope.on < scope.today else ""


def _project(scope: Scope, project: Any) -> Cell:
    return project.name, reverse("project", args=[project.ref]) + _day(scope)


def _cases(scope: Scope, rows: Iterable[Any]) -> Rows:
    page = list(rows)
    opened = _opened(scope, [case.pk for case in page])
    land = _land(scope, [case.pk for case in page])
    return [
        [
            _case(scope, case, opened),
            _project(scope, case.project),
            (STAGE_LABELS[case.reached], ""),
            (vn.num(land.get(case.pk, (0, 0))[0]), ""),
            (vn.m2(land.get(case.pk, (0, 0))[1]), ""),
        ]
        for case in page
    ]


def _late(scope: Scope, rows: Iterable[Any]) -> Rows:
    page = list(rows)
    opened = _opened(scope, [case.pk for case in page])
    return [
        [
            _case(scope, case, opened),
            _project(scope, case.project),
            (STAGE_LABELS[case.reached], ""),
            (vn.day(case.ceiling), ""),
            (vn.num((scope.on - case.ceiling).days), ""),
        ]
        for case in page
    ]


def _plan_late(scope: Scope, rows: Iterable[Any]) -> Rows:
    page = list(rows)
    opened = _opened(scope, [case.pk for case in page])
    return [
        [
            _case(scope, case, opened),
            _project(scope, case.project),
            (STAGE_LABELS[case.reached], ""),
            (vn.day(case.project.planned_to), ""),
            (vn.num((scope.on - case.project.planned_to).days), ""),
        ]
        for case in page
    ]


def _case(scope: Scope, case: Any, opened: set[int]) -> Cell:
    opens = case.pk in opened
    return case.code, reverse("case", args=[case.ref]) + _day(scope) if opens else ""


def _opened(scope: Scope, keys: list[int]) -> set[int]:
    """Which files this reader may open; the others are named by their code alone."""
    seen = Case.objects.visible_to(scope.user, on=scope.today).filter(pk__in=keys)
    return set(seen.values_list("pk", flat=True))


def _land(scope: Scope, cases: list[int]) -> dict[int, tuple[int, Any]]:
    rows = Taking.objects.visible_to(scope.user).live(on=scope.on).filter(case__in=cases)
    sums = rows.order_by().values_list("case").annotate(Count("pk"), Sum("recovered_area_m2"))
    return {case: (count, area) for case, count, area in sums}


def _takings(scope: Scope, rows: Iterable[Any]) -> Rows:
    return [
        [
            (taking.case.code if taking.case else "chưa lập hồ sơ", ""),
            _project(scope, taking.project),
            (str(taking.parcel.unit), ""),
            (STAGE_LABELS[taking.reached], ""),
            (vn.m2(taking.recovered_area_m2), ""),
            ("xem trên bản đồ", reverse("parcel", args=[taking.ref])),
        ]
        for taking in rows
    ]


def _handed_over(scope: Scope, rows: Iterable[Any]) -> Rows:
    return [
        [
            (taking.case.code if taking.case else "chưa lập hồ sơ", ""),
            _project(scope, taking.project),
            (str(taking.parcel.unit), ""),
            (vn.day(taking.handed_over_on) if taking.handed_over_on else "theo hồ sơ", ""),
            (vn.m2(taking.recovered_area_m2), ""),
            ("xem trên bản đồ", reverse("parcel", args=[taking.ref])),
        ]
        for taking in rows
    ]


def _to_investor(scope: Scope, rows: Iterable[Any]) -> Rows:
    return [
        [
            (vn.day(row.on), ""),
            _project(scope, row.project),
            (str(row.receiver), ""),
            (row.document.number, ""),
            (vn.m2(row.area_m2), ""),
        ]
        for row in rows
    ]


def _holders(scope: Scope, rows: Iterable[Any]) -> Rows:
    page = list(rows)
    firsts = Case.objects.select_related("project").in_bulk([row["first_case"] for row in page])
    opened = _opened(scope, list(firsts))
    return [
        [
            _case(scope, firsts[row["first_case"]], opened),
            _project(scope, firsts[row["first_case"]].project),
            (vn.num(row["cases"]), ""),
        ]
        for row in page
    ]


def _holders_moved(scope: Scope, rows: Iterable[Any]) -> Rows:
    page = list(rows)
    return [
        [*cells, ("bàn giao xong" if row["newly"] else "không còn xong", "")]
        for row, cells in zip(page, _holders(scope, page), strict=True)
    ]


def _projects(scope: Scope, rows: Iterable[Any]) -> Rows:
    page = list(rows)
    numbers = figures.of_keys([p.pk for p in page], on=scope.on, cleared=scope.user.cleared)
    return [
        [
            (project.code, ""),
            _project(scope, project),
            (project.get_origin_display(), ""),
            (vn.num(numbers[project.pk].cases), ""),
            (vn.ha(numbers[project.pk].area_m2, 2), ""),
            (vn.pct(numbers[project.pk].handed_over_share), ""),
        ]
        for project in page
    ]


def _money(scope: Scope, rows: Iterable[Any]) -> Rows:
    page = list(rows)
    numbers = figures.of_keys([p.pk for p in page], on=scope.on, cleared=scope.user.cleared)
    return [
        [
            (project.code, ""),
            _project(scope, project),
            (vn.trieu(numbers[project.pk].approved_vnd), ""),
            (vn.trieu(numbers[project.pk].paid_vnd), ""),
            (vn.pct(numbers[project.pk].paid_share), ""),
        ]
        for project in page
    ]


def _obstacles(scope: Scope, rows: Iterable[Any]) -> Rows:
    return [
        [
            (row.cause.name, ""),
            _project(scope, row.project),
            (row.case.code if row.case else "cả dự án", ""),
            (str(row.owner) if row.owner else "chưa giao", ""),
            (vn.day(row.opened_on), ""),
            (vn.num(row.days_stuck(on=scope.on)), ""),
            (vn.day(row.due_on) if row.due_on else "chưa đặt hạn", ""),
        ]
        for row in rows
    ]


def _late_moved(scope: Scope, rows: Iterable[Any]) -> Rows:
    page = list(rows)
    opened = _opened(scope, [case.pk for case in page])
    return [
        [
            _case(scope, case, opened),
            _project(scope, case.project),
            (STAGE_LABELS[case.reached], ""),
            ("mới quá hạn" if case.newly else "hết quá hạn", ""),
            (vn.day(case.ceiling if case.newly else case.ceiling_then), ""),
        ]
        for case in page
    ]


def _obstacles_moved(scope: Scope, rows: Iterable[Any]) -> Rows:
    found: Rows = []
    for row in rows:
        ended = row.closed_on is not None and row.closed_on <= scope.on
        found.append(
            [
                (row.cause.name, ""),
                _project(scope, row.project),
                (row.case.code if row.case else "cả dự án", ""),
                (str(row.owner) if row.owner else "chưa giao", ""),
                ("đã gỡ" if ended else "mới phát sinh", ""),
                (vn.day(row.closed_on if ended else row.opened_on), ""),
            ]
        )
    return found


def _money_moved(scope: Scope, rows: Iterable[Any]) -> Rows:
    page, before = list(rows), scope.since or scope.on
    days = figures.on_days([p.pk for p in page], [before, scope.on], cleared=scope.user.cleared)
    changes = {p.pk: days[scope.on][p.pk] - days[before][p.pk] for p in page}
    return [
        [
            (project.code, ""),
            _project(scope, project),
            (vn.trieu(changes[project.pk].approved_vnd), ""),
            (vn.trieu(changes[project.pk].paid_vnd), ""),
        ]
        for project in page
    ]


def _later(scope: Scope, rows: Iterable[Any]) -> Rows:
    return [
        [
            (event.case.code, ""),
            _project(scope, event.case.project),
            (
                f"hủy: {event.voids.get_step_display()}"
                if event.voids
                else event.get_step_display(),
                "",
            ),
            (vn.day(event.on), ""),
            (vn.moment(event.recorded_at), ""),
        ]
        for event in rows
    ]


CASE_HEADINGS = ("Hồ sơ", "Dự án", "Giai đoạn")
TABLES: dict[str, Table] = {
    "du-an": Table(
        "Dự án",
        "dự án",
        ("Mã", "Dự án", "Nguồn", "#Hồ sơ", "#Thu hồi (ha)", "#Bàn giao"),
        _projects,
    ),
    "ho": Table(
        "Hộ có đất thu hồi", "hộ", ("Hồ sơ đầu tiên", "Dự án", "#Số hồ sơ trong dự án"), _holders
    ),
    "to-chuc": Table(
        "Tổ chức có đất thu hồi",
        "tổ chức",
        ("Hồ sơ đầu tiên", "Dự án", "#Số hồ sơ trong dự án"),
        _holders,
    ),
    "ho-so": Table("Hồ sơ", "hồ sơ", (*CASE_HEADINGS, "#Thửa", "#Thu hồi (m²)"), _cases),
    "thua": Table(
        "Thửa đất thu hồi",
        "thửa",
        ("Hồ sơ", "Dự án", "Xã, phường", "Giai đoạn", "#Thu hồi (m²)", "Bản đồ"),
        _takings,
    ),
    "tien": Table(
        "Tiền bồi thường theo dự án",
        "dự án",
        ("Mã", "Dự án", "#Phê duyệt (triệu)", "#Chi trả (triệu)", "#Tỷ lệ"),
        _money,
    ),
    "ban-giao": Table(
        "Thửa đã bàn giao cho trung tâm",
        "thửa",
        ("Hồ sơ", "Dự án", "Xã, phường", "#Ngày", "#Diện tích (m²)", "Bản đồ"),
        _handed_over,
    ),
    "ban-giao-chu-dau-tu": Table(
        "Lần bàn giao mặt bằng cho chủ đầu tư",
        "lần bàn giao",
        ("Ngày", "Dự án", "Bên nhận", "Biên bản", "#Diện tích (m²)"),
        _to_investor,
    ),
    "qua-han-luat": Table(
        "Hồ sơ quá hạn theo luật",
        "hồ sơ",
        (*CASE_HEADINGS, "#Hạn", "#Quá hạn (ngày)"),
        _late,
    ),
    "cham-ke-hoach": Table(
        "Hồ sơ chậm so với kế hoạch",
        "hồ sơ",
        (*CASE_HEADINGS, "#Kế hoạch bàn giao", "#Chậm (ngày)"),
        _plan_late,
    ),
    "vuong-mac": Table(
        "Vướng mắc đang mở",
        "vướng mắc",
        (
            "Nguyên nhân",
            "Dự án",
            "Hồ sơ",
            "Cơ quan chủ trì",
            "#Phát sinh",
            "#Số ngày",
            "#Hạn",
        ),
        _obstacles,
    ),
    "ghi-sau": Table(
        "Diễn biến ghi sau ngày này",
        "diễn biến",
        ("Hồ sơ", "Dự án", "Bước", "#Ngày diễn ra", "#Ghi lúc"),
        _later,
    ),
    "ho-thay-doi": Table(
        "Hộ bàn giao xong thêm",
        "hộ",
        ("Hồ sơ đầu tiên", "Dự án", "#Số hồ sơ trong dự án", "Thay đổi"),
        _holders_moved,
    ),
    "qua-han-thay-doi": Table(
        "Hồ sơ mới quá hạn, hết quá hạn",
        "hồ sơ",
        (*CASE_HEADINGS, "Thay đổi", "#Hạn"),
        _late_moved,
    ),
    "vuong-mac-thay-doi": Table(
        "Vướng mắc mới phát sinh, đã gỡ",
        "vướng mắc",
        ("Nguyên nhân", "Dự án", "Hồ sơ", "Cơ quan chủ trì", "Thay đổi", "#Ngày"),
        _obstacles_moved,
    ),
    "tien-thay-doi": Table(
        "Tiền duyệt thêm, chi thêm theo dự án",
        "dự án",
        ("Mã", "Dự án", "#Duyệt thêm (triệu)", "#Chi thêm (triệu)"),
        _money_moved,
    ),
}
