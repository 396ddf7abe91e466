"""Two people edit one row: different fields merge, the same field stands side by side.

A form remembers the version it was drawn from. When somebody saved since, each field is settled
by three values: what the form was drawn from (the row's history has it), mine, theirs.

    only I changed it            → mine
    only they changed it         → theirs, and the page says so
    both, to the same value      → that value
    both, to different values    → nothing is written; both are shown, the person chooses
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db import models, transaction

from gpmb.web.history import Line, lines_of, text_of

MINE, THEIRS = "mine", "theirs"


@dataclass(frozen=True)
class Conflict:
    """One field that two people changed to different values."""

    name: str
    label: str
    mine: str
    theirs: str
    who: str
    at: dt.datetime | None


class MergeForm(forms.ModelForm):  # type: ignore[type-arg]
    """A form of a tracked row with a `version`; `merge()` saves it beside what others saved.

    `merged` are others' changes that were kept, `conflicts` those the person has to choose in.
    """

    version = forms.IntegerField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk:
            self.initial["version"] = self.instance.version
        else:
            del self.fields["version"]  # a new row: nobody else has it
        self.merged: list[Line] = []
        self.conflicts: list[Conflict] = []
        self.seen = self.instance.version

    @transaction.atomic
    def merge(self) -> bool:
        """Lock, compare, save. False: somebody has to choose, or a constraint says no."""
        now = self._locked()
        self.seen = now.version
        base = self._base(now)
        chosen = self._settle(now, base)
        more = self.settle_more(now, base)
        if self.conflicts:
            return False
        changed = {
            field.name: getattr(self.instance, field.name)
            if field.is_relation
            else chosen[field.name]
            for field in self._columns()
            if field.name in chosen and chosen[field.name] != getattr(now, field.attname)
        } | more
        if not changed:
            return True
        for name, value in changed.items():
            setattr(now, name, value)
        try:
            now.validate_constraints()
        except ValidationError as wrong:
            self.add_error(None, wrong)
            return False
        self.write(now, changed)
        return True

    def settle_more(self, now: Any, base: Any) -> dict[str, Any]:
        """Return what else to write: for a form whose fields are not its columns."""
        return {}

    def choice(self, name: str, now: Any) -> str | None:
        """What the person chose for a field; nothing, when the row changed once more since."""
        return self.data.get(f"keep-{name}") if self.data.get("seen") == str(now.version) else None

    def write(self, row: Any, changed: dict[str, Any]) -> None:
        """Save the changed fields of the locked row."""
        row.save(update_fields=list(changed))

    def _locked(self) -> Any:
        rows = type(self.instance)._default_manager.select_for_update(of=("self",))
        return rows.get(pk=self.instance.pk)

    def _columns(self) -> list[models.Field[Any, Any]]:
        names = [name for name in self.fields if name in self.cleaned_data]
        found = {field.name: field for field in self.instance._meta.concrete_fields}
        return [
            found[name]
            for name in names
            if name in found and name != "version" and not self.fields[name].disabled
        ]

    def _settle(self, now: Any, base: Any) -> dict[str, Any]:
        """Return the values to write by field; fill `merged` and `conflicts`."""
        since = self.cleaned_data["version"]
        lines = {line.name: line for line in lines_of(now, since=since)} if base is not now else {}
        chosen = {}
        for field in self._columns():
            mine = plain(getattr(self.instance, field.attname))
            theirs = plain(getattr(now, field.attname))
            before = plain(getattr(base, field.attname)) if base is not None else object()
            choice = self.choice(field.name, now)
            if mine == theirs or theirs == before or choice == MINE:
                chosen[field.name] = mine
            elif mine == before or choice == THEIRS:
                if line := lines.get(field.name):
                    self.merged.append(line)
            else:
                self.conflicts.append(self._conflict(field, now, lines.get(field.name)))
        return chosen

    def _conflict(self, field: Any, now: Any, line: Line | None) -> Conflict:
        return Conflict(
            field.name,
            str(self.fields[field.name].label or field.verbose_name),
            text_of(self.instance, field.name),
            text_of(now, field.name),
            line.who if line else "người khác",
            line.at if line else None,
        )

    def _base(self, now: Any) -> Any:
        """The row as the form was drawn from it: the row itself, a snapshot, or unknown (None)."""
        if self.cleaned_data["version"] in (None, now.version):
            return now
        history = type(now).pgh_event_model.objects.filter(pgh_obj_id=now.pk)
        return history.filter(version=self.cleaned_data["version"]).order_by("-pgh_id").first()


def plain(value: Any) -> Any:
    """A browser sends line ends as two characters; to compare they are one."""
    return value.replace("\r\n", "\n").strip() if isinstance(value, str) else value


def said(lines: list[Line]) -> str:
    """One sentence about what was merged: who changed what."""
    parts = [f"{line.who} đã đổi {line.label} thành “{line.after}”" for line in lines]
    return "; ".join(parts)
