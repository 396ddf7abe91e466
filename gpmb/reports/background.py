"""Papers that take long are written by a process of their own, beside the server.

The page that ordered them asks their row how far they are; a run whose process died can be
ordered anew.
"""

from __future__ import annotations

import datetime as dt
import os
import subprocess
import sys
import threading
from pathlib import Path
from urllib.parse import urlsplit

from django.conf import settings
from django.db import connection
from django.utils import timezone

from gpmb.papers.models import KEPT_DAYS, Run

SILENT = dt.timedelta(minutes=12)  # longer than the longest step: its process is gone


def start(command: str, run: Run) -> None:
    """Start `manage.py command RUN` on this database, and don't wait for it."""
    environment = os.environ | {"GPMB_DB": connection.settings_dict["NAME"]}
    if url := os.environ.get("DATABASE_URL"):
        path = f"/{connection.settings_dict['NAME']}"
        environment["DATABASE_URL"] = urlsplit(url)._replace(path=path).geturl()
    environment["GPMB_MEDIA"] = str(settings.MEDIA_ROOT)
    environment["GPMB_LETTERS"] = str(settings.LETTERS_ROOT)
    process = subprocess.Popen(  # noqa: S603  (our own command, no shell)
        [sys.executable, str(settings.BASE_DIR / "manage.py"), command, str(run.pk)],
        env=environment,
        start_new_session=True,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    # Somebody must ask for its exit status, or it stays in the process table when it has ended.
    threading.Thread(target=process.wait, daemon=True).start()


def died(run: Run) -> bool:
    """Say whether the process of an unfinished run is gone."""
    return not run.ended and timezone.now() - run.moved_at > SILENT


def clear_old() -> None:
    """Remove outcomes older than a week; their runs stay in the log and can be written again."""
    root = Path(settings.LETTERS_ROOT)
    if not root.is_dir():
        return
    oldest = (timezone.now() - dt.timedelta(days=KEPT_DAYS)).timestamp()
    for file in root.iterdir():
        if file.is_file() and file.stat().st_mtime < oldest:
            file.unlink(missing_ok=True)
