"""Forms of the reviews: call one, put a question with its options, answer, conclude, follow up."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django import forms
from django.db import transaction

from gpmb import vn
from gpmb.accounts.models import Organisation, Role, User
from gpmb.analysis.agenda import waiting
from gpmb.clearance.models import (
    Case,
    Directive,
    DirectiveNote,
    Project,
    Question,
    QuestionOption,
    Review,
)
from gpmb.land.models import Document
from gpmb.web.forms import DayField, PageForm

OPTIONS = 3
OWNER_NEEDED = {"required": "Hãy chọn cơ quan."}


class VietnameseDecimal(forms.DecimalField):
    """A number typed the Vietnamese way: 1.234,5."""

    default_error_messages = {"invalid": "Hãy gõ số, ví dụ 3,2."}

    def to_python(self, value: Any) -> Any:
        if isinstance(value, str):
            value = value.strip().replace(".", "").replace(",", ".")
        return super().to_python(value)


class ReviewForm(PageForm):
    """Call a review: when, of which kind, under what name."""

    on = DayField(label="Ngày họp", may_be_future=True)
    kind = forms.ChoiceField(label="Loại", choices=Review.Kind)
    title = forms.CharField(
        label="Tên cuộc họp",
        max_length=200,
        error_messages={"required": "Hãy gõ tên cuộc họp."},
    )

    def clean_on(self) -> dt.date:
        """Refuse a second meeting on one day: everything since a review counts from its day."""
        day: dt.date = self.cleaned_data["on"]
        if Review.objects.filter(on=day).exists():
            raise forms.ValidationError(f"Đã có cuộc họp vào ngày {vn.day(day)}.")
        return day

    def save(self) -> Review:
        """Call it."""
        return Review.objects.create(**self.cleaned_data)


class QuestionForm(PageForm):
    """Nội dung xin ý kiến: what is asked, of whom, until when, and how it could be answered."""

    title = forms.CharField(
        label="Nội dung xin ý kiến",
        max_length=250,
        error_messages={"required": "Hãy gõ nội dung cần xin ý kiến."},
    )
    project = forms.ModelChoiceField(
        Project.objects.none(),
        label="Dự án",
        empty_label="Chọn dự án",
        error_messages={"required": "Hãy chọn dự án."},
    )
    background = forms.CharField(
        label="Tình hình, căn cứ", required=False, widget=forms.Textarea(attrs={"rows": 3})
    )
    level = forms.ChoiceField(label="Cấp quyết định", choices=Question.Level)
    owner = forms.ModelChoiceField(
        Organisation.objects.all(),
        label="Cơ quan trình",
        empty_label="Chọn cơ quan",
        error_messages=OWNER_NEEDED,
    )
    needed_on = DayField(label="Cần có ý kiến trước ngày", may_be_future=True)
    households = forms.IntegerField(
        label="Số hộ đang chờ",
        required=False,
        min_value=0,
        help_text="Để trống: đếm hộ của dự án chưa bàn giao.",
    )
    area_ha = VietnameseDecimal(
        label="Diện tích đang chờ (ha)",
        required=False,
        min_value=0,
        help_text="Để trống: cộng phần đất chưa bàn giao.",
    )

    def __init__(self, *args: Any, user: User, today: dt.date, **kwargs: Any) -> None:
        super().__init__(*args, today=today, **kwargs)
        self.user, self.today = user, today
        mine = Project.objects.visible_to(user).assigned_to(user, on=today)
        self.fields["project"].queryset = mine.order_by("code").distinct()  # type: ignore[attr-defined]
        for n in range(1, OPTIONS + 1):
            for name, label in (("option", f"Phương án {n}"), ("effect", f"Hệ quả {n}")):
                self.fields[f"{name}_{n}"] = forms.CharField(
                    label=label,
                    required=False,
                    max_length=300,
                    widget=forms.TextInput(attrs={"class": "form-control"}),
                )
        self.fields["proposed"] = forms.TypedChoiceField(
            label="Cơ quan trình đề xuất",
            required=False,
            coerce=int,
            empty_value=None,
            choices=[("", "Chưa đề xuất")]
            + [(n, f"Phương án {n}") for n in range(1, OPTIONS + 1)],
            widget=forms.Select(attrs={"class": "form-select"}),
        )

    @property
    def option_rows(self) -> list[tuple[Any, Any]]:
        """The fields of each option, side by side."""
        return [(self[f"option_{n}"], self[f"effect_{n}"]) for n in range(1, OPTIONS + 1)]

    @property
    def plain_fields(self) -> list[Any]:
        """The fields before the options."""
        return [self[name] for name in (*ASKED, "households", "area_ha")]

    def clean_needed_on(self) -> dt.date:
        """Refuse a day that is over."""
        day: dt.date = self.cleaned_data["needed_on"]
        if day < self.today:
            raise forms.ValidationError("Ngày cần có ý kiến không được trước ngày trình.")
        return day

    def clean(self) -> dict[str, Any]:
        """A question has at least two options, in order; the proposed one exists."""
        data = super().clean() or {}
        texts = [data.get(f"option_{n}", "").strip() for n in range(1, OPTIONS + 1)]
        given = [n for n, text in enumerate(texts, 1) if text]
        if len(given) < 2 or given != list(range(1, len(given) + 1)):
            self.add_error("option_1", "Hãy ghi ít nhất hai phương án, lần lượt từ phương án 1.")
        proposed = data.get("proposed")
        if proposed and proposed not in given:
            self.add_error("proposed", "Phương án được đề xuất chưa có nội dung.")
        return data

    @transaction.atomic
    def save(self) -> Question:
        """Put the question with its options; what it waits for is counted where left empty."""
        data = self.cleaned_data
        counted = waiting(self.user, data["project"], self.today)
        area = data["area_ha"]
        question = Question.objects.create(
            **{name: data[name] for name in ASKED},
            asked_on=self.today,
            asked_by=self.user,
            households=counted.households if data["households"] is None else data["households"],
            area_m2=counted.area_m2 if area is None else area * 10_000,
        )
        QuestionOption.objects.bulk_create(
            QuestionOption(
                question=question,
                order=n,
                text=data[f"option_{n}"],
                effect=data[f"effect_{n}"],
                proposed=data["proposed"] == n,
            )
            for n in range(1, OPTIONS + 1)
            if data[f"option_{n}"]
        )
        return question


ASKED = ("title", "project", "background", "level", "owner", "needed_on")


class DecideForm(PageForm):
    """A leader's answer: one of the options, words, or both."""

    option = forms.ModelChoiceField(
        QuestionOption.objects.none(),
        label="Phương án",
        required=False,
        empty_label="Ý kiến khác (ghi bên dưới)",
    )
    decision = forms.CharField(
        label="Ý kiến", required=False, widget=forms.Textarea(attrs={"rows": 3})
    )
    on = DayField(label="Ngày")
    review = forms.ModelChoiceField(
        Review.objects.all(), label="Tại cuộc họp", required=False, empty_label="Ngoài cuộc họp"
    )

    def __init__(self, *args: Any, question: Question, today: dt.date, **kwargs: Any) -> None:
        super().__init__(*args, today=today, **kwargs)
        self.question = question
        self.fields["option"].queryset = question.options.all()  # type: ignore[attr-defined]
        self.fields["option"].label_from_instance = (  # type: ignore[attr-defined]
            lambda option: f"{option.order}. {option.text}"
        )
        self.fields["review"].queryset = Review.objects.filter(  # type: ignore[attr-defined]
            on__lte=today
        )

    def save(self, *, by: User) -> None:
        """Answer; raises what Question.decide raises."""
        self.question.decide(by=by, **self.cleaned_data)


