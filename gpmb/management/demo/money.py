"""Compensation plans line by line, and what was paid, refused, deposited: whole đồng."""

from dataclasses import dataclass
from decimal import Decimal

from numpy.random import Generator

from gpmb.compensation.models.plan import amount_of
from gpmb.management.demo.holders import CaseRow
from gpmb.management.demo.story import Life

# Illustrative prices, đồng a square metre.
LAND_VND = {
    "LUC": 65_000,
    "BHK": 60_000,
    "CLN": 55_000,
    "NTS": 50_000,
    "RSX": 15_000,
    "ODT": 3_600_000,
    "ONT": 1_300_000,
    "DTL": 0,
    "DGT": 0,
    "NTD": 40_000,
}
CROPS_VND = {"LUC": 9_500, "BHK": 11_000, "CLN": 42_000, "NTS": 18_000, "RSX": 7_000}
HOUSE_VND = 4_100_000  # a square metre of floor
JOB_PERCENT = 300  # job-change support, of the land price of farm land
GRAVE_VND = 9_500_000
MOVING_VND = 8_000_000
STATUS = ("draft", "posted", "appraised", "approved")


@dataclass(frozen=True, slots=True)
class Item:
    """One line of a plan: quantity × price × percent to the đồng; `code` names the price."""

    block: str
    description: str
    quantity: float
    unit: str
    code: str
    price_vnd: int | None
    percent: int | None
    amount_vnd: int


@dataclass(frozen=True, slots=True)
class Plan:
    """A case's plan as it stands on the data day."""

    case: int
    status: str
    approved: int | None
    items: tuple[Item, ...]

    @property
    def total_vnd(self) -> int:
        return sum(item.amount_vnd for item in self.items)


@dataclass(frozen=True, slots=True)
class Payment:
    """A line of the ledger of a plan (index into the plans)."""

    plan: int
    kind: str
    amount_vnd: int
    day: int
    refused: bool
    approved: bool = True


def plans(
    rng: Generator,
    cases: list[CaseRow],
    lives: list[Life],
    parts: list[list[tuple[str, float]]],
    as_of: int,
) -> list[Plan]:
    """Return one plan for every case whose plan was posted by a day."""
    luck = rng.random((len(cases), 4)).tolist()
    rows = []
    for number, (case, life, draw) in enumerate(zip(cases, lives, luck, strict=True)):
        done = {step: day for step, day in life.moves if day <= as_of}
        if "posting" not in done:
            continue
        status = "posted"
        if "appraisal" in done:
            status = "appraised"
        if "approval" in done:
            status = "approved"
        items = _items(case, [part for at in case.takings for part in parts[at]], draw)
        rows.append(Plan(number, status, done.get("approval"), items))
    return rows


def price_list() -> list[tuple[str, str, str, str, int]]:
    """Return the made-up prices: (code, block, what, unit, đồng)."""
    land = [(f"D-{c}", "land", f"Đất {c}", "m²", p) for c, p in LAND_VND.items() if p]
    crops = [
        (f"C-{c}", "crops", f"Cây trồng, vật nuôi trên đất {c}", "m²", p)
        for c, p in CROPS_VND.items()
    ]
    return [
        *land,
        *crops,
        ("N-01", "assets", "Nhà ở và công trình phục vụ đời sống", "m²", HOUSE_VND),
        ("K-01", "assets", "Vật kiến trúc khác", "hạng mục", 3_500_000),
        ("M-01", "assets", "Di chuyển mồ mả", "ngôi", GRAVE_VND),
        ("H-01", "support", "Hỗ trợ di chuyển", "hộ", MOVING_VND),
        ("H-02", "support", "Hỗ trợ ổn định đời sống", "hộ", 4_860_000),
        ("H-09", "support", "Hỗ trợ khác", "hồ sơ", 2_000_000),
        ("T-01", "obligation", "Nghĩa vụ tài chính chưa nộp", "hộ", 6_200_000),
    ]


PRICES = {code: (block, unit, price) for code, block, _, unit, price in price_list()}


