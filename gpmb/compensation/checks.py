"""What to look at before a plan is approved: it reminds, it doesn't decide."""

from __future__ import annotations

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from gpmb.compensation.models import Block, PlanItem

ROUNDING_MOST_VND = 1_000
OBLIGATION_ARTICLE = "điểm c khoản 1 Điều 25 Nghị định 88/2024/NĐ-CP"


@dataclass(frozen=True)
class Finding:
    """One reminder: what was found and, where the law says so, by which article."""

    what: str
    article: str = ""


def findings(
    lines: Sequence[PlanItem],
    *,
    recovered_m2: Mapping[str, Decimal],
    on: dt.date,
    shares: Sequence[Decimal | None] = (),
) -> list[Finding]:
    """Return what a careful reader would ask about these lines before approval.

    `recovered_m2` is the living takings' area by land class code, as the decision takes it;
    `shares` the co-owners' percents.
    """
    return [
        *_areas(lines, recovered_m2),
        *_duplicates(lines),
        *_bases(lines, on),
        *_sums(lines),
        *_shares(shares),
    ]


def _areas(lines: Sequence[PlanItem], recovered: Mapping[str, Decimal]) -> list[Finding]:
    land = [line for line in lines if line.block == Block.LAND]
    if not land:
        return [Finding("Chưa có khoản bồi thường về đất; nếu không được bồi thường thì ghi rõ.")]
    found = [
        Finding(f"Dòng “{line.description}” chưa ghi loại đất: không đối chiếu được diện tích.")
        for line in land
        if not line.land_code and line.unit == "m²"
    ]
    measured: dict[str, Decimal] = defaultdict(Decimal)
    for line in land:
        if line.unit == "m²":
            measured[line.land_code] += line.quantity
    if found:
        # What has no class may be of any: the sums alone can be compared.
        total = sum(measured.values(), Decimal(0))
        decided = sum(recovered.values(), Decimal(0))
        return found if total == decided else [*found, _differs("Diện tích", total, decided)]
    return [
        _differs(f"Đất {code}:", measured[code], recovered.get(code, Decimal(0)))
        for code in sorted(measured.keys() | recovered.keys())
        if measured[code] != recovered.get(code, Decimal(0))
    ]


def _differs(what: str, measured: Decimal, recovered: Decimal) -> Finding:
    return Finding(
        f"{what} tính bồi thường {_number(measured)} m² khác diện tích thu hồi "
        f"{_number(recovered)} m²: đối chiếu quyết định, đất không bồi thường ghi riêng."
    )


def _duplicates(lines: Sequence[PlanItem]) -> list[Finding]:
    same = Counter((line.block, line.description.strip().lower(), line.unit) for line in lines)
    return [
        Finding(f"“{description}” có {count} dòng trong cùng khoản mục: kiểm tra trùng.")
        for (_, description, _), count in same.items()
        if count > 1
    ]


def _bases(lines: Sequence[PlanItem], on: dt.date) -> list[Finding]:
    found = []
    for line in lines:
        name = f"Dòng “{line.description}”"
        if line.block == Block.ROUNDING:
            continue
        if not line.basis and line.price is None:
            found.append(Finding(f"{name} chưa có căn cứ."))
        if line.unit_price_vnd is None and not line.explanation:
            found.append(Finding(f"{name} không có đơn giá: ghi cách tính vào diễn giải."))
        if line.price is None:
            continue
        ended = line.price.valid_to is not None and line.price.valid_to < on
        if ended or line.price.valid_from > on:
            found.append(Finding(f"{name}: đơn giá {line.price.code} không còn hiệu lực."))
        if line.unit_price_vnd != line.price.price_vnd:
            found.append(
                Finding(f"{name}: đơn giá khác bảng giá ({_number(line.price.price_vnd)} đồng).")
            )
    return found


def _sums(lines: Sequence[PlanItem]) -> list[Finding]:
    total = {block: Decimal(0) for block in Block.values}
    for line in lines:
        total[line.block] += line.amount_vnd
    found = []
    if sum(total.values()) <= 0:
        found.append(Finding("Tổng phương án không lớn hơn 0."))
    if -total[Block.OBLIGATION] > total[Block.LAND]:
        found.append(
            Finding(
                "Nghĩa vụ tài chính chỉ trừ vào tiền bồi thường về đất (và chi phí đầu tư vào "
                "đất còn lại), không trừ vào tài sản, hỗ trợ.",
                OBLIGATION_ARTICLE,
            )
        )
    if abs(total[Block.ROUNDING]) >= ROUNDING_MOST_VND:
        found.append(Finding(f"Làm tròn {_number(total[Block.ROUNDING])} đồng là quá lớn."))
    return found


def _shares(shares: Sequence[Decimal | None]) -> list[Finding]:
    known = [share for share in shares if share is not None]
    if not known or (len(known) == len(shares) and sum(known) == 100):
        return []
    return [
        Finding(f"Tỷ lệ của các đồng sử dụng cộng lại là {_number(sum(known))}%, không đủ 100%.")
    ]


def _number(value: Decimal | int) -> str:
    text = f"{value:,.2f}".rstrip("0").rstrip(".")
    return text.translate(str.maketrans(",.", ".,"))
