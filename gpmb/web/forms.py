"""The forms of the pages. Dates are typed dd/mm/yyyy; a date after the data date is refused."""

import datetime as dt
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q

from gpmb import vn
from gpmb.accounts.models import User
from gpmb.clearance.bulk_changes import PAPERS
from gpmb.clearance.models import (
    AMENDABLE,
    KIND_OF_STEP,
    Act,
    Case,
    CaseEvent,
    Obstacle,
    Outreach,
    OutreachHousehold,
    as_law,
)
from gpmb.land.models import Document
from gpmb.law import steps
from gpmb.law.regimes import Facts, regime_of
from gpmb.law.steps import MoveRefused
from gpmb.web.merge import MergeForm


class DayField(forms.DateField):
    """A day typed dd/mm/yyyy, not after the data date of the installation."""

    default_error_messages = {
        "invalid": "Ngày phải gõ dạng dd/mm/yyyy, ví dụ 15/06/2023.",
        "required": "Hãy gõ ngày, dạng dd/mm/yyyy.",
        "late": "Ngày %(day)s sau ngày số liệu %(today)s: chỉ ghi việc đã xảy ra.",
    }
    today: dt.date | None = None

    def __init__(self, *, may_be_future: bool = False, **kwargs: Any) -> None:
        self.may_be_future = may_be_future
        widget = forms.DateInput(
            attrs={"placeholder": "dd/mm/yyyy", "autocomplete": "off", "inputmode": "numeric"}
        )
        super().__init__(widget=kwargs.pop("widget", widget), **kwargs)

    def validate(self, value: dt.date | None) -> None:
        super().validate(value)
        if value and self.today and value > self.today:
            raise forms.ValidationError(
                self.error_messages["late"],
                code="late",
                params={"day": vn.day(value), "today": vn.day(self.today)},
            )


def dress(form: forms.BaseForm, today: dt.date) -> None:
    """Give the widgets Bootstrap's classes, and the days that were their latest day."""
    form.label_suffix = ""
    for field in form.fields.values():
        select = isinstance(field.widget, forms.Select)
        field.widget.attrs["class"] = "form-select" if select else "form-control"
        if isinstance(field, DayField) and not field.may_be_future:
            field.today = today


