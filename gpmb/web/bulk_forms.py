"""The changes a bulk run may make, as forms: each gives what gpmb.clearance.bulk_changes reads."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.forms.models import ModelChoiceIterator

from gpmb import vn
from gpmb.accounts.models import Assignment, Organisation, Role, User
from gpmb.clearance.bulk_changes import regimes_of
from gpmb.clearance.models import Batch, BulkRun, Case, Obstacle, Project
from gpmb.law import steps
from gpmb.law.regimes import regime_on
from gpmb.reference.models import ObstacleCause
from gpmb.web.forms import DayField, PageForm

Kind = BulkRun.Kind


class BulkForm(PageForm):
    """A change of many cases; `cases` are those chosen, `values` what the run keeps."""

    def __init__(self, *args: Any, cases: QuerySet[Case], today: dt.date, **kwargs: Any) -> None:
        self.cases, self.today = cases, today
        super().__init__(*args, today=today, **kwargs)

    def values(self) -> dict[str, Any]:
        """The cleaned fields as JSON takes them: days in ISO, rows by key."""
        return {
            name: value.isoformat() if isinstance(value, dt.date) else value
            for name, value in self.cleaned_data.items()
        }

    def projects(self) -> QuerySet[Project]:
        return Project.objects.filter(pk__in=self.cases.order_by().values("project"))


class StepForm(BulkForm):
    """One step, one day, one paper for all; the steps are those of the laws of the cases, in the
    words of the law of most."""

    step = forms.ChoiceField(
        label="Bước",
        error_messages={"required": "Hãy chọn bước.", "invalid_choice": "Hãy chọn một bước."},
    )
    on = DayField(label="Ngày thực hiện")
    number = forms.CharField(
        label="Số, ký hiệu văn bản",
        max_length=60,
        help_text="Một văn bản làm căn cứ cho mọi hồ sơ, ví dụ 1234/QĐ-UBND.",
        error_messages={"required": "Hãy gõ số, ký hiệu văn bản làm căn cứ, ví dụ 1234/QĐ-UBND."},
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        regimes = regimes_of(self.cases, self.today)
        words = max(regimes, key=lambda each: regimes[each], default=regime_on(self.today))
        self.fields["step"].choices = [  # type: ignore[attr-defined]  # a ChoiceField
            ("", "Chọn bước"),
            *(
                (row.code, steps.label(row.code, words))
                for row in steps.STEPS
                if not row.regimes.isdisjoint(regimes or row.regimes)
            ),
        ]
        self.fields["on"].initial = vn.day(self.today)

    def clean_number(self) -> str:
        return str(self.cleaned_data["number"]).strip()


class _ChoicesWithNone(ModelChoiceIterator):  # type: ignore[type-arg]
    field: RowOrNone

    def __iter__(self) -> Iterator[Any]:
        empty, *rows = super().__iter__()
        return iter([empty, (RowOrNone.NONE, self.field.none_label), *rows])


class RowOrNone(forms.ModelChoiceField):  # type: ignore[type-arg]
    """A row, or by a choice of its own none: who chose nothing did not mean to take it away."""

    NONE = "0"
    iterator = _ChoicesWithNone

    def __init__(self, *args: Any, none_label: str, **kwargs: Any) -> None:
        self.none_label = none_label
        super().__init__(*args, **kwargs)

    def clean(self, value: Any) -> Any:
        return None if value == self.NONE else super().clean(value)


class OfficerForm(BulkForm):
    """One officer for all; those assigned to a project of the chosen cases are offered."""

    officer_id = RowOrNone(
        User.objects.none(),
        label="Cán bộ thụ lý",
        empty_label="Chọn cán bộ",
        none_label="Bỏ cán bộ: chưa giao ai",
        error_messages={"required": "Hãy chọn cán bộ, hoặc chọn bỏ cán bộ thụ lý."},
        help_text="Chỉ những cán bộ đang được phân công một trong các dự án đã chọn.",
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        assigned = Assignment.objects.current(on=self.today).filter(project__in=self.projects())
        field: Any = self.fields["officer_id"]
        field.queryset = User.objects.filter(
            role=Role.OFFICER, is_active=True, pk__in=assigned.values("user")
        ).order_by("display_name", "username")

    def values(self) -> dict[str, Any]:
        officer = self.cleaned_data["officer_id"]
        return {"officer_id": officer.pk if officer else None}


class BatchForm(BulkForm):
    """One batch for all; a case of another project is refused in the preview."""

    batch_id = RowOrNone(
        Batch.objects.none(),
        label="Đợt thu hồi",
        empty_label="Chọn đợt",
        none_label="Bỏ khỏi đợt: không xếp đợt nào",
        error_messages={"required": "Hãy chọn đợt, hoặc chọn bỏ khỏi đợt."},
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        batches = Batch.objects.filter(project__in=self.projects()).select_related("project")
        field: Any = self.fields["batch_id"]
        field.queryset = batches
        field.label_from_instance = lambda row: f"{row.project.code} · {row}"

    def values(self) -> dict[str, Any]:
        batch = self.cleaned_data["batch_id"]
        return {"batch_id": batch.pk if batch else None}


class ObstacleForm(BulkForm):
    """The same obstacle on each case."""

    cause_id = forms.ModelChoiceField(
        ObstacleCause.objects.all(),
        label="Nguyên nhân",
        empty_label="Chọn nguyên nhân",
        error_messages={"required": "Hãy chọn nguyên nhân."},
    )
    opened_on = DayField(label="Phát sinh ngày")
    description = forms.CharField(
        label="Nội dung", required=False, widget=forms.Textarea(attrs={"rows": 2})
    )
    owner_id = forms.ModelChoiceField(
        Organisation.objects.order_by("name"),
        label="Cơ quan chủ trì xử lý",
        required=False,
        empty_label="Chưa giao",
    )
    due_on = DayField(label="Hạn xử lý", required=False, may_be_future=True)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["opened_on"].initial = vn.day(self.today)

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or {}
        opened, due = data.get("opened_on"), data.get("due_on")
        if opened and due and due < opened:
            self.add_error("due_on", "Hạn xử lý không được trước ngày phát sinh.")
        return data

    def values(self) -> dict[str, Any]:
        data = super().values()
        owner = data["owner_id"]
        return data | {"cause_id": data["cause_id"].pk, "owner_id": owner.pk if owner else None}


class ObstacleClosedForm(BulkForm):
    """Settle one cause on all; the causes open among the chosen cases are offered."""

    cause_id = forms.ModelChoiceField(
        ObstacleCause.objects.none(),
        label="Nguyên nhân",
        empty_label="Chọn nguyên nhân đang mở",
        error_messages={"required": "Hãy chọn nguyên nhân."},
    )
    closed_on = DayField(label="Giải quyết xong ngày")
    close_note = forms.CharField(
        label="Kết quả",
        max_length=300,
        error_messages={"required": "Hãy ghi kết quả giải quyết."},
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        stuck = Obstacle.objects.open(on=self.today).filter(case__in=self.cases)
        field: Any = self.fields["cause_id"]
        field.queryset = ObstacleCause.objects.filter(pk__in=stuck.values("cause"))
        self.fields["closed_on"].initial = vn.day(self.today)

    def values(self) -> dict[str, Any]:
        data = super().values()
        return data | {"cause_id": data["cause_id"].pk}


FORMS: dict[str, type[BulkForm]] = {
    Kind.STEP: StepForm,
    Kind.OFFICER: OfficerForm,
    Kind.BATCH: BatchForm,
    Kind.OBSTACLE: ObstacleForm,
    Kind.OBSTACLE_CLOSED: ObstacleClosedForm,
}


class BulkReasonForm(PageForm):
    """Why many cases are changed, or changed back: it stays in the history of each."""

    reason = forms.CharField(
        label="Lý do",
        min_length=5,
        max_length=300,
        error_messages={
            "required": "Hãy ghi lý do: lý do nằm lại trong lịch sử của từng hồ sơ.",
            "min_length": "Lý do quá ngắn: hãy ghi rõ để người sau hiểu.",
        },
    )
