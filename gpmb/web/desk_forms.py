"""Forms of the desk: letters that wait for an answer, cases passed on, filters kept."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django import forms
from django.http import QueryDict

from gpmb import refs
from gpmb.accounts.models import Role, SavedFilter, User
from gpmb.clearance.models import Case, Inquiry, Project, Reassignment
from gpmb.web.forms import DayField, PageForm, dress

# Of an address, what is no condition of a list.
NO_CONDITION = ("page", "csrfmiddlewaretoken", "thua")


class InquiryForm(forms.ModelForm):  # type: ignore[type-arg]
    """A letter went out: to whom, number, day, about what, answer expected by when."""

    sent_on = DayField(label="Ngày gửi")
    due_on = DayField(label="Hạn trả lời", required=False, may_be_future=True)
    case_code = forms.CharField(
        label="Mã hồ sơ",
        required=False,
        max_length=40,
        help_text="Để trống nếu hỏi chung về dự án.",
    )

    class Meta:
        model = Inquiry
        fields = ["to", "number", "sent_on", "due_on", "project", "case_code", "subject"]
        widgets = {"subject": forms.Textarea(attrs={"rows": 2})}

    def __init__(self, *args: Any, user: User, today: dt.date, **kwargs: Any) -> None:
        kwargs.setdefault("instance", Inquiry(by=user))
        super().__init__(*args, **kwargs)
        self.fields["project"].queryset = (  # type: ignore[attr-defined]  # a ModelChoiceField
            Project.objects.visible_to(user).assigned_to(user, on=today).distinct()
        )
        dress(self, today)

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        code, project = data.get("case_code", "").strip(), data.get("project")
        self.instance.case = None
        if code and project:
            self.instance.case = Case.objects.filter(project=project, code__iexact=code).first()
            if self.instance.case is None:
                self.add_error("case_code", f"Dự án này không có hồ sơ mã “{code}”.")
        return data


class AnswerForm(PageForm):
    """The reply that closes a letter."""

    reply_number = forms.CharField(
        label="Số văn bản trả lời",
        max_length=60,
        error_messages={"required": "Hãy gõ số văn bản trả lời, ví dụ 123/TNMT."},
    )
    replied_on = DayField(label="Ngày trên văn bản trả lời")
    reply_note = forms.CharField(label="Nội dung trả lời", max_length=300, required=False)


class WithdrawForm(PageForm):
    """No answer is needed any more."""

    reason = forms.CharField(
        label="Lý do thôi chờ",
        max_length=300,
        error_messages={"required": "Hãy ghi lý do, ví dụ: đã thống nhất tại cuộc họp."},
    )


class ReassignForm(PageForm):
    """To whom cases go, when and why; which ones: all that are listed, or those ticked."""

    taker = forms.ModelChoiceField(
        User.objects.none(),
        label="Cán bộ nhận",
        empty_label="Chọn cán bộ",
        error_messages={"required": "Hãy chọn cán bộ nhận."},
    )
    on = DayField(label="Ngày chuyển")
    reason = forms.CharField(
        label="Lý do",
        max_length=300,
        error_messages={"required": "Hãy ghi lý do, ví dụ: nghỉ thai sản từ 01/07."},
    )
    which = forms.ChoiceField(
        choices=[("all", "Tất cả"), ("ticked", "Những hồ sơ đánh dấu")],
        widget=forms.RadioSelect,
        initial="all",
    )

    seen = forms.IntegerField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args: Any, giver: User, listed: Any, **kwargs: Any) -> None:
        self.giver, self.listed = giver, listed
        super().__init__(*args, **kwargs)
        self.fields["which"].widget.attrs["class"] = "form-check-input"
        self.fields["taker"].queryset = (  # type: ignore[attr-defined]  # a ModelChoiceField
            User.objects.filter(role=Role.OFFICER, is_active=True).exclude(pk=giver.pk)
        )

    def clean(self) -> dict[str, Any]:
        """ "All" is all that was seen, and meant: no case goes that nobody looked at."""
        data = super().clean() or self.cleaned_data
        if data.get("which") == "all":
            sent: Any = self.data  # a QueryDict, where a name may stand several times
            now, ticks = self.listed.count(), len(sent.getlist("case"))
            if ticks:
                words = f"Đã đánh dấu {ticks} hồ sơ nhưng chọn chuyển cả {now}: hãy chọn lại."
                self.add_error("which", words)
            elif data.get("seen") not in (None, now):
                words = f"Danh sách vừa đổi, nay có {now} hồ sơ: xem lại rồi chuyển."
                self.add_error("which", words)
        return data

    def save(self, *, by: User, ticked: list[str]) -> Reassignment:
        """Pass them on; see Reassignment.hand for what it raises."""
        data = self.cleaned_data
        cases = self.listed
        if data["which"] == "ticked":
            asked = [ref for each in ticked if (ref := refs.written(each)) is not None]
            cases = cases.filter(ref__in=asked)
        return Reassignment.hand(
            cases.values_list("pk", flat=True),
            giver=self.giver,
            taker=data["taker"],
            on=data["on"],
            reason=data["reason"],
            by=by,
        )


class HandBackForm(PageForm):
    """Why the cases go back."""

    reason = forms.CharField(
        label="Lý do trả lại",
        max_length=300,
        error_messages={"required": "Hãy ghi lý do trả lại."},
    )


class SavedFilterForm(forms.ModelForm):  # type: ignore[type-arg]
    """A name for the conditions of a list or the map as they stand in its address."""

    class Meta:
        model = SavedFilter
        fields = ["name", "page", "query"]
        error_messages = {"name": {"required": "Hãy đặt tên cho bộ lọc."}}

    def clean_query(self) -> str:
        """Keep conditions alone: no page number, no token."""
        query = QueryDict(self.cleaned_data["query"].lstrip("?"), mutable=True)
        for name in list(query):
            if name in NO_CONDITION or not any(query.getlist(name)):
                del query[name]
        return query.urlencode()
