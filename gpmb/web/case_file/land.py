"""The land a case gives up: a table, its classes, and a small map."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

import shapely

from gpmb.clearance.models import Taking, TakingPart
from gpmb.land.models import ParcelNumber
from gpmb.web.case_file.part import Context, Part, Questions, Reader
from maps.sketch import sketch


def questions(reader: Reader) -> Questions:
    takings = Taking.objects.filter(case=reader.case).order_by("withdrawn_on", "pk")
    numbers = ParcelNumber.objects.filter(parcel__takings__case=reader.case, valid_to=None)
    return {
        "takings": takings.select_related("parcel__unit"),
        "numbers": numbers.order_by("kind", "pk"),
    }


def shape(context: Context, reader: Reader) -> Context:
    parts: dict[int, list[TakingPart]] = defaultdict(list)
    for part in context["parts"]:
        parts[part.taking_id].append(part)
    numbers: dict[int, dict[str, ParcelNumber]] = defaultdict(dict)
    for number in context["numbers"]:
        numbers[number.parcel_id].setdefault(number.kind, number)
    rows = [
        {
            "taking": taking,
            "parcel": taking.parcel,
            "number": numbers[taking.parcel_id].get("current"),
            "certificate": numbers[taking.parcel_id].get("certificate"),
            "parts": parts[taking.pk],
        }
        for taking in context["takings"]
    ]
    live = [row for row in rows if row["taking"].withdrawn_on is None]
    return {"land": rows, "land_total": _totals(live), "land_map": _drawn(live, reader)}


def _totals(rows: list[dict[str, Any]]) -> dict[str, Any]:
    """Sums of the living takings: recovered, handed over, and by land class."""
    classes: dict[str, Any] = {}
    for row in rows:
        for part in row["parts"]:
            known = classes.setdefault(
                part.land_class.code, {"land_class": part.land_class, "area_m2": 0}
            )
            known["area_m2"] += part.area_m2
    return {
        "count": len(rows),
        "recovered_m2": sum(row["taking"].recovered_area_m2 for row in rows),
        "handed_over_m2": sum(row["taking"].handed_over_area_m2 or 0 for row in rows),
        "classes": [classes[code] for code in sorted(classes)],
    }


def _drawn(rows: list[dict[str, Any]], reader: Reader) -> dict[str, Any] | None:
    """The takings over their parcels; None where no boundary is known."""
    takings = [_shapely(row["taking"].boundary) for row in rows]
    drawn = sketch(takings + [_shapely(row["parcel"].boundary) for row in rows])
    if drawn is None:
        return None
    pieces = [
        {
            "shape": shape,
            "stage": 6 if row["taking"].handed_over_on else reader.case.stage,
            "number": row["number"],
            "taking": row["taking"],
        }
        for row, shape in zip(rows, drawn.shapes[: len(rows)], strict=True)
        if shape.path
    ]
    return {"sketch": drawn, "takings": pieces, "parcels": drawn.shapes[len(rows) :]}


def _shapely(boundary: Any) -> shapely.Geometry | None:
    return shapely.from_wkb(bytes(boundary.wkb)) if boundary else None


PART = Part(questions, shape)
