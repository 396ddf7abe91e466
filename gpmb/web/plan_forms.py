"""Forms of a compensation plan: its lines, its moves, a new version."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django import forms
from django.db import transaction

from gpmb.accounts.models import User
from gpmb.clearance.models import TakingPart
from gpmb.compensation.models import Block, Plan, PlanEvent, PlanItem, UnitPrice
from gpmb.compensation.models.plan import amount_of
from gpmb.land.models import Document
from gpmb.web.forms import DayField, PageForm
from gpmb.web.hotspot_forms import document_of
from gpmb.web.number_fields import MoneyInput, NumberField


class LineForm(forms.ModelForm):  # type: ignore[type-arg]
    """One line. A price chosen from the list fills what is left empty; with a unit price the
    amount is computed, without one it is stated."""

    land_code = forms.ChoiceField(label="Loại đất", required=False)
    quantity = NumberField(label="Khối lượng", max_digits=14, decimal_places=3, initial=Decimal(1))
    unit_price_vnd = MoneyInput(label="Đơn giá", required=False)
    percent = NumberField(label="Tỷ lệ %", max_digits=6, decimal_places=2, required=False)
    amount_vnd = MoneyInput(label="Thành tiền", required=False)

    class Meta:
        model = PlanItem
        fields = [
            "block",
            "description",
            "land_code",
            "price",
            "quantity",
            "unit",
            "unit_price_vnd",
            "percent",
            "amount_vnd",
            "basis",
            "explanation",
        ]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        price: UnitPrice | None = data.get("price")
        if price is not None:
            data["unit_price_vnd"] = (
                price.price_vnd if data.get("unit_price_vnd") is None else data["unit_price_vnd"]
            )
            data["unit"] = data.get("unit") or price.unit
            data["basis"] = data.get("basis") or price.source[:250]
            data["land_code"] = data.get("land_code") or self._class_of(price)
        if data.get("block") != Block.LAND:
            data["land_code"] = ""
        self._compute(data)
        return data

    def _class_of(self, price: UnitPrice) -> str:
        """The land class that a price of the list is of ("D-LUC"), where the case has it."""
        code = price.code.removeprefix("D-")
        return code if code in dict(self.fields["land_code"].choices) else ""  # type: ignore[attr-defined]

    def _compute(self, data: dict[str, Any]) -> None:
        unit_price, quantity = data.get("unit_price_vnd"), data.get("quantity")
        if self.errors.keys() & {"unit_price_vnd", "quantity", "percent", "amount_vnd"}:
            return
        if unit_price is not None and quantity is not None:
            block = data.get("block", "")
            data["amount_vnd"] = amount_of(block, quantity, unit_price, data.get("percent"))
        elif data.get("amount_vnd") is None:
            self.add_error("amount_vnd", "Gõ đơn giá, hoặc thành tiền kèm diễn giải cách tính.")
        elif data.get("block") == Block.OBLIGATION:
            data["amount_vnd"] = -abs(data["amount_vnd"])


class _Lines(forms.BaseInlineFormSet):  # type: ignore[type-arg]
    def __init__(self, *args: Any, prices: Any, **kwargs: Any) -> None:
        self.prices = list(prices)
        super().__init__(*args, **kwargs)
        parts = TakingPart.objects.filter(
            taking__case=self.instance.case_id, taking__withdrawn_on=None
        )
        codes = set(parts.values_list("land_class__code", flat=True))
        codes |= set(self.instance.items.values_list("land_code", flat=True)) - {""}
        self.land_codes = sorted(codes)

    def add_fields(self, form: Any, index: int | None) -> None:
        super().add_fields(form, index)
        choices = [("", "—")] + [(p.pk, f"{p.code} · {p.name}") for p in self.prices]
        form.fields["price"].choices = choices
        form.fields["land_code"].choices = [("", "Loại đất"), *((c, c) for c in self.land_codes)]
        for name, field in form.fields.items():
            select = isinstance(field.widget, forms.Select)
            size = "form-select form-select-sm" if select else "form-control form-control-sm"
            field.widget.attrs.setdefault(
                "class", "form-check-input" if name == "DELETE" else size
            )
            field.widget.attrs.setdefault("aria-label", field.label or "Bỏ dòng")

    @property
    def seen(self) -> str:
        """Hash of the content the form was opened with: tells whether someone saved since."""
        plan: Plan = self.instance
        return plan.computed_digest(plan.items.order_by("order", "pk"))


LineFormSet = forms.inlineformset_factory(
    Plan, PlanItem, form=LineForm, formset=_Lines, extra=3, can_delete=True
)


@transaction.atomic
def save_lines(formset: Any) -> Plan:
    """Write the lines in the order of the form and the plan's total; one transaction."""
    plan: Plan = Plan.objects.select_for_update().get(pk=formset.instance.pk)
    lines = formset.save(commit=False)
    for line in formset.deleted_objects:
        line.delete()
    for line in lines:
        line.save()
    kept = [f.instance for f in formset.forms if f.instance.pk and f not in formset.deleted_forms]
    for order, line in enumerate(kept, 1):
        if line.order != order:
            line.order = order
            line.save(update_fields=["order"])
    plan.total_vnd = sum((line.amount_vnd for line in plan.items.all()), Decimal(0))
    plan.save(update_fields=["total_vnd"])
    return plan


class MovePlanForm(PageForm):
    """Post, appraise or approve a plan: when, by which paper."""

    to = forms.CharField(widget=forms.HiddenInput)
    on = DayField(label="Ngày")
    number = forms.CharField(label="Số, ký hiệu văn bản", max_length=60, required=False)
    note = forms.CharField(label="Ghi chú", max_length=300, required=False)

    def save(self, plan: Plan, *, by: User) -> PlanEvent:
        """Make the move; see Plan.move for what it raises."""
        data = self.cleaned_data
        number = data["number"].strip()
        document: Document | None = document_of(number, data["on"]) if number else None
        return plan.move(data["to"], on=data["on"], by=by, document=document, note=data["note"])


class AmendForm(PageForm):
    """Why another version is made."""

    reason = forms.CharField(
        label="Lý do lập lần điều chỉnh",
        max_length=300,
        error_messages={"required": "Hãy ghi lý do, ví dụ: sót cây trồng khi kiểm đếm."},
    )
