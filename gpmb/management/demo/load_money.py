"""Write the price list, plans in versions line by line, their moves, and the ledger."""

from typing import Any

from django.db import connection

from gpmb.compensation import seal
from gpmb.compensation.models import Invitation, Payment, Plan, PlanEvent, PlanItem, UnitPrice
from gpmb.management.demo import money as made
from gpmb.management.demo.load_base import Loading, day

TREASURY = "Kho bạc Nhà nước, tài khoản tạm giữ (minh họa)"
BASIS = "Bảng đơn giá minh họa"
PRICES_FROM = 737_791  # 01/01/2021
REPLACED_EVERY = 29  # every so manyth plan is a second version
PLACE = "Nhà văn hóa khu phố (minh họa)"

Line = dict[str, Any]


def money(load: Loading) -> None:
    """Write plans as drafts, then their lines, then freeze them: as the program itself does."""
    prices = _prices(load)
    versions = _versions(load)
    plans = load.writer.ids(Plan, len(versions))
    load.writer.copy(
        Plan,
        ["case_id", "number", "reason", "total_vnd"],
        (
            [plans[n], load.cases[row.case], number, _reason(number), _total(items)]
            for n, (row, number, _, items) in enumerate(versions)
        ),
    )
    _lines(load, versions, plans, prices)
    _freeze(load, versions, plans)
    in_force = {id(row): plans[n] for n, (row, _, current, _) in enumerate(versions) if current}
    of_plan = [in_force[id(row)] for row in load.city.plans]
    _ledger(load, of_plan)
    _invitations(load, of_plan)


def _prices(load: Loading) -> dict[str, int]:
    rows = made.price_list()
    paper = load.papers.of("prices", -1, PRICES_FROM)
    load.papers.write()
    ids = load.writer.ids(UnitPrice, len(rows))
    load.writer.copy(
        UnitPrice,
        ["code", "block", "name", "unit", "price_vnd", "valid_from", "document_id"],
        (
            [at, code, block, f"{what} (minh họa)", unit, price, day(PRICES_FROM), paper]
            for at, (code, block, what, unit, price) in zip(ids, rows, strict=True)
        ),
    )
    return {code: at for at, (code, *_) in zip(ids, rows, strict=True)}


Version = tuple[made.Plan, int, bool, tuple[made.Item, ...]]


def _versions(load: Loading) -> list[Version]:
    """Every plan; before some of them a first version that lacked a line and was replaced."""
    found: list[Version] = []
    for n, row in enumerate(load.city.plans):
        second = n % REPLACED_EVERY == 0 and row.status == "approved" and len(row.items) > 2
        if second:
            found.append((row, 1, False, row.items[1:]))
        found.append((row, 2 if second else 1, True, row.items))
    return found


def _reason(number: int) -> str:
    return "Bổ sung khoản còn thiếu sau khi lấy ý kiến" if number > 1 else ""


def _total(items: tuple[made.Item, ...]) -> int:
    return sum(item.amount_vnd for item in items)


def _facts(at: int, item: made.Item) -> Line:
    """A line as its columns; the hash is made of the same."""
    return {
        "order": at + 1,
        "block": item.block,
        "description": item.description,
        "land_code": item.code.removeprefix("D-") if item.block == "land" else "",
        "quantity": item.quantity,
        "unit": item.unit,
        "unit_price_vnd": item.price_vnd,
        "percent": item.percent,
        "amount_vnd": item.amount_vnd,
        "basis": BASIS if item.code else "",
        "explanation": "" if item.code else "Số lẻ dưới 1.000 đồng",
    }


def _lines(
    load: Loading, versions: list[Version], plans: list[int], prices: dict[str, int]
) -> None:
    flat = [
        (plans[n], item, _facts(at, item))
        for n, (*_, items) in enumerate(versions)
        for at, item in enumerate(items)
    ]
    ids = load.writer.ids(PlanItem, len(flat))
    load.writer.copy(
        PlanItem,
        ["plan_id", "price_id", *seal.FIELDS],
        (
            [row_id, plan, prices.get(item.code), *(facts[name] for name in seal.FIELDS)]
            for row_id, (plan, item, facts) in zip(ids, flat, strict=True)
        ),
    )


