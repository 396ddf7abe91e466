"""Pages of the lists and tables that need no more than a form.

Rules and days off move stored deadlines: their pages, which show the effect before it is saved,
are in gpmb.web.rule_admin.
"""

from django.contrib import admin

from gpmb.accounts.admin import Page
from gpmb.reference.models import (
    DecidingAuthority,
    LandClass,
    Mark,
    MinimumPlot,
    ObstacleCause,
    PriorityCategory,
    ReadinessTemplate,
    RemoteUnit,
)


class VerifiedAdmin(Page):
    """A table whose rows say whether they were checked against the text of the law."""

    @admin.display(description="đối chiếu", ordering="verified")
    def checked(self, row: LandClass | DecidingAuthority | MinimumPlot | ReadinessTemplate) -> str:
        return "đã đối chiếu" if row.verified else "chưa đối chiếu văn bản"


@admin.register(PriorityCategory)
class PriorityCategoryAdmin(Page):
    list_display = ("order", "name", "code")
    list_display_links = ("name",)


@admin.register(Mark)
class MarkAdmin(Page):
    list_display = ("name", "code")


@admin.register(LandClass)
class LandClassAdmin(VerifiedAdmin):
    list_display = ("code", "name", "group", "circular", "valid_from", "valid_to", "checked")
    list_filter = ("group", "circular", "residential", "verified")
    search_fields = ("code", "name")


@admin.register(ObstacleCause)
class ObstacleCauseAdmin(Page):
    list_display = ("order", "name", "blocks_handover")
    list_display_links = ("name",)


@admin.register(DecidingAuthority)
class DecidingAuthorityAdmin(VerifiedAdmin):
    list_display = (
        "body",
        "holder",
        "public_utility",
        "delegation",
        "valid_from",
        "valid_to",
        "article",
        "checked",
    )
    list_filter = ("body", "holder", "verified")


@admin.register(MinimumPlot)
class MinimumPlotAdmin(VerifiedAdmin):
    list_display = ("use", "area_m2", "valid_from", "valid_to", "article", "checked")
    list_filter = ("use", "verified")


@admin.register(RemoteUnit)
class RemoteUnitAdmin(Page):
    list_display = ("unit_code", "name", "document", "valid_from", "valid_to")


@admin.register(ReadinessTemplate)
class ReadinessTemplateAdmin(VerifiedAdmin):
    list_display = ("order", "name", "kind", "article", "checked")
    list_display_links = ("name",)
    list_filter = ("kind",)
