"""Resettlement: sites and plots, a household's arrangement, temporary housing, draws of lots."""

from gpmb.resettlement.models.arrangement import (
    Arrangement,
    ArrangementEvent,
    ArrangementRefused,
    TemporaryHousing,
)
from gpmb.resettlement.models.draw import Draw, DrawEntry, DrawRefused, DrawSwap
from gpmb.resettlement.models.site import Allocation, AllocationRefused, Plot, Site

__all__ = [
    "Allocation",
    "AllocationRefused",
    "Arrangement",
    "ArrangementEvent",
    "ArrangementRefused",
    "Draw",
    "DrawEntry",
    "DrawRefused",
    "DrawSwap",
    "Plot",
    "Site",
    "TemporaryHousing",
]
