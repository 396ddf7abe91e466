"""Rows of the tables of letters, alike on the desk, in the book and on a case's page."""

import datetime as dt
from collections.abc import Iterable
from typing import Any

from gpmb.clearance.models import Inquiry


def inquiry_rows(inquiries: Iterable[Inquiry], on: dt.date) -> list[dict[str, Any]]:
    return [
        {
            "inquiry": row,
            "days": row.days_waiting(on=on),
            "closed": bool(row.replied_on or row.withdrawn_on),
            "late": bool(
                row.due_on and row.due_on < on and not (row.replied_on or row.withdrawn_on)
            ),
        }
        for row in inquiries
    ]