class DirectiveForm(PageForm):
    """A conclusion: what, who, until when, about which project or case."""

    text = forms.CharField(
        label="Kết luận",
        widget=forms.Textarea(attrs={"rows": 2}),
        error_messages={"required": "Hãy ghi việc phải làm."},
    )
    owner = forms.ModelChoiceField(
        Organisation.objects.all(),
        label="Cơ quan thực hiện",
        empty_label="Chọn cơ quan",
        error_messages=OWNER_NEEDED,
    )
    owner_user = forms.ModelChoiceField(
        User.objects.filter(is_active=True, role__in=(Role.OFFICER, Role.LEADER)),
        label="Người thực hiện",
        required=False,
        empty_label="Cơ quan tự phân công",
    )
    due_on = DayField(label="Hạn", may_be_future=True)
    project = forms.ModelChoiceField(
        Project.objects.none(), label="Dự án", required=False, empty_label="Chung toàn thành phố"
    )
    case_code = forms.CharField(
        label="Mã hồ sơ", required=False, max_length=40, help_text="Nếu kết luận về một hồ sơ."
    )
    question = forms.ModelChoiceField(
        Question.objects.none(),
        label="Theo nội dung xin ý kiến",
        required=False,
        empty_label="Không",
    )

    def __init__(
        self, *args: Any, user: User, review: Review, today: dt.date, **kwargs: Any
    ) -> None:
        super().__init__(*args, today=today, **kwargs)
        self.user, self.review = user, review
        projects = Project.objects.visible_to(user)
        self.fields["project"].queryset = projects.order_by("code")  # type: ignore[attr-defined]
        self.fields["question"].queryset = (  # type: ignore[attr-defined]
            Question.objects.visible_to(user).filter(asked_on__lte=max(today, review.on))
        )

    def clean_due_on(self) -> dt.date:
        """Refuse a due day before the meeting."""
        day: dt.date = self.cleaned_data["due_on"]
        if day < self.review.on:
            raise forms.ValidationError("Hạn không được trước ngày họp.")
        return day

    def clean(self) -> dict[str, Any]:
        """A case brings its project; both must be known to the one who concludes."""
        data = super().clean() or {}
        data["case"] = None
        if code := data.pop("case_code", "").strip():
            cases = Case.objects.counted_for(self.user).filter(code=code)
            if data.get("project"):
                cases = cases.filter(project=data["project"])
            found = list(cases.select_related("project")[:2])
            if len(found) != 1:
                why = "có ở nhiều dự án: hãy chọn dự án" if found else "không có: kiểm tra lại"
                self.add_error("case_code", f"Hồ sơ {code} {why}.")
            else:
                data["case"], data["project"] = found[0], found[0].project
        return data

    @transaction.atomic
    def save(self) -> Directive:
        """Conclude; raises ConclusionRefused once the notice is out."""
        review = Review.objects.select_for_update().get(pk=self.review.pk)
        review.check_open()
        return Directive.objects.create(review=review, **self.cleaned_data)


