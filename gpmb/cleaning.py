"""Validate a row by one query where Django asks three for each constraint and one for each key."""

from __future__ import annotations

import operator
from collections.abc import Collection
from functools import reduce
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import CheckConstraint, Q


def clean(row: models.Model, *, known: Collection[str] = ()) -> None:
    """As `row.full_clean(exclude=known)`; `known` are relations to rows that were just read.

    Raises:
        ValidationError: what `full_clean` says; it is asked only where something is wrong.
    """
    if not _is_valid(row, set(known)):
        row.full_clean(exclude=known)


def _is_valid(row: models.Model, known: set[str]) -> bool:
    checks: list[Q] = []
    others: list[Any] = []
    for constraint in row._meta.constraints:
        if isinstance(constraint, CheckConstraint):
            checks.append(Q(constraint.condition))
        else:
            others.append(constraint)
    try:
        row.clean_fields(exclude=known)
        row.clean()
        row.validate_unique(exclude=known | {"ref"})  # ours, and drawn at random
        if checks and not reduce(operator.and_, checks).check(_values(row)):
            return False
        for constraint in others:
            constraint.validate(type(row), row, exclude=known)
    except ValidationError:
        return False
    return True


def _values(row: Any) -> dict[str, Any]:
    """The values of a row by name of field, as its own constraints are asked of."""
    values: dict[str, Any] = row._get_field_expression_map(meta=row._meta)
    return values
