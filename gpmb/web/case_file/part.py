"""The shape of a part of the case page."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.db.models import QuerySet

from gpmb import access
from gpmb.accounts.models import User
from gpmb.clearance.models import Case


@dataclass(frozen=True)
class Reader:
    """Who reads which case on which day, and what is open to them."""

    case: Case
    user: User
    on: dt.date
    rights: access.CaseRights


Questions = Mapping[str, QuerySet[Any]]
Context = Mapping[str, Any]


def as_they_are(context: Context, reader: Reader) -> Context:
    """Add nothing: the template shows the rows."""
    return {}


@dataclass(frozen=True)
class Part:
    """A part: the QuerySets it asks (none where the reader may not know), under names of its own
    in the context, and what it makes of the answers."""

    questions: Callable[[Reader], Questions]
    shape: Callable[[Context, Reader], Context] = field(default=as_they_are)