class NoteForm(PageForm):
    """How far a conclusion has come; with a day of completion it is finished."""

    text = forms.CharField(
        label="Làm đến đâu, kết quả",
        widget=forms.Textarea(attrs={"rows": 2}),
        error_messages={"required": "Hãy ghi tiến độ hoặc kết quả thực hiện."},
    )
    done_on = DayField(
        label="Hoàn thành ngày", required=False, help_text="Để trống nếu chưa xong."
    )

    def __init__(self, *args: Any, today: dt.date, **kwargs: Any) -> None:
        super().__init__(*args, today=today, **kwargs)
        self.today = today

    def save(self, directive: Directive, *, by: User) -> None:
        """Report; raises what Directive.finish raises."""
        data = self.cleaned_data
        if data["done_on"]:
            directive.finish(on=data["done_on"], by=by, result=data["text"])
        else:
            DirectiveNote.objects.create(
                directive=directive, on=self.today, by=by, text=data["text"]
            )


class IssueForm(PageForm):
    """By which notice the conclusions went out."""

    number = forms.CharField(
        label="Số, ký hiệu thông báo",
        max_length=60,
        error_messages={"required": "Hãy gõ số, ký hiệu, ví dụ 45/TB-UBND."},
    )
    signed_on = DayField(label="Ngày ký")

    @transaction.atomic
    def save(self, review: Review, *, by: User, on: dt.date) -> None:
        """Issue; raises what Review.issue raises."""
        data = self.cleaned_data
        number = data["number"].strip()
        document = Document.objects.numbered(number, data["signed_on"], Document.Kind.LETTER)
        if not document.title:
            document.title = f"Thông báo kết luận: {review}"[:300]
            document.save(update_fields=["title"])
        review.issue(document=document, by=by, on=on)
