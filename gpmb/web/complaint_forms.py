"""Forms of the complaint register: intake, the land, assignment, status moves."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib.gis.geos import Point
from django.db import transaction

from gpmb.accounts.models import Role, User
from gpmb.clearance.models import Case, Project
from gpmb.complaints import intake, process
from gpmb.complaints.models import Complaint, ComplaintEvent
from gpmb.land.models import Parcel
from gpmb.law import steps
from gpmb.web.forms import DayField, PageForm
from gpmb.web.hotspot_forms import document_of
from gpmb.web.places import read_point, write_point

# The form's fields that a denunciation may not carry (gpmb.complaints.intake.FORBIDDEN).
FIELD_OF = {"location": "place"}
FORBIDDEN = tuple(FIELD_OF.get(name, name) for name in intake.FORBIDDEN)
# What a letter keeps as it was typed, unless it is a denunciation.
KEPT = ("channel", "people_count", "topic", "target", "target_step", "project", "content")


class LandForm(PageForm):
    """The land a letter is about: any number of cases and parcels of a project, or a place."""

    project = forms.ModelChoiceField(
        Project.objects.none(), label="Dự án", required=False, empty_label="Chưa xác định"
    )
    cases = forms.CharField(
        label="Mã hồ sơ",
        max_length=1000,
        required=False,
        help_text="Nhiều hồ sơ cách nhau bằng dấu phẩy; hồ sơ của người đại diện ghi trước.",
    )
    parcels = forms.CharField(
        label="Tờ/thửa",
        max_length=1000,
        required=False,
        help_text="Ví dụ 5/85, 5/86.",
    )
    place = forms.CharField(
        label="Vị trí",
        max_length=60,
        required=False,
        help_text="Hai số cách nhau bằng dấu chấm phẩy: kinh độ; vĩ độ, hoặc Đông; Bắc VN-2000.",
    )

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user = user
        self.fields["project"].queryset = (  # type: ignore[attr-defined]
            Project.objects.visible_to(user)
        )

    def clean_place(self) -> Point | None:
        """Read two numbers as degrees or as metres of the province's plane."""
        text: str = self.cleaned_data["place"].strip()
        if not text:
            return None
        return read_point(text)

    def find_land(self, data: dict[str, Any]) -> None:
        """Put the cases and parcels that were typed into `data`, or say what is wrong."""
        data["case_rows"], data["parcel_rows"] = [], []
        cases = Case.objects.counted_for(self.user)
        parcels = Parcel.objects.visible_to(self.user)
        project = data.get("project")
        try:
            rows = data["case_rows"] = intake.find_cases(cases, data.get("cases", ""), project)
            project = data["project"] = rows[0].project if rows else project
        except intake.UnknownCaseError as error:
            self.add_error("cases", str(error))
        try:
            text = data.get("parcels", "")
            data["parcel_rows"] = intake.find_parcels(parcels, text, project)
        except intake.UnknownParcelError as error:
            self.add_error("parcels", str(error))


class ComplaintForm(LandForm):
    """A letter comes in. A denunciation leaves a number, a day and a status, nothing else."""

    kind = forms.ChoiceField(label="Loại đơn", choices=Complaint.Kind.choices)
    received_on = DayField(label="Ngày nhận")
    serial = forms.CharField(
        label="Số tiếp nhận",
        max_length=30,
        required=False,
        help_text="Để trống thì chương trình cấp số tiếp theo.",
    )
    channel = forms.ChoiceField(
        label="Hình thức", choices=[("", "Chọn"), *Complaint.Channel.choices], required=False
    )
    people_count = forms.IntegerField(
        label="Số người đứng đơn",
        min_value=1,
        initial=1,
        error_messages={"min_value": "Số người phải từ 1."},
    )
    people = forms.CharField(
        label="Người đại diện",
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text="Mỗi dòng một người; 5–10 người: nhiều nhất 2; từ 11 người: nhiều nhất 5.",
    )
    topic = forms.ChoiceField(
        label="Nội dung", choices=[("", "Chọn"), *Complaint.Topic.choices], required=False
    )
    target = forms.CharField(label="Quyết định, việc bị khiếu nại", max_length=200, required=False)
    target_step = forms.ChoiceField(
        label="Bước bị khiếu nại",
        choices=[("", "Chưa xác định"), *steps.choices()[1:]],
        required=False,
    )
    confidential = forms.BooleanField(label="Bảo mật", required=False)
    content = forms.CharField(
        label="Tóm tắt", required=False, widget=forms.Textarea(attrs={"rows": 3})
    )
    officer = forms.ModelChoiceField(
        User.objects.filter(role__in=(Role.PETITIONS, Role.OFFICER), is_active=True),
        label="Giao cán bộ",
        required=False,
        empty_label="Chưa giao",
    )

    field_order = [
        *("kind", "received_on", "serial", "channel", "people_count", "people", "topic"),
        *("target", "target_step", "project", "cases", "parcels", "place"),
        *("confidential", "content", "officer"),
    ]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["confidential"].widget.attrs["class"] = "form-check-input d-block"

    def clean_serial(self) -> str:
        """Refuse a number that is taken."""
        serial: str = self.cleaned_data["serial"].strip()
        if serial and Complaint.objects.filter(serial=serial).exists():
            raise forms.ValidationError(f"Số tiếp nhận {serial} đã có. Hãy dùng số khác.")
        return serial

    def clean(self) -> dict[str, Any]:
        """Check what depends on several fields: denunciations, cases, parcels, people."""
        data = super().clean() or {}
        if data.get("kind") == Complaint.Kind.DENUNCIATION:
            filled = [name for name in FORBIDDEN if data.get(name)]
            for name in filled:
                self.add_error(name, "Tố cáo không lưu mục này: hãy để trống.")
            if filled or (data.get("people_count") or 1) > 1:
                self.add_error(
                    None, "Tố cáo chỉ lưu số tiếp nhận, ngày và trạng thái. Hãy xóa các mục khác."
                )
            return data
        self.find_land(data)
        names = [line.strip() for line in data.get("people", "").splitlines() if line.strip()]
        most = Complaint(people_count=data.get("people_count") or 1).most_representatives
        if len(names) > most:
            self.add_error("people", f"Với số người này chỉ ghi nhiều nhất {most} người đại diện.")
        data["names"] = names
        return data

    def save(self, *, by: User) -> Complaint:
        """Register the letter, its people and the first line of its log."""
        data = self.cleaned_data
        complaint = Complaint(
            **{name: data[name] for name in ("serial", "kind", "received_on")},
            officer=data["officer"],
            confidential=data["confidential"],
        )
        if data["kind"] != Complaint.Kind.DENUNCIATION:
            for name in KEPT:
                setattr(complaint, name, data[name])
            complaint.location = data["place"]
        return intake.register(
            complaint,
            data.get("names", ()),
            by=by,
            cases=data.get("case_rows", ()),
            parcels=data.get("parcel_rows", ()),
        )


