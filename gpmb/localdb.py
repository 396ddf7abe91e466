"""The project's own PostgreSQL/PostGIS cluster, for a machine without a database administrator.

Debian's `postgresql-NN-postgis-3` brings the programs; the data live in a folder of the project
and the server listens on a Unix socket only. PostgreSQL refuses to run as root, so there are
three ways to run it (`GPMB_LOCALDB_MODE` forces one):

unshare   root where user namespaces are allowed: the server sees itself as an ordinary user
setpriv   root where they are refused (containers, chroots): as the user `postgres`, with the
          data in /var/lib/gpmb/<checksum>, because that user may not reach the project folder
direct    an ordinary user: as that user

Standard library only: settings import this module before anything else is ready.
"""

import fcntl
import hashlib
import os
import pwd
import shutil
import stat
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

ROLE = "gpmb"
EXTENSIONS = ("postgis", "unaccent", "pg_trgm", "btree_gist")
DEBIAN_PROGRAMS = Path("/usr/lib/postgresql")
START_SECONDS = 60
# A name of our own under the system's folder for passing files: TMPDIR may differ between two
# shells, and a socket's path holds at most 107 bytes.
SOCKETS = Path("/tmp")  # noqa: S108
SHARED_DATA = Path("/var/lib/gpmb")

# pgtrigger's guard reads this setting in a block that catches the error of its absence: 50 µs for
# each row and trigger. Each such error aborts a subtransaction, which walks the list of all
# deferred triggers: quadratic at commit (20,000 parcels: 78 s, with the setting there 2 s).
# Empty, it ignores no trigger.
QUIET_TRIGGERS = "-c pgtrigger.ignore={}"

SERVER_SETTINGS = """
# gpmb.localdb: a city's data on a small machine, one socket, no network.
listen_addresses = ''
max_connections = 100
shared_buffers = 128MB
work_mem = 16MB
maintenance_work_mem = 128MB
effective_cache_size = 1GB
random_page_cost = 1.1
max_wal_size = 2GB
jit = off
timezone = 'Asia/Ho_Chi_Minh'
log_timezone = 'Asia/Ho_Chi_Minh'
"""


class LocalDbError(RuntimeError):
    """The private cluster can't do what was asked: which step, why, what to do."""


class Mode(StrEnum):
    UNSHARE = "unshare"
    SETPRIV = "setpriv"
    DIRECT = "direct"


def database_settings(base_dir: Path) -> dict[str, Any]:
    """Return Django's DATABASES["default"]: DATABASE_URL when set, else the private cluster.

    GPMB_DB names the database of the private cluster (made on demand, default "gpmb"),
    GPMB_TEST_DB the test database of either.
    """
    url = os.environ.get("DATABASE_URL", "")
    test = {"NAME": name} if (name := os.environ.get("GPMB_TEST_DB")) else {}
    common = {"CONN_MAX_AGE": 60, "CONN_HEALTH_CHECKS": True, "TEST": test}
    if url:
        return common | _from_url(url)
    return common | {
        "ENGINE": "gpmb.postgis",
        "NAME": os.environ.get("GPMB_DB") or "gpmb",
        "USER": ROLE,
        "HOST": str(Cluster(base_dir).socket_dir),
        "LOCALDB": str(base_dir),
        "OPTIONS": {"options": QUIET_TRIGGERS},
    }


def _from_url(url: str) -> dict[str, Any]:
    parts = urlsplit(url)
    if parts.scheme not in {"postgis", "postgres", "postgresql"}:
        raise LocalDbError(
            f"DATABASE_URL: không hiểu “{parts.scheme}://”; "
            "viết postgis://người_dùng:mật_khẩu@máy:cổng/tên_cơ_sở_dữ_liệu"
        )
    try:
        port = str(parts.port or "")
    except ValueError:
        raise LocalDbError("DATABASE_URL: cổng sau dấu “:” phải là một số, ví dụ :5432") from None
    name = unquote(parts.path.lstrip("/")) or os.environ.get("GPMB_DB", "")
    if not name:
        raise LocalDbError("DATABASE_URL: thiếu tên cơ sở dữ liệu ở cuối địa chỉ (…/tên)")
    options = dict(parse_qsl(parts.query))
    options["options"] = f"{options.get('options', '')} {QUIET_TRIGGERS}".strip()
    return {
        "ENGINE": "django.contrib.gis.db.backends.postgis",
        "NAME": name,
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": options.pop("host", None) or unquote(parts.hostname or ""),
        "PORT": port,
        "OPTIONS": options,
    }