class PageForm(forms.Form):
    """A form of a page that knows the data date."""

    def __init__(self, *args: Any, today: dt.date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.today = today
        dress(self, today)

    def mark_invalid(self) -> None:
        for name in self.errors:
            if name in self.fields:
                self.fields[name].widget.attrs["class"] += " is-invalid"


class AdvanceForm(PageForm):
    """One step of a case: which, when, by which paper.

    Every step the regime has is offered, those allowed now first: choosing another one tells why
    not, and what comes before it. `version` is what the officer saw when the form was opened.
    """

    step = forms.ChoiceField(
        label="Bước",
        error_messages={
            "required": "Hãy chọn bước.",
            "invalid_choice": "Hãy chọn bước trong danh sách.",
        },
    )
    on = DayField(label="Ngày thực hiện")
    number = forms.CharField(
        label="Số, ký hiệu văn bản",
        max_length=60,
        error_messages={"required": "Hãy gõ số, ký hiệu văn bản làm căn cứ, ví dụ 1234/QĐ-UBND."},
    )
    note = forms.CharField(label="Ghi chú", max_length=300, required=False)
    version = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(
        self,
        *args: Any,
        case: Case,
        today: dt.date,
        log: list[CaseEvent] | None = None,
        facts: Facts | None = None,
        **kwargs: Any,
    ) -> None:
        self.case = case
        log = case.log() if log is None else log
        facts = facts or case.facts(log)
        regime = regime_of(facts, today)
        allowed = steps.next_steps(regime, as_law(log), facts=facts)
        done = {event.step for event in log}
        later = [
            row
            for row in steps.STEPS
            if regime in row.regimes and row not in allowed and row.code not in done
        ]
        kwargs.setdefault("initial", {}).update(
            on=vn.day(today),
            version=case.version,
            step=case.next_step or (allowed[0].code if allowed else ""),
        )
        super().__init__(*args, today=today, **kwargs)
        self.fields["step"].choices = [  # type: ignore[attr-defined]  # a ChoiceField
            ("Làm được ngay", [(row.code, steps.label(row.code, regime)) for row in allowed]),
            ("Chưa đến lượt", [(row.code, steps.label(row.code, regime)) for row in later]),
            ("Đã ghi nhận", [(c, steps.label(c, regime)) for c in sorted(done)]),
        ]

    @transaction.atomic
    def save(self, *, by: User) -> CaseEvent:
        """Record the step; see Case.advance for what it raises. All or nothing."""
        data = self.cleaned_data
        kind = PAPERS.get(data["step"], Document.Kind.DECISION)
        document = Document.objects.numbered(data["number"].strip(), data["on"], kind)
        if kind_of_talk := KIND_OF_STEP.get(data["step"]):
            return self._persuade(kind_of_talk, document, by)
        return self.case.advance(
            data["step"],
            on=data["on"],
            by=by,
            document=document,
            reason=data["note"],
            version=data["version"],
        )

    def _persuade(self, kind: str, document: Document, by: User) -> CaseEvent:
        data = self.cleaned_data
        talk = talk_by_paper(self.case, kind, data["on"], document, data["note"])
        event = persuade(talk, self.case, by=by, version=data["version"]).event
        assert event is not None  # noqa: S101  (a persuasion that is a step has its event)
        return event


def talk_by_paper(
    case: Case, kind: str, on: dt.date, document: Document, explained: str
) -> Outreach:
    """A persuasion of which only the paper is known so far: its page takes the rest."""
    return Outreach(
        project=case.project,
        kind=kind,
        on=on,
        participants=[Outreach.Participant.CENTRE, Outreach.Participant.WARD],
        explained=explained or f"Theo biên bản {document.number}.",
        document=document,
    )


def persuade(talk: Outreach, case: Case, *, by: User, version: int) -> OutreachHousehold:
    """Record the talk with one household whose answer is not known yet; see Outreach.record."""
    answers = {case: (OutreachHousehold.Answer.UNRECORDED, "")}
    Outreach.record(talk, answers, by=by, version=version)
    return talk.households.get()


class VoidForm(PageForm):
    """Take back the latest step, recorded by mistake; the log keeps both.

    A handover of the whole case takes back the handover of each of its takings with it.
    """

    reason = forms.CharField(
        label="Lý do hủy",
        max_length=300,
        error_messages={"required": "Hãy ghi lý do hủy, ví dụ: ghi nhầm ngày."},
    )
    version = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, case: Case, today: dt.date, **kwargs: Any) -> None:
        self.case, self.today = case, today
        super().__init__(*args, today=today, initial={"version": case.version}, **kwargs)

    def events(self) -> list[CaseEvent]:
        """The events that go: the latest one, and what was recorded with it."""
        log = self.case.log()
        latest = log[-1:]
        if latest and latest[0].step == "handover" and latest[0].taking_id is None:
            latest += [e for e in log if e.taking_id and e.on == latest[0].on]
        return latest

    @transaction.atomic
    def save(self, *, by: User) -> None:
        """Void them all or nothing; see Case.void for what it raises."""
        version = self.cleaned_data["version"]
        for event in self.events():
            reason = self.cleaned_data["reason"]
            self.case.void(event, on=self.today, by=by, reason=reason, version=version)
            version = self.case.version


