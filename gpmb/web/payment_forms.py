"""Forms of the ledger: propose a line, invite a household, say how it went, return a proposal."""

from __future__ import annotations

from typing import Any

from django import forms
from django.db import transaction

from gpmb.accounts.models import User
from gpmb.clearance.models import Case
from gpmb.compensation.ledger import Ledger
from gpmb.compensation.models import Invitation, Payment, Plan
from gpmb.compensation.models.payment import OF_A_DEPOSIT
from gpmb.web.forms import DayField, PageForm
from gpmb.web.hotspot_forms import document_of
from gpmb.web.number_fields import MoneyInput, NumberField


class ProposeForm(PageForm):
    """Propose a payment, a deposit, a release or late interest for approval by somebody else."""

    kind = forms.ChoiceField(label="Loại", choices=Payment.Kind.choices)
    amount_vnd = MoneyInput(label="Số tiền (đồng)")
    on = DayField(label="Ngày chi")
    number = forms.CharField(label="Số chứng từ", max_length=60, required=False)
    account = forms.CharField(
        label="Nơi gửi, số tài khoản",
        max_length=150,
        required=False,
        help_text="Khi gửi tiền: kho bạc (luật 2013) hoặc ngân hàng do Nhà nước chi phối.",
    )
    interest_percent = NumberField(
        label="Lãi suất không kỳ hạn (%/năm)", max_digits=5, decimal_places=2, required=False
    )
    deposit = forms.ModelChoiceField(
        Payment.objects.none(), label="Từ khoản gửi", required=False, empty_label="—"
    )
    refused = forms.BooleanField(label="Hộ từ chối nhận", required=False)
    note = forms.CharField(label="Nội dung", max_length=300, required=False)

    def __init__(self, *args: Any, case: Case, ledger: Ledger, **kwargs: Any) -> None:
        self.case = case
        super().__init__(*args, **kwargs)
        deposits = case.payments.settled().filter(kind="deposit")
        self.fields["deposit"].queryset = deposits  # type: ignore[attr-defined]
        self.fields["refused"].widget.attrs["class"] = "form-check-input d-block"
        if not deposits:
            del self.fields["deposit"]
            self.fields["kind"].choices = [  # type: ignore[attr-defined]
                pair for pair in Payment.Kind.choices if pair[0] not in OF_A_DEPOSIT
            ]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        kind = data.get("kind")
        if kind == Payment.Kind.DEPOSIT and not data.get("account"):
            self.add_error("account", "Gửi tiền phải ghi nơi gửi, số tài khoản.")
        if kind in OF_A_DEPOSIT and not data.get("deposit"):
            self.add_error("deposit", "Chọn khoản gửi mà tiền được chi ra.")
        if kind not in OF_A_DEPOSIT:
            data["deposit"] = None
        return data

    @transaction.atomic
    def save(self, *, by: User) -> Payment:
        """Propose the line; see Payment.propose for what it raises."""
        data = dict(self.cleaned_data)
        number = data.pop("number").strip()
        payment = Payment(case=self.case, **data)
        payment.document = document_of(number, data["on"]) if number else None
        return payment.propose(by=by)


class InviteForm(PageForm):
    """Invite a household to come for its money."""

    on = DayField(label="Ngày mời")
    pay_on = DayField(label="Hẹn nhận ngày", may_be_future=True)
    place = forms.CharField(
        label="Nơi nhận",
        max_length=150,
        error_messages={"required": "Hãy ghi nơi nhận tiền, ví dụ: UBND phường."},
    )
    number = forms.CharField(label="Số giấy mời", max_length=60, required=False)

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if data.get("on") and data.get("pay_on") and data["pay_on"] < data["on"]:
            self.add_error("pay_on", "Ngày hẹn nhận không được trước ngày mời.")
        return data

    @transaction.atomic
    def save(self, plan: Plan, *, by: User) -> Invitation:
        """Record the next invitation of the case."""
        data = dict(self.cleaned_data)
        number = data.pop("number").strip()
        paper = document_of(number, data["on"]) if number else None
        return Invitation.invite(plan, document=paper, by=by, **data)


class ResultForm(PageForm):
    """Whether the household came."""

    result = forms.ChoiceField(
        label="Kết quả", choices=[pair for pair in Invitation.Result.choices if pair[0]]
    )
    note = forms.CharField(label="Ghi chú, biên bản", max_length=300, required=False)


class ReturnForm(PageForm):
    """Why a proposal goes back."""

    reason = forms.CharField(
        label="Lý do trả lại",
        max_length=300,
        error_messages={"required": "Hãy ghi lý do trả lại, ví dụ: sai số tài khoản."},
    )
