"""Forms of resettlement: a household's arrangement, its plots, temporary housing, a draw."""

from __future__ import annotations

from typing import Any

from django import forms
from django.db import transaction

from gpmb.accounts.models import User
from gpmb.clearance.models import Case
from gpmb.resettlement import process
from gpmb.resettlement.models import (
    Allocation,
    Arrangement,
    ArrangementEvent,
    Draw,
    DrawEntry,
    DrawSwap,
    Plot,
    Site,
    TemporaryHousing,
)
from gpmb.web.forms import DayField, PageForm, dress
from gpmb.web.hotspot_forms import document_of
from gpmb.web.number_fields import MoneyInput

NUMBER: dict[str, Any] = {"label": "Số, ký hiệu văn bản", "max_length": 60}


class ArrangementForm(PageForm):
    """The next move of an arrangement; what the chosen move doesn't need may stay empty."""

    to = forms.ChoiceField(label="Việc")
    on = DayField(label="Ngày")
    form = forms.ChoiceField(
        label="Hình thức",
        choices=[
            ("", "—"),
            *(pair for pair in Case.Resettlement.choices if pair[0] in process.ALL),
        ],
        required=False,
    )
    ground = forms.ChoiceField(
        label="Đủ điều kiện theo", choices=[("", "—"), *Arrangement.Ground.choices], required=False
    )
    plots = forms.IntegerField(label="Số lô được bố trí", min_value=1, required=False)
    number = forms.CharField(required=False, **NUMBER)
    note = forms.CharField(label="Ghi chú", max_length=300, required=False)

    # field → the moves that ask for it
    ASKED = {
        "form": {"registered"},
        "ground": {"eligible"},
        "plots": {"eligible"},
        "number": {"approved", "settled", "not_eligible"},
    }

    def __init__(self, *args: Any, arrangement: Arrangement, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.arrangement = arrangement
        need = arrangement.case.resettlement_need
        form = need if need in process.ALL else "plot"
        moves = process.moves_from(arrangement.status, form)
        self.fields["to"].choices = [(m.target, m.label) for m in moves]  # type: ignore[attr-defined]
        targets = {m.target for m in moves}
        for name, asking in self.ASKED.items():
            if targets.isdisjoint(asking):
                del self.fields[name]
        if "form" in self.fields and need in process.ALL:
            self.fields["form"].initial = need

    def save(self, *, by: User) -> ArrangementEvent:
        """Make the move; see Arrangement.move for what it raises."""
        data = dict(self.cleaned_data)
        number = data.pop("number", "").strip()
        return self.arrangement.move(
            data.pop("to"),
            by=by,
            document=document_of(number, data["on"]) if number else None,
            **data,
        )


class AllocateForm(PageForm):
    """Give a plot of a site that serves the project."""

    plot = forms.ModelChoiceField(
        Plot.objects.none(), label="Lô", error_messages={"required": "Hãy chọn lô."}
    )
    on = DayField(label="Bố trí ngày")
    number = forms.CharField(**NUMBER)

    def __init__(self, *args: Any, arrangement: Arrangement, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.arrangement = arrangement
        self.fields["plot"].queryset = (  # type: ignore[attr-defined]
            Plot.objects.filter(
                site__projects=arrangement.case.project, status__in=("available", "reserved")
            ).select_related("site")
        )

    def save(self, *, by: User) -> Allocation:
        data = self.cleaned_data
        return self.arrangement.give(
            data["plot"], on=data["on"], by=by, document=document_of(data["number"], data["on"])
        )


class HandOverForm(PageForm):
    """A plot is received on the ground."""

    on = DayField(label="Bàn giao ngày")
    number = forms.CharField(required=False, **NUMBER)


class ReleaseForm(PageForm):
    """A plot goes back into the stock."""

    on = DayField(label="Ngày")
    reason = forms.CharField(
        label="Lý do",
        max_length=300,
        error_messages={"required": "Hãy ghi lý do, ví dụ: hộ chuyển sang tự lo chỗ ở."},
    )


class TemporaryForm(forms.ModelForm):  # type: ignore[type-arg]
    """Where a household lives meanwhile."""

    from_on = DayField(label="Từ ngày")
    to_on = DayField(label="Đến ngày", required=False, may_be_future=True)
    monthly_vnd = MoneyInput(label="Tiền một tháng (đồng)")

    class Meta:
        model = TemporaryHousing
        fields = ["from_on", "to_on", "monthly_vnd", "place"]

    def __init__(self, *args: Any, today: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        dress(self, today)


class DrawForm(PageForm):
    """Prepare a draw: which plots, whose households wait, before whom."""

    on = DayField(label="Ngày bốc thăm", may_be_future=True)
    place = forms.CharField(label="Địa điểm", max_length=200)
    witnesses = forms.CharField(label="Người chứng kiến", widget=forms.Textarea(attrs={"rows": 2}))
    plots = forms.ModelMultipleChoiceField(
        Plot.objects.none(),
        label="Lô đưa vào bốc thăm",
        error_messages={"required": "Hãy chọn ít nhất một lô."},
    )
    cases = forms.ModelMultipleChoiceField(
        Case.objects.none(),
        label="Hồ sơ bốc thăm, theo thứ tự mã",
        error_messages={"required": "Hãy chọn ít nhất một hồ sơ."},
    )

    def __init__(self, *args: Any, site: Site, cases: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.site = site
        self.fields["plots"].queryset = site.plots.filter(  # type: ignore[attr-defined]
            status__in=("available", "reserved")
        )
        self.fields["cases"].queryset = cases  # type: ignore[attr-defined]
        for name in ("plots", "cases"):
            self.fields[name].widget.attrs["size"] = 8

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        cases, plots = data.get("cases"), data.get("plots")
        if cases is not None and plots is not None:
            need = sum(case.entitled_plots for case in cases)
            if need > len(plots):
                self.add_error("plots", f"Các hộ được {need} lô, mới chọn {len(plots)} lô.")
        return data

    @transaction.atomic
    def save(self, *, by: User) -> Draw:
        """One entry for each plot a household is entitled to, in the order of the codes."""
        data = self.cleaned_data
        draw = Draw.objects.create(
            site=self.site,
            on=data["on"],
            place=data["place"],
            witnesses=data["witnesses"],
            by=by,
        )
        draw.plots.set(data["plots"])
        turns = [case for case in data["cases"].order_by("code") for _ in range(turns_of(case))]
        DrawEntry.objects.bulk_create(
            DrawEntry(draw=draw, case=case, order=order) for order, case in enumerate(turns, 1)
        )
        return draw


def turns_of(case: Case) -> int:
    """How many plots a case still may draw."""
    held = case.allocations.filter(released_on=None).count()
    return max(0, case.entitled_plots - held)


class ResultsForm(forms.Form):
    """What each household drew, one row an entry."""

    def __init__(self, *args: Any, draw: Draw, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.draw = draw
        self.entries = list(draw.entries.select_related("case", "plot").order_by("order"))
        plots = draw.plots.order_by("number")
        for entry in self.entries:
            absent, drawn = f"absent_{entry.pk}", f"plot_{entry.pk}"
            self.fields[absent] = forms.BooleanField(
                label=f"{entry.case} vắng", required=False, initial=not entry.present
            )
            self.fields[drawn] = forms.ModelChoiceField(
                plots, label=f"Lô của {entry.case}", required=False, initial=entry.plot
            )
            self.fields[absent].widget.attrs["class"] = "form-check-input"
            self.fields[drawn].widget.attrs["class"] = "form-select form-select-sm"

    def rows(self) -> list[tuple[DrawEntry, Any, Any]]:
        return [(e, self[f"absent_{e.pk}"], self[f"plot_{e.pk}"]) for e in self.entries]

    def save(self) -> None:
        """Write the results; see Draw.record for what it raises."""
        data = self.cleaned_data
        self.draw.record(
            {e.pk: (not data[f"absent_{e.pk}"], data[f"plot_{e.pk}"]) for e in self.entries}
        )


class SwapForm(PageForm):
    """Two households exchange their plots."""

    first = forms.ModelChoiceField(DrawEntry.objects.none(), label="Hộ thứ nhất")
    second = forms.ModelChoiceField(DrawEntry.objects.none(), label="Hộ thứ hai")
    on = DayField(label="Ngày")
    reason = forms.CharField(label="Lý do, thỏa thuận", max_length=300)

    def __init__(self, *args: Any, draw: Draw, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.draw = draw
        drawn = draw.entries.exclude(plot=None).select_related("case", "plot__site")
        for name in ("first", "second"):
            self.fields[name].queryset = drawn  # type: ignore[attr-defined]

    def save(self) -> DrawSwap:
        data = self.cleaned_data
        return self.draw.swap(data["first"], data["second"], on=data["on"], reason=data["reason"])


class CloseDrawForm(PageForm):
    """The minutes of a draw."""

    number = forms.CharField(label="Số biên bản", max_length=60)
    on = DayField(label="Ngày biên bản")
