"""How the household is resettled: its arrangement, plots, temporary housing, draws."""

from typing import Any

from django.db.models import QuerySet

from gpmb.resettlement.models import (
    Allocation,
    Arrangement,
    ArrangementEvent,
    DrawEntry,
    TemporaryHousing,
)
from gpmb.web.case_file.part import Context, Part, Questions, Reader


def questions(reader: Reader) -> Questions:
    case = reader.case
    allocations = Allocation.objects.filter(case=case).select_related("plot__site", "document")
    found: dict[str, QuerySet[Any]] = {
        "arrangements": Arrangement.objects.filter(case=case).select_related("document"),
        "allocations": allocations.order_by("released_on", "pk"),
        "arrangement_log": ArrangementEvent.objects.filter(arrangement__case=case)
        .select_related("by", "document")
        .order_by("on", "pk"),
    }
    if not reader.rights.household:
        return found
    return found | {
        "stays": TemporaryHousing.objects.filter(case=case).order_by("from_on"),
        "turns": DrawEntry.objects.filter(case=case)
        .select_related("draw__site", "plot")
        .order_by("draw__on", "order"),
    }


def shape(context: Context, reader: Reader) -> Context:
    arrangement = context["arrangements"][0] if context["arrangements"] else None
    held = [row for row in context["allocations"] if row.released_on is None]
    for number, row in enumerate(held, 1):
        row.turn = number
    stays = context.get("stays", [])
    for stay in stays:
        stay.cost_vnd = stay.amount_vnd(on=reader.on)
        stay.begun = stay.months(on=reader.on)
    wanting = arrangement is not None and arrangement.status == Arrangement.Status.APPROVED
    need = reader.case.resettlement_need
    return {
        "arrangement": arrangement,
        "may_give": wanting and need in ("plot", "house"),
        "held_plots": held,
    }


PART = Part(questions, shape)
