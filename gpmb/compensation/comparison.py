"""What changed between two versions of a plan, line by line."""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from gpmb.compensation.models import PlanItem

COMPARED = (
    *("land_code", "quantity", "unit", "unit_price_vnd", "percent", "amount_vnd"),
    *("basis", "explanation"),
)


class Kind(StrEnum):
    ADDED = "added"
    REMOVED = "removed"
    CHANGED = "changed"


LABELS = {Kind.ADDED: "thêm", Kind.REMOVED: "bỏ", Kind.CHANGED: "sửa"}


@dataclass(frozen=True)
class Change:
    """One line that differs; `fields` are the columns' words with before and after."""

    kind: Kind
    before: PlanItem | None
    after: PlanItem | None
    fields: tuple[tuple[str, object, object], ...] = ()

    @property
    def line(self) -> PlanItem:
        found = self.after or self.before
        assert found is not None  # noqa: S101  (one of the two is there)
        return found

    @property
    def label(self) -> str:
        return LABELS[self.kind]

    @property
    def difference_vnd(self) -> Decimal:
        after = self.after.amount_vnd if self.after else Decimal(0)
        return after - (self.before.amount_vnd if self.before else Decimal(0))


def changes(old: Sequence[PlanItem], new: Sequence[PlanItem]) -> list[Change]:
    """Return the differences in the new version's order, then what was removed.

    Lines are the same when block and description are; of several alike the first meets the first.
    The differences' amounts sum to the difference of the totals.
    """
    waiting: dict[tuple[str, str], deque[PlanItem]] = defaultdict(deque)
    for line in old:
        waiting[line.block, line.description.strip().lower()].append(line)
    found = []
    for line in new:
        alike = waiting[line.block, line.description.strip().lower()]
        if not alike:
            found.append(Change(Kind.ADDED, None, line))
            continue
        before = alike.popleft()
        fields = tuple(
            (str(PlanItem._meta.get_field(name).verbose_name), was, now)  # type: ignore[union-attr]
            for name in COMPARED
            if (was := getattr(before, name)) != (now := getattr(line, name))
        )
        if fields:
            found.append(Change(Kind.CHANGED, before, line, fields))
    gone = [line for line in old for rest in waiting.values() if line in rest]
    return found + [Change(Kind.REMOVED, line, None) for line in gone]
