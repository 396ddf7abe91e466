"""Which status follows which: of a household's arrangement, and of a plot.

The law's order (art. 111 of the 2024 law): need surveyed, form registered, eligibility reviewed,
arrangement posted and approved, plot or house allocated, land received on the ground. Money for
those who find their own place settles without an allocation.
"""

from dataclasses import dataclass

ALL = ("plot", "house", "self", "on_site")
GIVEN = ("plot", "house")


@dataclass(frozen=True, slots=True)
class Move:
    """From one status to another: what is done, for which forms, what it must carry.

    `by_allocation` moves happen when plots are allocated, handed over or released.
    """

    source: str
    target: str
    label: str
    forms: tuple[str, ...] = ALL
    needs_document: bool = False
    by_allocation: bool = False


MOVES = (
    Move("surveyed", "registered", "Đăng ký hình thức"),
    Move("registered", "eligible", "Đủ điều kiện"),
    Move("registered", "not_eligible", "Không đủ điều kiện"),
    Move("not_eligible", "registered", "Xét lại"),
    Move("eligible", "posted", "Niêm yết phương án bố trí"),
    Move("posted", "approved", "Duyệt phương án bố trí", needs_document=True),
    Move("approved", "allocated", "Giao đủ lô", GIVEN, by_allocation=True),
    Move("allocated", "approved", "Thôi bố trí lô", GIVEN, by_allocation=True),
    Move("allocated", "settled", "Bàn giao thực địa", GIVEN, by_allocation=True),
    Move("approved", "settled", "Đã nhận tiền, tự lo chỗ ở", ("self",)),
    Move("approved", "settled", "Xong tái định cư tại chỗ", ("on_site",)),
    Move("settled", "moved", "Đã chuyển đến nơi ở mới"),
)
# What a plot may become by hand; allocation and handover do the rest.
PLOT_MOVES = {
    "planned": ("available",),
    "available": ("reserved", "surplus"),
    "reserved": ("available",),
    "surplus": ("available",),
}


def moves_from(status: str, form: str) -> tuple[Move, ...]:
    """Return the moves an officer may make by hand, in the table's order."""
    return tuple(
        m for m in MOVES if m.source == status and form in m.forms and not m.by_allocation
    )


def find(status: str, target: str, form: str) -> Move | None:
    """Return the move to `target`, or None where the table has none."""
    return next(
        (m for m in MOVES if (m.source, m.target) == (status, target) and form in m.forms), None
    )
