"""What a backup holds comes back to the last row, sum and vertex, or not at all."""

import io
import json
import os
import subprocess
import sys
import tarfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import psycopg
import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from django.db import connection
from psycopg import sql

from gpmb import backup
from gpmb.clearance.models import Case
from gpmb.papers.models import Attachment, StoredFile
from tests import factories
from tests.papers import samples

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def city(tmp_path: Path, settings: Any) -> Path:
    """Cases at several steps, two uploaded files and an attachment; returns the media folder."""
    factories.deployment()
    for step in ("notice", "approval", "payment"):
        factories.CaseFactory(at=step, takings=2)
    media = tmp_path / "tệp tải lên"
    (media / "hồ sơ").mkdir(parents=True)
    (media / "hồ sơ/biên bản.pdf").write_bytes(b"%PDF-1.7\n" + bytes(range(256)))
    (media / "trống.txt").touch()
    settings.MEDIA_ROOT = media
    Attachment.attach(
        samples.picture(), "hiện trạng.jpg", to=Case.objects.order_by("pk")[0], by=None
    )
    return media


@pytest.fixture
def empty_database() -> Iterator[str]:
    name = f"{connection.settings_dict['NAME']}_restored"
    with connection._nodb_cursor() as cursor:
        cursor.execute(f'DROP DATABASE IF EXISTS "{name}"')
        cursor.execute(f'CREATE DATABASE "{name}"')
    yield name
    with connection._nodb_cursor() as cursor:
        cursor.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


Run = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture
def manage_on(empty_database: str, tmp_path: Path) -> Run:
    """Run a command of the project on the empty database and an empty media folder."""

    def run(*arguments: str, **environment: str) -> "subprocess.CompletedProcess[str]":
        variables = os.environ | {"GPMB_DB": empty_database, "GPMB_MEDIA": str(tmp_path / "về")}
        if url := os.environ.get("DATABASE_URL"):
            variables["DATABASE_URL"] = urlsplit(url)._replace(path=f"/{empty_database}").geturl()
        return subprocess.run(
            [sys.executable, "manage.py", *arguments],
            cwd=settings.BASE_DIR,
            env=variables | environment,
            capture_output=True,
            text=True,
            check=False,
        )

    return run


def connect(database: str) -> "psycopg.Connection[Any]":
    known = ("user", "password", "host", "port")
    given = connection.get_connection_params()
    return psycopg.connect(dbname=database, **{k: given[k] for k in known if given.get(k)})


def content(database: str) -> dict[str, Any]:
    """Rows and a digest of every table: numbers, dates and geometries to the last byte."""
    found = {}
    with connect(database) as other:
        tables = [name for (name,) in other.execute(backup.OWN_TABLES).fetchall()]
        for table in set(tables).difference(backup.WITHOUT_ROWS):
            rows = sql.SQL(
                "SELECT count(*), md5(string_agg(t::text, '|' ORDER BY t::text)) FROM {} AS t"
            ).format(sql.Identifier(table))
            found[table] = other.execute(rows).fetchone()
    return found


def sums(database: str) -> Any:
    with connect(database) as other:
        return other.execute(
            "SELECT count(*), sum(ST_Area(boundary)), sum(ST_NPoints(boundary)),"
            " sum(recovered_area_m2) FROM clearance_taking"
        ).fetchone()


def test_a_round_trip_keeps_rows_sums_geometries_and_files(
    city: Path, tmp_path: Path, empty_database: str, manage_on: Run
) -> None:
    archive = tmp_path / "sao lưu.tar"
    call_command("backup", str(archive), verbosity=0)
    before = content(connection.settings_dict["NAME"])
    assert before["clearance_taking"][0] == 6
    assert archive.stat().st_mode & 0o077 == 0, "it holds personal data"

    done = manage_on("restore", str(archive))

    assert done.returncode == 0, done.stderr
    assert content(empty_database) == before
    assert sums(empty_database) == sums(connection.settings_dict["NAME"])
    returned = tmp_path / "về"
    attached = StoredFile.objects.get().path.relative_to(city)
    for file in ("hồ sơ/biên bản.pdf", "trống.txt", attached):
        assert (returned / file).read_bytes() == (city / file).read_bytes()

    again = manage_on("restore", str(archive))
    assert again.returncode == 1
    assert "không trống" in again.stderr
    assert "Traceback" not in again.stderr


def test_the_restored_database_guards_its_facts_as_before(
    city: Path, tmp_path: Path, empty_database: str, manage_on: Run
) -> None:
    archive = tmp_path / "b.tar"
    backup.write(archive)
    assert manage_on("restore", str(archive)).returncode == 0
    done = manage_on(
        "shell",
        "-c",
        "from gpmb.clearance.models import CaseEvent; CaseEvent.objects.all().delete()",
    )
    assert done.returncode == 1
    assert manage_on("makemigrations", "--check").returncode == 0
    assert manage_on("migrate", "--check").returncode == 0


