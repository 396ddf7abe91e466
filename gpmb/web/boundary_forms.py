"""The form of a clearance boundary: a file or a drawing, from when, by which paper."""

import datetime as dt
from typing import Any

from django import forms
from django.conf import settings

from geo import crs
from gpmb.importing.findings import Question
from gpmb.land.models import Document
from gpmb.web.forms import DayField, PageForm

MAX_MB = 60


class BoundaryForm(PageForm):
    file = forms.FileField(
        label="Tệp ranh",
        required=False,
        help_text="GeoPackage, Shapefile nén zip, GeoJSON, KML, DXF.",
    )
    drawn = forms.CharField(required=False, widget=forms.HiddenInput)
    crs = forms.ChoiceField(label="Hệ tọa độ, nếu tệp không ghi hoặc ghi sai", required=False)
    layer = forms.CharField(label="Lớp, nếu tệp có nhiều lớp", max_length=100, required=False)
    on = DayField(label="Ranh có từ ngày")
    number = forms.CharField(label="Số văn bản (nếu có)", max_length=60, required=False)

    def __init__(self, *args: Any, today: dt.date, **kwargs: Any) -> None:
        kwargs.setdefault("initial", {"on": f"{today:%d/%m/%Y}"})
        super().__init__(*args, today=today, **kwargs)
        zones = sorted({p.srid for p in crs.provinces().values()}, key=crs.name)
        codes = dict.fromkeys((settings.SRID, crs.WGS84, *zones, 3405, 3406))
        self.fields["crs"].choices = [("", "Như tệp ghi")] + [  # type: ignore[attr-defined]
            (f"EPSG:{code}", f"{crs.name(code)} (EPSG:{code})") for code in codes
        ]

    def clean_file(self) -> Any:
        file = self.cleaned_data["file"]
        if file and file.size > MAX_MB * 1024**2:
            raise forms.ValidationError(f"Tệp lớn hơn {MAX_MB} MB. Chỉ gửi lớp ranh dự án.")
        return file

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if not data.get("file") and not data.get("drawn") and "file" not in self.errors:
            self.add_error("file", "Chọn tệp ranh, hoặc vẽ ranh trên bản đồ.")
        return data

    def words(self, asked: Exception) -> str:
        """The question in words of this form, not of the command line."""
        if not isinstance(asked, Question):
            return str(asked).replace("--crs", "Hệ tọa độ").replace("--layer", "Lớp")
        choices = f" Có thể là: {', '.join(asked.choices)}." if asked.choices else ""
        if asked.code == "layer_choice":
            return f"Tệp có nhiều lớp: gõ tên lớp ranh.{choices}"
        if asked.code.startswith("crs"):
            return f"Tệp không ghi hệ tọa độ dùng được: chọn hệ tọa độ.{choices}"
        return str(asked)

    def document(self) -> Document | None:
        number = self.cleaned_data["number"].strip()
        if not number:
            return None
        return Document.objects.numbered(number, self.cleaned_data["on"], "decision")
