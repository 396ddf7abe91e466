"""Forms of the reports: about what, as of when, against when, in which form."""

from __future__ import annotations

from typing import Any

from django import forms

from gpmb.reference.models import PriorityCategory
from gpmb.web.forms import DayField, PageForm

FORMS = (("pdf", "PDF"), ("docx", "Word"), ("xlsx", "Excel"))


class ReportForm(PageForm):
    """The leaders' report of a scope."""

    scope = forms.ChoiceField(label="Phạm vi")
    on = DayField(label="Số liệu đến ngày")
    since = DayField(label="So với ngày", required=False, help_text="Để trống: cuối tháng trước.")
    form = forms.ChoiceField(label="Dạng tệp", choices=FORMS, initial="pdf")

    def __init__(self, *args: Any, scopes: Any, today: Any, **kwargs: Any) -> None:
        super().__init__(*args, today=today, **kwargs)
        self.fields["scope"].choices = scopes  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        """A report is compared with an earlier day."""
        data = super().clean() or {}
        on, since = data.get("on"), data.get("since")
        if on and since and since > on:
            self.add_error("since", "Ngày so sánh phải trước ngày số liệu.")
        return data


class BriefingForm(PageForm):
    """The one-file map: as of when, which priority categories."""

    on = DayField(label="Số liệu đến ngày")
    categories = forms.MultipleChoiceField(
        label="Nhóm ưu tiên",
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text="Không chọn: mọi nhóm.",
    )

    def __init__(self, *args: Any, today: Any, **kwargs: Any) -> None:
        super().__init__(*args, today=today, **kwargs)
        field: Any = self.fields["categories"]
        field.choices = PriorityCategory.objects.order_by("order").values_list("code", "name")
        field.widget.attrs["class"] = "form-check-input"
