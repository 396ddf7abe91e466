"""Which status of a plan follows which, and the step of the case that goes with it.

A plan is drafted, posted, appraised, approved. What must change after posting is changed in a new
version: the old one is replaced, or amended where it had been approved. A frozen version never
changes again.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Move:
    """From one status to another: what the officer does, and the case's step that it is.

    `by_version` moves happen when a later version takes the place, never by hand.
    """

    source: str
    target: str
    label: str
    step: str = ""
    needs_document: bool = False
    by_version: bool = False


MOVES = (
    Move("draft", "posted", "Niêm yết", step="posting"),
    Move("posted", "appraised", "Thẩm định xong", step="appraisal"),
    Move("appraised", "approved", "Phê duyệt", step="approval", needs_document=True),
    Move("posted", "replaced", "Thay bằng lần sau", by_version=True),
    Move("appraised", "replaced", "Thay bằng lần sau", by_version=True),
    Move("approved", "amended", "Thay bằng phương án điều chỉnh", by_version=True),
)


def next_move(status: str) -> Move | None:
    """Return the move an officer may make from a status, or None."""
    return next((m for m in MOVES if m.source == status and not m.by_version), None)


def rests_on(status: str) -> tuple[str, ...]:
    """Return the case's steps that a version at a status stands on, in the law's order.

    >>> rests_on("appraised")
    ('posting', 'appraisal')
    """
    reached = [m.target for m in MOVES if not m.by_version]
    upto = reached.index(status) + 1 if status in reached else 0
    return tuple(m.step for m in MOVES[:upto])


def find(status: str, target: str) -> Move | None:
    """Return the move to `target`, or None where the table has none."""
    return next((m for m in MOVES if (m.source, m.target) == (status, target)), None)


def replaced_as(status: str) -> str | None:
    """Return what a version becomes when a later one takes its place; None: it stays (a draft)."""
    return next((m.target for m in MOVES if m.source == status and m.by_version), None)
