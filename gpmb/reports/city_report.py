"""The leaders' report: one page of figures with its annexes, gathered once for every file.

XLSX, DOCX and PDF are three ways to write the same `Report`; no file counts anything by itself.
Values are raw (m², đồng, shares, days); `written` says them the Vietnamese way.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.db.models import Count, Min, Q

from gpmb import vn
from gpmb.accounts.models import Role, User
from gpmb.analysis import figures, project_land, standing
from gpmb.analysis.figures import Figures
from gpmb.analysis.standing import Row, Standing
from gpmb.analysis.subject import CITY, Subject
from gpmb.clearance.models import (
    Deployment,
    Directive,
    Obstacle,
    Project,
    Question,
    Responsibility,
    Taking,
)
from gpmb.land.models import AdministrativeUnit
from gpmb.law.steps import STAGE_LABELS
from gpmb.reference.models import PriorityCategory
from gpmb.reports.content import Column, Fact, Page, Report, Table
from gpmb.reports.plan import plan_of
from maps import charts

if TYPE_CHECKING:
    from maps.charts import Chart

LISTED = 5  # questions and conclusions on the page itself
LATEST = 3
BARS = 12
PICKS = 10


def public_reader() -> User:
    """Return the reader of files made by command: no restricted project exists for them."""
    return User(username="report", role=Role.LEADER, cleared=False)


def previous_month_end(on: dt.date) -> dt.date:
    """Return the day a report is compared with by default."""
    return on.replace(day=1) - dt.timedelta(days=1)


def build(
    user: User, subject: Subject, *, on: dt.date, today: dt.date, since: dt.date | None = None
) -> Report:
    """Gather the one-page report of a subject with its annexes, for what `user` may see."""
    since = since or previous_month_end(on)
    read = Standing.read(user, on=on, since=since, projects=subject.projects)
    maker = _Maker(user, read, today)
    page = maker.page(subject.title, read.projects, subject.project, whole=subject.key == CITY)
    return maker.report(subject.title, [page], maker.annexes(read.projects))


def pack(
    user: User,
    *,
    on: dt.date,
    today: dt.date,
    since: dt.date | None = None,
    progress: Callable[[int, int], None] = lambda done, pages: None,
) -> Report:
    """Gather the papers of a thematic conference: the city, then every project, a page each.

    `progress` is told how many pages of how many are gathered.
    """
    since = since or previous_month_end(on)
    read = Standing.read(user, on=on, since=since)
    maker = _Maker(user, read, today)
    count = len(read.projects) + 1
    pages = [maker.page("Toàn thành phố", read.projects, None, whole=True)]
    for project in read.projects:
        progress(len(pages), count)
        pages.append(maker.page(project.name, [project], project))
    progress(count, count)
    return maker.report("Hội nghị chuyên đề giải phóng mặt bằng", pages, [])


MEASURES = (
    Column("Hộ"),
    Column("Hồ sơ"),
    Column("Thửa"),
    Column("Thu hồi (ha)", "ha"),
    Column("Hộ bàn giao (ha)", "ha"),
    Column("Tỷ lệ", "pct"),
    Column("Thêm từ kỳ trước (ha)", "ha"),
    Column("Giao chủ đầu tư (ha)", "ha"),
    Column("Phê duyệt (tỷ)", "ty"),
    Column("Chi trả (tỷ)", "ty"),
    Column("So với kế hoạch", "text"),
    Column("Quá hạn luật"),
    Column("Vướng mắc"),
)


def _measures(row: Row) -> list[Any]:
    f = row.figures
    return [
        f.households,
        f.cases,
        f.takings,
        f.area_m2,
        f.handed_over_m2,
        f.handed_over_share,
        row.change.handed_over_m2,
        f.investor_m2,
        f.approved_vnd,
        f.paid_vnd,
        row.verdict.words,
        f.overdue,
        f.obstacles,
    ]


@dataclass(frozen=True)
class _Maker:
    """Makes pages of one reading, so that every page and annex says the same."""

    user: User
    read: Standing
    today: dt.date

    @property
    def on(self) -> dt.date:
        return self.read.on

    def report(self, title: str, pages: list[Page], annexes: list[Table]) -> Report:
        row = Deployment.objects.filter(pk=1).first()
        notices = ["Dữ liệu minh họa"] if row and row.illustrative else []
        left_out = 0 if self.user.cleared else Project.objects.filter(restricted=True).count()
        if left_out:
            notices.append(f"Chưa gồm {left_out} dự án hạn chế")
        city = row.city if row else ""
        return Report(city, title, self.on, self.read.since, notices, pages, annexes)

    def page(
        self,
        title: str,
        projects: Sequence[Project],
        one: Project | None,
        *,
        whole: bool = False,
    ) -> Page:
        """Make a page; the `whole` city's also says what is asked and concluded of no project."""
        row = self.read.row(projects)
        keys = [project.pk for project in projects]
        about = Q(project__in=keys) | Q(project=None) if whole else Q(project__in=keys)
        groups = self._groups(projects) if one is None else []
        return Page(
            title=title,
            people=self._people(one) if one else "",
            sentence=sentence(row, self.on, self.read.since),
            facts=_facts(row),
            table=self._by_group(groups, row) if groups else None,
            questions=self._questions(about),
            conclusions=self._conclusions(about),
            blocking=self._blocking(one) if one else [],
            curve=self._curve(title, projects),
            bars=self._bars(projects, groups, one),
            plan=plan_of(self.user, keys, on=self.on, today=self.today),
        )

    def annexes(self, projects: Sequence[Project]) -> list[Table]:
        keys = [project.pk for project in projects]
        return [self._by_project(projects), self._by_unit(keys), self._causes(keys)]

    # Rows of figures

    def _groups(self, projects: Sequence[Project]) -> list[tuple[str, list[Project]]]:
        """Priority categories with their projects; inside one category, its projects."""
        names = list(PriorityCategory.objects.order_by("order").values_list("pk", "name"))
        found = [(name, [p for p in projects if p.category_id == pk]) for pk, name in names]  # type: ignore[attr-defined]
        found.append(("Chưa xếp nhóm", [p for p in projects if p.category_id is None]))  # type: ignore[attr-defined]
        found = [(name, mine) for name, mine in found if mine]
        if len(found) == 1:
            return [(project.name, [project]) for project in projects]
        return found

    def _by_group(self, groups: list[tuple[str, list[Project]]], row: Row) -> Table:
        return Table(
            "Kết quả thực hiện",
            (Column("", "text"), Column("Dự án"), *MEASURES),
            [[name, len(mine), *_measures(self.read.row(mine))] for name, mine in groups[:BARS]],
            ["Cộng", row.projects, *_measures(row)] if len(groups) <= BARS else None,
        )

    def _by_project(self, projects: Sequence[Project]) -> Table:
        rows = [
            [at, project.name, project.get_origin_display(), *_measures(self.read.row([project]))]
            for at, project in enumerate(projects, 1)
        ]
        total = [None, "Cộng", None, *_measures(self.read.row(projects))]
        head = (Column("TT", "text"), Column("Dự án", "text"), Column("Nguồn", "text"))
        return Table("Phụ lục 1. Kết quả theo dự án", (*head, *MEASURES), rows, total)

    def _by_unit(self, keys: list[int]) -> Table:
        names = {u.pk: str(u) for u in AdministrativeUnit.objects.defer("boundary")}
        found = figures.by_unit(keys, on=self.on, cleared=self.user.cleared)
        rows = [
            [names.get(unit, "Chưa rõ xã, phường") if unit else "Chưa rõ xã, phường", *_plain(f)]
            for unit, f in found.items()
        ]
        columns = (
            Column("Xã, phường", "text"),
            Column("Hộ"),
            Column("Hồ sơ"),
            Column("Thửa"),
            Column("Thu hồi (ha)", "ha"),
            Column("Hộ bàn giao (ha)", "ha"),
            Column("Tỷ lệ", "pct"),
            Column("Phê duyệt (tỷ)", "ty"),
            Column("Chi trả (tỷ)", "ty"),
        )
        total = ["Cộng", *_plain(figures.total(found.values()))]
        rows.sort(key=lambda row: str(row[0]))
        return Table("Phụ lục 2. Kết quả theo xã, phường", columns, rows, total)

    def _causes(self, keys: list[int]) -> Table:
        rows = (
            Obstacle.objects.open(on=self.on)
            .filter(project__in=keys)
            .values("cause__name")
            .annotate(
                n=Count("pk"), projects=Count("project", distinct=True), first=Min("opened_on")
            )
            .order_by("-n", "cause__name")
        )
        return Table(
            "Phụ lục 3. Vướng mắc đang mở theo nguyên nhân",
            (
                Column("Nguyên nhân", "text"),
                Column("Vướng mắc"),
                Column("Dự án"),
                Column("Từ ngày (lâu nhất)", "day"),
                Column("Số ngày (lâu nhất)"),
            ),
            [
                [r["cause__name"], r["n"], r["projects"], r["first"], (self.on - r["first"]).days]
                for r in rows
            ],
        )

    # What waits

    def _questions(self, about: Q) -> Table:
        rows = (
            Question.objects.visible_to(self.user)
            .waiting(on=self.on)
            .filter(about)
            .select_related("project", "owner")
        )
        return Table(
            "Nội dung xin ý kiến",
            (
                Column("Nội dung", "text"),
                Column("Dự án", "text"),
                Column("Cấp quyết định", "text"),
                Column("Hộ chờ"),
                Column("Chờ (ha)", "ha"),
                Column("Cần trước", "day"),
            ),
            [
                [
                    q.title,
                    str(q.project or ""),
                    q.get_level_display(),
                    q.households,
                    q.area_m2,
                    q.needed_on,
                ]
                for q in rows[:LISTED]
            ],
        )

    def _conclusions(self, about: Q) -> Table:
        rows = (
            Directive.objects.visible_to(self.user)
            .late(on=self.on)
            .filter(about)
            .select_related("owner", "review")
            .order_by("due_on", "pk")
        )
        title = "Kết luận giao ban quá hạn"
        if (count := rows.count()) > LATEST:
            title += f": {LATEST} việc lâu nhất trong {count}"
        return Table(
            title,
            (
                Column("Kết luận", "text"),
                Column("Thực hiện", "text"),
                Column("Giao ngày", "day"),
                Column("Hạn", "day"),
                Column("Quá (ngày)"),
            ),
            [
                [d.text, str(d.owner), d.review.on, d.due_on, (self.on - d.due_on).days]
                for d in rows[:LATEST]
            ],
        )

    def _people(self, project: Project) -> str:
        roles = (Responsibility.Role.LEADER, Responsibility.Role.LEAD)
        rows = project.responsibilities.filter(valid_to=None, valid_from__lte=self.on)
        found = (
            rows.filter(role__in=roles).select_related("organisation", "user").order_by("-role")
        )
        return " · ".join(f"{r.get_role_display()}: {r.user or r.organisation}" for r in found)

    def _blocking(self, project: Project) -> list[str]:
        """Clear land in one piece, and what the first pending takings would open: two figures."""
        found = project_land.read(project, on=self.on, user=self.user)
        land = found.land
        if land.reason:
            return [land.reason]
        now = land.blocks()
        words = [
            f"Đất sạch {vn.ha(now.cleared_m2, 2)} ha, khối liền lớn nhất "
            f"{vn.ha(now.largest_m2, 2)} ha."
        ]
        picks = land.order(picks=PICKS)[:PICKS]
        gained = sum(pick.largest_m2 for pick in picks)
        held = Taking.objects.filter(pk__in=[int(found.takings[pick.parcel]) for pick in picks])
        cases = held.aggregate(n=Count("case", distinct=True))["n"]
        words.append(
            f"Giải quyết xong {len(picks)} phần đất đầu danh sách ({cases} hồ sơ) thì khối liền "
            f"lớn nhất thêm {vn.ha(gained, 2)} ha."
        )
        return words

    # Charts

    def _curve(self, title: str, projects: Sequence[Project]) -> Chart:
        mine = {project.pk: self.read.now[project.pk] for project in projects}
        found = standing.curves(
            list(mine), self.read.plan, mine, self.on, cleared=self.user.cleared
        )
        return charts.s_curve(
            actual=found.share(found.actual),
            plan=found.share(found.plan),
            baseline=found.share(found.baseline),
            as_of=self.on,
            unit="% diện tích",
            title=f"Bàn giao mặt bằng: {title}",
            description="Diện tích hộ bàn giao lũy kế và kế hoạch, phần trăm diện tích thu hồi",
            size=(430, 150),
        )

    def _bars(
        self,
        projects: Sequence[Project],
        groups: list[tuple[str, list[Project]]],
        one: Project | None,
    ) -> Chart | None:
        rows: list[tuple[str, Sequence[float]]]
        if one is None:
            rows = [(name, self.read.row(mine).figures.stages) for name, mine in groups[:BARS]]
        else:
            names = {u.pk: u.name for u in AdministrativeUnit.objects.defer("boundary")}
            found = figures.by_unit([one.pk], on=self.on, cleared=self.user.cleared)
            rows = [(names.get(unit or 0, "Chưa rõ"), f.stages) for unit, f in found.items()]
        if not any(any(stages) for _, stages in rows):
            return None
        chart = charts.stacked_bars(
            rows,
            charts.stage_segments([STAGE_LABELS[stage] for stage in range(7)]),
            unit="hồ sơ",
            title="Hồ sơ theo bước",
            description="Số hồ sơ ở từng bước",
            width=430,
        )
        # Half a page wide: four names of stages don't fit side by side.
        chart.spec["encoding"]["color"]["legend"] |= {
            "columns": 3,
            "labelFontSize": 9,
            "symbolSize": 60,
            "columnPadding": 6,
        }
        return chart


