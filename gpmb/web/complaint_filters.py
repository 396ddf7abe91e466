"""Filters of the complaint register; they live in the address."""

from __future__ import annotations

from typing import Any

import django_filters
from django.db.models import Q

from gpmb.complaints import process
from gpmb.complaints.models import Complaint
from gpmb.web.filters import Listing


class ComplaintFilter(Listing):
    kind = django_filters.ChoiceFilter(
        label="Loại đơn", choices=Complaint.Kind.choices, empty_label="Mọi loại"
    )
    status = django_filters.ChoiceFilter(
        label="Trạng thái", choices=Complaint.Status.choices, empty_label="Mọi trạng thái"
    )
    topic = django_filters.ChoiceFilter(
        label="Nội dung", choices=Complaint.Topic.choices, empty_label="Mọi nội dung"
    )
    channel = django_filters.ChoiceFilter(
        label="Hình thức", choices=Complaint.Channel.choices, empty_label="Mọi hình thức"
    )
    state = django_filters.ChoiceFilter(
        label="Tình hình",
        choices=[
            ("open", "Đang giải quyết"),
            ("overdue", "Quá hạn trả lời"),
            ("answered", "Đã trả lời"),
            ("carried_out", "Đã thực hiện xong"),
            ("settled", "Đã dứt điểm (6 tháng không tái diễn)"),
            ("collective", "Đông người"),
            ("repeated", "Đơn trùng, lặp"),
        ],
        empty_label="Mọi tình hình",
        method="by_state",
    )
    project = django_filters.CharFilter(label="Mã dự án", field_name="project__code")
    q = django_filters.CharFilter(label="Số tiếp nhận, mã hồ sơ", method="by_text")

    class Meta:
        model = Complaint
        fields: list[str] = []

    def by_state(self, rows: Any, name: str, state: str) -> Any:
        if state == "open":
            return rows.open(on=self.on).exclude(status__in=process.ENDED)
        if state == "collective":
            return rows.collective()
        if state == "repeated":
            return rows.filter(repeats__isnull=False)
        return getattr(rows, state)(on=self.on)

    def by_text(self, rows: Any, name: str, text: str) -> Any:
        about = Complaint.objects.about_case(text)
        return rows.filter(Q(serial__icontains=text) | Q(pk__in=about.values("pk")))
