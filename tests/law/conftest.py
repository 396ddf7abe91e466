"""The seeded rules and days off, read straight from the fixtures: no database.

`GPMB_RULES` names another rules file: tests/bench/mutate_rules.py runs these tests on wrong ones.
"""

import csv
import json
import os
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from gpmb.law.calendar import Calendar, DayOff
from gpmb.law.rules import Bound, Rule, RuleBook, RuleType, Unit

FIXTURES = Path(__file__).parents[2] / "fixtures/reference"


def read_rules() -> RuleBook:
    path = Path(os.environ.get("GPMB_RULES", FIXTURES / "rules.json"))
    return RuleBook(
        Rule(
            code=row["code"],
            value=Decimal(row["value"]),
            unit=Unit(row["unit"]),
            type=RuleType(row["type"]),
            bound=Bound(row["bound"]),
            from_event=row["from_event"],
            to_event=row["to_event"],
            land_group=row["land_group"],
            remote=row["remote"],
            valid_from=date.fromisoformat(row["valid_from"]),
            valid_to=date.fromisoformat(row["valid_to"]) if row["valid_to"] else None,
            picked_by=row["picked_by"],
            regime=row["regime"],
            article=row["article"],
            verified=row["verified"],
            note=row["note"],
        )
        for row in json.loads(path.read_text(encoding="utf-8"))
    )


def read_calendar() -> Calendar:
    with (FIXTURES / "holidays.csv").open(encoding="utf-8", newline="") as file:
        return Calendar(
            DayOff(
                date.fromisoformat(row["on"]),
                row["name"],
                makeup=row["kind"] == "makeup",
                tet=row["tet"] == "1",
                confirmed=row["confirmed"] == "1",
            )
            for row in csv.DictReader(file)
        )


@pytest.fixture(scope="session")
def rules() -> RuleBook:
    return read_rules()


@pytest.fixture(scope="session")
def calendar() -> Calendar:
    return read_calendar()
