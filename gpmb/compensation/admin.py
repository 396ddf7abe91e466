"""Unit prices: what the lines of plans are computed with."""

from django.contrib import admin

from gpmb.accounts.admin import Page
from gpmb.compensation.models import UnitPrice


@admin.register(UnitPrice)
class UnitPricePage(Page):
    """A price that plans already use is ended, not rewritten: the frozen plans keep theirs."""

    list_display = ["code", "name", "unit", "price_vnd", "project", "valid_from", "valid_to"]
    list_filter = ["block", "verified"]
    search_fields = ["code", "name"]
    autocomplete_fields = ["project"]
    raw_id_fields = ["document"]