def _items(case: CaseRow, parts: list[tuple[str, float]], luck: list[float]) -> tuple[Item, ...]:
    area: dict[str, float] = {}
    for code, size in parts:
        area[code] = round(area.get(code, 0.0) + size, 1)
    lines = [
        _item(f"D-{code}", f"Bồi thường về đất {code}", size)
        for code, size in sorted(area.items())
        if LAND_VND[code]
    ]
    lines += [
        _item(f"C-{code}", f"Cây trồng, vật nuôi trên đất {code}", size)
        for code, size in sorted(area.items())
        if code in CROPS_VND
    ]
    homes = sum(size for code, size in area.items() if code in ("ODT", "ONT"))
    if homes:
        floor = round(min(homes * (0.3 + 0.4 * luck[0]), 160.0), 1)
        lines.append(_item("N-01", "Nhà ở và công trình phục vụ đời sống", floor))
        lines.append(_item("H-01", "Hỗ trợ di chuyển", 1.0))
    elif luck[1] < 0.15:
        lines.append(_item("K-01", "Vật kiến trúc khác", 1.0))
    if "NTD" in area:
        lines.append(_item("M-01", "Di chuyển mồ mả", 2.0 + int(3 * luck[0])))
    farm = [code for code in area if code in CROPS_VND and code != "RSX"]
    for code in sorted(farm):
        what = f"Hỗ trợ chuyển đổi nghề, tạo việc làm (đất {code})"
        lines.append(_item(f"D-{code}", what, area[code], block="support", percent=JOB_PERCENT))
    if farm and luck[2] < 0.4:
        lines.append(_item("H-02", "Hỗ trợ ổn định đời sống", 1.0))
    if homes and luck[3] < 0.12:
        lines.append(_item("T-01", "Nghĩa vụ tài chính chưa nộp", 1.0))
    lines = lines or [_item("H-09", "Hỗ trợ khác", 1.0)]
    total = sum(line.amount_vnd for line in lines)
    odd = round(total / 1_000) * 1_000 - total
    if odd:
        words = "Làm tròn tổng đến 1.000 đồng"
        lines.append(Item("rounding", words, 1.0, "", "", None, None, odd))
    return tuple(lines)


def _item(
    code: str, what: str, quantity: float, *, block: str = "", percent: int | None = None
) -> Item:
    usual, unit, price = PRICES[code]
    block = block or usual
    share = None if percent is None else Decimal(percent)
    amount = amount_of(block, Decimal(str(quantity)), Decimal(price), share)
    return Item(block, what, quantity, unit, code, price, percent, int(amount))


def payments(rng: Generator, rows: list[Plan], lives: list[Life], as_of: int) -> list[Payment]:
    """Return the ledger up to a day: in one or two parts, refused ones deposited."""
    luck = rng.random((len(lives), 2)).tolist()
    ledger = []
    for number, plan in enumerate(rows):
        parted, early = luck[plan.case]
        total = plan.total_vnd
        if plan.approved is None or total <= 0:
            continue
        done = {step: day for step, day in lives[plan.case].moves if day <= as_of}
        paid, deposited = done.get("payment"), done.get("deposit")
        if deposited is not None:
            ledger.append(Payment(number, "deposit", total, deposited, refused=True))
        elif paid is not None and parted < 0.08 and paid - plan.approved > 6:
            first = total * 7 // 10_000 * 1_000
            day = plan.approved + max(3, int((paid - plan.approved) * early))
            ledger.append(Payment(number, "payment", first, day, refused=False))
            ledger.append(Payment(number, "payment", total - first, paid, refused=False))
        elif paid is not None:
            ledger.append(Payment(number, "payment", total, paid, refused=False))
        elif parted < 0.05 and as_of - plan.approved > 20:
            half = total // 2_000 * 1_000
            ledger.append(Payment(number, "payment", half, plan.approved + 15, refused=False))
        elif parted < 0.3 and as_of > plan.approved:
            # Proposed these days, not approved yet.
            day = max(as_of - int(early * 4), plan.approved)
            ledger.append(Payment(number, "payment", total, day, refused=False, approved=False))
    return [row for row in ledger if row.amount_vnd > 0]
