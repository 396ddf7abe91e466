"""Forms of hot spots: open and close by a document, and the measures between."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django import forms
from django.db import transaction

from gpmb.accounts.models import Organisation, User
from gpmb.analysis.hotspot_models import Hotspot, HotspotArea, HotspotMeasure
from gpmb.clearance.models import Project, Review
from gpmb.land.models import Document
from gpmb.web.forms import DayField, PageForm

NUMBER_NEEDED = {"required": "Hãy gõ số, ký hiệu văn bản làm căn cứ, ví dụ 45-TB/TU."}


def document_of(number: str, on: dt.date) -> Document:
    """Return the document with that number and day, recorded now if it is new."""
    return Document.objects.numbered(number.strip(), on, Document.Kind.DECISION)


class OpenHotspotForm(PageForm):
    """A leader names a place a hot spot: why, by which document, who settles it."""

    name = forms.CharField(
        label="Tên điểm nóng",
        max_length=200,
        error_messages={"required": "Hãy gõ tên điểm nóng, ví dụ tên khu và phường."},
    )
    project = forms.ModelChoiceField(
        Project.objects.none(), label="Dự án", required=False, empty_label="Không gắn dự án"
    )
    opened_on = DayField(label="Ngày mở")
    number = forms.CharField(
        label="Số, ký hiệu văn bản", max_length=60, error_messages=NUMBER_NEEDED
    )
    owner = forms.ModelChoiceField(
        Organisation.objects.all(),
        label="Cơ quan chủ trì giải quyết",
        empty_label="Chọn cơ quan",
        error_messages={"required": "Hãy chọn cơ quan chủ trì giải quyết."},
    )
    reason = forms.CharField(
        label="Lý do", required=False, widget=forms.Textarea(attrs={"rows": 2})
    )

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["project"].queryset = (  # type: ignore[attr-defined]
            Project.objects.visible_to(user)
        )

    @transaction.atomic
    def save(self, *, by: User, area: HotspotArea | None) -> Hotspot:
        """Open the hot spot in the leader's name."""
        data = self.cleaned_data
        return Hotspot.objects.create(
            name=data["name"],
            area=area,
            project=data["project"],
            boundary=area.boundary if area else None,
            reason=data["reason"],
            owner=data["owner"],
            opened_on=data["opened_on"],
            opened_by=by,
            open_document=document_of(data["number"], data["opened_on"]),
        )


class CloseHotspotForm(PageForm):
    """A leader ends a hot spot by a document."""

    closed_on = DayField(label="Ngày kết thúc")
    number = forms.CharField(
        label="Số, ký hiệu văn bản", max_length=60, error_messages=NUMBER_NEEDED
    )

    def __init__(self, *args: Any, hotspot: Hotspot, **kwargs: Any) -> None:
        self.hotspot = hotspot
        super().__init__(*args, **kwargs)

    def clean_closed_on(self) -> dt.date:
        """Refuse a day before the hot spot was opened."""
        day: dt.date = self.cleaned_data["closed_on"]
        if day < self.hotspot.opened_on:
            raise forms.ValidationError("Ngày kết thúc không được trước ngày mở.")
        return day

    @transaction.atomic
    def save(self, *, by: User) -> None:
        """Close the hot spot in the leader's name; a second click changes nothing."""
        data = self.cleaned_data
        hotspot = Hotspot.objects.select_for_update().get(pk=self.hotspot.pk)
        if hotspot.closed_on is None:
            hotspot.closed_on = data["closed_on"]
            hotspot.closed_by = by
            hotspot.close_document = document_of(data["number"], data["closed_on"])
            hotspot.save(update_fields=["closed_on", "closed_by", "close_document"])


class MeasureForm(PageForm):
    """What is done about a hot spot, by whom, until when."""

    on = DayField(label="Ngày")
    text = forms.CharField(
        label="Biện pháp",
        widget=forms.Textarea(attrs={"rows": 2}),
        error_messages={"required": "Hãy ghi biện pháp."},
    )
    owner = forms.ModelChoiceField(
        Organisation.objects.all(),
        label="Cơ quan thực hiện",
        empty_label="Chọn cơ quan",
        error_messages={"required": "Hãy chọn cơ quan thực hiện."},
    )
    due_on = DayField(label="Hạn", required=False)
    review = forms.ModelChoiceField(
        Review.objects.all(), label="Theo giao ban", required=False, empty_label="Không"
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["due_on"].today = None  # type: ignore[attr-defined]  # a date to come

    def save(self, *, hotspot: Hotspot) -> HotspotMeasure:
        """Add the measure to the hot spot."""
        return HotspotMeasure.objects.create(hotspot=hotspot, **self.cleaned_data)


class MeasureDoneForm(PageForm):
    """What came of a measure."""

    done_on = DayField(label="Hoàn thành ngày")
    result = forms.CharField(
        label="Kết quả",
        max_length=500,
        error_messages={"required": "Hãy ghi kết quả thực hiện."},
    )
