"""Forms of a parcel's lineage and of a change of holder."""

import datetime as dt
import json
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

import numpy as np
import shapely
from django import forms
from django.conf import settings
from shapely.errors import ShapelyError

from geo import crs
from geo.split import NotSplit, split_by_line
from gpmb.clearance.lineage import NewParcel
from gpmb.importing.columns import split_sheet_number
from gpmb.land.models import Document, Parcel, Party
from gpmb.web.forms import DayField, PageForm


class PaperForm(PageForm):
    """From which day, by which paper; `confirmed` is set by the preview's button."""

    on = DayField(label="Từ ngày")
    paper = forms.CharField(
        label="Số, ký hiệu văn bản",
        max_length=60,
        error_messages={"required": "Hãy gõ số văn bản làm căn cứ, ví dụ 12/BC-VPĐK."},
    )
    confirmed = forms.BooleanField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, today: dt.date, **kwargs: Any) -> None:
        kwargs.setdefault("initial", {"on": f"{today:%d/%m/%Y}"})
        super().__init__(*args, today=today, **kwargs)

    def document(self) -> Document:
        return Document.objects.numbered(
            self.cleaned_data["paper"].strip(), self.cleaned_data["on"], Document.Kind.OTHER
        )


class SplitForm(PaperForm):
    """New parcels by a line drawn over the old one, or from a survey file."""

    drawn = forms.CharField(required=False, widget=forms.HiddenInput)
    parts = forms.CharField(required=False, widget=forms.HiddenInput)
    numbers = forms.CharField(
        label="Số các thửa mới, từ tây sang đông",
        max_length=500,
        required=False,
        help_text="Ví dụ 5/201, 5/202. Tệp đo đạc có số thì để trống.",
    )
    file = forms.FileField(
        label="Hoặc tệp đo đạc các thửa mới",
        required=False,
        help_text="GeoPackage, Shapefile nén zip, GeoJSON, KML, DXF, có số tờ và số thửa.",
    )
    field_order = ("drawn", "parts", "numbers", "file", "on", "paper", "confirmed")

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if not any(data.get(name) for name in ("drawn", "parts", "file")):
            self.add_error(None, "Vẽ đường tách trên bản đồ, hoặc chọn tệp đo đạc các thửa mới.")
        elif data.get("drawn") and not data.get("file") and not data.get("parts"):
            data["pairs"] = self._pairs(data.get("numbers", ""))
        return data

    def _pairs(self, text: str) -> list[tuple[str, str]]:
        pairs = [split_sheet_number(part) for part in text.replace(";", ",").split(",") if part]
        if not pairs or None in pairs:
            self.add_error("numbers", "Gõ tờ/thửa của từng thửa mới, ví dụ 5/201, 5/202.")
            return []
        return [pair for pair in pairs if pair]

    def by_line(self, parcel: Parcel) -> list[NewParcel]:
        """The parts that the drawn line cuts. Raises `NotSplit`."""
        try:
            line = shapely.from_geojson(json.dumps(json.loads(self.cleaned_data["drawn"])))
        except (ValueError, RecursionError, ShapelyError) as error:
            raise NotSplit("Đường vẽ không đọc được. Vẽ lại trên bản đồ.") from error
        if line is None or line.geom_type != "LineString":
            raise NotSplit("Hình vẽ phải là một đường cắt qua thửa.")
        (moved,) = crs.transform(np.array([line], dtype=object), crs.WGS84, settings.SRID)
        if not np.isfinite(shapely.get_coordinates(moved)).all():
            raise NotSplit("Đường vẽ ra ngoài mọi bản đồ. Vẽ lại trên bản đồ.")
        found = split_by_line(shapely.from_wkb(bytes(parcel.boundary.wkb)), moved)
        pairs = self.cleaned_data["pairs"]
        if len(found) != len(pairs):
            raise NotSplit(f"Đường vẽ tách ra {len(found)} thửa, bạn gõ {len(pairs)} số thửa.")
        return [
            NewParcel(sheet, number, shape)
            for (sheet, number), shape in zip(pairs, found, strict=True)
        ]


def pack(children: Sequence[NewParcel]) -> str:
    """The previewed parcels as the confirming form carries them."""
    rows = [
        [c.sheet, c.number, str(c.registered_m2 or ""), shapely.to_wkb(c.shape, hex=True)]
        for c in children
    ]
    return json.dumps(rows)


def unpack(text: str) -> list[NewParcel]:
    """Read what `pack` wrote; whatever it holds is checked again. Raises `NotSplit`."""
    try:
        return [
            NewParcel(
                str(sheet),
                str(number),
                shapely.from_wkb(shape),
                Decimal(registered) if registered else None,
            )
            for sheet, number, registered, shape in json.loads(text)
        ]
    except (ValueError, TypeError, RecursionError, ArithmeticError, ShapelyError) as error:
        raise NotSplit("Bản xem trước không còn đọc được. Làm lại từ đầu.") from error


class MergeForm(PaperForm):
    """Neighbours to merge with, and the number of what they become."""

    others = forms.MultipleChoiceField(
        label="Hợp với các thửa liền kề",
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": "Chọn ít nhất một thửa liền kề."},
    )
    number = forms.CharField(label="Tờ/thửa mới", max_length=45, help_text="Ví dụ 5/203.")
    field_order = ("others", "number", "on", "paper", "confirmed")

    def __init__(
        self, *args: Any, neighbours: Sequence[tuple[str, str]], today: dt.date, **kwargs: Any
    ) -> None:
        super().__init__(*args, today=today, **kwargs)
        self.fields["others"].choices = neighbours  # type: ignore[attr-defined]
        self.fields["others"].widget.attrs["class"] = "form-check-input"

    def clean_number(self) -> tuple[str, str]:
        pair = split_sheet_number(self.cleaned_data["number"])
        if pair is None:
            raise forms.ValidationError("Gõ tờ/thửa, ví dụ 5/203.")
        return pair


class HolderForm(PaperForm):
    """Who stands in the case from a day, in whose place, why and by which paper."""

    name = forms.CharField(label="Người đứng tên mới", max_length=150)
    kind = forms.ChoiceField(label="Loại", choices=Party.Kind.choices)
    id_number = forms.CharField(label="Số CCCD, mã số", max_length=20, required=False)
    address = forms.CharField(label="Địa chỉ", max_length=250, required=False)
    phone = forms.CharField(label="Điện thoại", max_length=20, required=False)
    reason = forms.CharField(
        label="Lý do",
        max_length=300,
        help_text="Ví dụ: thừa kế, chuyển nhượng, tặng cho trong khi đang làm thủ tục.",
        error_messages={"required": "Hãy ghi lý do thay đổi."},
    )
    version = forms.IntegerField(widget=forms.HiddenInput)
    field_order = (
        "name", "kind", "id_number", "address", "phone", "reason", "on", "paper", "version",
        "confirmed",
    )  # fmt: skip

    def party(self) -> Party:
        """Make the new party."""
        names = ("name", "kind", "id_number", "address", "phone")
        return Party.objects.create(**{name: self.cleaned_data[name] for name in names})


class TakeBackForm(PageForm):
    """Why a split, merge or change of holder is taken back."""

    reason = forms.CharField(
        label="Lý do hoàn tác",
        max_length=250,
        help_text="Ví dụ: nhập nhầm thửa, bản vẽ chưa được duyệt.",
        error_messages={"required": "Hãy ghi lý do hoàn tác."},
    )
