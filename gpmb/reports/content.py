"""What a report says, before any file: pages of facts, charts and tables of raw values."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from gpmb import vn
from gpmb.reports.plan import Plan

if TYPE_CHECKING:
    from maps.charts import Chart


@dataclass(frozen=True)
class Column:
    """`kind`: text, count, ha (of m²), ty (of đồng), pct (of a share), day."""

    heading: str
    kind: str = "count"


@dataclass(frozen=True)
class Table:
    """Rows of raw values, one for each column; `total` adds them up where they add up."""

    title: str
    columns: tuple[Column, ...]
    rows: list[list[Any]]
    total: list[Any] | None = None

    @property
    def lines(self) -> list[list[str]]:
        """Rows and total as papers write them."""
        every = [*self.rows, *([self.total] if self.total else [])]
        return [
            [written(value, column.kind) for value, column in zip(row, self.columns, strict=True)]
            for row in every
        ]


@dataclass(frozen=True)
class Fact:
    """One of the figures at the head of a page."""

    label: str
    value: Any
    kind: str
    note: str = ""

    @property
    def text(self) -> str:
        return written(self.value, self.kind)


@dataclass(frozen=True)
class Page:
    """What a page says of some projects."""

    title: str
    people: str
    sentence: str
    facts: list[Fact]
    table: Table | None
    questions: Table
    conclusions: Table
    blocking: list[str]
    curve: Chart
    bars: Chart | None
    plan: Plan


@dataclass(frozen=True)
class Report:
    """Pages and annexes as of a day, against an earlier one."""

    city: str
    title: str
    on: dt.date
    since: dt.date
    notices: list[str]
    pages: list[Page]
    annexes: list[Table] = field(default_factory=list)


def written(value: Any, kind: str) -> str:
    """Write a raw value as its column says; a missing one is said."""
    match kind:
        case "ha":
            return vn.ha(value, 2)
        case "ty":
            return vn.ty(value)
        case "pct":
            return vn.pct(value, 1)
        case "day":
            return vn.day(value) if value else ""
        case "count":
            return vn.num(value)
    return "" if value is None else str(value)
