"""Forms of the plan and of a project's money; numbers are typed the Vietnamese way."""

import datetime as dt
from decimal import Decimal
from typing import Any

from django import forms

from gpmb.clearance.models import Funding, PlanVersion
from gpmb.importing.numbers import Ambiguous, number
from gpmb.web.forms import DayField, PageForm

READABLE = "Số gõ dạng 1.234,5, ví dụ 12.500 ghi là 12500 hoặc 12.500,0."


class NumberField(forms.CharField):
    """A number not below zero as people type it; an ambiguous one is asked about, not guessed."""

    def to_python(self, value: Any) -> Any:
        text = str(value or "").strip()
        if not text:
            return None
        try:
            return number(text)
        except Ambiguous as error:
            raise forms.ValidationError(f"“{text}” có hai cách đọc. {READABLE}") from error
        except ValueError as error:
            raise forms.ValidationError(f"“{text}” không đọc được. {READABLE}") from error

    def validate(self, value: Any) -> None:
        if self.required and value is None:
            raise forms.ValidationError("Hãy gõ số.")

    def run_validators(self, value: Any) -> None:
        """The text's own checks don't fit a number."""


class FundingForm(PageForm):
    """Money said of a project: what kind, when, how much in million đồng, by which paper."""

    kind = forms.ChoiceField(label="Loại", choices=Funding.Kind.choices)
    on = DayField(label="Ngày")
    amount_trieu = NumberField(label="Số tiền (triệu đồng)")
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


class TargetForm(forms.Form):
    """The cumulative hectares handed over that a project is to reach by the end of each month."""

    def __init__(self, *args: Any, year: int, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.months = [dt.date(year, month, 1) for month in range(1, 13)]
        for month in self.months:
            self.fields[f"m{month.month}"] = NumberField(
                label=f"{month:%m/%Y}",
                required=False,
                widget=forms.TextInput(
                    attrs={"class": "form-control form-control-sm text-end", "size": 6}
                ),
            )

    def areas(self) -> dict[dt.date, Decimal | None]:
        """Square metres by first day of the month."""
        said = {month: self.cleaned_data[f"m{month.month}"] for month in self.months}
        return {
            month: None if ha is None else (ha * 10_000).quantize(Decimal("0.01"))
            for month, ha in said.items()
        }
