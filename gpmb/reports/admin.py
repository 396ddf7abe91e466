"""The log of exports, to read."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from gpmb.accounts.admin import Page
from gpmb.reports.models import ExportLog


@admin.register(ExportLog)
class ExportLogPage(Page):
    """Nobody adds, changes or deletes a line: it says what left the program."""

    may_delete = False
    list_display = ["at", "by", "format", "source", "rows", "personal", "filters"]
    list_filter = ["format", "source", "personal", "at"]
    search_fields = ["by__username", "by__display_name", "filters"]
    list_select_related = ["by"]

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False
