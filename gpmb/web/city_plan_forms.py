"""Forms of the plan and of a project's money; numbers are typed the Vietnamese way."""

import datetime as dt
import json
from decimal import Decimal
from typing import Any

from django import forms

from gpmb.clearance.models import (
    TARGET_LINES,
    Funding,
    PlanEntry,
    PlanVersion,
    TargetLine,
    TargetMeasure,
    falling,
)
from gpmb.importing.grid import MAX_BYTES
from gpmb.web.forms import DayField, PageForm
from gpmb.web.import_forms import block_field
from gpmb.web.number_fields import NumberField


class FundingForm(PageForm):
    """Money said of a project: what kind, when, how much in million đồng, by which paper."""

    kind = forms.ChoiceField(label="Loại", choices=Funding.Kind.choices)
    on = DayField(label="Ngày")
    amount_trieu = NumberField(label="Số tiền (triệu đồng)", max_digits=16, decimal_places=6)
    paper = forms.CharField(label="Số văn bản", max_length=60)

    def clean_amount_trieu(self) -> Decimal:
        amount: Decimal = self.cleaned_data["amount_trieu"] * 1_000_000
        if amount <= 0 or amount != int(amount) or amount >= 10**15:
            raise forms.ValidationError("Số tiền phải lớn hơn 0, lẻ đến từng đồng.")
        return Decimal(int(amount))


class VersionForm(PageForm):
    """A new draft, copied from the version shown."""

    name = forms.CharField(label="Tên phiên bản", max_length=200)
    on = DayField(label="Ngày")


class DecideForm(PageForm):
    """A draft leaves the draft; an issued plan has a number."""

    kind = forms.ChoiceField(
        label="Giai đoạn",
        choices=[c for c in PlanVersion.Kind.choices if c[0] != PlanVersion.Kind.DRAFT],
    )
    on = DayField(label="Ngày")
    paper = forms.CharField(label="Số văn bản", max_length=60, required=False)

    def clean(self) -> dict[str, Any] | None:
        said = super().clean()
        if self.cleaned_data.get("kind") == PlanVersion.Kind.ISSUED and not self.cleaned_data.get(
            "paper"
        ):
            self.add_error("paper", "Kế hoạch ban hành phải có số văn bản.")
        return said


class TargetFileForm(PageForm):
    """A workbook of targets."""

    file = forms.FileField(
        label="Tệp Excel",
        max_length=250,
        error_messages={
            "required": "Hãy chọn tệp.",
            "empty": "Tệp rỗng: lưu lại bằng Excel rồi chọn lại.",
        },
    )

    def clean_file(self) -> Any:
        file = self.cleaned_data["file"]
        if file.size > MAX_BYTES:
            raise forms.ValidationError(f"Tệp lớn hơn {MAX_BYTES // 1_000_000} MB.")
        return file


class TargetBlockForm(PageForm):
    """A block of cells of a table of targets."""

    block = block_field()


class TargetForm(forms.Form):
    """A project's cumulative targets: a row a step and measure, a cell a month of the year.

    Land is typed in ha, money in million đồng; `values` gives m² and đồng. The form remembers
    what each cell held when it was drawn (`seen`): only cells that were typed in are written, and
    one that somebody else wrote meanwhile is asked about.
    """

    PLACES = {TargetMeasure.CASES: 0, TargetMeasure.AREA: 6, TargetMeasure.AMOUNT: 6}

    def __init__(self, *args: Any, entry: PlanEntry, year: int, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.months = [dt.date(year, month, 1) for month in range(1, 13)]
        self.kept = kept = entry.values()
        for line in TARGET_LINES:
            for month in self.months:
                field = NumberField(
                    label=f"{line.label}, {month:%m/%Y}",
                    required=False,
                    min_value=0,
                    max_digits=16,
                    decimal_places=self.PLACES[line.measure],
                )
                field.widget.attrs |= {
                    "class": "form-control form-control-sm text-end",
                    "aria-label": field.label,
                }
                value = kept.get(line, {}).get(month)
                if value is not None:
                    field.initial = line.typed(value)
                self.fields[self._name(line, month)] = field
        self.now = {
            name: str(field.prepare_value(field.initial))
            for name, field in self.fields.items()
            if field.initial is not None
        }
        self.touched, self.moved = self._compare() if self.is_bound else (set(), set())

    @property
    def seen(self) -> str:
        """What the cells hold as the form is drawn; comes back with it."""
        return json.dumps(self.now)

    def _compare(self) -> tuple[set[str], set[str]]:
        """Return the cells typed in, and those of them that somebody else wrote meanwhile.

        Cells not typed in show what they hold now.
        """
        data: Any = self.data
        typed, seen = data.copy(), self._read_seen()
        if seen is None:
            return set(self.fields), set()
        touched, moved = set(), set()
        for name in self.fields:
            mine, then, now = (of.get(name, "").strip() for of in (typed, seen, self.now))
            if mine == then:
                typed[name] = now
            elif mine != now:
                touched.add(name)
                if now != then:
                    moved.add(name)
        self.data = typed
        return touched, moved

    def _read_seen(self) -> dict[str, str] | None:
        try:
            seen = json.loads(self.data.get("seen", ""))
        except ValueError:
            return None
        return {str(k): str(v) for k, v in seen.items()} if isinstance(seen, dict) else None

    @staticmethod
    def _name(line: TargetLine, month: dt.date) -> str:
        return f"{line.key}-{month.month}"

    def rows(self) -> list[dict[str, Any]]:
        """Return each line with its cells, and what is wrong with which of them."""
        found = []
        for line in TARGET_LINES:
            cells = [self[self._name(line, month)] for month in self.months]
            for cell in cells:
                if cell.errors:
                    cell.field.widget.attrs["class"] += " is-invalid"
                    cell.field.widget.attrs["aria-invalid"] = "true"
            wrong = [
                (f"{month:%m/%Y}", " ".join(map(str, cell.errors)))
                for month, cell in zip(self.months, cells, strict=True)
                if cell.errors
            ]
            found.append({"line": line, "cells": cells, "wrong": wrong})
        return found

    def clean(self) -> dict[str, Any] | None:
        said = super().clean()
        for name in sorted(self.moved):
            self.add_error(
                name,
                f"trong lúc bạn gõ, có người đã ghi ô này là {self.now.get(name, 'trống')}. Bấm "
                "ghi lần nữa nếu vẫn muốn số của bạn.",
            )
        for line, values in self.values().items():
            for month in falling({**self.kept.get(line, {}), **values}):
                if self._name(line, month) not in self.errors:
                    self.add_error(
                        self._name(line, month),
                        "nhỏ hơn tháng trước: chỉ tiêu là số lũy kế từ đầu năm.",
                    )
        return said

    def values(self) -> dict[TargetLine, dict[dt.date, Decimal | None]]:
        """Return what was typed: m², đồng and cases by line and first day of the month."""
        found: dict[TargetLine, dict[dt.date, Decimal | None]] = {}
        for line in TARGET_LINES:
            for month in self.months:
                name = self._name(line, month)
                if name not in self.touched:
                    continue
                typed = self.cleaned_data.get(name)
                found.setdefault(line, {})[month] = None if typed is None else line.stored(typed)
        return found
