"""Is the database at this version already? `python -m gpmb.prepared` answers without Django.

`manage.py prepare` writes a checksum of everything it depends on as the database's comment, so a
second start skips the migration machinery. The comment lives and dies with the database; a
copy, a restore or a changed migration simply has another one, and is prepared again.
"""

import hashlib
import os
import sys
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql

from gpmb.localdb import Cluster, LocalDbError, database_settings

BASE_DIR = Path(__file__).resolve().parent.parent
MARK = "gpmb prepared "
INPUTS = (
    "requirements.txt",
    "geo/provinces.csv",
    "gpmb/*/migrations/*.py",
    "gpmb/migrations/*.py",
    "gpmb/reference/*.py",
    "fixtures/reference/**/*",
)


def checksum(base_dir: Path = BASE_DIR) -> str:
    """Digest of the migrations, the reference rows and the province."""
    digest = hashlib.sha256(os.environ.get("GPMB_PROVINCE", "").encode())
    for pattern in INPUTS:
        for path in sorted(base_dir.glob(pattern)):
            if path.is_file():
                digest.update(str(path.relative_to(base_dir)).encode() + path.read_bytes())
    return digest.hexdigest()


def is_current(base_dir: Path = BASE_DIR) -> bool:
    """Whether `manage.py prepare` has finished on this database at this version."""
    given = database_settings(base_dir)
    if "LOCALDB" in given:
        cluster = Cluster(base_dir)
        cluster.start()
        if cluster.ensure_database(given["NAME"]):
            return False
    try:
        with psycopg.connect(**_parameters(given), connect_timeout=10) as connection:
            row = connection.execute(
                "SELECT shobj_description(oid, 'pg_database') FROM pg_database"
                " WHERE datname = current_database()"
            ).fetchone()
    except psycopg.OperationalError:
        return False  # prepare will say it better
    return row is not None and row[0] == MARK + checksum(base_dir)


def mark(cursor: Any, name: str) -> None:
    """Write the checksum, unless the database has a comment of somebody else's."""
    cursor.execute(
        "SELECT coalesce(shobj_description(oid, 'pg_database'), '') FROM pg_database"
        " WHERE datname = current_database()"
    )
    (comment,) = cursor.fetchone()
    if not comment or comment.startswith(MARK):
        cursor.execute(
            sql.SQL("COMMENT ON DATABASE {} IS {}").format(
                sql.Identifier(name), sql.Literal(MARK + checksum())
            )
        )


def _parameters(given: dict[str, Any]) -> dict[str, Any]:
    names = {"NAME": "dbname", "USER": "user", "PASSWORD": "password"}
    names |= {"HOST": "host", "PORT": "port"}
    known = {name: given[key] for key, name in names.items() if given.get(key)}
    options: dict[str, Any] = given.get("OPTIONS", {})
    return known | options


def main() -> int:
    try:
        return 0 if is_current() else 1
    except LocalDbError as error:
        sys.stderr.write(f"{error}\n")
        return 2


if __name__ == "__main__":
    sys.exit(main())
