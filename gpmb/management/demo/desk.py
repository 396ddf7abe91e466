"""Letters to other bodies about what blocks a case, answered when the obstacle was settled."""

from datetime import date, timedelta
from typing import Any

from gpmb.accounts.models import SavedFilter
from gpmb.clearance.models import Inquiry
from gpmb.management.demo.load_base import Loading
from gpmb.management.demo.load_work import owner_key
from gpmb.reference.models import ObstacleCause

EVERY = 3  # one obstacle in three was written about
SENT_AFTER = timedelta(days=4)
ANSWER_WITHIN = timedelta(days=15)


def inquiries(load: Loading) -> None:
    """Write a letter to the owner of every third obstacle of a case, if not the centre itself."""
    causes = dict(ObstacleCause.objects.values_list("code", "name"))
    today = load.city.as_of
    rows: list[list[Any]] = []
    for row in load.city.obstacles[::EVERY]:
        sent_on = date.fromordinal(row.opened) + SENT_AFTER
        if row.case is None or row.owner == "centre" or sent_on > today:
            continue
        replied_on = date.fromordinal(row.closed) if row.closed else None
        if replied_on and replied_on < sent_on:
            continue
        number = len(rows) + 1
        rows.append(
            [
                load.projects[row.project],
                load.cases[row.case],
                load.organisations[owner_key(load, row.project, row.owner)],
                f"{number}/TTPTQĐ-BT",
                sent_on,
                f"Đề nghị cho ý kiến về vướng mắc: {causes[row.cause].lower()} (minh họa)",
                sent_on + ANSWER_WITHIN if number % 4 else None,
                load.officer(row.project),
                f"{number + 100}/TL" if replied_on else "",
                replied_on,
            ]
        )
    names = ["project_id", "case_id", "to_id", "number", "sent_on", "subject", "due_on"]
    names += ["by_id", "reply_number", "replied_on"]
    ids = load.writer.ids(Inquiry, len(rows))
    load.writer.copy(Inquiry, names, ([at, *row] for at, row in zip(ids, rows, strict=True)))


def saved_filters(load: Loading) -> None:
    """Give the first officer two kept filters."""
    for name, page, query in (
        ("Quá hạn của tôi", "cases", "officer=canbo&state=overdue"),
        ("Hải Hòa đang vướng", "cases", "unit=06742&state=obstacle"),
    ):
        SavedFilter.objects.update_or_create(
            user_id=load.users["canbo"], name=name, defaults={"page": page, "query": query}
        )
