"""Filters of the lists; they live in the address, so a filtered list can be sent as a link."""

import datetime as dt
from typing import Any

import django_filters
from django import forms
from django.db.models import Exists, OuterRef, Q, QuerySet, TextField, Value

from gpmb import refs
from gpmb.accounts.models import Role, User
from gpmb.analysis.behind import case_stage_on
from gpmb.analysis.states import CHOICES, in_state
from gpmb.clearance.models import Case, CaseEvent, Project, Readiness
from gpmb.fields import Fold
from gpmb.land.models import AdministrativeUnit, parcel_key
from gpmb.law import steps
from gpmb.reference.models import Mark, PriorityCategory

SMALL = {"class": "form-select form-select-sm"}
STAGE_CHOICES = list(steps.STAGE_LABELS.items())


def contains_folded(rows: QuerySet[Any], text: str) -> QuerySet[Any]:
    """Keep the rows whose search copy holds every word, diacritics or not."""
    for word in text.split():
        rows = rows.filter(folded__contains=Fold(_value(word)))
    return rows


def _value(text: str) -> Value:
    return Value(text, output_field=TextField())


class Listing(django_filters.FilterSet):
    """A filter set whose fields look alike; `page`: the list a filter of it may be saved for."""

    page = ""

    def __init__(self, *args: Any, on: dt.date, **kwargs: Any) -> None:
        self.on = on
        super().__init__(*args, **kwargs)
        for field in self.form.fields.values():
            select = isinstance(field.widget, forms.Select)
            field.widget.attrs["class"] = (
                "form-select form-select-sm" if select else "form-control form-control-sm"
            )

    def active(self) -> dict[str, str]:
        """The filters in force, by name: the page shows them as chips."""
        return {name: value for name, value in self.data.items() if value and name in self.filters}

    def unknown(self) -> dict[str, str]:
        """Conditions that can't be met, label → why: a link of old, or a typing error."""
        return {
            str(self.form.fields[name].label): f"không có “{self.data.get(name, '')[:60]}”"
            for name in self.form.errors
        }

    def filter_queryset(self, queryset: Any) -> Any:
        """Narrow the rows; a condition that isn't understood leaves none, never all of them:
        what is listed may be changed together, or leave as a file."""
        return queryset.none() if self.unknown() else super().filter_queryset(queryset)


def units(request: Any = None) -> QuerySet[AdministrativeUnit]:
    """The units to choose from: a code that was used again once, under its latest name."""
    return AdministrativeUnit.objects.order_by("code", "-valid_from").distinct("code")


class ProjectFilter(Listing):
    page = "projects"
    category = django_filters.ModelChoiceFilter(
        label="Nhóm ưu tiên",
        queryset=PriorityCategory.objects.all(),
        to_field_name="code",
        empty_label="Mọi nhóm",
        method="by_category",
    )
    origin = django_filters.ChoiceFilter(
        label="Nguồn", choices=Project.Origin.choices, empty_label="Mọi nguồn"
    )
    readiness = django_filters.ChoiceFilter(
        label="Thủ tục", choices=Readiness.choices, empty_label="Mọi tình trạng"
    )
    mark = django_filters.ModelChoiceFilter(
        label="Diện",
        field_name="marks",
        queryset=Mark.objects.all(),
        to_field_name="code",
        empty_label="Mọi diện",
    )
    unit = django_filters.ModelChoiceFilter(
        label="Xã, phường",
        queryset=units,
        to_field_name="code",
        empty_label="Mọi xã, phường",
        method="by_unit",
    )
    q = django_filters.CharFilter(label="Tên, mã", method="by_text")

    class Meta:
        model = Project
        fields: list[str] = []

    def by_category(self, rows: Any, name: str, category: PriorityCategory) -> Any:
        return rows.filter(category_id=category.pk)

    def by_unit(self, rows: Any, name: str, unit: AdministrativeUnit) -> Any:
        return rows.filter(units__code=unit.code).distinct()

    def by_text(self, rows: Any, name: str, text: str) -> Any:
        return contains_folded(rows, text)


