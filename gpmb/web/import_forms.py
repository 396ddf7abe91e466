"""Forms of the import wizard: which file for what, answers about it, a pasted block."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from functools import reduce
from operator import or_
from typing import Any

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
from gpmb.importing.project_tables import TABLES
from gpmb.resettlement.models import Site

Kind = ImportRun.Kind
LISTS: dict[str, str] = {
    Kind.WORKBOOK: "Danh sách thu hồi đất, hồ sơ (Excel)",
    Kind.PARCELS: "Thửa đất từ tệp đo đạc (GeoPackage, Shapefile nén zip, DXF, GeoJSON, KML…)",
    Kind.TAKINGS: "Bảng thửa: diện tích thu hồi, loại đất (Excel)",
    Kind.OBSTACLES: "Vướng mắc (Excel)",
    Kind.PLAN_ITEMS: "Khoản của phương án bồi thường (Excel)",
    Kind.PAYMENTS: "Đề nghị chi trả (Excel)",
    Kind.OUTREACH: "Vận động, tuyên truyền (Excel)",
    Kind.INQUIRIES: "Văn bản chờ trả lời (Excel)",
    Kind.PLOTS: "Lô của khu tái định cư (Excel)",
    Kind.ARRANGEMENTS: "Bố trí tái định cư (Excel)",
    Kind.ALLOCATIONS: "Giao lô tái định cư cho hộ (Excel)",
    Kind.HOUSING: "Tạm cư (Excel)",
    Kind.READINESS: "Thủ tục của dự án (Excel)",
    Kind.SERVICES: "Giao văn bản (Excel)",
}
BY_ROLE: dict[Role, dict[str, str]] = {
    Role.PETITIONS: {Kind.COMPLAINTS: "Đơn thư (Excel)"},
    Role.ADMINISTRATOR: {Kind.READINESS: LISTS[Kind.READINESS]},
}
"""What others than officers bring in."""
PASTABLE: dict[str, str] = {
    Kind.WORKBOOK: "Hồ sơ",
    Kind.TAKINGS: "Thửa, phần thu hồi",
    Kind.OBSTACLES: "Vướng mắc",
    Kind.PLAN_ITEMS: "Khoản của phương án bồi thường",
    Kind.PAYMENTS: "Đề nghị chi trả",
    Kind.OUTREACH: "Vận động, tuyên truyền",
    Kind.INQUIRIES: "Văn bản chờ trả lời",
    Kind.PLOTS: "Lô tái định cư",
    Kind.ARRANGEMENTS: "Bố trí tái định cư",
    Kind.ALLOCATIONS: "Giao lô tái định cư",
    Kind.HOUSING: "Tạm cư",
    Kind.READINESS: "Thủ tục của dự án",
    Kind.SERVICES: "Giao văn bản",
}
HINTS: dict[str, str] = {
    Kind.WORKBOOK: "Chép cả dòng tiêu đề thì chương trình tự nhận cột; không có tiêu đề thì hỏi "
    "từng cột. Có cột Mã hồ sơ thì chỉ cần thêm các cột muốn sửa, ví dụ “Mã hồ sơ, Bước, Ngày”.",
    Kind.OBSTACLES: "Cần cột Nguyên nhân, Phát sinh; nơi vướng là Mã hồ sơ hoặc Tờ/thửa, để trống "
    "là cả dự án; thêm Nội dung, Cơ quan chủ trì, Hạn, Việc tiếp theo, Xong ngày, Kết quả. Trùng "
    "nơi, nguyên nhân và ngày phát sinh thì sửa vướng mắc đã có.",
    Kind.PAYMENTS: "Cần cột Mã hồ sơ, Số tiền, Ngày chi; thêm Khoản, Số chứng từ, Nơi gửi, Nội "
    "dung. Mỗi dòng là một đề nghị chờ duyệt; khoản giống hệt đã đề nghị hoặc đã chi thì bỏ qua.",
    Kind.PLAN_ITEMS: "Cần cột Mã hồ sơ, Khoản mục, Nội dung; thêm Khối lượng, Đơn vị, Đơn giá, "
    "Tỷ lệ (%), Thành tiền, Mã đơn giá, Loại đất, Căn cứ, Diễn giải. Mỗi dòng là một khoản của "
    "phương án dự thảo; trùng khoản mục và nội dung thì sửa khoản đã có, dòng khác giữ nguyên.",
    Kind.OUTREACH: "Cần cột Mã hồ sơ, Ngày, Thành phần, Nội dung đã giải thích; thêm Loại, Hình "
    "thức, Số biên bản, Ý kiến của hộ, Nội dung ý kiến, Việc tiếp theo, Hẹn ngày. Nhiều hộ hoặc "
    "nhiều thành phần trong một ô thì cách nhau bằng dấu chấm phẩy.",
    Kind.INQUIRIES: "Cần cột Gửi cơ quan, Số ký hiệu, Ngày gửi; thêm Hỏi về việc, Hạn trả lời, Mã "
    "hồ sơ. Có Số văn bản trả lời và Ngày trả lời thì văn bản đã ghi được khép lại.",
    Kind.PLOTS: "Cần cột Số lô, Diện tích (m²); thêm Giá (đồng), Trạng thái. Lô đã có trong khu "
    "thì chỉ cần cột muốn sửa. Lô đã giao cho hộ không sửa bằng bảng, trừ giá còn trống. Dự án có "
    "nhiều khu thì thêm cột Khu.",
    Kind.ARRANGEMENTS: "Cần cột Mã hồ sơ, Ngày và việc của hộ: Hình thức (lô đất, nhà, tự lo, "
    "tại chỗ), Đủ điều kiện theo, hoặc Trạng thái (Niêm yết phương án bố trí, Duyệt phương án bố "
    "trí…); thêm Số lô, Số văn bản, Ghi chú. Giao lô, bàn giao lô là bảng khác.",
    Kind.ALLOCATIONS: "Cần cột Mã hồ sơ, Lô, Bố trí ngày, Số quyết định; đã bàn giao thực địa thì "
    "thêm Bàn giao ngày, Số biên bản bàn giao. Hộ phải có phương án bố trí đã duyệt; lô trùng số "
    "ở nhiều khu thì thêm cột Khu. Lô đã giao thì chỉ cần Mã hồ sơ, Lô, Bàn giao ngày.",
    Kind.HOUSING: "Cần cột Mã hồ sơ, Từ ngày, Tiền một tháng (đồng); thêm Đến ngày, Nơi tạm cư. "
    "Hộ đã có lần tạm cư từ ngày ấy thì sửa lần đã có.",
    Kind.READINESS: "Cần cột Thủ tục (tên như trong danh mục); thêm các cột muốn sửa: Hoàn thành "
    "ngày, Văn bản, Cơ quan chủ trì, Hạn theo lộ trình, Phải có, Ghi chú. Hoàn thành phải có cả "
    "ngày và văn bản; ô trống thì giữ như đang có.",
    Kind.SERVICES: "Cần cột Số văn bản, Mã hồ sơ, Ngày giao, Cách giao (ký nhận, từ chối nhận, "
    "vắng mặt, niêm yết, bưu điện); thêm Ngày ký, Người nhận, Minh chứng. Không ghi người nhận "
    "thì mọi người đứng tên hồ sơ đều được giao. Lần đã ghi khác thì hủy và ghi lại theo bảng.",
    Kind.TRAININGS: "Cần cột Ngày, Nội dung, Số người dự; thêm Đơn vị tổ chức, Đối tượng, "
    "Địa điểm. Trùng ngày, nội dung (và địa điểm) thì sửa lớp đã có.",
    Kind.FUNDING: "Cần cột Mã dự án, Loại (Nhu cầu, Đã bố trí, Chủ đầu tư đã chuyển), Ngày,"
    " Số văn bản và Số tiền (triệu đồng) hoặc Số tiền (đồng). Mỗi dòng một khoản cộng thêm; "
    "cùng dự án, loại, ngày, văn bản mà số tiền khác thì sửa khoản đã có.",
    Kind.DIRECTIVES: "Cần cột Kết luận, Cơ quan thực hiện, Hạn; thêm Người thực hiện, Mã dự"
    " án (để trống là chung toàn thành phố), Mã hồ sơ, Nội dung xin ý kiến. Trùng nội dung và "
    "dự án thì sửa kết luận đã ghi, cho đến khi ban hành thông báo.",
    Kind.PROGRESS: "Cần cột Ngày họp, Kết luận, Tiến độ; thêm Mã dự án (nếu nhiều kết luận "
    "cùng nội dung), Hoàn thành ngày. Kết luận chép đúng nội dung đã ghi; tiến độ đã ghi thì bỏ"
    " qua.",
    Kind.PROJECTS: "Cần cột Mã dự án; dự án mới cần thêm Tên dự án, Loại dự án, Năm kế "
    "hoạch. Có thể thêm Nguồn (không ghi là Mới), Chủ đầu tư, Xã phường, Nhóm ưu tiên, Xếp nhóm"
    " từ ngày, Văn bản xếp nhóm, Bắt đầu, Bàn giao theo kế hoạch. Mã đã có thì sửa các ô có "
    "ghi.",
    Kind.PLAN_ENTRIES: "Cần cột Mã dự án hoặc Tên dự án; thêm Ghi chú. Dự án chưa có trong "
    "dự thảo thì được đưa vào; dự án chưa lập thì dán ở trang Dự án trước.",
    Kind.COMPLAINTS: "Cần cột Số tiếp nhận, Loại đơn, Ngày nhận; thêm các cột như tệp xuất từ sổ "
    "đơn thư. Số tiếp nhận đã có trong sổ thì bỏ qua.",
}
"""What a pasted block holds, beside the table it is pasted on."""
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


class TargetForm(forms.Form):
    """For which project, by someone who works on it."""

    kind = forms.ChoiceField(label="Nội dung")
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


class TableSelect(forms.Select):
    """Which table; each option carries what its block holds, said when it is chosen."""

    def create_option(self, name: str, value: Any, *args: Any, **kwargs: Any) -> dict[str, Any]:
        option = super().create_option(name, value, *args, **kwargs)
        option["attrs"]["data-hint"] = hint_of(str(value))
        return option


def hint_of(kind: str) -> str:
    return HINTS.get(kind, HINTS[Kind.WORKBOOK])


class PasteForm(TargetForm):
    """A block of cells copied from Excel."""

    kind = forms.ChoiceField(label="Nội dung", widget=TableSelect)
    block = block_field()
    site = forms.ModelChoiceField(
        Site.objects.all(), required=False, to_field_name="ref", widget=forms.HiddenInput
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "project" in self.fields:
            field: Any = self.fields["kind"]
            field.choices = [(k, PASTABLE[k]) for k, _ in field.choices if k in PASTABLE]
        self.hint = hint_of(str(self["kind"].value() or ""))
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