def rewritten(source: Path, target: Path, change: Callable[[str, bytes], bytes | None]) -> Path:
    """Copy an archive member by member; `change` returns the new content, None to leave it out."""
    with tarfile.open(source) as old, tarfile.open(target, "w") as new:
        for member in old.getmembers():
            stream = old.extractfile(member)
            assert stream is not None
            data = change(member.name, stream.read())
            if data is not None:
                member.size = len(data)
                new.addfile(member, io.BytesIO(data))
    return target


def manifest_with(**changes: Any) -> Callable[[str, bytes], bytes]:
    def change(name: str, data: bytes) -> bytes:
        return json.dumps(json.loads(data) | changes).encode() if name == backup.MANIFEST else data

    return change


class TestRefusals:
    @pytest.fixture
    def archive(self, city: Path, tmp_path: Path) -> Path:
        backup.write(tmp_path / "good.tar")
        return tmp_path / "good.tar"

    def refused(self, path: Path, match: str) -> None:
        with pytest.raises(CommandError, match=match):
            call_command("restore", str(path))

    def test_a_full_database(self, archive: Path) -> None:
        self.refused(archive, "không trống")

    def test_a_truncated_file(self, archive: Path, tmp_path: Path) -> None:
        cut = tmp_path / "cut.tar"
        for keep in (0, 100, 3000, archive.stat().st_size // 2):
            cut.write_bytes(archive.read_bytes()[:keep])
            self.refused(cut, "hỏng")

    def test_one_changed_byte(self, archive: Path, tmp_path: Path) -> None:
        def flip(name: str, data: bytes) -> bytes:
            if name != backup.DUMP:
                return data
            middle = len(data) // 2
            return data[:middle] + bytes([data[middle] ^ 1]) + data[middle + 1 :]

        self.refused(rewritten(archive, tmp_path / "f.tar", flip), "đã bị thay đổi")

    def test_a_missing_file(self, archive: Path, tmp_path: Path) -> None:
        without = rewritten(
            archive, tmp_path / "m.tar", lambda n, d: None if n.endswith(".pdf") else d
        )
        self.refused(without, "không khớp")

    def test_a_file_that_is_no_backup(self, tmp_path: Path) -> None:
        other = tmp_path / "thư.docx"
        other.write_bytes(os.urandom(4096))
        self.refused(other, r"hỏng .* \([^\n]*\)\. Chưa")  # one reason, on one line
        self.refused(tmp_path / "không có.tar", "Không đọc được")

    def test_a_name_that_leaves_the_media_folder(self, archive: Path, tmp_path: Path) -> None:
        hostile = tmp_path / "h.tar"
        text = b"x"
        with tarfile.open(archive) as old, tarfile.open(hostile, "w") as new:
            for member in old.getmembers():
                stream = old.extractfile(member)
                assert stream is not None
                data = stream.read()
                if member.name == backup.MANIFEST:
                    manifest = json.loads(data)
                    manifest["files"]["media/../../evil"] = backup._digest_stream(io.BytesIO(text))
                    data = json.dumps(manifest).encode()
                    member.size = len(data)
                new.addfile(member, io.BytesIO(data))
            extra = tarfile.TarInfo("media/../../evil")
            extra.size = len(text)
            new.addfile(extra, io.BytesIO(text))
        self.refused(hostile, "không an toàn")

    @pytest.mark.parametrize(
        "change",
        [{"format": 2}, {"version": "99.0.0"}, {"migrations": ["land.9999_from_the_future"]}],
    )
    def test_a_newer_file(self, archive: Path, tmp_path: Path, change: dict[str, Any]) -> None:
        newer = rewritten(archive, tmp_path / "n.tar", manifest_with(**change))
        self.refused(newer, "nâng cấp")

    def test_a_file_of_another_province(self, archive: Path, tmp_path: Path) -> None:
        other = rewritten(archive, tmp_path / "o.tar", manifest_with(province="51", srid=5898))
        self.refused(other, "GPMB_PROVINCE")

    def test_a_folder_that_is_not_there(self, city: Path, tmp_path: Path) -> None:
        with pytest.raises(CommandError, match="Không có thư mục"):
            call_command("backup", str(tmp_path / "không/có/b.tar"))

    def test_a_folder_in_place_of_a_file(self, city: Path, tmp_path: Path) -> None:
        with pytest.raises(CommandError, match="là thư mục"):
            call_command("backup", str(tmp_path))


def test_an_earlier_backup_is_replaced_only_when_told(city: Path, tmp_path: Path) -> None:
    earlier = tmp_path / "b.tar"
    earlier.write_bytes(b"the only good one")
    with pytest.raises(CommandError, match="--replace"):
        call_command("backup", str(earlier), verbosity=0)
    assert earlier.read_bytes() == b"the only good one"
    call_command("backup", str(earlier), replace=True, verbosity=0)
    assert tarfile.is_tarfile(earlier)
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith(".gpmb")] == []
