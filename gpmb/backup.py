"""A backup is one tar file: manifest.json, database.dump (pg_dump's own format), media/….

The dump and the manifest's row counts come from one snapshot of the database, so a backup of a
city at work is consistent. Sessions and the cache are left out. A restore checks every byte
against the manifest before it touches anything, and goes into an empty database only.
"""

import contextlib
import datetime as dt
import hashlib
import itertools
import json
import os
import shutil
import subprocess
import tarfile
import tempfile
import tomllib
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path, PurePosixPath
from typing import IO, Any

import psycopg
from django.conf import settings
from django.core.management import call_command
from django.db import connection, transaction
from django.db.migrations.loader import MigrationLoader
from django.utils import timezone
from psycopg import sql

from gpmb.localdb import find_programs

FORMAT = 1
MANIFEST = "manifest.json"
DUMP = "database.dump"
MEDIA = "media"
WITHOUT_ROWS = ("cache", "django_session")
CHUNK = 1 << 20


class BackupError(RuntimeError):
    """The backup or restore can't be done: why, and what to do."""


@dataclass
class Manifest:
    """What a backup holds; `files` are sha256 by name, `counts` rows by table."""

    format: int
    version: str
    made_at: str
    province: str
    srid: int
    migrations: list[str]
    counts: dict[str, int]
    files: dict[str, str] = field(default_factory=dict)


def version() -> tuple[int, ...]:
    """Return this program's version."""
    project = tomllib.loads((settings.BASE_DIR / "pyproject.toml").read_text(encoding="utf-8"))
    return _parts(project["project"]["version"])


def _parts(text: str) -> tuple[int, ...]:
    return tuple(int(part) for part in text.split("."))


# -- writing ---------------------------------------------------------------------------------


def write(path: Path, *, replace: bool = False) -> Manifest:
    """Write the backup; an interruption leaves no half file under its name.

    A file that is there is an earlier backup, perhaps the only good one: kept unless `replace`.
    """
    path = path.absolute()
    if not path.parent.is_dir():
        raise BackupError(f"Không có thư mục {path.parent} để ghi tệp sao lưu.")
    _may_stand(path, replace=replace)
    with tempfile.TemporaryDirectory(dir=path.parent, prefix=".gpmb-backup-") as scratch:
        dump = Path(scratch) / DUMP
        manifest = _dump(dump)
        manifest.files[DUMP] = _digest(dump)
        media = _media_files()
        manifest.files |= {name: _digest(file) for name, file in media.items()}
        whole = Path(scratch) / "backup.tar"
        with tarfile.open(whole, "w", format=tarfile.PAX_FORMAT) as archive:
            text = Path(scratch) / MANIFEST
            text.write_text(json.dumps(asdict(manifest), ensure_ascii=False, indent=1), "utf-8")
            archive.add(text, MANIFEST)
            archive.add(dump, DUMP)
            for name, file in media.items():
                archive.add(file, name, recursive=False)
        with whole.open("rb") as written:
            os.fsync(written.fileno())
        whole.chmod(0o600)  # it holds personal data
        _may_stand(path, replace=replace)  # another backup may have ended meanwhile
        whole.replace(path)
    return manifest


def _may_stand(path: Path, *, replace: bool) -> None:
    if path.is_dir():
        raise BackupError(f"{path} là thư mục. Ghi cả tên tệp, ví dụ {path / 'gpmb.tar'}.")
    if path.exists() and not replace:
        raise BackupError(
            f"Đã có tệp {path}: chưa ghi gì. Chọn tên khác, hoặc thêm --replace để ghi đè."
        )


def _dump(target: Path) -> Manifest:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        cursor.execute("SELECT pg_export_snapshot()")
        snapshot = cursor.fetchone()[0]
        manifest = Manifest(
            format=FORMAT,
            version=".".join(map(str, version())),
            made_at=timezone.localtime().isoformat(timespec="seconds"),
            province=settings.PROVINCE.code,
            srid=settings.SRID,
            migrations=_applied(cursor),
            counts=_counts(cursor),
        )
        target_database, environment = _connection_arguments()
        _run(
            "pg_dump",
            target_database,
            "--format=custom",
            "--no-owner",
            "--no-privileges",
            f"--snapshot={snapshot}",
            f"--file={target}",
            *(f"--exclude-table-data=public.{table}" for table in WITHOUT_ROWS),
            environment=environment,
        )
    return manifest


def _applied(cursor: Any) -> list[str]:
    cursor.execute("SELECT app, name FROM django_migrations ORDER BY app, name")
    return [f"{app}.{name}" for app, name in cursor.fetchall()]


OWN_TABLES = """
SELECT c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'p') AND n.nspname = 'public' AND NOT EXISTS (
    SELECT 1 FROM pg_depend d WHERE d.objid = c.oid AND d.deptype = 'e')
ORDER BY c.relname
"""


