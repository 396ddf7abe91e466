"""Pages of rules and days off: the effect on open cases is shown before a change is saved.

The first press of "Lưu" answers with the number of cases whose dates would move; the second, with
nothing changed in between, saves and moves them.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.utils.html import format_html_join
from django.utils.safestring import SafeString

from gpmb.accounts.admin import Page
from gpmb.clearance.deadlines import effect_of, refresh
from gpmb.clearance.models import Case, Law
from gpmb.law.calendar import Calendar
from gpmb.law.rules import RuleBook
from gpmb.reference.models import Holiday, Rule

HISTORY_SHOWN = 20


def law_with(row: Rule | Holiday) -> Law:
    """Return the law as it would be with `row` saved."""
    if isinstance(row, Rule):
        others = Rule.objects.exclude(pk=row.pk).as_law()
        book = sorted([*others, row.as_law()], key=lambda rule: (rule.code, rule.valid_from))
        return Law(RuleBook(book), Holiday.objects.as_law())
    days = Holiday.objects.exclude(pk=row.pk)
    calendar = Calendar([*(day.as_law() for day in days), row.as_law()])
    return Law(Rule.objects.as_law(), calendar)


class EffectForm(forms.ModelForm):  # type: ignore[type-arg]
    """A form that is refused once, with what saving it would do."""

    effect_seen = forms.CharField(required=False, widget=forms.HiddenInput)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if self.errors or not self.has_changed():
            return cleaned
        # The administration adds its read-only names to Meta.fields: only columns are values.
        columns = {field.name for field in self._meta.model._meta.concrete_fields}
        values = {name: cleaned[name] for name in cleaned if name in columns}
        token = hashlib.sha256(repr(sorted(values.items())).encode()).hexdigest()
        if cleaned.get("effect_seen") == token:
            return cleaned
        row = self._meta.model(pk=self.instance.pk, **values)
        effect = effect_of(law_with(row))
        self.data = {**_single(self.data), self.add_prefix("effect_seen"): token}
        examples = f" ({'; '.join(effect.examples)})" if effect.examples else ""
        raise ValidationError(
            f"Chưa lưu. Thay đổi này làm đổi thời hạn của {effect.moved} trong {effect.asked} "
            f"hồ sơ đang thực hiện{examples}. Bấm Lưu lần nữa để áp dụng.",
            code="effect",
        )


class RuleForm(EffectForm):
    class Meta:
        model = Rule
        fields = (
            "code",
            "value",
            "unit",
            "type",
            "bound",
            "from_event",
            "to_event",
            "land_group",
            "remote",
            "valid_from",
            "valid_to",
            "picked_by",
            "regime",
            "article",
            "source",
            "verified",
            "note",
        )


class HolidayForm(EffectForm):
    class Meta:
        model = Holiday
        fields = ("on", "name", "kind", "tet", "source", "confirmed")


class LawAdmin(Page):
    """A table of the law: saving it moves the stored dates of open cases."""

    actions = None
    readonly_fields = ("changes",)
    show_facets = admin.ShowFacets.NEVER  # its link has no Vietnamese words
    told: tuple[str, ...] = ()  # the fields that a line of the history repeats

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        super().save_model(request, obj, form, change)
        self._move(request)

    def delete_model(self, request: HttpRequest, obj: Any) -> None:
        super().delete_model(request, obj)
        self._move(request)

    def _move(self, request: HttpRequest) -> None:
        moved = refresh(Case.objects.exclude(step="handover"))
        messages.info(request, f"Đã tính lại thời hạn: {moved} hồ sơ thay đổi.")

    @admin.display(description="thay đổi đã ghi")
    def changes(self, row: Any) -> SafeString:
        """What was changed and when, the newest first."""
        events = type(row).pgh_event_model.objects.filter(pgh_obj_id=row.pk).order_by("-pgh_id")
        names = {"insert": "thêm", "update": "sửa", "delete": "xóa"}
        return format_html_join(
            "",
            "<div>{} · {} · {}</div>",
            (
                (
                    event.pgh_created_at.astimezone().strftime("%d/%m/%Y %H:%M"),
                    names[event.pgh_label],
                    ", ".join(_words(getattr(event, name)) for name in self.told),
                )
                for event in events[:HISTORY_SHOWN]
            ),
        )


def _single(data: Any) -> dict[str, Any]:
    """Return the last value of each field of a posted form."""
    return {name: data[name] for name in data}


def _words(value: object) -> str:
    if isinstance(value, dt.date):
        return f"{value:%d/%m/%Y}"
    if isinstance(value, bool):
        return "đã xác nhận" if value else "chưa xác nhận"
    return "–" if value is None else str(value)


@admin.register(Rule)
class RuleAdmin(LawAdmin):
    """A rule is ended by its last day, never removed: past cases were judged by it."""

    may_delete = False
    form = RuleForm
    told = ("value", "unit", "valid_from", "valid_to", "article", "verified")
    list_display = (
        "code",
        "amount",
        "type",
        "valid_from",
        "valid_to",
        "regime",
        "article",
        "checked",
    )
    list_filter = ("type", "verified", "regime")
    search_fields = ("code", "article", "note")

    @admin.display(description="thời hạn")
    def amount(self, row: Rule) -> str:
        return f"{row.value:f}".rstrip("0").rstrip(".") + f" {row.get_unit_display()}"

    @admin.display(description="đối chiếu", ordering="verified")
    def checked(self, row: Rule) -> str:
        return "đã đối chiếu" if row.verified else "chưa đối chiếu văn bản"


class YearFilter(admin.SimpleListFilter):
    title = "năm"
    parameter_name = "nam"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        calendar = Holiday.objects.as_law()
        years = [day.year for day in Holiday.objects.dates("on", "year", order="DESC")]
        return [
            (str(year), f"{year}{'' if calendar.is_confirmed(year) else ' (chưa xác nhận)'}")
            for year in years
        ]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        value = self.value()
        if value is None or not value.isdigit():
            return queryset
        year = int(value)
        return queryset.filter(on__range=(dt.date(year, 1, 1), dt.date(year, 12, 31)))


@admin.register(Holiday)
class HolidayAdmin(LawAdmin):
    form = HolidayForm
    told = ("on", "name", "kind", "confirmed")
    list_display = ("on", "name", "kind", "tet", "source", "confirmed")
    list_filter = (YearFilter, "kind", "confirmed")
    search_fields = ("name", "source")
