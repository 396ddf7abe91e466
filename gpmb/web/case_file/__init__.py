"""What the case page shows: everything about one household, asked for in one statement.

The page is made of parts (gpmb.web.case_file.part). A new part is a module with a `PART`, a row
in PARTS below and an include in templates/cases/page.html; it costs no further query.
"""

import datetime as dt
from typing import Any

from gpmb import access
from gpmb.accounts.models import User
from gpmb.clearance.models import Case
from gpmb.together import together
from gpmb.web.case_file import (
    attachments,
    desk,
    history,
    land,
    money,
    outreach,
    people,
    resettlement,
    service,
    standing,
)
from gpmb.web.case_file.part import Reader

PARTS = (
    standing.PART,
    people.PART,
    land.PART,
    money.PART,
    resettlement.PART,
    desk.PART,
    outreach.PART,
    service.PART,
    attachments.PART,
    history.PART,
)


def read(case: Case, user: User, on: dt.date) -> dict[str, Any]:
    """Return the page's context: rows by the names of their questions, and what parts make of
    them. What the reader may not know was never asked for."""
    reader = Reader(case, user, on, access.rights_in(user, case, on=on))
    questions = {name: q for part in PARTS for name, q in part.questions(reader).items()}
    found = together(**questions)
    context: dict[str, Any] = {**found, "case": case, "today": on, "rights": reader.rights}
    for part in PARTS:
        context |= part.shape(context, reader)
    return context