def _own_tables(cursor: Any) -> list[str]:
    """Return the tables that no extension brought."""
    cursor.execute(OWN_TABLES)
    return [name for (name,) in cursor.fetchall()]


def _counts(cursor: Any) -> dict[str, int]:
    counts = {}
    for table in _own_tables(cursor):
        if table not in WITHOUT_ROWS:
            cursor.execute(sql.SQL("SELECT count(*) FROM {}").format(sql.Identifier(table)))
            counts[table] = cursor.fetchone()[0]
    return counts


def _media_files() -> dict[str, Path]:
    root = Path(settings.MEDIA_ROOT)
    return {
        f"{MEDIA}/{file.relative_to(root).as_posix()}": file
        for file in sorted(root.rglob("*"))
        if file.is_file() and not file.is_symlink()
    }


# -- reading ---------------------------------------------------------------------------------


def restore(path: Path) -> Manifest:
    """Put a backup into the empty database and the empty media folder."""
    try:
        with tarfile.open(path, "r:") as archive:
            manifest = _verify(archive)
            _refuse_other_deployment(manifest)
            _refuse_occupied(manifest)
            with tempfile.TemporaryDirectory(prefix="gpmb-restore-") as scratch:
                dump = Path(scratch) / DUMP
                _copy_member(archive, DUMP, dump)
                _load(dump, Path(scratch) / "order")
            for name in manifest.files:
                if name != DUMP:
                    target = Path(settings.MEDIA_ROOT) / PurePosixPath(name).relative_to(MEDIA)
                    target.parent.mkdir(parents=True, exist_ok=True)
                    _copy_member(archive, name, target)
    except (tarfile.TarError, EOFError) as error:
        raise _damaged(str(error)) from error
    except OSError as error:
        raise BackupError(f"Không đọc được {path}: {error.strerror or error}") from error
    with connection.cursor() as cursor:
        found = _counts(cursor)
    if found != manifest.counts:
        different = sorted(
            table
            for table in manifest.counts | found
            if manifest.counts.get(table) != found.get(table)
        )
        raise BackupError(f"Số dòng sau khôi phục khác với tệp ở các bảng: {', '.join(different)}")
    call_command("migrate", interactive=False, verbosity=0)
    call_command("createcachetable", verbosity=0)
    return manifest


def _damaged(why: str) -> BackupError:
    return BackupError(
        f"Tệp sao lưu hỏng hoặc không phải tệp sao lưu ({why}). "
        "Chưa thay đổi gì; hãy dùng bản khác."
    )


def _verify(archive: tarfile.TarFile) -> Manifest:
    """Return the manifest of an archive whose every file is there, unchanged, and nothing else."""
    members = {member.name: member for member in archive.getmembers()}
    if MANIFEST not in members:
        raise _damaged(f"thiếu {MANIFEST}")
    try:
        content = json.loads(_open_member(archive, MANIFEST).read())
        made_by = (int(content["format"]), _parts(content["version"]))
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise _damaged(f"{MANIFEST} không đọc được") from error
    if made_by[0] > FORMAT or made_by[1] > version():
        raise BackupError(
            f"Tệp do phiên bản {content['version']} tạo, mới hơn chương trình này "
            f"({'.'.join(map(str, version()))}): hãy nâng cấp chương trình rồi khôi phục."
        )
    try:
        manifest = Manifest(**content)
        names = {MANIFEST, *manifest.files}
    except TypeError as error:
        raise _damaged(f"{MANIFEST} thiếu mục") from error
    if names != set(members) or DUMP not in names:
        raise _damaged("danh sách tệp bên trong không khớp")
    for name, digest in manifest.files.items():
        inside = PurePosixPath(name)
        if not members[name].isreg() or inside.is_absolute() or ".." in inside.parts:
            raise _damaged(f"tên tệp không an toàn: {name}")
        if name != DUMP and inside.parts[0] != MEDIA:
            raise _damaged(f"tệp lạ: {name}")
        with _open_member(archive, name) as stream:
            if _digest_stream(stream) != digest:
                raise _damaged(f"{name} đã bị thay đổi")
    return manifest


def _refuse_other_deployment(manifest: Manifest) -> None:
    known = {f"{app}.{name}" for app, name in MigrationLoader(None).disk_migrations}
    unknown = sorted(set(manifest.migrations) - known)
    if unknown:
        raise BackupError(
            f"Tệp mới hơn chương trình này (có bước cấu trúc {unknown[0]}): "
            "hãy nâng cấp chương trình rồi khôi phục."
        )
    if (manifest.province, manifest.srid) != (settings.PROVINCE.code, settings.SRID):
        raise BackupError(
            f"Tệp của tỉnh mã {manifest.province} (EPSG:{manifest.srid}), còn chương trình đang "
            f"đặt tỉnh {settings.PROVINCE.code} (EPSG:{settings.SRID}): hãy đặt GPMB_PROVINCE."
        )


