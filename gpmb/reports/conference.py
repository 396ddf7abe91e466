"""The papers of a thematic conference in one archive: a page a project, and the briefing map."""

from __future__ import annotations

import datetime as dt
import zipfile
from io import BytesIO
from typing import TYPE_CHECKING

from gpmb.reports import briefing, city_report, report_files

if TYPE_CHECKING:
    from gpmb.accounts.models import User

ZIP = "application/zip"


def build(user: User, *, on: dt.date, today: dt.date) -> bytes:
    """Return the archive as of a day: tai-lieu.pdf for `user`, ban-do.html with public facts."""
    papers = report_files.pdf(city_report.pack(user, on=on, today=today))
    out = BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("tai-lieu.pdf", papers)
        try:
            archive.writestr("ban-do.html", briefing.build(on=on, today=today))
        except briefing.NothingToShowError as error:
            archive.writestr("ban-do-chua-co.txt", str(error))
    return out.getvalue()
