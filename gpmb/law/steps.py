"""The steps of a case and the moves the law allows between them.

One row a step; what must come first is the table `NEEDS`. The 2013 law (R1) posts and consults in
one step and signs the recovery decision with the approval, so `consultation` and `recovery` exist
from R2 on only. Money, resettlement and recovery all stand in stage 5: the ten days for the
recovery decision (art. 87.5) may end before the thirty days for payment (art. 94.3a).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from gpmb.law.calendar import Calendar
from gpmb.law.clocks import Event, blackout, decision, floors, notice_lapse
from gpmb.law.regimes import R2_FROM, Facts, Regime
from gpmb.law.rules import Bound, Rule, Unit

__all__ = ["STEPS", "Event", "MoveRefused", "Step", "check_move", "next_steps", "step"]

ALL = frozenset(Regime)
FROM_R2 = ALL - {Regime.R1}
PLANNED = "planned"


@dataclass(frozen=True, slots=True)
class Step:
    """A step of the procedure: its label, its stage on the map (0-6), the regimes that have it."""

    code: str
    label: str
    stage: int
    regimes: frozenset[Regime]
    order: int
    optional: bool = False


class MoveRefused(ValueError):
    """A move the law does not allow: `reason` says why, `first` what must come first (or "")."""

    def __init__(self, reason: str, first: str = "") -> None:
        super().__init__(f"{reason} {first}".strip())
        self.reason = reason
        self.first = first


STEPS = (
    Step("notice", "Thông báo thu hồi đất", 1, ALL, 1),
    Step("persuasion_inventory", "Vận động, thuyết phục (kiểm đếm)", 1, ALL, 2, optional=True),
    Step("compulsory_inventory", "Quyết định kiểm đếm bắt buộc", 1, ALL, 3, optional=True),
    Step("inventory", "Kiểm đếm", 2, ALL, 4),
    Step("posting", "Niêm yết công khai phương án", 3, ALL, 5),
    Step("consultation", "Lấy ý kiến về phương án", 3, FROM_R2, 6),
    Step("dialogue", "Đối thoại", 3, ALL, 7, optional=True),
    Step("appraisal", "Thẩm định phương án", 3, ALL, 8),
    Step("approval", "Phê duyệt phương án", 4, ALL, 9),
    Step("payment", "Chi trả", 5, ALL, 10),
    Step("deposit", "Gửi tiền vào tài khoản tiền gửi", 5, ALL, 11, optional=True),
    Step("resettlement", "Bố trí tái định cư", 5, ALL, 12, optional=True),
    Step("recovery", "Quyết định thu hồi đất", 5, FROM_R2, 13),
    Step("persuasion_handover", "Vận động, thuyết phục (bàn giao)", 5, ALL, 14, optional=True),
    Step("enforcement", "Cưỡng chế thu hồi đất", 5, ALL, 15, optional=True),
    Step("handover", "Bàn giao mặt bằng", 6, ALL, 16),
)
STAGE_LABELS = {
    0: "Chưa thực hiện",
    1: "Thông báo thu hồi đất",
    2: "Kiểm đếm",
    3: "Niêm yết, lấy ý kiến",
    4: "Phê duyệt phương án",
    5: "Chi trả",
    6: "Bàn giao mặt bằng",
}
# The 2013 law's own words (art. 69.2, 69.3a, 93.3).
R1_LABELS = {
    "posting": "Niêm yết, lấy ý kiến",
    "approval": "QĐ thu hồi, phê duyệt",
    "deposit": "Gửi tiền vào Kho bạc Nhà nước",
}
UNIT_WORDS = {
    Unit.DAY: "ngày",
    Unit.WORKING_DAY: "ngày làm việc",
    Unit.MONTH: "tháng",
    Unit.PERCENT_A_DAY: "%/ngày",
}
# Acts that are no step but start a clock (names of rule rows).
OTHER_EVENTS = {
    "notice_served": "khi giao, niêm yết thông báo thu hồi đất",
    "approval_effective": "ngày quyết định phê duyệt phương án có hiệu lực",
    "recovery_effective": "ngày quyết định thu hồi đất có hiệu lực",
    "recovery_trigger": "điều kiện ban hành quyết định thu hồi đất",
    "appraisal_file": "nhận đủ hồ sơ thẩm định",
    "resettlement_posting": "niêm yết phương án bố trí tái định cư",
    "persuasion_plan": "vận động, thuyết phục về phương án",
    "persuasion_inventory_end": "kết thúc vận động (kiểm đếm)",
    "persuasion_plan_end": "kết thúc vận động (phương án)",
    "persuasion_handover_end": "kết thúc vận động (bàn giao)",
    "police_asked": "đề nghị công an bảo vệ cưỡng chế",
    "compliance_record": "biên bản chấp hành khi cưỡng chế",
    "enforcement_received": "nhận quyết định cưỡng chế",
    "enforcement_executed": "thực hiện cưỡng chế",
    "enforce_inventory_persuasion": "vận động trước cưỡng chế kiểm đếm",
    "supplement_asked": "yêu cầu bổ sung hồ sơ thẩm định",
}
PAID = ("payment", "deposit")
_BY_CODE = {row.code: row for row in STEPS}

# step → what must be done before it; each inner tuple is satisfied by any one of its steps.
NEEDS: dict[str, tuple[tuple[str, ...], ...]] = {
    "notice": (),
    "persuasion_inventory": (("notice",),),
    "compulsory_inventory": (("persuasion_inventory",),),
    "inventory": (("notice",),),
    "posting": (("inventory",),),
    "consultation": (("posting",),),
    "dialogue": (("consultation",),),
    "appraisal": (("consultation",),),
    "approval": (("appraisal",),),
    "payment": (("approval",),),
    "deposit": (("approval",),),
    "resettlement": (("approval",),),
    "recovery": (("approval",),),
    "persuasion_handover": (("recovery",), PAID),
    "enforcement": (("persuasion_handover",),),
    "handover": (("recovery",), PAID),
}
# What one step contains in R1: doing the first is doing the second.
R1_CONTAINS = {"posting": "consultation", "approval": "recovery"}
# Steps that other steps of their own stage do not close.
ANY_ORDER = frozenset({*PAID, "resettlement", "recovery"})


def step(code: str) -> Step:
    """Return the row of a step code; KeyError for an unknown one."""
    return _BY_CODE[code]


def choices() -> list[tuple[str, str]]:
    """Return (code, label) of every step, "planned" first, for a model field."""
    return [(PLANNED, STAGE_LABELS[0]), *((row.code, row.label) for row in STEPS)]


def label(code: str, regime: Regime) -> str:
    """Return the words a regime uses for a step."""
    if code == PLANNED:
        return STAGE_LABELS[0]
    if regime is Regime.R1 and code in R1_LABELS:
        return R1_LABELS[code]
    return step(code).label


def stage_label(stage: int, regime: Regime) -> str:
    """Return the words for a stage of the map; stage 4 of the 2013 law holds two decisions."""
    return R1_LABELS["approval"] if stage == 4 and regime is Regime.R1 else STAGE_LABELS[stage]


def event_label(name: str, regime: Regime) -> str:
    """Return the words for something a clock counts from: a step or another named act."""
    if name in OTHER_EVENTS:
        return OTHER_EVENTS[name]
    return f"bước “{label(name, regime)}”"


def wait_words(rule: Rule) -> str:
    """Return "đủ 90 ngày", "quá 10 ngày": the words of a floor."""
    more = "quá" if rule.bound is Bound.GT else "đủ"
    return f"{more} {period_words(rule)}"


def period_words(rule: Rule) -> str:
    """Return "90 ngày", "5 ngày làm việc", "12 tháng": a rule's period in words."""
    return f"{rule.value:.0f} {UNIT_WORDS[rule.unit]}"


