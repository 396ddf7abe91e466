"""Forms of the import wizard: which file for what, answers about it, a pasted block."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from functools import reduce
from operator import or_
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.core.files.base import ContentFile
from django.db.models import Q
from django.http import QueryDict
from django.urls import reverse

from gpmb import access
from gpmb.accounts.models import Role, User
from gpmb.clearance.models import Project
from gpmb.clearance.models.project import ProjectQuerySet
from gpmb.importing.grid import MAX_BYTES, PASTED
from gpmb.importing.models import ImportRun, Upload
from gpmb.importing.tables.registry import TABLES
from gpmb.resettlement.models import Site

Kind = ImportRun.Kind
OF_PROJECTS = {kind: table for kind, table in TABLES.items() if table.place is None}
"""Tables of one project, chosen on the pages of imports; the others have boxes of their own."""
LISTS: dict[str, str] = {
    Kind.WORKBOOK: "Danh sách thu hồi đất, hồ sơ (Excel)",
    Kind.PARCELS: "Thửa đất từ tệp đo đạc (GeoPackage, Shapefile nén zip, DXF, GeoJSON, KML…)",
    Kind.TAKINGS: "Bảng thửa: diện tích thu hồi, loại đất (Excel)",
    **{kind: f"{table.title} (Excel)" for kind, table in OF_PROJECTS.items()},
}
BY_ROLE: dict[Role, dict[str, str]] = {
    Role.PETITIONS: {Kind.COMPLAINTS: "Đơn thư (Excel)"},
    Role.ADMINISTRATOR: {Kind.READINESS: LISTS[Kind.READINESS]},
}
"""What others than officers bring in."""
PASTABLE: dict[str, str] = {
    Kind.WORKBOOK: "Hồ sơ",
    Kind.TAKINGS: "Thửa, phần thu hồi",
    **{kind: table.title for kind, table in OF_PROJECTS.items()},
}
HINTS: dict[str, str] = {
    Kind.WORKBOOK: "Chương trình nhận cột theo dòng tiêu đề; cột không nhận ra thì hỏi. Có cột Mã "
    "hồ sơ thì chỉ cần thêm các cột muốn sửa, ví dụ “Mã hồ sơ, Bước, Ngày”.",
    Kind.PARCELS: "Lớp thửa có ranh, số tờ, số thửa; thêm diện tích, loại đất, ghi chú nếu có. "
    "Tệp không ghi hệ tọa độ, bảng mã, xã phường thì chương trình hỏi.",
    Kind.TAKINGS: "Cần cột Tờ, Thửa (hoặc Tờ/thửa) và cột muốn sửa: Diện tích thu hồi, Loại đất, "
    "Ghi chú. Mỗi dòng một thửa; thửa dự án chưa thu hồi thì được thêm vào.",
    **{kind: table.hint for kind, table in TABLES.items()},
}
"""What a block or a file of each kind holds."""
SAMPLES = {Kind.WORKBOOK, *TABLES}
"""Kinds with an empty workbook to fill."""
MAX_SURVEY_BYTES = 300_000_000
MAX_PASTED = 3_000_000
ANSWERS: dict[str, str] = {
    "layer": "lớp",
    "crs": "hệ tọa độ",
    "unit": "xã, phường",
    "sheet": "số tờ bản đồ",
    "encoding": "bảng mã",
}
"""What a file may leave to be answered, each asked again on demand."""


def kinds_of(user: User) -> dict[str, str]:
    """What a person may bring in, by role; into which project is asked of each table."""
    if not user.is_active:
        return {}
    if user.role == Role.OFFICER:
        return dict(LISTS)
    role = Role.ADMINISTRATOR if user.is_administrator else Role(user.role)
    return dict(BY_ROLE.get(role, {}))


def projects_for(user: User, kinds: Iterable[str], *, on: dt.date) -> ProjectQuerySet:
    """The projects into which a person may bring rows of any of the kinds."""
    asked = {TABLES[k].projects if k in TABLES else access.importable_projects for k in kinds}
    found = [Q(pk__in=projects(user, on=on).values("pk")) for projects in asked]
    return Project.objects.filter(reduce(or_, found)) if found else Project.objects.none()


def keep(upload: Upload, content: Any, name: str, *, pasted: bool) -> Upload:
    """Keep a file or block under a name of our own, ready to be looked at."""
    upload.file_name, upload.pasted = name[:250], pasted
    upload.state = Upload.State.CHECKING
    upload.file.save(f"block{PASTED}" if pasted else name, content, save=False)
    upload.save()
    return upload


def name_of_block(at: dt.datetime) -> str:
    """What a pasted block is called in lists of what was brought in."""
    return f"Dán từ Excel lúc {at:%H:%M %d/%m/%Y}"


def block_field() -> forms.CharField:
    """A field that takes a block of cells copied from Excel."""
    return forms.CharField(
        label="Khối ô chép từ Excel",
        strip=False,
        max_length=MAX_PASTED,
        widget=forms.Textarea(attrs={"rows": 8, "spellcheck": "false", "wrap": "off"}),
        error_messages={
            "required": "Chưa dán gì. Chọn vùng trong Excel, chép (Ctrl+C) rồi dán vào ô này.",
            "max_length": "Khối dán quá lớn. Lưu thành tệp Excel rồi nhập tệp đó.",
        },
    )


class TableSelect(forms.Select):
    """Which table; each option carries what it holds and its sample, said when it is chosen."""

    def create_option(self, name: str, value: Any, *args: Any, **kwargs: Any) -> dict[str, Any]:
        option = super().create_option(name, value, *args, **kwargs)
        option["attrs"] |= {"data-hint": HINTS[str(value)], "data-sample": sample_of(str(value))}
        return option


def sample_of(kind: str, of: str = "") -> str:
    """The address of the empty workbook of a kind; nothing where it has none."""
    if kind not in SAMPLES:
        return ""
    return f"{reverse('import_sample')}?{urlencode({'kind': kind} | ({'of': of} if of else {}))}"


class TargetForm(forms.Form):
    """For which project, by someone who works on it."""

    kind = forms.ChoiceField(label="Nội dung", widget=TableSelect)
    project = forms.ModelChoiceField(
        Project.objects.none(),
        label="Dự án",
        required=False,
        empty_label="Chọn dự án",
        to_field_name="code",
    )

    def __init__(self, *args: Any, user: User, on: dt.date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user = user
        self.on = on
        kinds = kinds_of(user)
        projects = projects_for(user, kinds, on=on)
        self.fields["project"].queryset = projects.order_by("name")  # type: ignore[attr-defined]
        self.fields["kind"].choices = list(kinds.items())  # type: ignore[attr-defined]
        if Kind.COMPLAINTS in kinds:
            del self.fields["project"]
            self.fields["kind"].widget = forms.HiddenInput()
            self.initial["kind"] = Kind.COMPLAINTS
        for field in self.fields.values():
            select = isinstance(field.widget, forms.Select)
            field.widget.attrs["class"] = "form-select" if select else "form-control"

    @property
    def chosen(self) -> str:
        said = str(self["kind"].value() or "")
        return said if said in HINTS else Kind.WORKBOOK

    @property
    def hint(self) -> str:
        return HINTS[self.chosen]

    @property
    def sample(self) -> str:
        return sample_of(self.chosen)

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        kind, project = data.get("kind"), data.get("project")
        if kind != Kind.COMPLAINTS and not project:
            self.add_error(
                "project" if "project" in self.fields else None, "Hãy chọn dự án để nhập vào."
            )
        elif kind and project:
            mine = projects_for(self.user, [kind], on=self.on)
            if not mine.filter(pk=project.pk).exists():
                self.add_error("project", "Bạn không ghi nội dung này cho dự án ấy.")
        return data

    def make(self, content: Any, name: str, *, pasted: bool = False) -> Upload:
        said = self.cleaned_data
        upload = Upload(kind=said["kind"], project=said.get("project"), by=self.user)
        if site := said.get("site"):
            upload.answers = {"site": site.pk, "about": site.name}
        return keep(upload, content, name, pasted=pasted)


class UploadForm(TargetForm):
    """A file for a project."""

    file = forms.FileField(
        label="Tệp",
        max_length=250,
        error_messages={
            "required": "Hãy chọn tệp.",
            "empty": "Tệp rỗng: xuất hoặc lưu lại rồi chọn lại.",
        },
    )

    def clean_file(self) -> Any:
        file = self.cleaned_data["file"]
        survey = self.cleaned_data.get("kind") == Kind.PARCELS
        most = MAX_SURVEY_BYTES if survey else MAX_BYTES
        if file.size > most:
            raise forms.ValidationError(
                f"Tệp lớn hơn {most // 1_000_000} MB. Chia nhỏ rồi nhập từng phần."
            )
        return file

    def save(self) -> Upload:
        file = self.cleaned_data["file"]
        return self.make(file, file.name)


class PasteForm(TargetForm):
    """A block of cells copied from Excel."""

    block = block_field()
    site = forms.ModelChoiceField(
        Site.objects.all(), required=False, to_field_name="ref", widget=forms.HiddenInput
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "project" in self.fields:
            field: Any = self.fields["kind"]
            field.choices = [(k, PASTABLE[k]) for k, _ in field.choices if k in PASTABLE]
        self.back = reverse("imports")

    def clean(self) -> dict[str, Any]:
        data = super().clean()
        site, project = data.get("site"), data.get("project")
        if site and project and not site.projects.filter(pk=project.pk).exists():
            self.add_error("project", "Khu tái định cư này không phục vụ dự án ấy.")
        return data

    def save(self, *, at: dt.datetime) -> Upload:
        block = ContentFile(self.cleaned_data["block"].encode())
        return self.make(block, name_of_block(at), pasted=True)


def paste_form(
    user: User, on: dt.date, project: Project | None = None, kind: str = Kind.WORKBOOK
) -> PasteForm | None:
    """The form beside a table, for those who may paste into it."""
    if kind not in kinds_of(user):
        return None
    mine = projects_for(user, [kind], on=on)
    if not (mine.filter(pk=project.pk) if project else mine).exists():
        return None
    return paste_into(user, on, project, kind)


def paste_into(
    user: User,
    on: dt.date,
    project: Project | None,
    kind: str = Kind.WORKBOOK,
    site: Site | None = None,
) -> PasteForm:
    """The form beside a table, for someone found to work on the project already."""
    initial = {"kind": kind, "project": project.code if project else "", "site": site}
    form = PasteForm(user=user, on=on, initial=initial, auto_id="paste_%s")
    if site:
        for name in ("kind", "project"):
            form.fields[name].widget = forms.HiddenInput()
    return form


def answers_of(post: QueryDict, upload: Upload) -> dict[str, Any]:
    """What the page of questions says: a field and perhaps a reading for each column."""
    answers = dict(upload.answers)
    known = {name for name, _ in upload.understood.get("fields", ())}
    columns = {}
    for at, column in enumerate(upload.understood.get("columns", ())):
        field, reading = post.get(f"c{at}", ""), post.get(f"r{at}", "")
        if field not in known:
            field = ""
        asked = {value for value, _ in (column.get("ask") or {}).get("choices", ())}
        kept = reading if reading in asked or reading == column.get("reading") else ""
        if field != column.get("field"):
            kept = ""  # it was asked of what the column was before
        columns[column["title"]] = f"{field}:{kept}" if field and kept else field
    if columns:
        answers["columns"] = columns
    if turns_page(post, upload):
        answers["page"] = post["page"]
        answers.pop("columns", None)  # another sheet has columns of its own
    for name in ANSWERS:
        if given := post.get(name, "").strip():
            answers[name] = given[:120]
    for name in ("hidden", "together", "without_numbers", "recover"):
        answers[name] = name in post
    for name in ANSWERS.keys() & set(post.getlist("again")):
        answers.pop(name, None)
        if name == "layer":
            answers.pop("columns", None)  # another layer has columns of its own
    return answers


def turns_page(post: QueryDict, upload: Upload) -> bool:
    """Whether another sheet of the workbook was chosen than the one its questions are about."""
    others = {name for name, _ in upload.understood.get("pages", ())}
    return post.get("page") in others - {upload.understood.get("sheet")}


def chosen_twice(upload: Upload, answers: dict[str, Any]) -> str:
    """The label of a field that two columns were said to be; "" where there is none."""
    chosen = [field.split(":")[0] for field in answers.get("columns", {}).values() if field]
    labels = dict(upload.understood.get("fields", ()))
    return next((labels[field] for field in chosen if chosen.count(field) > 1), "")


def keep_chosen(upload: Upload, answers: dict[str, Any]) -> None:
    """Show the columns as they were chosen when the page of questions comes back."""
    for column in upload.understood["columns"]:
        column["field"] = answers["columns"][column["title"]].split(":")[0]


def answered(upload: Upload) -> list[tuple[str, str, str]]:
    """The answers that may be asked about again: name, what it is, the answer."""
    return [(n, what, said) for n, what in ANSWERS.items() if (said := upload.answers.get(n))]
