"""Test databases copied from a migrated one.

Django renders every historical model again and again while it migrates: a minute for this
project, a second for PostgreSQL to copy the result. The template is named after everything that
shapes it, so a changed migration makes a new one.
"""

import hashlib
import os
import subprocess
import sys
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.db import connection

PREFIX = "gpmb_migrated_"
LOCK = 0x67706D62  # any number, the same for every process that makes a template
KEPT = 3
IMPORTED_BY_MIGRATIONS = ("fields", "history", "refs", "triggers")


def migrated_template() -> str:
    """Return the name of a database with every migration applied, made if it is missing."""
    name = PREFIX + _checksum()
    with connection._nodb_cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s)", [LOCK])
        try:
            cursor.execute("SELECT datname FROM pg_database WHERE datname LIKE %s", [PREFIX + "%"])
            found = {row[0] for row in cursor.fetchall()}
            if name not in found:
                _make(cursor, name)
                _forget_oldest(cursor, name)
        finally:
            cursor.execute("SELECT pg_advisory_unlock(%s)", [LOCK])
    return name


def fresh_database() -> None:
    """Make the configured database anew, a copy of the template: migrating takes minutes."""
    template = migrated_template()
    name = connection.settings_dict["NAME"]
    connection.close()
    with connection._nodb_cursor() as cursor:
        cursor.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
        cursor.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')


def _checksum() -> str:
    root = Path(settings.BASE_DIR)
    parts = [root / "requirements.txt", *root.glob("gpmb/*/migrations/*.py")]
    parts += [root / f"gpmb/{module}.py" for module in IMPORTED_BY_MIGRATIONS]
    digest = hashlib.sha256(f"{settings.SRID}".encode())
    for path in sorted(parts):
        digest.update(str(path.relative_to(root)).encode() + path.read_bytes())
    return digest.hexdigest()[:16]


def _make(cursor: Any, name: str) -> None:
    draft = f"{name}_draft"
    cursor.execute(f'DROP DATABASE IF EXISTS "{draft}"')
    cursor.execute(f'CREATE DATABASE "{draft}"')
    environment = os.environ | {"GPMB_DB": draft}
    if url := os.environ.get("DATABASE_URL"):
        environment["DATABASE_URL"] = urlsplit(url)._replace(path=f"/{draft}").geturl()
    subprocess.run(
        [sys.executable, "manage.py", "migrate", "--verbosity=0", "--skip-checks"],
        cwd=settings.BASE_DIR,
        env=environment,
        check=True,
    )
    cursor.execute(f'ALTER DATABASE "{draft}" RENAME TO "{name}"')


def _forget_oldest(cursor: Any, current: str) -> None:
    """Keep the last few: two branches may be worked on by turns."""
    cursor.execute(
        "SELECT datname FROM pg_database WHERE datname LIKE %s AND datname <> %s"
        " ORDER BY oid DESC OFFSET %s",
        [PREFIX + "%", current, KEPT - 1],
    )
    for (old,) in cursor.fetchall():
        cursor.execute(f'DROP DATABASE IF EXISTS "{old}"')
