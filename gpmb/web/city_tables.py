"""Tables of the whole city on their pages: the box for a block or a file, and the way back."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

from django import forms
from django.core.files.base import ContentFile
from django.urls import reverse

from gpmb import refs
from gpmb.accounts.models import User
from gpmb.clearance.clock import today
from gpmb.clearance.models import Project
from gpmb.importing.grid import MAX_BYTES
from gpmb.importing.models import ImportRun, Upload
from gpmb.importing.tables.places import NowhereError
from gpmb.importing.tables.registry import TABLES
from gpmb.web.import_forms import block_field, keep, name_of_block, sample_of

Kind = ImportRun.Kind
RUNS = 5
HOMES: dict[str, tuple[str, Callable[[str], str]]] = {
    Kind.TARGETS: ("Kế hoạch", lambda of: f"{reverse('city_plan')}?ban={of}"),
    Kind.COMPLAINTS: ("Đơn thư", lambda of: reverse("complaints")),
    Kind.TRAININGS: ("Tập huấn", lambda of: reverse("trainings")),
    Kind.FUNDING: ("Kinh phí", lambda of: _money(of)),
    Kind.DIRECTIVES: ("Cuộc họp", lambda of: reverse("review", args=[refs.decode(of)])),
    Kind.PROGRESS: ("Kết luận chỉ đạo", lambda of: reverse("directives")),
    Kind.DRAWS: ("Bốc thăm", lambda of: reverse("draw", args=[refs.decode(of)])),
    Kind.PRICES: ("Bảng đơn giá", lambda of: reverse("prices")),
    Kind.PROJECTS: ("Dự án", lambda of: reverse("projects")),
    Kind.PLAN_ENTRIES: ("Kế hoạch", lambda of: f"{reverse('city_plan')}?ban={of}"),
}
"""What the page of a table is called, and its address by what the table hangs on."""


def _money(of: str) -> str:
    project = Project.objects.filter(code=of).first()
    return reverse("project_money", args=[project.ref]) if project else reverse("funding")


def home_of(thing: Upload | ImportRun) -> tuple[str, str]:
    """The page where an import began: what it is called, its address."""
    if thing.kind not in HOMES:
        return "Nhập liệu", reverse("imports")
    said = thing.answers if isinstance(thing, Upload) else thing.options
    words, address = HOMES[thing.kind]
    return words, address(said["ban"] if thing.kind == Kind.TARGETS else said.get("of", ""))


class CityTableForm(forms.Form):
    """A block of cells, or a file of the same columns, for a table of the whole city."""

    kind = forms.CharField(widget=forms.HiddenInput)
    of = forms.CharField(widget=forms.HiddenInput, required=False)
    block = block_field()
    file = forms.FileField(
        label="hoặc tệp Excel có các cột ấy",
        required=False,
        max_length=250,
        widget=forms.ClearableFileInput(attrs={"accept": ".xlsx,.xls,.ods"}),
        error_messages={"empty": "Tệp rỗng: lưu lại bằng Excel rồi chọn lại."},
    )

    def __init__(self, data: Any, files: Any, *, kind: str, of: str, about: str) -> None:
        initial = {"kind": kind, "of": of}
        super().__init__(data, files, initial=initial, auto_id="paste_%s")
        self.table, self.named, self.about = kind, of, about
        self.hint, self.sample = TABLES[kind].hint, sample_of(kind, of)
        self.back = HOMES[kind][1](of)
        self.fields["block"].required = not self.files.get("file")
        for name in ("block", "file"):
            self.fields[name].widget.attrs["class"] = "form-control"

    def clean_file(self) -> Any:
        file = self.cleaned_data["file"]
        if file and file.size > MAX_BYTES:
            raise forms.ValidationError(f"Tệp lớn hơn {MAX_BYTES // 1_000_000} MB.")
        return file

    def save(self, user: User, *, at: dt.datetime) -> Upload:
        answers = {"of": self.named, "about": self.about}
        upload = Upload(kind=self.table, by=user, answers=answers)
        if file := self.cleaned_data["file"]:
            return keep(upload, file, file.name, pasted=False)
        block = ContentFile(self.cleaned_data["block"].encode())
        return keep(upload, block, name_of_block(at), pasted=True)


def form_for(
    user: User, kind: str, of: str = "", data: Any = None, files: Any = None
) -> CityTableForm | None:
    """The box of a table that this person may fill; none for anybody else."""
    table = TABLES.get(kind)
    if table is None or table.place is None:
        return None
    try:
        home = table.place.open_to(user, of, on=today())
    except NowhereError:
        return None
    return CityTableForm(data, files, kind=kind, of=of, about=str(home or ""))


def beside(user: User, kind: str, of: str = "") -> dict[str, Any]:
    """What a page with the table shows: the box, and what was brought in by it lately."""
    form = form_for(user, kind, of)
    if form is None:
        return {}
    runs = ImportRun.objects.visible_to(user, on=today())
    runs = runs.filter(kind=kind, applied=True, options__of=of).select_related("by")
    return {"paste_form": form, "paste_runs": runs[:RUNS]}
