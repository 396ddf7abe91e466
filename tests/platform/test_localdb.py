"""The private cluster runs in each of its three ways, and refuses clearly where it can't."""

import os
import pwd
import shutil
import stat
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from gpmb import localdb
from gpmb.localdb import Cluster, LocalDbError, Mode, database_settings

ClusterIn = Callable[[Path, Mode], Cluster]


def works(cluster: Cluster) -> None:
    """Start, ask PostGIS something, keep a row over a restart, stop."""
    assert cluster.start()
    assert cluster.is_running()
    assert not cluster.start(), "a second start has nothing to do"
    assert cluster.ensure_database("thử")
    assert not cluster.ensure_database("thử")
    area = cluster.query("SELECT ST_Area(ST_MakeEnvelope(0, 0, 20, 5, 5899))", database="thử")
    assert area == "100"
    cluster.query("CREATE TABLE kept AS SELECT 7 AS n", database="thử")
    assert cluster.stop()
    assert not cluster.is_running()
    assert not cluster.socket_dir.exists()
    assert not cluster.stop()
    assert cluster.start()
    assert cluster.query("SELECT n FROM kept", database="thử") == "7"


def test_a_user_namespace_runs_it_below_a_private_folder(
    tmp_path: Path, cluster_in: ClusterIn
) -> None:
    folder = tmp_path / "riêng tư" / "dự án"
    folder.mkdir(parents=True)
    folder.parent.chmod(0o700)
    cluster = cluster_in(folder, Mode.UNSHARE)
    if localdb.user_namespaces_allowed():
        works(cluster)
        assert cluster.data == folder.resolve() / ".localdb/data"
    else:
        with pytest.raises(LocalDbError, match="unshare"):
            cluster.start()