class CaseFilter(Listing):
    page = "cases"
    project = django_filters.ModelChoiceFilter(
        label="Dự án",
        queryset=lambda request: Project.objects.visible_to(request.user),
        to_field_name="code",
        empty_label="Mọi dự án",
    )
    category = django_filters.ModelChoiceFilter(
        label="Nhóm ưu tiên",
        queryset=PriorityCategory.objects.all(),
        to_field_name="code",
        empty_label="Mọi nhóm",
        method="by_category",
    )
    stage = django_filters.ChoiceFilter(
        label="Giai đoạn", choices=STAGE_CHOICES, empty_label="Mọi giai đoạn"
    )
    unit = django_filters.ModelChoiceFilter(
        label="Xã, phường",
        queryset=units,
        to_field_name="code",
        empty_label="Mọi xã, phường",
        method="by_unit",
    )
    officer = django_filters.ModelChoiceFilter(
        label="Cán bộ",
        queryset=lambda request: User.objects.filter(
            Q(role=Role.OFFICER) | Exists(Case.objects.filter(officer=OuterRef("pk")))
        ),
        to_field_name="username",
        empty_label="Mọi cán bộ",
    )
    state = django_filters.ChoiceFilter(
        label="Tình trạng",
        choices=CHOICES,
        empty_label="Mọi tình trạng",
        method="by_state",
    )
    q = django_filters.CharFilter(label="Mã hồ sơ, tờ/thửa", method="by_text")
    document = django_filters.CharFilter(
        label="Văn bản", method="by_document", widget=forms.HiddenInput
    )

    class Meta:
        model = Case
        fields: list[str] = []

    def by_category(self, rows: Any, name: str, category: PriorityCategory) -> Any:
        projects = Project.objects.with_category(on=self.on).filter(category_id=category.pk)
        return rows.filter(project__in=projects.values("pk"))

    def by_unit(self, rows: Any, name: str, unit: AdministrativeUnit) -> Any:
        return rows.filter(takings__parcel__unit__code=unit.code).distinct()

    def by_state(self, rows: Any, name: str, state: str) -> Any:
        return rows.filter(in_state(state, self.on))

    def by_document(self, rows: Any, name: str, ref: str) -> Any:
        """The cases whose log names a document; only of those whose file the person may open."""
        try:
            events = CaseEvent.objects.filter(document__ref=refs.decode(ref))
        except ValueError:
            return rows.none()
        opened = Case.objects.visible_to(self.request.user, on=self.on)
        return rows.filter(pk__in=events.values("case")).filter(pk__in=opened.values("pk"))

    def by_text(self, rows: Any, name: str, text: str) -> Any:
        if "/" in text:
            sheet, _, number = text.partition("/")
            return rows.filter(takings__parcel__numbers__key=parcel_key(sheet, number)).distinct()
        return contains_folded(rows, text)


class ProjectCaseFilter(CaseFilter):
    """The cases of one project."""

    page = ""
    project = None
    category = None


class PastCaseFilter(ProjectCaseFilter):
    """The cases of one project on a past day: what the log of that day can answer."""

    officer = None
    state = None
    stage = django_filters.ChoiceFilter(
        label="Giai đoạn",
        choices=STAGE_CHOICES,
        empty_label="Mọi giai đoạn",
        method="by_stage",
    )

    def unknown(self) -> dict[str, str]:
        """Who held a case and what state it was in, nobody noted day by day."""
        asked = {"officer": "Cán bộ", "state": "Tình trạng"}
        why = "số liệu của ngày đã qua không lọc theo được"
        said = {label: why for name, label in asked.items() if self.data.get(name)}
        return super().unknown() | said

    def by_stage(self, rows: Any, name: str, stage: str) -> Any:
        return rows.annotate(reached=case_stage_on(self.on)).filter(reached=int(stage))