def _plain(f: Figures) -> list[Any]:
    return [
        f.households,
        f.cases,
        f.takings,
        f.area_m2,
        f.handed_over_m2,
        f.handed_over_share,
        f.approved_vnd,
        f.paid_vnd,
    ]


def _facts(row: Row) -> list[Fact]:
    f = row.figures
    return [
        Fact(
            "Dự án", row.projects, "count", f"{vn.num(f.cases)} hồ sơ, {vn.num(f.households)} hộ"
        ),
        Fact("Thu hồi (ha)", f.area_m2, "ha", f"{vn.num(f.takings)} thửa"),
        Fact("Hộ bàn giao", f.handed_over_share, "pct", f"{vn.ha(f.handed_over_m2, 2)} ha"),
        Fact("Giao chủ đầu tư", f.investor_share, "pct", f"{vn.ha(f.investor_m2, 2)} ha"),
        Fact("Chi trả (tỷ)", f.paid_vnd, "ty", f"trên {vn.ty(f.approved_vnd)} tỷ đã duyệt"),
        Fact("Quá hạn luật", f.overdue, "count", f"hồ sơ; {vn.num(f.obstacles)} vướng mắc"),
    ]


def sentence(row: Row, on: dt.date, since: dt.date) -> str:
    """Say what changed since an earlier day and how that compares with the plan."""
    change = row.change
    parts = []
    if change.handed_over_m2:
        done = change.stages[6]
        parts.append(f"bàn giao thêm {vn.ha(change.handed_over_m2, 2)} ha ({vn.num(done)} hồ sơ)")
    if change.investor_m2:
        parts.append(f"giao chủ đầu tư thêm {vn.ha(change.investor_m2, 2)} ha")
    if change.paid_vnd:
        parts.append(f"chi trả thêm {vn.ty(change.paid_vnd)} tỷ đồng")
    if change.approved_vnd:
        parts.append(f"phê duyệt thêm {vn.ty(change.approved_vnd)} tỷ đồng")
    moved = ", ".join(parts) or "không có thay đổi về bàn giao, chi trả, phê duyệt"
    more = change.overdue
    late = "không đổi" if not more else f"{'tăng' if more > 0 else 'giảm'} {vn.num(abs(more))}"
    share = vn.pct(row.figures.handed_over_share, 1)
    return (
        f"Từ ngày {vn.day(since)} đến ngày {vn.day(on)}: {moved}. Đến nay hộ đã bàn giao "
        f"{share} diện tích, {row.verdict.words} so với kế hoạch; "
        f"{vn.num(row.figures.overdue)} hồ sơ quá hạn theo luật ({late})."
    )
