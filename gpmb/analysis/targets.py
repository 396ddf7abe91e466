"""Plan against actual for any line of targets: what was reached of a step by a day."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

from gpmb.analysis import progress
from gpmb.clearance.models import TargetLine, TargetMeasure

MONEY = {4: "approved_vnd", 5: "paid_vnd"}


def reached(
    keys: list[int], line: TargetLine, *, on: dt.date, cleared: bool
) -> dict[int, Decimal]:
    """Return by project what stood at the line's step or beyond on a day, in the line's measure.

    Cases, m² of takings, or đồng approved (step 4) and paid (step 5). Deltas must be fresh.
    """
    found = dict.fromkeys(keys, Decimal(0))
    for row in progress.as_of(on, "project", "stage", projects=keys, cleared=cleared):
        if line.measure is TargetMeasure.AMOUNT:
            found[row["project"]] += row[MONEY[line.stage]]
        elif row["stage"] >= line.stage:
            found[row["project"]] += row[line.measure]
    return found