def _freeze(load: Loading, versions: list[Version], plans: list[int]) -> None:
    """Give every plan its status and hash, and write the moves that led there."""
    frozen, moves = [], []
    for n, (row, number, current, items) in enumerate(versions):
        facts = [_facts(at, item) for at, item in enumerate(items)]
        digest = seal.digest(load.cases[row.case], number, facts)
        project = load.city.held.cases[row.case].project
        done = dict(load.city.lives[row.case].moves)
        decision = None
        if current and row.approved is not None:
            decision = load.papers.of("approval", project, row.approved)
        status = row.status if current else "replaced"
        approved = row.approved if current else None
        frozen.append((plans[n], status, digest, day(approved), decision))
        moves += [(plans[n], *move, digest) for move in _moves(load, row, current, done)]
    load.papers.write()
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE compensation_plan p SET status = f.status, digest = f.digest,"
            " approved_on = f.approved_on, document_id = f.document_id"
            " FROM unnest(%s::bigint[], %s::text[], %s::text[], %s::date[], %s::bigint[])"
            " AS f(id, status, digest, approved_on, document_id) WHERE p.id = f.id",
            [list(column) for column in zip(*frozen, strict=True)],
        )
    ids = load.writer.ids(PlanEvent, len(moves))
    load.writer.copy(
        PlanEvent,
        ["plan_id", "status", "on", "recorded_at", "by_id", "note", "digest"],
        (
            [at, plan, status, day(on), load.recorded(on, at % 2), by, note, digest]
            for at, (plan, status, on, by, note, digest) in zip(ids, moves, strict=True)
        ),
    )


def _moves(
    load: Loading, row: made.Plan, current: bool, done: dict[str, int]
) -> list[tuple[str, int, int, str]]:
    by = load.officer(load.city.held.cases[row.case].project)
    posted = done["posting"]
    if not current:
        return [("posted", posted, by, ""), ("replaced", posted + 3, by, "Thay bằng lần 2")]
    reached = made.STATUS.index(row.status)
    steps = (("posted", posted), ("appraised", done.get("appraisal")), ("approved", row.approved))
    return [(status, on, by, "") for status, on in steps[:reached] if on is not None]


def _ledger(load: Loading, plans: list[int]) -> None:
    """Proposed by the project's officer, approved by finance; the latest still wait."""
    city = load.city
    project = [city.held.cases[row.case].project for row in city.plans]
    receipts = [
        load.papers.of(row.kind, project[row.plan], row.day) if row.approved else None
        for row in city.payments
    ]
    load.papers.write()
    ids = load.writer.ids(Payment, len(city.payments))
    names = ["case_id", "plan_id", "kind", "amount_vnd", "on", "refused", "account"]
    load.writer.copy(
        Payment,
        [*names, "interest_percent", "document_id", "proposed_by_id", "approved_by_id"],
        (
            [
                ids[n],
                load.cases[city.plans[row.plan].case],
                plans[row.plan],
                row.kind,
                row.amount_vnd,
                day(row.day),
                row.refused,
                TREASURY if row.kind == "deposit" else "",
                "0.10" if row.kind == "deposit" else None,
                receipts[n],
                load.officer(project[row.plan]),
                load.users["ketoan"] if row.approved else None,
            ]
            for n, row in enumerate(city.payments)
        ),
    )


def _invitations(load: Loading, plans: list[int]) -> None:
    """One invitation a week after approval; those who refused were asked a second time."""
    city, today = load.city, load.today.toordinal()
    refused = {row.plan for row in city.payments if row.refused}
    paid = {row.plan: row.day for row in city.payments if row.approved}
    rows = []
    for n, row in enumerate(city.plans):
        if row.approved is None or row.total_vnd <= 0 or row.approved + 2 > today:
            continue
        for number in (1, 2) if n in refused else (1,):
            on = min(row.approved + 2 + 4 * (number - 1), paid.get(n, today), today)
            result = "refused" if n in refused else "came" if n in paid else ""
            rows.append((n, number, on, on + 3, result))
    ids = load.writer.ids(Invitation, len(rows))
    load.writer.copy(
        Invitation,
        ["case_id", "plan_id", "number", "on", "pay_on", "place", "result", "by_id"],
        (
            [
                at,
                load.cases[city.plans[n].case],
                plans[n],
                number,
                day(on),
                day(pay_on),
                PLACE,
                result,
                load.officer(city.held.cases[city.plans[n].case].project),
            ]
            for at, (n, number, on, pay_on, result) in zip(ids, rows, strict=True)
        ),
    )
