"""The obstacle's own form, and the filters of the list."""

from __future__ import annotations

import datetime as dt
from typing import Any

import django_filters
from django import forms
from django.core.exceptions import ValidationError

from gpmb.accounts.models import Organisation, User
from gpmb.clearance.models import Case, Obstacle, Project
from gpmb.complaints import intake
from gpmb.land.models import Parcel, parcel_key
from gpmb.reference.models import ObstacleCause
from gpmb.web import places
from gpmb.web.filters import Listing, contains_folded
from gpmb.web.forms import ObstacleForm, dress
from gpmb.web.merge import MINE, THEIRS, Conflict

PLACES = [
    ("project", "Cả dự án"),
    ("case", "Một hồ sơ"),
    ("parcel", "Một thửa đất"),
    ("line", "Một đoạn tuyến"),
    ("area", "Một khu vực"),
]
AGES = [(30, "Từ 30 ngày"), (60, "Từ 60 ngày"), (90, "Từ 90 ngày"), (180, "Từ 180 ngày")]


class PlacedObstacleForm(ObstacleForm):
    """An obstacle wherever it is. `projects`: those the person works on."""

    project = forms.ModelChoiceField(
        Project.objects.none(), label="Dự án", empty_label="Chọn dự án"
    )
    where = forms.ChoiceField(label="Vướng ở", choices=PLACES)
    place = forms.CharField(
        label="Mã hồ sơ, tờ/thửa hoặc tọa độ",
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="Hồ sơ: mã hồ sơ. Thửa: 5/85. Đoạn tuyến, khu vực: mỗi dòng một điểm, "
        "Đông; Bắc (VN-2000) hoặc kinh độ; vĩ độ.",
    )
    owner_user = forms.ModelChoiceField(
        User.objects.filter(is_active=True).order_by("display_name"),
        label="Người chịu trách nhiệm",
        required=False,
        empty_label="Chưa giao",
    )
    field_order = ["project", "where", "place", "cause", "description", "owner", "owner_user"]

    def __init__(self, *args: Any, user: User, on: dt.date, **kwargs: Any) -> None:
        super().__init__(*args, today=on, **kwargs)
        self.user, self.on = user, on
        projects = Project.objects.visible_to(user).filter(
            pk__in=Project.objects.assigned_to(user, on=on).values("pk")
        )
        self.fields["project"].queryset = projects  # type: ignore[attr-defined]
        row = self.instance
        if row.pk:
            self.initial.update(project=row.project_id, owner_user=row.owner_user_id)
            self.initial.update(self._written(row))
            self.fields["project"].disabled = True
        dress(self, on)

    @staticmethod
    def _written(row: Obstacle) -> dict[str, str]:
        if row.case is not None:
            return {"where": "case", "place": row.case.code}
        if row.parcel is not None:
            number = row.parcel.numbers.filter(kind="current").first()
            return {
                "where": "parcel",
                "place": f"{number.sheet}/{number.number}" if number else "",
            }
        if row.line:
            return {"where": "line", "place": places.write_points(row.line)}
        if row.area:
            return {"where": "area", "place": places.write_points(row.area)}
        return {"where": "project", "place": ""}

    def clean(self) -> dict[str, Any]:
        """Find the place in the project, whatever kind it is."""
        data = super().clean() or {}
        row = self.instance
        row.owner_user = data.get("owner_user")
        row.case = row.parcel = row.line = row.area = None
        project, where, text = data.get("project"), data.get("where"), data.get("place", "")
        if project is None or where in (None, "project"):
            return data
        try:
            setattr(row, where, self._find(project, where, text.strip()))
        except ValidationError as error:
            self.add_error("place", error)
        return data

    def _find(self, project: Project, where: str, text: str) -> Any:
        if not text:
            raise ValidationError(f"Hãy gõ vị trí: {dict(PLACES)[where].lower()}.")
        if where == "line":
            return places.read_line(text)
        if where == "area":
            return places.read_area(text)
        if where == "case":
            cases = Case.objects.visible_to(self.user, on=self.on)
            try:
                return intake.find_case(cases, text, project)
            except intake.UnknownCaseError as error:
                raise ValidationError(str(error)) from error
        sheet, _, number = text.partition("/")
        parcels = Parcel.objects.filter(
            numbers__key=parcel_key(sheet, number), takings__project=project
        ).distinct()
        if len(found := list(parcels[:2])) != 1:
            why = "có ở nhiều nơi trong dự án" if found else "không có trong dự án"
            raise ValidationError(f"Thửa {text} {why}: kiểm tra lại số tờ, số thửa.")
        return found[0]

    def save(self, commit: bool = True) -> Any:
        self.instance.project = self.cleaned_data["project"]
        return super().save(commit)

    def settle_more(self, now: Any, base: Any) -> dict[str, Any]:
        """The place is one thing in four columns: compared as it is written."""
        mine = (self.cleaned_data["where"], self.cleaned_data["place"].strip())
        theirs, before = self._place(now), self._place(base) if base is not None else None
        choice = self.choice("place", now)
        if mine in (theirs, before) or choice == THEIRS:
            return {}
        if theirs != before and choice != MINE:
            here, there = (
                f"{dict(PLACES)[where]} {text}".strip() for where, text in (mine, theirs)
            )
            self.conflicts.append(Conflict("place", "Vị trí", here, there, "người khác", None))
        return {name: getattr(self.instance, name) for name in ("case", "parcel", "line", "area")}

    def _place(self, row: Any) -> tuple[str, str]:
        written = self._written(row)
        return written["where"], written["place"].strip()


class ObstacleFilter(Listing):
    project = django_filters.ModelChoiceFilter(
        label="Dự án",
        queryset=lambda request: Project.objects.visible_to(request.user),
        to_field_name="code",
        empty_label="Mọi dự án",
    )
    cause = django_filters.ModelChoiceFilter(
        label="Nguyên nhân",
        queryset=ObstacleCause.objects.all(),
        to_field_name="code",
        empty_label="Mọi nguyên nhân",
    )
    owner = django_filters.ModelChoiceFilter(
        label="Cơ quan chủ trì",
        queryset=Organisation.objects.filter(pk__in=Obstacle.objects.values("owner")),
        empty_label="Mọi cơ quan",
    )
    age = django_filters.ChoiceFilter(
        label="Đã vướng", choices=AGES, empty_label="Mọi thời gian", method="by_age"
    )
    state = django_filters.ChoiceFilter(
        label="Tình trạng",
        choices=[("late", "Quá hạn xử lý"), ("unowned", "Chưa giao"), ("closed", "Đã giải quyết")],
        empty_label="Đang mở",
        method="by_state",
    )
    q = django_filters.CharFilter(label="Mã hồ sơ", method="by_text")

    class Meta:
        model = Obstacle
        fields: list[str] = []

    def filter_queryset(self, rows: Any) -> Any:
        """Open ones unless the closed are asked for."""
        rows = super().filter_queryset(rows)
        closed = self.form.cleaned_data.get("state") == "closed"
        return rows.filter(closed_on__lte=self.on) if closed else rows.open(on=self.on)

    def by_age(self, rows: Any, name: str, days: str) -> Any:
        return rows.filter(opened_on__lte=self.on - dt.timedelta(days=int(days)))

    def by_state(self, rows: Any, name: str, state: str) -> Any:
        if state == "late":
            return rows.filter(due_on__lt=self.on)
        return rows.filter(owner__isnull=True) if state == "unowned" else rows

    def by_text(self, rows: Any, name: str, text: str) -> Any:
        cases = contains_folded(Case.objects.all(), text)
        return rows.filter(case__in=cases.values("pk"))
