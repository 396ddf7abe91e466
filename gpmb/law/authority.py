"""Who decides: the authority that approves a plan and recovers land, looked up by date.

Committee (collective) and chair (a person) are kept apart: a decision signed by the wrong one is
void. Sources: Land Law 2013 art. 66; Land Law 2024 art. 83; Decree 151/2025 art. 5; Decree 49/2026
art. 14.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum


class Holder(StrEnum):
    """Kind of land holder; MIXED is an area that holds both kinds (2013 art. 66.3)."""

    HOUSEHOLD = "household"
    ORGANISATION = "organisation"
    RELIGIOUS = "religious"
    MIXED = "mixed"


class Body(StrEnum):
    PROVINCE_COMMITTEE = "province_committee"
    PROVINCE_CHAIR = "province_chair"
    DISTRICT_COMMITTEE = "district_committee"
    DISTRICT_CHAIR = "district_chair"
    COMMUNE_COMMITTEE = "commune_committee"
    COMMUNE_CHAIR = "commune_chair"


@dataclass(frozen=True, slots=True)
class Authority:
    """One dated row. Empty `holder`: every kind. `delegation`: number and date of the document by
    which the statutory authority hands the decision to `body`.
    """

    body: Body
    valid_from: date
    article: str
    holder: Holder | None = None
    public_utility: bool = False
    delegation: str = ""
    valid_to: date | None = None
    verified: bool = False
    note: str = ""


def deciding(
    rows: Iterable[Authority], on: date, holder: Holder, *, public_utility: bool = False
) -> Authority | None:
    """Return the row of the authority that decides on a day, or None when no row covers it.

    A delegation wins over the statute, a row for this kind of holder over one for all. Land of the
    commune's public-utility fund has rows of its own.
    """
    fitting = [
        row
        for row in rows
        if row.valid_from <= on
        and (row.valid_to is None or on <= row.valid_to)
        and row.holder in (None, holder)
        and (public_utility or not row.public_utility)
    ]
    return max(
        fitting,
        key=lambda row: (
            bool(row.delegation),
            row.public_utility,
            row.holder is not None,
            row.valid_from,
        ),
        default=None,
    )
