"""Compensation plans line by line, and what was paid, refused, deposited: whole đồng."""

from dataclasses import dataclass

from numpy.random import Generator

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
JOB_TIMES = 3  # job-change support, times the land price of farm land
GRAVE_VND = 9_500_000
MOVING_VND = 8_000_000
STATUS = ("draft", "posted", "appraised", "approved")


@dataclass(frozen=True, slots=True)
class Item:
    """One line of a plan; amount = quantity × price, rounded to 1 000 đồng."""

    block: str
    description: str
    quantity: float
    unit: str
    price_vnd: int
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


def _items(case: CaseRow, parts: list[tuple[str, float]], luck: list[float]) -> tuple[Item, ...]:
    area: dict[str, float] = {}
    for code, size in parts:
        area[code] = round(area.get(code, 0.0) + size, 1)
    items = [
        _item("land", f"Bồi thường về đất {code}", size, "m²", LAND_VND[code])
        for code, size in sorted(area.items())
        if LAND_VND[code]
    ]
    items += [
        _item("crops", f"Cây trồng, vật nuôi trên đất {code}", size, "m²", CROPS_VND[code])
        for code, size in sorted(area.items())
        if code in CROPS_VND
    ]
    homes = sum(size for code, size in area.items() if code in ("ODT", "ONT"))
    if homes:
        floor = round(min(homes * (0.3 + 0.4 * luck[0]), 160.0), 1)
        items.append(
            _item("assets", "Nhà ở và công trình phục vụ đời sống", floor, "m²", HOUSE_VND)
        )
        items.append(_item("support", "Hỗ trợ di chuyển", 1.0, "hộ", MOVING_VND))
    elif luck[1] < 0.15:
        items.append(_item("assets", "Vật kiến trúc khác", 1.0, "hạng mục", 3_500_000))
    if "NTD" in area:
        items.append(_item("assets", "Di chuyển mồ mả", 2.0 + int(3 * luck[0]), "ngôi", GRAVE_VND))
    farm = [code for code in area if code in CROPS_VND and code != "RSX"]
    for code in sorted(farm):
        what = f"Hỗ trợ chuyển đổi nghề, tạo việc làm (đất {code})"
        items.append(_item("support", what, area[code], "m²", JOB_TIMES * LAND_VND[code]))
    if farm and luck[2] < 0.4:
        items.append(_item("support", "Hỗ trợ ổn định đời sống", 1.0, "hộ", 4_860_000))
    if homes and luck[3] < 0.12:
        items.append(_item("obligation", "Nghĩa vụ tài chính chưa nộp", -1.0, "hộ", 6_200_000))
    return tuple(items or [_item("support", "Hỗ trợ khác", 1.0, "hồ sơ", 2_000_000)])


def _item(block: str, description: str, quantity: float, unit: str, price: int) -> Item:
    amount = round(quantity * price / 1_000) * 1_000
    return Item(block, description, quantity, unit, price, amount)


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
    return [row for row in ledger if row.amount_vnd > 0]
