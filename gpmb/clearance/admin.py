"""Projects with what groups and owns them, plans, reviews, and the installation itself.

Cases, takings and their log are not here: they change through their own pages and moves.
"""

from typing import Any

from django.conf import settings
from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest

from gpmb.accounts.admin import AssignmentRows, Page, Rows
from gpmb.clearance.models import (
    Batch,
    Deployment,
    Disclosure,
    Funding,
    PlanEntry,
    PlanVersion,
    Project,
    ProjectCategory,
    ProjectMark,
    ReadinessItem,
    Responsibility,
    Review,
)
from gpmb.clearance.readiness import start_checklist


class CategoryRows(Rows):
    model = ProjectCategory
    autocomplete_fields = ["document"]


class MarkRows(Rows):
    model = ProjectMark


class ResponsibilityRows(Rows):
    model = Responsibility
    autocomplete_fields = ["organisation", "user"]


class ReadinessRows(Rows):
    model = ReadinessItem
    autocomplete_fields = ["document", "owner"]


class BatchRows(Rows):
    model = Batch


class FundingRows(Rows):
    model = Funding
    autocomplete_fields = ["document"]


class OfficerRows(AssignmentRows):
    autocomplete_fields = ["user"]


@admin.register(Project)
class ProjectPage(Page):
    list_display = ["code", "name", "kind", "origin", "investor", "restricted"]
    list_filter = ["kind", "origin", "restricted"]
    search_fields = ["code", "name"]
    list_select_related = ["investor"]
    exclude = ["boundary", "alignment"]
    autocomplete_fields = ["investor", "units"]
    inlines = [
        CategoryRows,
        MarkRows,
        ResponsibilityRows,
        OfficerRows,
        ReadinessRows,
        BatchRows,
        FundingRows,
    ]

    actions = ["start_checklists"]

    @admin.action(description="Lập danh mục thủ tục theo mẫu")
    def start_checklists(self, request: HttpRequest, projects: QuerySet[Project]) -> None:
        added = sum(start_checklist(project) for project in projects)
        messages.info(request, f"Đã thêm {added} thủ tục vào danh mục của các dự án được chọn.")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Project]:
        """An administrator who isn't cleared doesn't see restricted projects either."""
        return Project.objects.visible_to(request.user)


class EntryRows(Rows):
    model = PlanEntry
    autocomplete_fields = ["project"]


@admin.register(PlanVersion)
class PlanVersionPage(Page):
    """Drafts and their projects; a draft is decided on the page of the plan, and then stands."""

    list_display = ["name", "kind", "on", "document"]
    readonly_fields = ["kind", "document"]
    inlines = [EntryRows]

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_change_permission(request, obj) and (obj is None or obj.editable)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_delete_permission(request, obj) and (obj is None or obj.editable)


@admin.register(Review)
class ReviewPage(Page):
    list_display = ["on", "title", "kind", "document"]
    autocomplete_fields = ["document"]


@admin.register(Deployment)
class DeploymentPage(Page):
    """One row: whose city, and the day its data stands at."""

    may_delete = False
    list_display = ["city", "data_date", "illustrative"]

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        return {"city": settings.PROVINCE.name}

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_add_permission(request) and not Deployment.objects.exists()


@admin.register(Disclosure)
class DisclosurePage(Page):
    """Read-only: who was shown masked data."""

    may_delete = False
    list_display = ["at", "by", "what", "case", "reason"]
    list_filter = ["what"]
    list_select_related = ["by", "case"]
    list_display_links = None

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False
