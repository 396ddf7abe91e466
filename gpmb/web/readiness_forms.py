"""The form of a project's legal procedures: one line a procedure, saved all or nothing."""

import datetime as dt
from typing import Any

from django import forms
from django.db import transaction

from gpmb.clearance.models import Project, ReadinessItem
from gpmb.land.models import Document
from gpmb.web.forms import DayField, dress


class ItemForm(forms.ModelForm):  # type: ignore[type-arg]
    """One procedure: done on a day by a document, or on the roadmap with an owner and a day."""

    done_on = DayField(label="Hoàn thành ngày", required=False)
    due_on = DayField(label="Hạn theo lộ trình", required=False, may_be_future=True)
    number = forms.CharField(label="Số, ký hiệu văn bản", max_length=60, required=False)
    seen = forms.IntegerField(widget=forms.HiddenInput)

    class Meta:
        model = ReadinessItem
        fields = ("required", "done_on", "owner", "due_on", "note")

    def __init__(self, *args: Any, today: dt.date, **kwargs: Any) -> None:
        item = kwargs["instance"]
        number = item.document.number if item.document else ""
        kwargs["initial"] = {"number": number, "seen": item.version}
        super().__init__(*args, **kwargs)
        dress(self, today)
        self.fields["required"].widget.attrs["class"] = "form-check-input"

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        if data.get("number") and not data.get("done_on"):
            self.add_error("done_on", "Có văn bản thì phải có ngày hoàn thành.")
        if data.get("done_on") and not data.get("number"):
            self.add_error("number", "Hoàn thành phải có số, ký hiệu văn bản làm căn cứ.")
        return data

    def keep(self) -> None:
        """Save what was changed in this line."""
        number = self.cleaned_data["number"].strip()
        done_on = self.cleaned_data["done_on"]
        if {"number", "done_on"} & set(self.changed_data):
            self.instance.document = None
            if number:
                self.instance.document = Document.objects.numbered(
                    number, done_on, Document.Kind.DECISION
                )
        self.instance.save()


class Checklist:
    """The forms of all procedures of a project, in the order of its kind's template."""

    def __init__(self, project: Project, data: Any = None, *, today: dt.date) -> None:
        items = project.readiness_items.select_related("document", "owner").order_by("pk")
        self.forms = [
            ItemForm(data, instance=item, prefix=f"i{item.pk}", today=today) for item in items
        ]
        self.project = project

    def save(self) -> bool:
        """Save every changed line, or none: False when a line has an error.

        A line that somebody else changed since the page was opened is an error of that line.
        """
        valid = [form.is_valid() for form in self.forms]
        if not all(valid):
            return False
        changed = [form for form in self.forms if set(form.changed_data) - {"seen"}]
        with transaction.atomic():
            keys = [form.instance.pk for form in changed]
            rows = ReadinessItem.objects.select_for_update().filter(pk__in=keys)
            now = dict(rows.values_list("pk", "version"))
            stale = [f for f in changed if f.cleaned_data["seen"] != now[f.instance.pk]]
            for form in stale:
                form.add_error(
                    None, "Người khác vừa sửa dòng này. Mở trang ở thẻ khác để xem, rồi lưu lại."
                )
            if not stale:
                for form in changed:
                    form.keep()
        return not stale