def done(regime: Regime, events: Sequence[Event]) -> frozenset[str]:
    """Return the codes of all steps that count as done: logged, contained, or vouched for."""
    codes: set[str] = set()
    for event in events:
        codes.add(event.step)
        if event.kind == "opening":
            codes |= _before(event.step)
        if regime is Regime.R1 or event.on < R2_FROM:
            codes |= {R1_CONTAINS[code] for code in codes & R1_CONTAINS.keys()}
    return frozenset(codes)


def current(events: Sequence[Event]) -> str:
    """Return the code of the step a case stands at: the furthest logged one, else "planned".

    A reissued notice, or money paid after the recovery decision, does not move a case back.
    """
    return max(
        (event.step for event in events), key=lambda code: step(code).order, default=PLANNED
    )


def next_steps(
    regime: Regime, events: Sequence[Event], *, facts: Facts | None = None
) -> tuple[Step, ...]:
    """Return the steps that may be recorded next, in the law's order, optional ones included."""
    return _open(regime, done(regime, events), _must_resettle_first(facts))


@lru_cache(maxsize=4096)
def _open(regime: Regime, had: frozenset[str], resettle_first: bool) -> tuple[Step, ...]:
    """Return the steps open after `had`; a city's cases share a few hundred such states."""
    return tuple(
        row
        for row in STEPS
        if regime in row.regimes
        and row.code not in had
        and _order_fault(row, had, resettle_first) is None
    )


def _must_resettle_first(facts: Facts | None) -> bool:
    """Say whether resettlement is due before the recovery decision (91.6, less R254 art. 3.3)."""
    if facts is None or not facts.resettlement_needed:
        return False
    return not facts.recovery_before_resettlement


def required_steps(regime: Regime, events: Sequence[Event], facts: Facts) -> tuple[Step, ...]:
    """Return the open steps that the law requires, in its order; none after handover.

    Resettlement is required where the household needs it, dialogue where someone disagreed.
    """
    had = done(regime, events)
    wanted = {"dialogue"} if facts.disagreement else set()
    if facts.resettlement_needed:
        wanted.add("resettlement")
    return tuple(
        row
        for row in next_steps(regime, events, facts=facts)
        if (not row.optional or row.code in wanted)
        and not (row.code in PAID and not had.isdisjoint(PAID))
    )


