"""Letters, who signed them, the land they are about, and what happened to each."""

from gpmb.complaints.models.complaint import (
    COLLECTIVE_PEOPLE,
    SETTLED_MONTHS,
    Complaint,
    ComplaintEvent,
    ComplaintQuerySet,
    MoveRefusedError,
    months_before,
)
from gpmb.complaints.models.links import ComplaintCase, ComplaintParcel, ComplaintParty

__all__ = [
    "COLLECTIVE_PEOPLE",
    "SETTLED_MONTHS",
    "Complaint",
    "ComplaintCase",
    "ComplaintEvent",
    "ComplaintParcel",
    "ComplaintParty",
    "ComplaintQuerySet",
    "MoveRefusedError",
    "months_before",
]
