"""Forms and filters of service: to whom a paper was delivered, when, how, with what evidence."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

import django_filters
from django import forms

from gpmb.accounts.models import User
from gpmb.clearance import service
from gpmb.clearance.models import CaseEvent, Project
from gpmb.land.models import Document, Party, Service
from gpmb.web.filters import Listing
from gpmb.web.forms import DayField, PageForm, dress

EVIDENCE_HELP = (
    "Số biên bản, vận đơn; bắt buộc khi từ chối nhận hoặc vắng mặt. "
    "Bản quét đính ở mục Tệp đính kèm."
)


class ServeForm(PageForm):
    """One delivery of a document to some of its holders."""

    parties = forms.ModelMultipleChoiceField(
        Party.objects.none(),
        label="Giao cho",
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": "Hãy chọn người được giao văn bản."},
    )
    on = DayField(label="Ngày giao")
    manner = forms.ChoiceField(label="Cách giao", choices=Service.Manner.choices)
    evidence = forms.CharField(
        label="Minh chứng",
        max_length=200,
        required=False,
        help_text=EVIDENCE_HELP,
    )

    def __init__(
        self, *args: Any, document: Document, waiting: Any, today: dt.date, **kwargs: Any
    ) -> None:
        kwargs.setdefault("initial", {"on": f"{today:%d/%m/%Y}"})
        super().__init__(*args, today=today, **kwargs)
        self.document = document
        field: Any = self.fields["parties"]
        field.queryset = waiting
        field.label_from_instance = lambda party: party.name
        del field.widget.attrs["class"]

    def save(self, *, by: User) -> int:
        """Record the delivery; raises what gpmb.clearance.service.serve raises."""
        data = self.cleaned_data
        return service.serve(
            self.document,
            list(data["parties"]),
            on=data["on"],
            manner=data["manner"],
            evidence=data["evidence"],
            by=by,
        )


class CaseServeForm(PageForm):
    """A delivery from the case page, where the papers and the holders are known already."""

    paper = forms.ChoiceField(
        label="Văn bản", error_messages={"required": "Hãy chọn văn bản đã giao."}
    )
    parties = forms.MultipleChoiceField(
        label="Giao cho",
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": "Hãy chọn người được giao văn bản."},
    )
    on = DayField(label="Ngày giao")
    manner = forms.ChoiceField(label="Cách giao", choices=Service.Manner.choices)
    evidence = forms.CharField(
        label="Minh chứng", max_length=200, required=False, help_text=EVIDENCE_HELP
    )

    def __init__(
        self,
        *args: Any,
        papers: Sequence[Document],
        holders: Sequence[Party],
        on: dt.date,
        **kwargs: Any,
    ) -> None:
        self.papers = {str(paper.ref): paper for paper in papers}
        self.holders = {str(party.ref): party for party in holders}
        initial = {"on": f"{on:%d/%m/%Y}", "parties": list(self.holders)}
        super().__init__(*args, today=on, initial=initial, auto_id="serve_%s", **kwargs)
        choice: Any = self.fields["paper"]
        choice.choices = [
            (ref, f"{paper.number} ngày {paper.signed_on:%d/%m/%Y}")
            for ref, paper in self.papers.items()
        ]
        people: Any = self.fields["parties"]
        people.choices = [(ref, party.name) for ref, party in self.holders.items()]
        del people.widget.attrs["class"]

    def save(self, *, by: User) -> int:
        """Record the delivery; raises what gpmb.clearance.service.serve raises."""
        data = self.cleaned_data
        return service.serve(
            self.papers[data["paper"]],
            [self.holders[ref] for ref in data["parties"]],
            on=data["on"],
            manner=data["manner"],
            evidence=data["evidence"],
            by=by,
        )


class DocumentDatesForm(forms.ModelForm):  # type: ignore[type-arg]
    """When a document was signed and when it takes effect: clocks run from the latter."""

    signed_on = DayField(label="Ngày ký")
    effective_on = DayField(
        label="Ngày có hiệu lực",
        required=False,
        may_be_future=True,
        help_text="Để trống khi có hiệu lực từ ngày ký. Hạn chi trả tính từ ngày này.",
    )

    class Meta:
        model = Document
        fields = ["title", "signed_on", "effective_on"]

    def __init__(self, *args: Any, today: dt.date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        dress(self, today)


class ServiceFilter(Listing):
    """Papers that must be delivered: notices and decisions in the log of cases."""

    project = django_filters.ModelChoiceFilter(
        label="Dự án",
        field_name="case__project",
        queryset=lambda request: Project.objects.visible_to(request.user),
        to_field_name="code",
        empty_label="Mọi dự án",
    )
    step = django_filters.ChoiceFilter(
        label="Văn bản",
        choices=[
            ("notice", "Thông báo thu hồi đất"),
            ("compulsory_inventory", "QĐ kiểm đếm bắt buộc"),
            ("approval", "QĐ phê duyệt phương án"),
            ("recovery", "QĐ thu hồi đất"),
            ("enforcement", "QĐ cưỡng chế"),
        ],
        empty_label="Mọi văn bản",
    )
    state = django_filters.ChoiceFilter(
        label="Tình trạng",
        choices=[("waiting", "Chưa giao đủ"), ("served", "Đã giao đủ")],
        empty_label="Mọi tình trạng",
        method="by_state",
    )
    q = django_filters.CharFilter(
        label="Số văn bản", field_name="document__number", lookup_expr="icontains"
    )

    class Meta:
        model = CaseEvent
        fields: list[str] = []

    def by_state(self, rows: Any, name: str, state: str) -> Any:
        return rows.filter(waiting__gt=0) if state == "waiting" else rows.filter(waiting=0)
