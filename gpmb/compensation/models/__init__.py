"""Compensation: plans in versions, the prices behind their lines, and the money as a ledger."""

from gpmb.compensation.models.payment import Invitation, Payment, PaymentRefused
from gpmb.compensation.models.plan import Plan, PlanEvent, PlanItem, PlanRefused
from gpmb.compensation.models.price import Block, UnitPrice

__all__ = [
    "Block",
    "Invitation",
    "Payment",
    "PaymentRefused",
    "Plan",
    "PlanEvent",
    "PlanItem",
    "PlanRefused",
    "UnitPrice",
]
