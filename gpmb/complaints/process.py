"""The allowed moves of a complaint, as a table. Standard library only."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Move:
    """From one status to another; what must come with it; what is said of it on a button."""

    source: str
    target: str
    label: str
    needs_result: bool = False
    needs_document: bool = False
    needs_note: bool = False
    kinds: tuple[str, ...] = ("petition", "complaint", "denunciation", "lawsuit")
    reopens: bool = False


CLOCKED = ("complaint", "denunciation", "lawsuit")

MOVES = (
    Move("received", "classified", "Phân loại"),
    Move("classified", "accepted", "Thụ lý", kinds=CLOCKED),
    # A petition has no acceptance of its own: it is looked into and answered.
    Move("classified", "verifying", "Xem xét, trả lời", kinds=("petition",)),
    Move("classified", "forwarded", "Chuyển đơn", needs_document=True),
    Move("classified", "returned", "Trả lại, hướng dẫn", needs_note=True),
    Move("classified", "not_accepted", "Không thụ lý", needs_note=True, kinds=CLOCKED),
    Move("accepted", "verifying", "Xác minh"),
    Move("verifying", "dialogue", "Đối thoại", kinds=("petition", "complaint", "lawsuit")),
    Move("verifying", "decided", "Trả lời, ra quyết định", True, True),
    Move("dialogue", "decided", "Trả lời, ra quyết định", True, True),
    Move("decided", "implemented", "Thực hiện xong"),
    Move("implemented", "closed", "Kết thúc"),
    Move("accepted", "suspended", "Tạm đình chỉ", needs_note=True),
    Move("verifying", "suspended", "Tạm đình chỉ", needs_note=True),
    Move("dialogue", "suspended", "Tạm đình chỉ", needs_note=True),
    Move("suspended", "verifying", "Tiếp tục giải quyết"),
    Move("received", "withdrawn", "Rút đơn", needs_note=True),
    Move("classified", "withdrawn", "Rút đơn", needs_note=True),
    Move("accepted", "withdrawn", "Rút đơn", needs_note=True),
    Move("verifying", "withdrawn", "Rút đơn", needs_note=True),
    Move("dialogue", "withdrawn", "Rút đơn", needs_note=True),
    Move("suspended", "withdrawn", "Rút đơn", needs_note=True),
    # The second complaint is about the first decision: its clocks begin anew.
    Move("decided", "accepted", "Thụ lý lần hai", kinds=("complaint",), reopens=True),
    Move("decided", "verifying", "Mở lại", needs_note=True, reopens=True),
    Move("implemented", "verifying", "Mở lại", needs_note=True, reopens=True),
    Move("closed", "verifying", "Mở lại", needs_note=True, reopens=True),
    Move("not_accepted", "accepted", "Thụ lý lại", needs_note=True, kinds=CLOCKED, reopens=True),
)

# No more work is expected: the matter has left the office or came to its end.
ENDED = ("forwarded", "returned", "not_accepted", "closed", "withdrawn")


def moves_from(status: str, kind: str) -> tuple[Move, ...]:
    """Return the moves a complaint may make, in the table's order."""
    return tuple(move for move in MOVES if move.source == status and kind in move.kinds)


def find(status: str, kind: str, target: str) -> Move | None:
    """Return the move to `target`, or None where the table has none."""
    return next((move for move in moves_from(status, kind) if move.target == target), None)
