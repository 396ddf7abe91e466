"""One attempt to import a file, whatever it holds: its transaction, its row, how it ends."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pghistory
from django.db import DataError, IntegrityError, transaction

from gpmb.accounts.models import User
from gpmb.clearance.models import Project
from gpmb.importing.findings import Report
from gpmb.importing.models import ImportRun


class Attempt:
    """An import that writes everything accepted in one transaction, or nothing.

    Nothing on a dry run, nothing when a row is refused unless `accept_partial`, nothing when the
    counts are no longer those that were `agreed` to. Either way it ends as one `ImportRun`.
    """

    def __init__(
        self,
        kind: ImportRun.Kind,
        path: Path,
        *,
        name: str = "",
        project: Project | None = None,
        by: User | None = None,
        options: dict[str, Any] | None = None,
        dry_run: bool = False,
        accept_partial: bool = False,
        agreed: Sequence[int] | None = None,
    ) -> None:
        self.report = Report()
        self.path, self.project, self.dry_run = path, project, dry_run
        self.accept_partial, self.agreed = accept_partial, agreed
        self.run = ImportRun(
            kind=kind,
            file_name=(name or path.name)[:250],
            project=project,
            by=by,
            options=options or {},
        )

    @contextmanager
    def writing(self, what: str) -> Iterator[ImportRun]:
        """Open the transaction and its run; what was not applied at the end is taken back.

        `what` begins the reason that the history keeps. Two imports into one project wait for
        each other. A constraint that refuses ends the attempt with a finding.
        """
        reason = f"{what} {self.run.file_name}"
        try:
            with pghistory.context(reason=reason), transaction.atomic():
                if self.project is not None:
                    # No key: who adds an obstacle meanwhile, one or thousands, needn't wait.
                    Project.objects.select_for_update(no_key=True).get(pk=self.project.pk)
                self.run.sha256 = sha256(self.path)
                self.run.save(force_insert=True)
                yield self.run
                self.report.close()
                if self.report.applied:
                    self.run.finish(self.report)
                else:
                    transaction.set_rollback(True)
        except (IntegrityError, DataError) as error:
            self.report = Report()
            self.report.error(
                "conflict",
                "Dữ liệu vi phạm ràng buộc của cơ sở dữ liệu, không ghi gì: "
                f"{str(error).splitlines()[0]}",
            )

    def may_write(self) -> bool:
        """Whether what was found may be written; asked once, when every row was looked at."""
        self.report.keep_to(self.agreed)
        refused = self.report.file_refused or (self.report.refused and not self.accept_partial)
        return not (self.dry_run or refused)

    def fail(self, code: str, message: str) -> Report:
        """End an attempt whose file can't be read."""
        self.report.error(code, message)
        self.report.close()
        return self.end()

    def end(self) -> Report:
        """Keep the run of an attempt that wrote nothing, and return what is to be said."""
        if not self.report.applied:
            self.run.pk = None
            self.run.save(force_insert=True)
            self.run.finish(self.report)
        return self.report


def sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