class ActForm(PageForm):
    """An act that is no step: it starts, stops or waives one of the law's clocks."""

    kind = forms.ChoiceField(
        label="Việc",
        choices=[("", "Chọn việc…"), *Act.Kind.choices],
        error_messages={"required": "Hãy chọn việc."},
    )
    on = DayField(label="Ngày")
    number = forms.CharField(label="Số, ký hiệu văn bản", max_length=60, required=False)
    note = forms.CharField(label="Nội dung, lý do", max_length=300, required=False)
    version = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, case: Case, today: dt.date, **kwargs: Any) -> None:
        self.case = case
        kwargs.setdefault("auto_id", "act_%s")  # the page has other forms with the same names
        super().__init__(*args, today=today, initial={"version": case.version}, **kwargs)

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        kind = data.get("kind")
        if kind in Act.DOCUMENTED and not data.get("number"):
            self.add_error(
                "number", "Việc này làm thay đổi thời hạn luật định: hãy ghi số văn bản."
            )
        if kind == Act.Kind.PERSUASION_PLAN and not data.get("number"):
            self.add_error("number", "Vận động, thuyết phục theo luật phải có số biên bản.")
        if kind in Act.REASONED and not data.get("note"):
            self.add_error("note", "Tạm dừng tính thời hạn phải ghi lý do.")
        return data

    @transaction.atomic
    def save(self, *, by: User) -> Act:
        """Record the act; see Case.note_act for what it raises. All or nothing."""
        data = self.cleaned_data
        if data["kind"] == Act.Kind.PERSUASION_PLAN:
            return self._persuade(by)
        document = None
        if number := data["number"].strip():
            document = Document.objects.numbered(number, data["on"], Document.Kind.MINUTES)
        return self.case.note_act(
            data["kind"],
            on=data["on"],
            by=by,
            document=document,
            note=data["note"].strip(),
            version=data["version"],
        )

    def _persuade(self, by: User) -> Act:
        """The persuasion about the plan is a talk, from which its ten days run."""
        data = self.cleaned_data
        document = Document.objects.numbered(
            data["number"].strip(), data["on"], Document.Kind.MINUTES
        )
        kind = Outreach.Kind.PERSUADE_PLAN
        talk = talk_by_paper(self.case, kind, data["on"], document, data["note"].strip())
        try:
            act = persuade(talk, self.case, by=by, version=data["version"]).act
        except MoveRefused as refused:
            raise ValidationError(refused.reason) from refused
        assert act is not None  # noqa: S101  (this persuasion is an act)
        return act


class CaseForm(MergeForm):
    """What no step decides: officer, batch, resettlement need, plots, note."""

    class Meta:
        model = Case
        fields = AMENDABLE
        widgets = {"note": forms.Textarea(attrs={"rows": 4})}

    def __init__(self, *args: Any, today: dt.date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        project = self.instance.project
        # Those who may open the file; the one it has stays offered.
        opens = Q(assignment__in=project.assignment_set.current(on=today))
        officers = User.objects.filter(opens | Q(pk=self.instance.officer_id)).distinct()
        self.fields["officer"].queryset = officers.order_by(  # type: ignore[attr-defined]
            "display_name", "username"
        )
        self.fields["batch"].queryset = project.batches.all()  # type: ignore[attr-defined]
        dress(self, today)

    def write(self, row: Case, changed: dict[str, Any]) -> None:
        row.amend(**changed)


class ObstacleForm(MergeForm):
    """A new obstacle on a case, or what is known of one."""

    opened_on = DayField(label="Phát sinh ngày")
    due_on = DayField(label="Hạn xử lý", required=False, may_be_future=True)

    class Meta:
        model = Obstacle
        fields = [
            "cause",
            "description",
            "owner",
            "opened_on",
            "due_on",
            "next_step",
        ]
        widgets = {"description": forms.Textarea(attrs={"rows": 2})}

    def __init__(self, *args: Any, today: dt.date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        dress(self, today)


class CloseObstacleForm(MergeForm):
    """An obstacle is settled: when, and how."""

    closed_on = DayField(label="Giải quyết xong ngày")
    close_note = forms.CharField(
        label="Kết quả",
        max_length=300,
        error_messages={"required": "Hãy ghi kết quả giải quyết."},
    )

    class Meta:
        model = Obstacle
        fields = ["closed_on", "close_note"]

    def __init__(self, *args: Any, today: dt.date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        dress(self, today)


class ReasonForm(PageForm):
    """Why someone needs to see what is masked."""

    reason = forms.CharField(
        label="Lý do",
        min_length=5,
        max_length=300,
        error_messages={
            "required": "Hãy ghi lý do cần xem.",
            "min_length": "Lý do quá ngắn: hãy ghi rõ việc cần làm.",
        },
    )
