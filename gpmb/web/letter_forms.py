"""Forms of letters: what the officer types when composing; a template put back."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django import forms
from django.conf import settings

from gpmb.papers.models import LetterKind, LetterRun, RefusedFile, StoredFile, too_large
from gpmb.reports.letters import template
from gpmb.reports.letters.fields import Field
from gpmb.web.forms import PageForm


class ComposeForm(PageForm):
    """The fields that a template wants typed, and the form of the file."""

    format = forms.ChoiceField(label="Dạng tệp", choices=LetterRun.Format.choices)

    def __init__(self, *args: Any, used: dict[str, Any], today: dt.date, **kwargs: Any) -> None:
        super().__init__(*args, today=today, **kwargs)
        self.typed = [
            name for name, each in used.items() if isinstance(each, Field) and each.typed
        ]
        for name in self.typed:
            self.fields[name] = forms.CharField(
                label=used[name].label,
                required=False,
                max_length=300,
                widget=forms.TextInput(
                    attrs={"class": "form-control", "placeholder": f"ví dụ {used[name].example}"}
                ),
            )
        self.order_fields([*self.typed, "format"])

    def typed_values(self) -> dict[str, str]:
        """What was typed, empty where nothing was or the form isn't sent yet."""
        data = self.cleaned_data if self.is_bound and self.is_valid() else {}
        return {name: str(data.get(name, "")).strip() for name in self.typed}


class TemplateForm(PageForm):
    """A template edited in Word: checked field by field before it replaces the old one."""

    file = forms.FileField(
        label="Tệp Word (.docx)", error_messages={"required": "Hãy chọn tệp mẫu đã sửa."}
    )
    note = forms.CharField(label="Đã sửa gì", max_length=200, required=False)

    def __init__(self, *args: Any, kind: LetterKind, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.kind = kind
        self.fields["file"].widget.attrs["accept"] = ".docx"

    def clean_file(self) -> bytes:
        """Refuse what isn't a Word file, and a template with a field nobody knows."""
        file = self.cleaned_data["file"]
        try:
            if file.size > settings.UPLOAD_MAX_BYTES:
                raise too_large(file.size)
            content: bytes = file.read()
            if StoredFile.kind_of(content) != "docx":
                raise forms.ValidationError("Mẫu phải là tệp Word .docx.")
            template.check(content, self.kind.scope)
        except (RefusedFile, template.TemplateProblem) as problem:
            raise forms.ValidationError(str(problem)) from problem
        return content
