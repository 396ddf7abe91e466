"""Close a day (chốt số liệu): its figures with a hash, and what a later rebuild says beside them.

The figures of a day come from dated facts, so the same day rebuilt later gives the same figures
unless something dated up to that day was written or corrected since. Then both are shown: what
was known then, and what is known now.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any

from django.db import transaction

from gpmb.analysis import figures, progress
from gpmb.analysis.figures import Figures
from gpmb.analysis.progress_models import Freeze
from gpmb.clearance.models import Project
from gpmb.compensation import funds
from gpmb.law.steps import STAGE_LABELS

LABELS = {
    "cases": "hồ sơ",
    "takings": "thửa",
    "households": "hộ",
    "organisations": "tổ chức",
    "done_households": "hộ đã bàn giao",
    "area_m2": "diện tích thu hồi (m²)",
    "handed_over_m2": "bàn giao cho trung tâm (m²)",
    "handed_over_takings": "thửa đã bàn giao",
    "investor_m2": "bàn giao cho chủ đầu tư (m²)",
    "approved_vnd": "phê duyệt (đồng)",
    "paid_vnd": "chi trả (đồng)",
    "overdue": "hồ sơ quá hạn luật",
    "obstacles": "vướng mắc",
}


@dataclass(frozen=True)
class Difference:
    """One figure that was frozen as `then` and is rebuilt as `now`."""

    name: str
    then: str
    now: str

    @property
    def label(self) -> str:
        return LABELS.get(self.name, self.name)


@dataclass(frozen=True)
class Beside:
    """A frozen day beside today's rebuild of it."""

    freeze: Freeze
    differences: tuple[Difference, ...]


def plain(row: Figures) -> dict[str, Any]:
    """Figures as JSON says them: numbers of fixed decimals as text, so that a hash is stable."""
    said: dict[str, Any] = {}
    for item in fields(Figures):
        if item.name == "unwritten":  # grows with what is recorded later: no figure of the day
            continue
        value = getattr(row, item.name)
        if item.name.endswith(("_m2", "_vnd")):
            value = f"{value:.2f}" if item.name.endswith("_m2") else f"{value:.0f}"
        said[item.name] = list(value) if isinstance(value, tuple) else value
    return said


Said = dict[str, dict[str, Any]]


def build_days(days: Sequence[dt.date]) -> dict[dt.date, Said]:
    """Return the figures of every project on each of some days, by project code."""
    codes = dict(Project.objects.order_by("code").values_list("pk", "code"))
    progress.refresh_deltas()
    found = figures.on_days(list(codes), list(days), cleared=True)
    return {
        day: {code: plain(rows[pk]) for pk, code in codes.items()} for day, rows in found.items()
    }


def build(on: dt.date) -> Said:
    """Return the figures of every project on a day, by project code."""
    return build_days([on])[on]


def digest(said: Mapping[str, Any]) -> str:
    """SHA-256 of the figures written with sorted keys and no spaces."""
    text = json.dumps(said, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


@transaction.atomic
def take(on: dt.date) -> tuple[Freeze, bool]:
    """Freeze a day and return (its freeze, whether it is new). A frozen day stays as it is."""
    kept = Freeze.objects.filter(on=on).first()
    if kept is not None:
        return kept, False
    said = build(on)
    return Freeze.objects.create(on=on, figures=said, sha256=digest(said)), True


def close_day(on: dt.date, *, today: dt.date) -> tuple[Freeze, bool]:
    """What the night does: settle the obstacles that follow from money, then freeze the day."""
    funds.settle_obstacles(on=today)
    return take(on)


def intact(row: Freeze) -> bool:
    """Whether the stored figures still have the hash they were stored with."""
    return digest(row.figures) == row.sha256


def beside(on: dt.date, now: Mapping[int, Figures]) -> Beside | None:
    """Compare the freeze of a day with `now`, for the projects of `now` alone (a reader's)."""
    row = Freeze.objects.filter(on=on).first()
    if row is None:
        return None
    codes = dict(Project.objects.filter(pk__in=now).values_list("pk", "code"))
    said = {codes[pk]: plain(figure) for pk, figure in now.items()}
    kept = {code: row.figures[code] for code in said if code in row.figures}
    return Beside(row, tuple(differences(kept, said)))


def differences(
    then: Mapping[str, Mapping[str, Any]], now: Mapping[str, Mapping[str, Any]]
) -> list[Difference]:
    """Return the sums over all projects that differ; cases of each stage are figures too."""
    old, new = _summed(then), _summed(now)
    return [
        Difference(name, _written(old[name]), _written(new[name]))
        for name in new
        if old[name] != new[name]
    ]


def _summed(rows: Mapping[str, Mapping[str, Any]]) -> dict[str, float | int]:
    sums = {name: sum(_number(row[name]) for row in rows.values()) for name in LABELS}
    for stage, label in STAGE_LABELS.items():
        sums[f"hồ sơ ở bước {label}"] = sum(row["stages"][stage] for row in rows.values())
    return sums


def _number(value: Any) -> float | int:
    return float(value) if isinstance(value, str) else value


def _written(value: float | int) -> str:
    text = f"{value:,.1f}" if isinstance(value, float) and value % 1 else f"{value:,.0f}"
    return text.translate(str.maketrans(",.", ".,"))
