"""What else stands on a row: an undo may only take away what nothing refers to."""

from __future__ import annotations

from collections.abc import Iterable

from django.db import models

from gpmb.history import HistoryEvent
from gpmb.many import among

DERIVED = "analysis"
"""The app whose tables are computed from the others: they hold nobody back."""


def referred(
    model: type[models.Model], ids: Iterable[int], besides: Iterable[type[models.Model]]
) -> dict[int, str]:
    """Say which rows of a model others refer to, and by what; history and figures don't count."""
    ids, passed = list(ids), tuple(besides)
    found: dict[int, str] = {}
    for relation in model._meta.get_fields(include_hidden=True):
        other = relation.related_model
        if not (relation.one_to_many or relation.one_to_one) or not relation.auto_created:
            continue
        if not isinstance(other, type) or issubclass(other, (HistoryEvent, *passed)):
            continue
        if other._meta.app_label == DERIVED:
            continue
        name = relation.field.name  # type: ignore[union-attr]  # a relation from a field
        referring = other._base_manager.filter(**{name: among(ids)})
        rows = referring.values_list(name, flat=True)
        for pk in rows.distinct():
            found.setdefault(pk, str(other._meta.verbose_name))
    return found