@dataclass(frozen=True)
class Cluster:
    """The private cluster of the project in `base_dir`."""

    base_dir: Path

    @cached_property
    def checksum(self) -> str:
        return hashlib.sha256(os.fsencode(self.base_dir.resolve())).hexdigest()[:16]

    @cached_property
    def socket_dir(self) -> Path:
        return SOCKETS / f"gpmb-{self.checksum}"

    @cached_property
    def mode(self) -> Mode:
        return choose_mode(self.base_dir)

    @cached_property
    def home(self) -> Path:
        """The folder of the data and of the server's log."""
        if self.mode is Mode.SETPRIV:
            return SHARED_DATA / self.checksum
        return self.base_dir.resolve() / ".localdb"

    @property
    def data(self) -> Path:
        return self.home / "data"

    @property
    def log(self) -> Path:
        return self.home / "server.log"

    @cached_property
    def programs(self) -> Path:
        """The folder of initdb and postgres: of the data's version, else the newest."""
        version = self.data / "PG_VERSION"
        wanted = version.read_text().strip() if version.exists() else None
        return find_programs(wanted)

    def is_running(self) -> bool:
        return self._answers() == 0

    def start(self) -> bool:
        """Start the server, made first if there is none; True if it was not running."""
        with self._lock():
            if self.is_running():
                return False
            self._make_socket_dir()
            if not self.data.exists():
                self._initialise()
            self._forget_dead_server()
            if self._server_alive() and self._answers() == 2:
                self._pg_ctl("stop", "-m", "fast")  # its socket is gone: nobody can reach it
            if not self._server_alive():
                self._pg_ctl("start", "-l", str(self.log), "-o", f"-k {self.socket_dir}")
            self._wait_until_ready()
            self._prepare_template()
        return True

    def stop(self) -> bool:
        """Stop the server, letting no transaction half done; False if it was not running."""
        with self._lock():
            if not self._server_alive():
                return False
            self._pg_ctl("stop", "-m", "fast")
            shutil.rmtree(self.socket_dir, ignore_errors=True)
        return True

    def ensure_database(self, name: str) -> bool:
        """Create the database if it is missing; True if it was created."""
        with self._lock():
            literal = name.replace("'", "''")
            if self.query(f"SELECT 1 FROM pg_database WHERE datname = '{literal}'"):  # noqa: S608
                return False
            identifier = name.replace('"', '""')
            self.query(f'CREATE DATABASE "{identifier}"')
        return True

    def query(self, sql: str, database: str = "postgres") -> str:
        """Run one statement; its rows as text."""
        return self._run(
            [
                *self.psql_command(database),
                *("--no-psqlrc", "--quiet", "--tuples-only", "--no-align"),
                *("--set=ON_ERROR_STOP=1", "--command", sql),
            ],
            step=f"chạy lệnh SQL trong cơ sở dữ liệu “{database}”",
            as_owner=False,
        ).strip()

    def psql_command(self, database: str) -> list[str]:
        return [
            str(self.programs / "psql"),
            f"--host={self.socket_dir}",
            f"--username={ROLE}",
            f"--dbname={database}",
        ]

    # -- steps of a start -------------------------------------------------------------------

    @contextmanager
    def _lock(self) -> Iterator[None]:
        """One start or stop at a time, among threads and processes."""
        folder = self.base_dir.resolve() / ".localdb"
        try:
            folder.mkdir(mode=0o700, exist_ok=True)
            handle = os.open(folder / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError as error:
            raise LocalDbError(
                f"Cụm cơ sở dữ liệu riêng: không ghi được vào {folder} ({error.strerror}). "
                "Hãy chạy bằng người dùng sở hữu thư mục dự án, hoặc đặt DATABASE_URL."
            ) from error
        try:
            fcntl.flock(handle, fcntl.LOCK_EX)
            yield
        finally:
            os.close(handle)

    def _make_socket_dir(self) -> None:
        owner = pwd.getpwnam("postgres").pw_uid if self.mode is Mode.SETPRIV else os.geteuid()
        try:
            self.socket_dir.mkdir(mode=0o700)
            os.chown(self.socket_dir, owner, -1)
        except FileExistsError:
            found = self.socket_dir.lstat()
            if not stat.S_ISDIR(found.st_mode) or found.st_uid not in {owner, os.geteuid()}:
                # Anyone may write in /tmp: a folder of somebody else's would give them the data.
                raise LocalDbError(
                    f"Thư mục ổ cắm {self.socket_dir} thuộc về người dùng khác; "
                    "hãy xoá nó (rm -r) rồi chạy lại."
                ) from None
            os.chown(self.socket_dir, owner, -1)
            self.socket_dir.chmod(0o700)

    def _initialise(self) -> None:
        """Make the cluster beside its final place, so that an interruption leaves none."""
        if self.mode is Mode.SETPRIV:
            SHARED_DATA.mkdir(mode=0o755, exist_ok=True)
            self.home.mkdir(mode=0o700, exist_ok=True)
            shutil.chown(self.home, "postgres", "postgres")
        fresh = self.home / "data.new"
        shutil.rmtree(fresh, ignore_errors=True)
        (self.home / "prepared").unlink(missing_ok=True)
        self._run(
            [
                str(self.programs / "initdb"),
                f"--pgdata={fresh}",
                f"--username={ROLE}",
                "--encoding=UTF8",
                "--locale=C.UTF-8",
                "--auth=trust",  # the socket's folder is 0700: only its owner and root get in
                "--no-instructions",
            ],
            step="tạo cụm (initdb)",
        )
        with (fresh / "postgresql.conf").open("a", encoding="utf-8") as settings:
            settings.write(SERVER_SETTINGS)
        fresh.rename(self.data)

    def _prepare_template(self) -> None:
        """Put the extensions into template1, from where every database takes them."""
        done = self.home / "prepared"
        if done.exists():
            return
        for extension in EXTENSIONS:
            self.query(f"CREATE EXTENSION IF NOT EXISTS {extension}", database="template1")
        done.touch()

    def _wait_until_ready(self) -> None:
        until = time.monotonic() + START_SECONDS
        while not self.is_running():
            if time.monotonic() > until:
                raise LocalDbError(
                    f"Khởi động cụm cơ sở dữ liệu: sau {START_SECONDS} giây máy chủ chưa trả lời. "
                    f"Xem {self.log}"
                )
            time.sleep(0.05)

    def _answers(self) -> int:
        """Return pg_isready's answer: 0 ready, 1 starting or stopping, 2 nobody there."""
        return subprocess.run(  # noqa: S603  (fixed arguments)
            [self.programs / "pg_isready", "--quiet", f"--host={self.socket_dir}", "--timeout=3"],
            env=_environment(),
            cwd="/",
            check=False,
        ).returncode

    def _server_pid(self) -> int | None:
        try:
            return int((self.data / "postmaster.pid").read_text().split("\n", 1)[0])
        except (OSError, ValueError):
            return None

    def _server_alive(self) -> bool:
        pid = self._server_pid()
        if pid is None:
            return False
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return False
        except PermissionError:
            return True
        folder = Path(f"/proc/{pid}/cwd")
        try:
            return not folder.exists() or folder.resolve() == self.data.resolve()
        except OSError:
            return True

    def _forget_dead_server(self) -> None:
        """Remove the pid file of a machine that went down, whose number lives on elsewhere."""
        if self._server_pid() is not None and not self._server_alive():
            (self.data / "postmaster.pid").unlink(missing_ok=True)

    def _pg_ctl(self, action: str, *arguments: str) -> None:
        self._run(
            [
                str(self.programs / "pg_ctl"),
                action,
                f"--pgdata={self.data}",
                "--wait",
                f"--timeout={START_SECONDS}",
                "--silent",
                *arguments,
            ],
            step={"start": "khởi động máy chủ", "stop": "dừng máy chủ"}[action],
        )

    def _run(self, command: list[str], *, step: str, as_owner: bool = True) -> str:
        if as_owner:
            command = [*_owner_prefix(self.mode), *command]
        done = subprocess.run(  # noqa: S603  (no shell, fixed programs)
            command,
            env=_environment(),
            cwd="/",
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            detail = (done.stderr or done.stdout).strip()
            raise LocalDbError(
                f"Cụm cơ sở dữ liệu riêng, bước “{step}” ({self.mode}) không xong: {detail}\n"
                f"Nhật ký: {self.log}. Có thể dùng PostGIS sẵn có bằng DATABASE_URL."
            )
        return done.stdout


def choose_mode(base_dir: Path) -> Mode:
    """Return how the server can run here; GPMB_LOCALDB_MODE decides when set."""
    root = os.geteuid() == 0
    forced = os.environ.get("GPMB_LOCALDB_MODE")
    if forced:
        try:
            mode = Mode(forced)
        except ValueError:
            raise LocalDbError(
                f"GPMB_LOCALDB_MODE={forced}: chỉ nhận unshare, setpriv hoặc direct"
            ) from None
        if mode is Mode.DIRECT and root:
            raise LocalDbError(
                "GPMB_LOCALDB_MODE=direct: PostgreSQL không chạy bằng root; "
                "bỏ biến này hoặc chạy bằng người dùng thường."
            )
        if mode is Mode.SETPRIV and not root:
            raise LocalDbError("GPMB_LOCALDB_MODE=setpriv chỉ dùng được khi chạy bằng root")
        return mode
    if not root:
        return Mode.DIRECT
    if user_namespaces_allowed():
        return Mode.UNSHARE
    if (base_dir / ".localdb/data/PG_VERSION").exists():
        raise LocalDbError(
            f"Dữ liệu ở {base_dir / '.localdb'} được tạo khi máy còn cho phép user namespace, nay "
            "bị từ chối. Chạy ở nơi cho phép, hoặc đặt GPMB_LOCALDB_MODE=setpriv để tạo cụm mới."
        )
    return Mode.SETPRIV


def user_namespaces_allowed() -> bool:
    if shutil.which("unshare") is None:
        return False
    probe = [*_owner_prefix(Mode.UNSHARE), "true"]
    done = subprocess.run(probe, capture_output=True, check=False)  # noqa: S603  (fixed arguments)
    return done.returncode == 0


def find_programs(version: str | None = None) -> Path:
    """Return the folder of PostgreSQL's programs: of that major version, else the newest."""
    installed = sorted(
        (
            (int(folder.name), folder / "bin")
            for folder in DEBIAN_PROGRAMS.glob("[0-9]*")
            if folder.name.isdigit() and (folder / "bin/initdb").exists()
        ),
        reverse=True,
    )
    with_postgis = [
        (number, folder) for number, folder in installed if _postgis_control(number).exists()
    ]
    for number, folder in with_postgis:
        if version in (None, str(number)):
            return folder
    if version is None and (elsewhere := shutil.which("pg_ctl")) and not installed:
        return Path(elsewhere).resolve().parent
    wanted = f"PostgreSQL {version}" if version else "PostgreSQL"
    package = f"postgresql-{version}-postgis-3" if version else "postgresql-postgis"
    raise LocalDbError(
        f"Chưa có {wanted} kèm PostGIS trên máy. Chạy bin/setup, hoặc: apt-get install {package}"
    )


def _postgis_control(version: int) -> Path:
    return Path(f"/usr/share/postgresql/{version}/extension/postgis.control")


def _owner_prefix(mode: Mode) -> list[str]:
    if mode is Mode.UNSHARE:
        # initdb looks its user up by number, so take one that exists: Debian's, else nobody.
        try:
            user = pwd.getpwnam("postgres")
            uid, gid = user.pw_uid, user.pw_gid
        except KeyError:
            uid = gid = 65534
        return ["unshare", "--user", f"--map-user={uid}", f"--map-group={gid}", "--"]
    if mode is Mode.SETPRIV:
        return ["setpriv", "--reuid=postgres", "--regid=postgres", "--init-groups", "--"]
    return []


def _environment() -> dict[str, str]:
    kept = {key: value for key, value in os.environ.items() if not key.startswith("PG")}
    return kept | {"LC_ALL": "C.UTF-8"}
