"""The compensation plan in its seven blocks and in versions, and the ledger."""

from __future__ import annotations

from typing import Any

from gpmb.clearance.models import as_law
from gpmb.compensation import process
from gpmb.compensation.comparison import changes
from gpmb.compensation.ledger import ledger_of
from gpmb.compensation.models import Block, Invitation, Payment, Plan, PlanEvent, PlanItem
from gpmb.web.case_file.part import Context, Part, Questions, Reader


def questions(reader: Reader) -> Questions:
    if not reader.rights.household:
        return {}
    case = reader.case
    payments = Payment.objects.filter(case=case).order_by("on", "pk")
    events = PlanEvent.objects.filter(plan__case=case).order_by("on", "pk")
    items = PlanItem.objects.filter(plan__case=case).order_by("plan", "order", "pk")
    return {
        "plans": Plan.objects.filter(case=case).select_related("document").order_by("number"),
        "items": items.select_related("price__document"),
        "plan_events": events.select_related("by", "document"),
        "payments": payments.select_related(
            "document", "proposed_by", "approved_by", "returned_by"
        ),
        "invitations": Invitation.objects.filter(case=case).order_by("number"),
    }


def shape(context: Context, reader: Reader) -> Context:
    if not reader.rights.household:
        return {}
    plans: list[Any] = context["plans"]
    for plan in plans:
        plan.case = reader.case
        plan.lines = [item for item in context["items"] if item.plan_id == plan.pk]
        plan.blocks = blocks_of(plan.lines)
        plan.log = [event for event in context["plan_events"] if event.plan_id == plan.pk]
        plan.intact = seal_holds(plan)
        plan.lost = plan.lost_steps(context["log"], context["facts"])
    approved = next((p for p in plans if p.status == Plan.Status.APPROVED), None)
    own = as_law([event for event in context["log"] if event.taking_id is None])
    ledger = ledger_of(
        approved,
        context["payments"],
        context["invitations"],
        facts=context["facts"],
        events=own,
        law=context["law_rows"],
    )
    standing = approved or (plans[-1] if plans else None)
    newest = plans[-1] if plans and plans[-1] is not standing else None
    return {"plan": standing, "newer_plan": newest, "ledger": ledger}


def blocks_of(lines: list[PlanItem]) -> list[dict[str, Any]]:
    """The lines of a plan under its blocks, each with its sum; blocks without lines left out."""
    found = []
    for block in Block:
        rows = [line for line in lines if line.block == block]
        if rows:
            total = sum(line.amount_vnd for line in rows)
            found.append({"block": block, "lines": rows, "total_vnd": total})
    return found


def seal_holds(plan: Any) -> bool:
    """Whether a frozen plan still is what every entry of its log says it was."""
    if not plan.digest:
        return True
    found = plan.computed_digest(plan.lines)
    return all(digest == found for digest in (plan.digest, *(e.digest for e in plan.log)))


def version_facts(plan: Any, plans: list[Any]) -> dict[str, Any]:
    """What a plan's own page adds: the changes since the version before, what may follow."""
    earlier = [other for other in plans if other.number < plan.number]
    before = earlier[-1] if earlier else None
    return {
        "before": before,
        "changes": changes(before.lines, plan.lines) if before else [],
        "next_move": process.next_move(plan.status),
    }


PART = Part(questions, shape)
