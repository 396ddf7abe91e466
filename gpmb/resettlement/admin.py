"""Resettlement sites and their plots."""

from django.contrib import admin

from gpmb.accounts.admin import Page, Rows
from gpmb.resettlement.models import Plot, Site


class PlotRows(Rows):
    model = Plot
    exclude = ["boundary"]


@admin.register(Site)
class SitePage(Page):
    list_display = ["code", "name", "unit", "status", "ready_on"]
    list_filter = ["status"]
    search_fields = ["code", "name"]
    exclude = ["boundary"]
    autocomplete_fields = ["unit", "projects"]
    inlines = [PlotRows]
