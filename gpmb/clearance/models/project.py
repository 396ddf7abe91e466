"""Projects and what groups, owns and prepares them."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pgtrigger
from django.contrib.postgres.indexes import GistIndex
from django.db import models
from django.db.models import Q

from gpmb.accounts.models import Organisation, User, ends_after_start, no_overlap
from gpmb.fields import (
    LegalLineField,
    LegalPolygonField,
    MoneyField,
    RefField,
    folded,
    web_mercator,
)
from gpmb.land.models import AdministrativeUnit, Document, trigram_index
from gpmb.reference.models import Mark, PriorityCategory
from gpmb.tracking import tracked
from gpmb.triggers import bump_version, touch_projects

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser


@tracked()
class Deployment(models.Model):
    """The one row about this installation: whose city, which day its data stands at.

    A demo or a frozen copy has a `data_date`: its "today" for every deadline, colour and form.
    """

    city = models.CharField("thành phố", max_length=100, default="Móng Cái")
    data_date = models.DateField("số liệu đến ngày", null=True, blank=True)
    illustrative = models.BooleanField("dữ liệu minh họa", default=False)

    class Meta:
        verbose_name = "triển khai"
        verbose_name_plural = "triển khai"
        constraints = [
            models.CheckConstraint(
                name="deployment_is_single",
                condition=Q(pk=1),
                violation_error_message="Chỉ có một bản ghi triển khai.",
            )
        ]

    def __str__(self) -> str:
        return self.city


class ProjectQuerySet(models.QuerySet["Project"]):
    def visible_to(self, user: User | AnonymousUser) -> ProjectQuerySet:
        """Keep what `user` may know to exist: restricted projects only for those cleared."""
        if not user.is_authenticated:
            return self.none()
        return self if user.cleared else self.filter(restricted=False)

    def assigned_to(self, user: User, *, on: dt.date) -> ProjectQuerySet:
        return self.filter(
            Q(assignment__valid_to__isnull=True) | Q(assignment__valid_to__gte=on),
            assignment__user=user,
            assignment__valid_from__lte=on,
        )

    def with_category(self, *, on: dt.date) -> Any:  # the stubs can't follow an annotation
        """Annotate `category_id` and `category_order`, the priority category on a day."""
        current = ProjectCategory.objects.filter(
            Q(valid_to__isnull=True) | Q(valid_to__gte=on),
            project=models.OuterRef("pk"),
            valid_from__lte=on,
        )
        return self.annotate(
            category_id=models.Subquery(current.values("category_id")[:1]),
            category_order=models.Subquery(current.values("category__order")[:1]),
        )


@tracked(exclude=["boundary_web", "folded"])
class Project(models.Model):
    """A project that needs land, with its origin in the city's plan (which never changes)."""

    class Kind(models.TextChoices):
        ROAD = "road", "Đường giao thông"
        CANAL = "canal", "Kênh, kè, thủy lợi"
        RESETTLEMENT = "resettlement", "Khu tái định cư"
        INDUSTRIAL = "industrial", "Cụm, khu công nghiệp"
        URBAN = "urban", "Khu đô thị, dân cư"
        PORT = "port", "Cảng, cửa khẩu, logistics"
        PUBLIC = "public", "Trường học, y tế, công trình công cộng"
        ENERGY = "energy", "Điện, nước, viễn thông"
        DEFENCE = "defence", "Quốc phòng, an ninh"
        OTHER = "other", "Khác"

    class Origin(models.TextChoices):
        CARRIED_OVER = "carried_over", "Chuyển tiếp"
        NEW = "new", "Mới"
        ADDED = "added", "Bổ sung"

    ref = RefField()
    code = models.CharField("mã dự án", max_length=30, unique=True)
    name = models.CharField("tên dự án", max_length=250)
    kind = models.CharField("loại dự án", max_length=15, choices=Kind)
    origin = models.CharField("nguồn", max_length=15, choices=Origin)
    plan_year = models.PositiveSmallIntegerField("năm kế hoạch")
    investor = models.ForeignKey(
        Organisation,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="invested_projects",
        verbose_name="chủ đầu tư",
    )
    units = models.ManyToManyField(AdministrativeUnit, verbose_name="xã, phường", blank=True)
    boundary = LegalPolygonField("ranh giới dự án", null=True, blank=True)
    boundary_web = web_mercator("boundary")
    alignment = LegalLineField("tim tuyến", null=True, blank=True)
    planned_from = models.DateField("bắt đầu theo kế hoạch", null=True, blank=True)
    planned_to = models.DateField("bàn giao theo kế hoạch", null=True, blank=True)
    closed_on = models.DateField("kết thúc ngày", null=True, blank=True)
    restricted = models.BooleanField("dự án hạn chế", default=False)
    illustrative = models.BooleanField("dữ liệu minh họa", default=False)
    marks = models.ManyToManyField(Mark, through="ProjectMark", verbose_name="diện", blank=True)
    folded = folded("name", "code")
    version = models.IntegerField(default=0, editable=False)

    objects = ProjectQuerySet.as_manager()

    class Meta:
        verbose_name = "dự án"
        verbose_name_plural = "dự án"
        ordering = ["code"]
        indexes = [
            GistIndex(fields=["boundary_web"], name="project_boundary_web"),
            trigram_index("project_folded"),
        ]
        triggers = [
            bump_version("boundary_web", "folded"),
            pgtrigger.Trigger(
                name="start_version",
                when=pgtrigger.After,
                operation=pgtrigger.Insert,
                func="""
                    INSERT INTO clearance_projectversion (project_id, number) VALUES (NEW.id, 1);
                    RETURN NULL;
                """,
            ),
            *touch_projects("SELECT id FROM {rows}"),
        ]
        constraints = [
            models.CheckConstraint(
                name="project_plan_in_order",
                condition=Q(planned_from__isnull=True)
                | Q(planned_to__isnull=True)
                | Q(planned_to__gte=models.F("planned_from")),
                violation_error_message="Ngày bàn giao theo kế hoạch phải sau ngày bắt đầu.",
            )
        ]

    def __str__(self) -> str:
        return self.name