def check_move(
    regime: Regime,
    events: Sequence[Event],
    to: str,
    on: date,
    *,
    facts: Facts,
    rules: Sequence[Rule] = (),
    calendar: Calendar | None = None,
) -> None:
    """Raise MoveRefused when the law does not allow recording step `to` on day `on`.

    Refused are: a step the regime lacks, a repeated step, a wrong order, a date before the
    previous step, a lapsed notice, a verified minimum wait that has not run, an enforcement on a
    forbidden day. A rule never checked against its text warns on screen, but refuses nothing.
    """
    calendar = calendar or Calendar()
    row = _BY_CODE.get(to)
    if row is None or regime not in row.regimes:
        name = row.label if row else to
        raise MoveRefused(f"Bước “{name}” không có trong quy trình theo {regime.label}.")
    _check_order(regime, events, row, on, facts, rules, calendar)
    if events:
        last = max(events, key=lambda event: event.on)
        if on < last.on:
            raise MoveRefused(
                f"Ngày {_day(on)} trước ngày {_day(last.on)} của bước "
                f"“{label(last.step, regime)}”.",
                f"Nhập ngày từ {_day(last.on)} trở đi, hoặc hủy bước ghi sai ngày.",
            )
    _check_waits(regime, events, row, on, facts, rules, calendar)


def _check_order(
    regime: Regime,
    events: Sequence[Event],
    row: Step,
    on: date,
    facts: Facts,
    rules: Sequence[Rule],
    calendar: Calendar,
) -> None:
    had = done(regime, events)
    name = label(row.code, regime)
    lapse = notice_lapse(events, facts, rules, calendar)
    lapsed = lapse is not None and lapse.on <= on
    if row.code == "notice" and lapsed and "handover" not in had:
        return
    if row.code in had:
        raise MoveRefused(f"Bước “{name}” đã được ghi nhận.", "Muốn sửa ngày thì hủy bước đã ghi.")
    fault = _order_fault(row, had, _must_resettle_first(facts))
    if isinstance(fault, Step):
        raise MoveRefused(
            f"Chưa thể ghi bước “{name}”.",
            f"Trước hết phải xong bước “{label(fault.code, regime)}”.",
        )
    if fault is not None:
        raise MoveRefused(
            f"Bước “{name}” phải làm trước bước “{label(fault, regime)}” đã ghi nhận.",
            f"Nếu bước “{label(fault, regime)}” ghi nhầm thì hủy bước đó trước.",
        )
    if row.code == decision(regime) and lapse is not None and lapsed:
        raise MoveRefused(
            f"Thông báo thu hồi đất ngày {_day(lapse.notice_on)} đã hết hiệu lực từ ngày "
            f"{_day(lapse.on)} ({lapse.article}).",
            "Trước hết phải ban hành thông báo thu hồi đất mới.",
        )


def _check_waits(
    regime: Regime,
    events: Sequence[Event],
    row: Step,
    on: date,
    facts: Facts,
    rules: Sequence[Rule],
    calendar: Calendar,
) -> None:
    name = label(row.code, regime)
    for clock in floors(regime, events, row.code, on, facts, rules, calendar):
        if clock.rule.verified and on < clock.on:
            raise MoveRefused(
                f"Chưa {wait_words(clock.rule)} kể từ {event_label(clock.event, regime)} "
                f"ngày {_day(clock.start)} ({clock.rule.article}).",
                f"Bước “{name}” sớm nhất là ngày {_day(clock.on)}.",
            )
    if row.code == "enforcement":
        closed = blackout(on, rules, calendar)
        if closed is not None and closed[1].verified:
            raise MoveRefused(
                f"Không cưỡng chế ngày {_day(on)}: {closed[0]} ({closed[1].article}).",
                "Chọn một ngày làm việc ngoài thời gian này.",
            )


def _before(code: str) -> set[str]:
    """Return every mandatory step that comes before a step in some regime."""
    codes: set[str] = set()
    for group in NEEDS[code]:
        codes |= {group[0]} | _before(group[0])
    return codes


def _order_fault(row: Step, had: frozenset[str], resettle_first: bool) -> Step | str | None:
    """Return the first missing Step, the code of a later step that closes this one, or None."""
    needs = NEEDS[row.code]
    if row.code == "recovery" and resettle_first:
        needs = (*needs, ("resettlement",))
    missing = [step(group[0]) for group in needs if had.isdisjoint(group)]
    if missing:
        first = min(missing, key=lambda each: each.order)
        deeper = _order_fault(first, had, resettle_first)
        return deeper if isinstance(deeper, Step) else first
    if row.code == "deposit" and "payment" in had:
        return "payment"
    later = [step(code) for code in had if _closes(step(code), row)]
    return max(later, key=lambda each: each.order).code if later else None


def _closes(later: Step, row: Step) -> bool:
    if later.order <= row.order:
        return False
    return later.stage > row.stage or row.code not in ANY_ORDER


def _day(on: date) -> str:
    return f"{on:%d/%m/%Y}"