def _refuse_occupied(manifest: Manifest) -> None:
    with connection.cursor() as cursor:
        tables = _own_tables(cursor)
    if tables:
        raise BackupError(
            f"Cơ sở dữ liệu “{connection.settings_dict['NAME']}” không trống: {len(tables)} bảng. "
            "Khôi phục chỉ vào cơ sở dữ liệu trống: đặt GPMB_DB (hoặc DATABASE_URL) sang tên mới."
        )
    if len(manifest.files) > 1 and _media_files():
        raise BackupError(
            f"Thư mục {settings.MEDIA_ROOT} đã có tệp: đặt GPMB_MEDIA sang một thư mục trống."
        )


def _load(dump: Path, order: Path) -> None:
    """Load the dump in one transaction, by psql.

    Two things pg_restore alone gets wrong: the zones must come before the rows whose generated
    columns need them, and with its empty search path a trigger that compares geometries
    (`old.boundary IS DISTINCT FROM new.boundary`) does not find PostGIS's operator.
    """
    lines = _run("pg_restore", "--list", str(dump)).splitlines()
    zones = [line for line in lines if "TABLE DATA" in line and " spatial_ref_sys " in line]
    others = [line for line in lines if line not in zones]
    first = next((n for n, line in enumerate(others) if "TABLE DATA" in line), len(others))
    order.write_text("\n".join([*others[:first], *zones, *others[first:]]) + "\n", "utf-8")
    connection.close()
    script = order.with_suffix(".sql")
    options = ("--no-owner", "--no-privileges", "--no-comments")
    _run("pg_restore", *options, f"--use-list={order}", f"--file={script}", str(dump))
    with script.open("rb") as file:
        commands = itertools.chain(_with_search_path(file), file)
        target, environment = _connection_arguments()
        psql = subprocess.Popen(  # noqa: S603  (no shell, fixed programs)
            [
                str(find_programs() / "psql"),
                *("--no-psqlrc", "--quiet", "--single-transaction", "--set=ON_ERROR_STOP=1"),
                "--file=-",
                *("--output", os.devnull, target),
            ],
            env=environment,
            stdin=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        with contextlib.suppress(BrokenPipeError):  # psql says why, below
            psql.stdin.writelines(commands)  # type: ignore[union-attr]  # it is a pipe
        _, problems = psql.communicate()
    if psql.returncode:
        raise BackupError(f"psql báo lỗi: {problems.decode().strip()}")


def _with_search_path(script: IO[bytes]) -> Iterator[bytes]:
    """Yield the script's first lines, the one that empties the search path replaced."""
    for line in script:
        if line.startswith(b"SELECT pg_catalog.set_config('search_path', ''"):
            yield b"SET search_path = public;\n"
            return
        yield line


def _open_member(archive: tarfile.TarFile, name: str) -> IO[bytes]:
    stream = archive.extractfile(name)
    if stream is None:
        raise _damaged(f"{name} không phải tệp")
    return stream


def _copy_member(archive: tarfile.TarFile, name: str, target: Path) -> None:
    with _open_member(archive, name) as source, target.open("wb") as copy:
        shutil.copyfileobj(source, copy, CHUNK)


def _digest(path: Path) -> str:
    with path.open("rb") as stream:
        return _digest_stream(stream)


def _digest_stream(stream: IO[bytes]) -> str:
    digest = hashlib.sha256()
    while chunk := stream.read(CHUNK):
        digest.update(chunk)
    return digest.hexdigest()


def _connection_arguments() -> tuple[str, dict[str, str]]:
    """Return (--dbname=…, environment) for PostgreSQL's programs on the database of Django."""
    known = {option.keyword.decode() for option in psycopg.pq.Conninfo.get_defaults()}
    given = {
        name: str(value)
        for name, value in connection.get_connection_params().items()
        if name in known and value not in (None, "")
    }
    environment = dict(os.environ)
    if password := given.pop("password", ""):
        environment["PGPASSWORD"] = password
    return f"--dbname={psycopg.conninfo.make_conninfo(**given)}", environment


def _run(program: str, *arguments: str, environment: dict[str, str] | None = None) -> str:
    done = subprocess.run(  # noqa: S603  (no shell, fixed programs)
        [str(find_programs() / program), *arguments],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise BackupError(f"{program} báo lỗi: {done.stderr.strip()}")
    return done.stdout


def describe(manifest: Manifest) -> str:
    """Say in one line what a backup holds."""
    made_at = dt.datetime.fromisoformat(manifest.made_at)
    rows = sum(manifest.counts.values())
    return (
        f"{len(manifest.counts)} bảng, {rows} dòng, {len(manifest.files) - 1} tệp đính kèm; "
        f"phiên bản {manifest.version}, lúc {made_at:%H:%M %d/%m/%Y}"
    )
