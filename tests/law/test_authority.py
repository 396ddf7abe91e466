"""Who decides, by date, kind of holder, public-utility land and delegation."""

import datetime as dt
import json
from collections.abc import Iterator

import pytest

from gpmb.law.authority import Authority, Body, Holder, deciding
from tests.law.conftest import FIXTURES

D = dt.date


def seeded() -> Iterator[Authority]:
    for row in json.loads((FIXTURES / "authorities.json").read_text(encoding="utf-8")):
        yield Authority(
            body=Body(row["body"]),
            valid_from=dt.date.fromisoformat(row["valid_from"]),
            valid_to=dt.date.fromisoformat(row["valid_to"]) if row["valid_to"] else None,
            article=row["article"],
            holder=Holder(row["holder"]) if row["holder"] else None,
            public_utility=row["public_utility"],
            delegation=row["delegation"],
            verified=row["verified"],
        )


ROWS = tuple(seeded())


@pytest.mark.parametrize(
    ("on", "holder", "public_utility", "body"),
    [
        (D(2023, 6, 30), Holder.HOUSEHOLD, False, Body.DISTRICT_COMMITTEE),
        (D(2023, 6, 30), Holder.HOUSEHOLD, True, Body.PROVINCE_COMMITTEE),
        (D(2023, 6, 30), Holder.ORGANISATION, False, Body.PROVINCE_COMMITTEE),
        (D(2023, 6, 30), Holder.RELIGIOUS, False, Body.PROVINCE_COMMITTEE),
        (D(2023, 6, 30), Holder.MIXED, False, Body.PROVINCE_COMMITTEE),
        (D(2024, 8, 1), Holder.ORGANISATION, False, Body.DISTRICT_COMMITTEE),
        (D(2025, 6, 30), Holder.HOUSEHOLD, False, Body.DISTRICT_COMMITTEE),
        (D(2025, 7, 1), Holder.HOUSEHOLD, False, Body.COMMUNE_CHAIR),
        (D(2026, 1, 30), Holder.HOUSEHOLD, False, Body.COMMUNE_CHAIR),
        (D(2026, 1, 31), Holder.HOUSEHOLD, False, Body.PROVINCE_COMMITTEE),
    ],
)
def test_the_authority_of_a_day(
    on: dt.date, holder: Holder, public_utility: bool, body: Body
) -> None:
    found = deciding(ROWS, on, holder, public_utility=public_utility)
    assert found is not None
    assert found.body is body


def test_after_the_decree_expires_nobody_is_named() -> None:
    """Chapter IV of Decree 49/2026 ends before 1/3/2027: the program doesn't guess."""
    assert deciding(ROWS, D(2027, 3, 1), Holder.HOUSEHOLD) is None


def test_a_delegation_document_wins_while_it_is_in_force() -> None:
    delegated = Authority(
        Body.COMMUNE_CHAIR,
        D(2026, 3, 1),
        "khoản 1 Điều 14 Nghị định 49/2026/NĐ-CP",
        delegation="QĐ phân cấp của UBND tỉnh",
        valid_to=D(2026, 12, 31),
    )
    rows = (*ROWS, delegated)
    assert deciding(rows, D(2026, 3, 1), Holder.HOUSEHOLD) is delegated
    statute = deciding(rows, D(2027, 1, 1), Holder.HOUSEHOLD)
    assert statute is not None
    assert statute.body is Body.PROVINCE_COMMITTEE
