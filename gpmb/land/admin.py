"""Administrative units and documents. Boundaries come in by import, never by hand."""

from django.contrib import admin

from gpmb.accounts.admin import Page, Rows
from gpmb.land.models import AdministrativeUnit, Document, UnitSuccession


class SuccessionRows(Rows):
    model = UnitSuccession
    fk_name = "old"


@admin.register(AdministrativeUnit)
class AdministrativeUnitPage(Page):
    list_display = ["code", "name", "kind", "valid_from", "valid_to", "boundary_source"]
    list_filter = ["kind", "boundary_source"]
    search_fields = ["code", "name"]
    exclude = ["boundary"]
    readonly_fields = ["boundary_source"]
    inlines = [SuccessionRows]


@admin.register(Document)
class DocumentPage(Page):
    list_display = ["number", "kind", "title", "signed_on", "effective_on", "issued_by"]
    list_filter = ["kind"]
    search_fields = ["number", "title"]
    list_select_related = ["issued_by"]
    autocomplete_fields = ["issued_by"]
