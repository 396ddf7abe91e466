"""The parameters of the demo city, from fixtures/demo, as frozen rows."""

import json
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).resolve().parents[3] / "fixtures/demo"
DATA_DATE = date(2023, 6, 30)
PLAN_YEAR = 2023
CASES = 3_500  # at scale 1
TAKINGS = 6_100


@dataclass(frozen=True, slots=True)
class ProjectRow:
    """One project of fixtures/demo/projects.json; `notice_on` None: no notice has gone out."""

    code: str
    name: str
    kind: str
    origin: str
    category: int
    wards: tuple[str, ...]
    at: tuple[float, float]
    cases: int
    form: str
    texture: str
    notice_on: date | None
    pace: float
    stall: float
    readiness: str
    marks: tuple[str, ...] = ()
    heading_deg: float = 0.0
    width_m: float = 0.0
    restricted: bool = False
    extra: dict[str, Any] = field(default_factory=dict)


def read(name: str) -> dict[str, Any]:
    """Return one parameter file as plain data."""
    with (FOLDER / f"{name}.json").open(encoding="utf-8") as file:
        data: dict[str, Any] = json.load(file)
    return data


def projects() -> list[ProjectRow]:
    """Return the 44 projects in the plan's order."""
    return [_project(row) for row in read("projects")["projects"]]


def _project(row: dict[str, Any]) -> ProjectRow:
    month = row["notice"]
    return ProjectRow(
        code=row["code"],
        name=row["name"],
        kind=row["kind"],
        origin=row["origin"],
        category=row["category"],
        wards=tuple(row["wards"]),
        at=(row["at_km"][0] * 1000, row["at_km"][1] * 1000),
        cases=row["cases"],
        form=row["form"],
        texture=row["texture"],
        notice_on=date.fromisoformat(f"{month}-06") if month else None,
        pace=row["pace"],
        stall=row["stall"],
        readiness=row["readiness"],
        marks=tuple(row.get("marks", ())),
        heading_deg=row.get("heading_deg", 0.0),
        width_m=row.get("width_m", 0.0),
        restricted=row.get("restricted", False),
    )
