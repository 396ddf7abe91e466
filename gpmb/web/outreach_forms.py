"""Forms and filters of outreach: a talk with what each household answered; a training."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any

import django_filters
from django import forms

from gpmb.accounts.models import User
from gpmb.clearance.models import Case, Outreach, OutreachHousehold, Project, Training
from gpmb.land.models import Document
from gpmb.web.filters import Listing, contains_folded
from gpmb.web.forms import DayField, PageForm, dress

Answer = OutreachHousehold.Answer
MOST_HOUSEHOLDS = 60


class OutreachForm(PageForm):
    """A talk with households of one project; a persuasion is a step of each of their cases."""

    project = forms.ModelChoiceField(
        Project.objects.none(), label="Dự án", empty_label="Chọn dự án"
    )
    codes = forms.CharField(
        label="Mã hồ sơ các hộ",
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text="Mỗi hộ một mã, cách nhau bằng dấu phẩy hoặc xuống dòng.",
        error_messages={"required": "Hãy gõ mã hồ sơ của hộ được vận động."},
    )
    kind = forms.ChoiceField(
        label="Loại",
        choices=Outreach.Kind.choices,
        help_text="Vận động, thuyết phục là bước theo luật: hạn 10, 15 ngày tính từ ngày này.",
    )
    form = forms.ChoiceField(label="Hình thức", choices=Outreach.Form.choices)
    on = DayField(label="Ngày")
    number = forms.CharField(
        label="Số biên bản, văn bản",
        max_length=60,
        required=False,
        help_text="Bắt buộc khi vận động, thuyết phục theo luật.",
    )
    participants = forms.MultipleChoiceField(
        label="Thành phần",
        choices=Outreach.Participant.choices,
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": "Hãy chọn ít nhất một thành phần đi vận động."},
    )
    people = forms.CharField(label="Người tham gia", max_length=300, required=False)
    explained = forms.CharField(
        label="Nội dung đã giải thích",
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": "Hãy ghi đã giải thích nội dung gì."},
    )
    answer = forms.ChoiceField(
        label="Ý kiến của hộ",
        choices=Answer.choices,
        initial=Answer.UNRECORDED,
        help_text="Chung cho các hộ ghi ở trên; ý kiến từng hộ sửa ở trang của cuộc vận động.",
    )
    note = forms.CharField(label="Nội dung ý kiến", max_length=300, required=False)
    next_step = forms.CharField(label="Việc tiếp theo", max_length=300, required=False)
    next_on = DayField(label="Hẹn ngày", required=False, may_be_future=True)

    def __init__(self, *args: Any, user: User, today: dt.date, **kwargs: Any) -> None:
        super().__init__(*args, today=today, **kwargs)
        self.user, self.on_day = user, today
        assigned = Project.objects.assigned_to(user, on=today).values("pk")
        self.fields["project"].queryset = (  # type: ignore[attr-defined]
            Project.objects.visible_to(user).filter(pk__in=assigned)
        )
        del self.fields["participants"].widget.attrs["class"]

    def clean(self) -> dict[str, Any]:
        """Find the cases by their codes; a persuasion needs its paper."""
        data = super().clean() or {}
        if data.get("kind") != Outreach.Kind.EXPLAIN and not data.get("number", "").strip():
            self.add_error("number", "Vận động, thuyết phục theo luật phải có số biên bản.")
        if (project := data.get("project")) is None:
            return data
        asked = list(dict.fromkeys(filter(None, re.split(r"[\s,;]+", data.get("codes", "")))))
        if len(asked) > MOST_HOUSEHOLDS:
            self.add_error("codes", f"Nhiều nhất {MOST_HOUSEHOLDS} hộ một lần; hãy tách ra.")
        cases = Case.objects.visible_to(self.user, on=self.on_day).filter(project=project)
        found = {case.code: case for case in cases.filter(code__in=asked)}
        if missing := [code for code in asked if code not in found]:
            self.add_error("codes", f"Dự án này không có hồ sơ: {', '.join(missing)}.")
        data["cases"] = [found[code] for code in asked if code in found]
        return data

    def save(self) -> Outreach:
        """Record the talk; raises what Outreach.record raises, and then nothing is written."""
        data = self.cleaned_data
        document = None
        if number := data["number"].strip():
            document = Document.objects.numbered(number, data["on"], Document.Kind.MINUTES)
        names = ("project", "kind", "form", "on", "participants", "people", "explained")
        talk = Outreach(
            **{name: data[name] for name in (*names, "next_step", "next_on")}, document=document
        )
        answers = dict.fromkeys(data["cases"], (data["answer"], data["note"]))
        return Outreach.record(talk, answers, by=self.user)


class _Answer(forms.ModelForm):  # type: ignore[type-arg]
    class Meta:
        model = OutreachHousehold
        fields = ["answer", "note"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["answer"].widget.attrs["class"] = "form-select form-select-sm"
        self.fields["note"].widget.attrs["class"] = "form-control form-control-sm"
        for field in self.fields.values():
            field.widget.attrs["aria-label"] = f"{field.label} {self.instance.case.code}"


AnswerFormSet = forms.modelformset_factory(OutreachHousehold, form=_Answer, extra=0)


class CancelForm(PageForm):
    """Why something recorded is taken back."""

    reason = forms.CharField(
        label="Lý do hủy",
        max_length=200,
        error_messages={"required": "Hãy ghi lý do hủy, ví dụ: ghi nhầm hồ sơ."},
    )


class TrainingForm(forms.ModelForm):  # type: ignore[type-arg]
    on = DayField(label="Ngày")

    class Meta:
        model = Training
        fields = ["on", "topic", "organiser", "audience", "people_count", "place"]

    def __init__(self, *args: Any, today: dt.date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        dress(self, today)


class OutreachFilter(Listing):
    project = django_filters.ModelChoiceFilter(
        label="Dự án",
        queryset=lambda request: Project.objects.visible_to(request.user),
        to_field_name="code",
        empty_label="Mọi dự án",
    )
    kind = django_filters.ChoiceFilter(
        label="Loại", choices=Outreach.Kind.choices, empty_label="Mọi loại"
    )
    answer = django_filters.ChoiceFilter(
        label="Ý kiến", choices=Answer.choices, empty_label="Mọi ý kiến", method="by_answer"
    )
    state = django_filters.ChoiceFilter(
        label="Hẹn tiếp theo",
        choices=[("due", "Đến hẹn, quá hẹn")],
        empty_label="Mọi cuộc",
        method="by_state",
    )
    q = django_filters.CharFilter(label="Mã hồ sơ", method="by_text")

    class Meta:
        model = Outreach
        fields: list[str] = []

    def by_answer(self, rows: Any, name: str, answer: str) -> Any:
        return rows.filter(households__answer=answer).distinct()

    def by_state(self, rows: Any, name: str, state: str) -> Any:
        return rows.filter(next_on__lte=self.on)

    def by_text(self, rows: Any, name: str, text: str) -> Any:
        cases = contains_folded(Case.objects.all(), text)
        return rows.filter(households__case__in=cases.values("pk")).distinct()


class NeverMetFilter(Listing):
    project = OutreachFilter.base_filters["project"]

    class Meta:
        model = Case
        fields: list[str] = []