def test_root_without_user_namespaces_runs_it_as_the_postgres_user(
    tmp_path: Path, cluster_in: ClusterIn, is_root: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not is_root:
        monkeypatch.setenv("GPMB_LOCALDB_MODE", "setpriv")
        with pytest.raises(LocalDbError, match="root"):
            _ = Cluster(tmp_path).mode
        return
    cluster = cluster_in(tmp_path, Mode.SETPRIV)
    if not Path("/").stat().st_mode & stat.S_IXOTH:
        # A machine (some build roots) where no other user may run anything: said, not hung.
        with pytest.raises(LocalDbError, match="setpriv"):
            cluster.start()
        return
    works(cluster)
    assert cluster.home == Path("/var/lib/gpmb") / cluster.checksum
    assert cluster.data.owner() == "postgres"
    assert not (tmp_path / ".localdb/data").exists()


def test_an_ordinary_user_runs_it_directly(open_folder: Path, is_root: bool) -> None:
    """As that user even when the tests run as root: with a copy of the module it may read."""
    shutil.copy(localdb.__file__, open_folder / "localdb.py")
    script = open_folder / "run.py"
    script.write_text(
        "import sys\n"
        "from pathlib import Path\n"
        "from localdb import Cluster\n"
        "cluster = Cluster(Path(sys.argv[1]))\n"
        "cluster.start()\n"
        "print(cluster.mode, cluster.query('SELECT ST_SRID(ST_Point(0, 0, 5899))', 'template1'))\n"
        "cluster.stop()\n"
        "print(cluster.is_running())\n",
        encoding="utf-8",
    )
    become = []
    if is_root and localdb.user_namespaces_allowed():
        become = localdb._owner_prefix(Mode.UNSHARE)  # in there it is an ordinary user
    elif is_root:
        shutil.chown(open_folder, "postgres")
        become = localdb._owner_prefix(Mode.SETPRIV)
    environment = {"PATH": os.environ["PATH"], "PYTHONUTF8": "1"}
    python = "/usr/bin/python3" if Path("/usr/bin/python3").exists() else sys.executable
    done = subprocess.run(
        [*become, python, script, open_folder],
        capture_output=True,
        text=True,
        check=False,
        cwd="/",
        env=environment,
    )
    assert done.stdout.split() == ["direct", "5899", "False"], done.stderr


def test_direct_is_refused_to_root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GPMB_LOCALDB_MODE", "direct")
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    with pytest.raises(LocalDbError, match="root"):
        localdb.choose_mode(tmp_path)


def test_an_unknown_mode_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GPMB_LOCALDB_MODE", "docker")
    with pytest.raises(LocalDbError, match="docker"):
        localdb.choose_mode(tmp_path)


@pytest.mark.parametrize(
    ("uid", "namespaces", "mode"),
    [(1000, True, Mode.DIRECT), (0, True, Mode.UNSHARE), (0, False, Mode.SETPRIV)],
)
def test_the_mode_follows_from_the_machine(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, uid: int, namespaces: bool, mode: Mode
) -> None:
    monkeypatch.delenv("GPMB_LOCALDB_MODE", raising=False)
    monkeypatch.setattr(os, "geteuid", lambda: uid)
    monkeypatch.setattr(localdb, "user_namespaces_allowed", lambda: namespaces)
    assert localdb.choose_mode(tmp_path) is mode


def test_data_made_in_a_namespace_are_never_silently_replaced(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("GPMB_LOCALDB_MODE", raising=False)
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    monkeypatch.setattr(localdb, "user_namespaces_allowed", lambda: False)
    (tmp_path / ".localdb/data").mkdir(parents=True)
    (tmp_path / ".localdb/data/PG_VERSION").write_text("15\n")
    with pytest.raises(LocalDbError, match="setpriv"):
        localdb.choose_mode(tmp_path)


def natural_mode() -> Mode:
    return localdb.choose_mode(Path("/nonexistent"))


def test_of_two_starts_at_once_one_does_it(tmp_path: Path, cluster_in: ClusterIn) -> None:
    cluster = cluster_in(tmp_path, natural_mode())
    with ThreadPoolExecutor(2) as pool:
        started = list(pool.map(lambda _: cluster.start(), range(2)))
    assert sorted(started) == [False, True]


def test_an_interrupted_creation_and_a_dead_server_are_mended(
    tmp_path: Path, cluster_in: ClusterIn
) -> None:
    cluster = cluster_in(tmp_path, natural_mode())
    half = cluster.home / "data.new"
    half.mkdir(parents=True)
    (half / "PG_VERSION").write_text("15\n")
    cluster.start()
    assert not half.exists()
    cluster.stop()
    # The machine went down, and its process number now belongs to somebody else: to us.
    (cluster.data / "postmaster.pid").write_text(f"{os.getpid()}\n{cluster.data}\n")
    assert cluster.start()
    assert cluster.is_running()


def test_a_socket_folder_of_somebody_else_is_refused(
    tmp_path: Path, cluster_in: ClusterIn, is_root: bool
) -> None:
    cluster = cluster_in(tmp_path, natural_mode())
    cluster.socket_dir.symlink_to(tmp_path)
    try:
        with pytest.raises(LocalDbError, match="người dùng khác"):
            cluster.start()
    finally:
        cluster.socket_dir.unlink()
    if is_root:
        cluster.socket_dir.mkdir()
        os.chown(cluster.socket_dir, pwd.getpwnam("nobody").pw_uid, -1)
        with pytest.raises(LocalDbError, match="người dùng khác"):
            cluster.start()


def test_the_socket_path_fits_however_deep_the_folder(tmp_path: Path) -> None:
    deep = tmp_path / ("thư mục rất dài " * 12) / ("nữa " * 40)
    path = Cluster(deep).socket_dir / ".s.PGSQL.5432"
    assert len(os.fsencode(path)) <= 107
    assert Cluster(tmp_path).socket_dir != Cluster(deep).socket_dir


def test_the_first_connection_starts_the_cluster_and_makes_the_database(
    tmp_path: Path, cluster_in: ClusterIn
) -> None:
    cluster = cluster_in(tmp_path, natural_mode())
    script = (
        "import sys, django\n"
        "from pathlib import Path\n"
        "from django.conf import settings\n"
        "from gpmb.localdb import database_settings\n"
        "settings.configure(DATABASES={'default': database_settings(Path(sys.argv[1]))})\n"
        "django.setup()\n"
        "from django.db import connection\n"
        "with connection.cursor() as cursor:\n"
        "    cursor.execute('SELECT current_database(), postgis_lib_version()')\n"
        "    print(cursor.fetchone()[0])\n"
    )
    environment = os.environ | {"GPMB_DB": "mới"}
    environment.pop("DATABASE_URL", None)
    done = subprocess.run(
        [sys.executable, "-c", script, tmp_path],
        capture_output=True,
        text=True,
        check=False,
        env=environment,
        cwd=Path(localdb.__file__).parent.parent,
    )
    assert done.stdout.strip() == "mới", done.stderr
    assert cluster.is_running()


class TestDatabaseSettings:
    def test_a_url_is_used_as_it_is(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv(
            "DATABASE_URL", "postgis://an:m%40t@db.example:6432/city?sslmode=require"
        )
        found = database_settings(tmp_path)
        assert found["ENGINE"] == "django.contrib.gis.db.backends.postgis"
        assert (found["USER"], found["PASSWORD"]) == ("an", "m@t")
        assert (found["HOST"], found["PORT"], found["NAME"]) == ("db.example", "6432", "city")
        assert found["OPTIONS"] == {"sslmode": "require", "options": "-c pgtrigger.ignore={}"}
        assert "LOCALDB" not in found

    def test_a_socket_may_be_given_as_host(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("DATABASE_URL", "postgresql://an@/city?host=/run/postgresql")
        assert database_settings(tmp_path)["HOST"] == "/run/postgresql"

    @pytest.mark.parametrize("url", ["mysql://an@db/city", "postgis://db.example"])
    def test_another_url_is_refused(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, url: str
    ) -> None:
        monkeypatch.setenv("DATABASE_URL", url)
        monkeypatch.delenv("GPMB_DB", raising=False)
        with pytest.raises(LocalDbError, match="DATABASE_URL"):
            database_settings(tmp_path)

    def test_names_come_from_the_environment(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.delenv("DATABASE_URL", raising=False)
        monkeypatch.setenv("GPMB_DB", "khác")
        monkeypatch.setenv("GPMB_TEST_DB", "test_khác")
        found = database_settings(tmp_path)
        assert (found["NAME"], found["TEST"]) == ("khác", {"NAME": "test_khác"})
        assert found["HOST"] == str(Cluster(tmp_path).socket_dir)