class ProjectVersion(models.Model):
    """A number that grows whenever anything of a project changes: tiles and caches key on it.

    The row is made by a trigger with the project, and raised by triggers (gpmb.triggers).
    """

    project = models.OneToOneField(
        Project, models.CASCADE, primary_key=True, related_name="data_version"
    )
    number = models.BigIntegerField(default=0)

    class Meta:
        verbose_name = "phiên bản số liệu"
        verbose_name_plural = "phiên bản số liệu"

    def __str__(self) -> str:
        return f"{self.project_id}@{self.number}"


@tracked()
class ProjectCategory(models.Model):
    """The one priority category of a project from a day to a day, assigned by a document."""

    project = models.ForeignKey(Project, models.CASCADE, related_name="categories")
    category = models.ForeignKey(PriorityCategory, models.PROTECT, verbose_name="nhóm ưu tiên")
    valid_from = models.DateField("từ ngày")
    valid_to = models.DateField("đến ngày", null=True, blank=True)
    document = models.ForeignKey(
        Document, models.PROTECT, null=True, blank=True, verbose_name="văn bản"
    )

    class Meta:
        verbose_name = "nhóm ưu tiên của dự án"
        verbose_name_plural = "nhóm ưu tiên của dự án"
        triggers = touch_projects("SELECT project_id FROM {rows}")
        constraints = [
            ends_after_start("projectcategory_ends_after_start"),
            no_overlap(
                "projectcategory_one_at_a_time",
                "project",
                message="Mỗi dự án chỉ thuộc một nhóm ưu tiên tại một thời điểm.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.project} · {self.category}"


@tracked()
class ProjectMark(models.Model):
    """A mark (diện) of a project: many at once, never a group."""

    project = models.ForeignKey(Project, models.CASCADE)
    mark = models.ForeignKey(Mark, models.PROTECT, verbose_name="diện")
    promised_area_m2 = models.DecimalField(
        "diện tích cam kết (m²)", max_digits=13, decimal_places=2, null=True, blank=True
    )
    promised_on = models.DateField("ngày cam kết", null=True, blank=True)

    class Meta:
        verbose_name = "diện của dự án"
        verbose_name_plural = "diện của dự án"
        constraints = [models.UniqueConstraint(fields=["project", "mark"], name="mark_once")]

    def __str__(self) -> str:
        return f"{self.project} · {self.mark}"


@tracked()
class Responsibility(models.Model):
    """Who answers for a project, in which role, from when to when."""

    class Role(models.TextChoices):
        LEADER = "leader", "Lãnh đạo phụ trách"
        INVESTOR = "investor", "Chủ đầu tư"
        LEAD = "lead", "Cơ quan chủ trì"
        COOPERATING = "cooperating", "Cơ quan phối hợp"
        TEAM = "team", "Tổ công tác"
        OFFICER = "officer", "Cán bộ"

    project = models.ForeignKey(Project, models.CASCADE, related_name="responsibilities")
    role = models.CharField("vai trò", max_length=12, choices=Role)
    organisation = models.ForeignKey(Organisation, models.PROTECT, verbose_name="cơ quan")
    user = models.ForeignKey(User, models.PROTECT, null=True, blank=True, verbose_name="người")
    valid_from = models.DateField("từ ngày")
    valid_to = models.DateField("đến ngày", null=True, blank=True)

    class Meta:
        verbose_name = "phân công trách nhiệm"
        verbose_name_plural = "phân công trách nhiệm"
        constraints = [ends_after_start("responsibility_ends_after_start")]

    def __str__(self) -> str:
        return f"{self.get_role_display()}: {self.organisation}"


@tracked()
class ReadinessItem(models.Model):
    """One line of a project's legal checklist: done by a document, or on the roadmap by a date."""

    project = models.ForeignKey(Project, models.CASCADE, related_name="readiness_items")
    code = models.CharField("mã", max_length=40)
    name = models.CharField("thủ tục", max_length=200)
    required = models.BooleanField("phải có", default=True)
    done_on = models.DateField("hoàn thành ngày", null=True, blank=True)
    document = models.ForeignKey(
        Document, models.PROTECT, null=True, blank=True, verbose_name="văn bản"
    )
    owner = models.ForeignKey(
        Organisation, models.PROTECT, null=True, blank=True, verbose_name="cơ quan chủ trì"
    )
    due_on = models.DateField("hạn theo lộ trình", null=True, blank=True)
    note = models.CharField("ghi chú", max_length=300, blank=True)
    version = models.IntegerField(default=0, editable=False)

    class Meta:
        verbose_name = "thủ tục của dự án"
        verbose_name_plural = "thủ tục của dự án"
        triggers = [bump_version(), *touch_projects("SELECT project_id FROM {rows}")]
        constraints = [
            models.UniqueConstraint(fields=["project", "code"], name="readiness_code_once"),
            models.CheckConstraint(
                name="readiness_left_out_has_reason",
                condition=Q(required=True) | ~Q(note=""),
                violation_error_message="Thủ tục không phải làm phải ghi lý do ở phần ghi chú.",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Readiness(models.TextChoices):
    """Computed from the checklist, never stored, never a group."""

    COMPLETE = "complete", "Đủ thủ tục"
    ROADMAP = "roadmap", "Chưa đủ, có lộ trình"
    NO_ROADMAP = "no_roadmap", "Chưa đủ, chưa có lộ trình"
    NOT_REVIEWED = "not_reviewed", "Chưa rà soát"


def with_readiness(projects: ProjectQuerySet, *, on: dt.date) -> Any:
    """Annotate `readiness` (a value of Readiness) as of a day."""
    required = ReadinessItem.objects.filter(project=models.OuterRef("pk"), required=True)
    missing = required.filter(Q(done_on__isnull=True) | Q(done_on__gt=on))
    return projects.annotate(
        readiness=models.Case(
            models.When(~models.Exists(required), then=models.Value("not_reviewed")),
            models.When(~models.Exists(missing), then=models.Value("complete")),
            models.When(
                models.Exists(missing.filter(due_on__isnull=True)), then=models.Value("no_roadmap")
            ),
            default=models.Value("roadmap"),
            output_field=models.CharField(),
        )
    )


@tracked()
class Batch(models.Model):
    """A batch of recovery (đợt): land is recovered in phases."""

    project = models.ForeignKey(Project, models.CASCADE, related_name="batches")
    number = models.PositiveSmallIntegerField("đợt")
    name = models.CharField("tên", max_length=100, blank=True)

    class Meta:
        verbose_name = "đợt thu hồi"
        verbose_name_plural = "đợt thu hồi"
        ordering = ["project", "number"]
        constraints = [
            models.UniqueConstraint(fields=["project", "number"], name="batch_number_once")
        ]

    def __str__(self) -> str:
        return self.name or f"Đợt {self.number}"


@tracked()
class Funding(models.Model):
    """Money of a project as it moved: needed, allocated, moved by the investor, spent."""

    class Kind(models.TextChoices):
        NEEDED = "needed", "Nhu cầu"
        ALLOCATED = "allocated", "Đã bố trí"
        MOVED = "moved", "Chủ đầu tư đã chuyển"

    project = models.ForeignKey(Project, models.CASCADE, related_name="fundings")
    kind = models.CharField("loại", max_length=10, choices=Kind)
    on = models.DateField("ngày")
    amount_vnd = MoneyField("số tiền (đồng)")
    document = models.ForeignKey(Document, models.PROTECT, null=True, blank=True)

    class Meta:
        verbose_name = "kinh phí"
        verbose_name_plural = "kinh phí"
        constraints = [
            models.CheckConstraint(
                name="funding_not_negative",
                condition=Q(amount_vnd__gte=0),
                violation_error_message="Số tiền không được âm.",
            )
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.amount_vnd}"

    @classmethod
    def record(
        cls,
        project: Project,
        kind: str,
        *,
        on: dt.date,
        amount_vnd: Decimal,
        document: Document | None = None,
    ) -> Funding:
        """Add a line; needed, allocated and moved add up, a reduction is not a line of its own."""
        row = cls(project=project, kind=kind, on=on, amount_vnd=amount_vnd, document=document)
        row.full_clean()
        row.save()
        return row


@tracked(obj_field=None)
class ProjectUnit(Project.units.through):  # type: ignore[name-defined]
    """A ward or commune of a project: the pairs of `Project.units`, for their history."""

    class Meta:
        proxy = True
