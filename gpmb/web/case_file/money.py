"""The compensation plan in its seven blocks, and the ledger."""

from typing import Any

from gpmb.compensation.models import Payment, Plan, PlanItem
from gpmb.web.case_file.part import Context, Part, Questions, Reader


def questions(reader: Reader) -> Questions:
    if not reader.rights.household:
        return {}
    payments = Payment.objects.filter(case=reader.case).order_by("on", "pk")
    return {
        "plans": Plan.objects.filter(case=reader.case).select_related("document"),
        "items": PlanItem.objects.filter(plan__case=reader.case).order_by("plan", "order"),
        "payments": payments.select_related("document", "proposed_by", "approved_by"),
    }


def shape(context: Context, reader: Reader) -> Context:
    if not reader.rights.household:
        return {}
    plans = context["plans"]
    for plan in plans:
        plan.lines = [item for item in context["items"] if item.plan_id == plan.pk]
        plan.blocks = blocks_of(plan.lines)
    plan = next(
        (p for p in plans if p.status == Plan.Status.APPROVED), plans[-1] if plans else None
    )
    return {"plan": plan, "ledger": ledger_of(plan, context["payments"])}


def blocks_of(lines: list[PlanItem]) -> list[dict[str, Any]]:
    """The lines of a plan under its blocks, each with its sum; blocks without lines left out."""
    found = []
    for block in PlanItem.Block:
        rows = [line for line in lines if line.block == block]
        if rows:
            total = sum(line.amount_vnd for line in rows)
            found.append({"block": block, "lines": rows, "total_vnd": total})
    return found


def ledger_of(plan: Plan | None, payments: list[Payment]) -> dict[str, Any]:
    """What of the plan is paid or deposited, what waits for approval, what is left; đồng."""
    approved = plan is not None and plan.status == Plan.Status.APPROVED
    counted = [p for p in payments if p.kind in ("payment", "deposit")]
    settled = sum(p.amount_vnd for p in counted if p.approved_by_id)
    waiting = sum(p.amount_vnd for p in counted if not p.approved_by_id)
    left = plan.total_vnd - settled if plan and approved else 0
    return {"settled_vnd": settled, "waiting_vnd": waiting, "left_vnd": left}


PART = Part(questions, shape)
