"""The papers of a thematic conference in one archive: a page a project, and the briefing map.

Some twenty seconds of work for the demo's 45 pages: a page orders it, a process of its own does.
"""

from __future__ import annotations

import datetime as dt
import logging
import zipfile
from collections.abc import Callable
from io import BytesIO
from typing import TYPE_CHECKING

from gpmb.clearance.models import Project
from gpmb.reports import background, briefing, city_report, report_files
from gpmb.reports.models import PackRun

if TYPE_CHECKING:
    from gpmb.accounts.models import User

ZIP = "application/zip"
log = logging.getLogger(__name__)


def build(
    user: User,
    *,
    on: dt.date,
    today: dt.date,
    progress: Callable[[int, int], None] = lambda done, pages: None,
) -> bytes:
    """Return the archive as of a day: tai-lieu.pdf for `user`, ban-do.html with public facts."""
    papers = report_files.pdf(city_report.pack(user, on=on, today=today, progress=progress))
    out = BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("tai-lieu.pdf", papers)
        try:
            archive.writestr("ban-do.html", briefing.build(on=on, today=today))
        except briefing.NothingToShowError as error:
            archive.writestr("ban-do-chua-co.txt", str(error))
    return out.getvalue()


def order(user: User, *, on: dt.date) -> tuple[PackRun, bool]:
    """Return the order of the papers and whether it is new: else this person waits for it."""
    for run in PackRun.objects.visible_to(user).running().filter(on=on):
        if not background.died(run):
            return run, False
    projects = Project.objects.visible_to(user)
    run = PackRun.objects.create(
        by=user,
        on=on,
        total=projects.count() + 1,
        restricted=projects.filter(restricted=True).exists(),
    )
    return run, True


def start(run: PackRun) -> None:
    """Write the papers of a run in a process of its own."""
    background.start("write_pack", run)


def write(run: PackRun, *, today: dt.date) -> None:
    """Write the papers; whatever goes wrong is said on the run's row, never lost."""
    background.clear_old()

    def tell(done: int, pages: int) -> None:
        state = run.State.CONVERTING if done == pages else run.State.WRITING
        run.tell(state, done=min(done, run.total))

    try:
        made = build(run.by, on=run.on, today=today, progress=tell)
        run.path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        scratch = run.path.with_suffix(".part")
        scratch.write_bytes(made)
        scratch.chmod(0o600)
        scratch.replace(run.path)
    except Exception:
        log.exception("papers of run %s", run.pk)
        problem = "Lỗi khi soạn tài liệu. Hãy soạn lại; nếu vẫn lỗi, báo quản trị viên."
        run.tell(run.State.FAILED, problem=problem)
    else:
        run.tell(run.State.DONE, done=run.total)