class ConcernForm(LandForm):
    """The land of a letter of the register as now known; `complaint` comes with its land."""

    def __init__(self, *args: Any, complaint: Complaint, **kwargs: Any) -> None:
        self.complaint = complaint
        kwargs["initial"] = {
            "project": complaint.project_id,
            "cases": ", ".join(complaint.case_codes),
            "parcels": ", ".join(filter(None, complaint.parcel_numbers)),
            "place": write_point(complaint.location),
        }
        super().__init__(*args, **kwargs)

    def clean(self) -> dict[str, Any]:
        """Find the cases and parcels."""
        data = super().clean() or {}
        self.find_land(data)
        return data

    def save(self) -> None:
        """Write what the letter is about; raises what Complaint.concern raises.

        A parcel that the form can't name, without a number or not for this person, stays.
        """
        data = self.cleaned_data
        shown = [link.parcel_id for link in self.complaint.complaint_parcels.all() if link.number]
        unnamed = Parcel.objects.filter(complaints=self.complaint).exclude(pk__in=shown)
        self.complaint.concern(
            project=data["project"],
            cases=data["case_rows"],
            parcels=[*data["parcel_rows"], *unnamed],
            location=data["place"],
        )


class HandleForm(PageForm):
    """Who handles a letter, and what lengthens its clock by law."""

    officer = forms.ModelChoiceField(
        User.objects.filter(role__in=(Role.PETITIONS, Role.OFFICER), is_active=True),
        label="Giao cán bộ",
        required=False,
        empty_label="Chưa giao",
    )
    is_complex = forms.BooleanField(label="Vụ việc phức tạp", required=False)
    extensions = forms.TypedChoiceField(
        label="Số lần gia hạn",
        choices=[(0, "Không gia hạn"), (1, "1 lần"), (2, "2 lần")],
        coerce=int,
    )

    def __init__(self, *args: Any, complaint: Complaint, **kwargs: Any) -> None:
        self.complaint = complaint
        kwargs["initial"] = {
            "officer": complaint.officer_id,
            "is_complex": complaint.is_complex,
            "extensions": complaint.extensions,
        }
        super().__init__(*args, **kwargs)
        self.fields["is_complex"].widget.attrs["class"] = "form-check-input d-block"
        # A complaint's term is longer when complex; a denunciation's is extended.
        if complaint.kind != Complaint.Kind.COMPLAINT:
            del self.fields["is_complex"]
        if complaint.kind != Complaint.Kind.DENUNCIATION:
            del self.fields["extensions"]

    def save(self) -> None:
        """Assign the letter; its due day follows."""
        data = self.cleaned_data
        self.complaint.handle(
            officer=data["officer"],
            is_complex=data.get("is_complex", False),
            extensions=data.get("extensions", 0),
        )


class MoveForm(PageForm):
    """A change of status: to what, when, by which document, with which result."""

    to = forms.ChoiceField(
        label="Chuyển sang", error_messages={"required": "Hãy chọn việc tiếp theo."}
    )
    on = DayField(label="Ngày")
    number = forms.CharField(label="Số, ký hiệu văn bản", max_length=60, required=False)
    result = forms.ChoiceField(
        label="Kết quả", choices=[("", "Chưa có"), *Complaint.Result.choices], required=False
    )
    note = forms.CharField(label="Lý do, ghi chú", max_length=300, required=False)

    def __init__(self, *args: Any, complaint: Complaint, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.complaint = complaint
        self.fields["to"].choices = [  # type: ignore[attr-defined]
            (move.target, move.label)
            for move in process.moves_from(complaint.status, complaint.kind)
        ]
        if complaint.kind == Complaint.Kind.DENUNCIATION:
            for name in ("number", "result", "note"):
                del self.fields[name]

    @transaction.atomic
    def save(self, *, by: User) -> ComplaintEvent:
        """Move the complaint; raises what Complaint.move raises, and then nothing is written."""
        data = self.cleaned_data
        number = data.get("number", "").strip()
        return self.complaint.move(
            data["to"],
            on=data["on"],
            by=by,
            document=document_of(number, data["on"]) if number else None,
            result=data.get("result", ""),
            note=data.get("note", ""),
        )
