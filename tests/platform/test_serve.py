"""bin/demo and bin/serve in a copy of the project: a folder, a cluster and a port of their own."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from django.conf import settings

from gpmb.localdb import Cluster

ROOT = Path(settings.BASE_DIR)
KEY = "k" * 50


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The project below a private folder, in one with spaces and Vietnamese letters."""
    private = tmp_path_factory.mktemp("riêng")
    private.chmod(0o700)
    folder = private / "Giải phóng mặt bằng – Móng Cái"
    shutil.copytree(
        ROOT,
        folder,
        ignore=lambda at, names: (
            {name for name in names if name.startswith(".") or name == "__pycache__"}
            | ({"static", "media", "node_modules"} & set(names) if Path(at) == ROOT else set())
        ),
    )
    (folder / ".venv").symlink_to(ROOT / ".venv")
    (folder / "static").symlink_to(ROOT / "static")
    yield folder
    Cluster(folder).stop()
    shutil.rmtree(Cluster(folder).home, ignore_errors=True)


def environment(**changes: str) -> dict[str, str]:
    dropped = ("DATABASE_URL", "DJANGO_SETTINGS_MODULE", "COV_CORE_SOURCE")
    kept = {
        name: value
        for name, value in os.environ.items()
        if name not in dropped and not name.startswith("GPMB_")
    }
    return kept | {"PYTHONUTF8": "1"} | changes


def run(folder: Path, *command: str, **changes: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, *command],
        cwd=folder,
        env=environment(**changes),
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture(scope="module")
def city(copy: Path) -> Path:
    """The copy with its database migrated and a small city in it."""
    for command in (("prepare",), ("make_demo", "--scale", "0.1")):
        done = run(copy, "manage.py", *command, GPMB_DEMO_PASSWORD="mat-khau-thu-2023")
        assert done.returncode == 0, done.stdout + done.stderr
    return copy


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def answer(port: int, path: str = "/healthz", seconds: float = 180) -> tuple[int, str]:
    """Return (status, address after redirects) as soon as somebody answers."""
    until = time.monotonic() + seconds
    while True:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=20) as page:
                return page.status, page.geturl()
        except urllib.error.HTTPError as error:
            return error.code, path
        except OSError:
            if time.monotonic() > until:
                raise
            time.sleep(0.1)


# As a background job of a shell without job control: SIGINT is handed on ignored.
BACKGROUND = (
    "import os, signal, sys; signal.signal(signal.SIGINT, signal.SIG_IGN);"
    "os.execv(sys.executable, [sys.executable, *sys.argv[1:]])"
)


@contextmanager
def serving(folder: Path, kind: str, **changes: str) -> Iterator["subprocess.Popen[str]"]:
    """Run the server as a background job; gone afterwards whatever happened."""
    server = subprocess.Popen(
        [sys.executable, "-c", BACKGROUND, "-m", "gpmb.serve", kind],
        cwd=folder,
        env=environment(**changes),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    try:
        yield server
    finally:
        server.kill()
        server.communicate()


@pytest.mark.parametrize("stop", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_stops_server_and_cluster(city: Path, stop: signal.Signals) -> None:
    port, password = free_port(), "mat-khau-khac-2023"
    with serving(city, "demo", GPMB_PORT=str(port), GPMB_DEMO_PASSWORD=password) as server:
        assert answer(port) == (200, f"http://127.0.0.1:{port}/healthz")
        status, address = answer(port, "/ban-do/")
        assert (status, "/dang-nhap/" in address) == (200, True)
        assert Cluster(city).is_running()
        server.send_signal(stop)
        said, _ = server.communicate(timeout=120)
    assert server.returncode == 0, said
    assert f"http://127.0.0.1:{port}" in said
    for word in ("canbo", "ketoan", "donthu", "lanhdao", "quantri", password):
        assert word in said
    assert "Traceback" not in said
    assert not Cluster(city).is_running()
    with pytest.raises(OSError, match="refused"):
        answer(port, seconds=0)


def test_a_taken_port_is_said(city: Path) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = str(other.getsockname()[1])
        done = run(city, "-m", "gpmb.serve", "demo", GPMB_PORT=port)
    assert done.returncode == 1
    assert f"127.0.0.1:{port}" in done.stderr
    assert "GPMB_PORT" in done.stderr


def test_a_second_server_that_fails_leaves_the_first_its_database(city: Path) -> None:
    port = free_port()
    with serving(city, "demo", GPMB_PORT=str(port)) as server:
        assert answer(port)[0] == 200
        started = Cluster(city)._server_pid()
        done = run(city, "-m", "gpmb.serve", "demo", GPMB_PORT=str(port))
        assert (done.returncode, "GPMB_PORT" in done.stderr) == (1, True)
        other = run(city, "-m", "gpmb.serve", "production", GPMB_PORT=str(free_port()))
        assert (other.returncode, "gpmb.E003" in other.stderr) == (1, True)
        assert Cluster(city)._server_pid() == started, "the first server's cluster went on"
        assert "máy chủ khác" in other.stdout
        server.terminate()
        server.communicate(timeout=120)
    assert not Cluster(city).is_running()


@pytest.mark.parametrize(
    ("command", "given", "said"),
    [
        ("manage.py load_letters", {"GPMB_DB": "chua_co_bang"}, "bin/setup"),
        ("manage.py load_letters", {"GPMB_PROVINCE": "99"}, "GPMB_PROVINCE"),
        ("manage.py load_letters", {"DATABASE_URL": "postgres://may:abc/gpmb"}, "cổng"),
        ("-m gpmb.serve demo", {"DATABASE_URL": "postgres://g:sai@127.0.0.1:1/g"}, "127.0.0.1"),
    ],
)
def test_a_database_or_setting_that_can_t_be_used_is_said_in_words(
    city: Path, command: str, given: dict[str, str], said: str
) -> None:
    done = run(city, *command.split(), GPMB_PORT=str(free_port()), **given)
    assert done.returncode == 1, done.stdout
    assert said in done.stderr
    assert "Traceback" not in done.stderr
    assert "sai" not in done.stderr.split(), "the password stays unsaid"


def test_another_province_s_database_is_refused(city: Path) -> None:
    done = run(city, "manage.py", "check", "--database=default", GPMB_PROVINCE="51")
    assert done.returncode == 1
    assert "gpmb.E001" in done.stderr
    assert "EPSG:5898" in done.stderr


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"GPMB_DEBUG": "1"}, "GPMB_DEBUG"),
        ({"GPMB_HOSTS": "gpmb.example"}, "GPMB_SECRET_KEY"),
        ({"GPMB_SECRET_KEY": "short", "GPMB_HOSTS": "gpmb.example"}, "gpmb.E004"),
        ({"GPMB_SECRET_KEY": KEY}, "GPMB_HOSTS"),
        (
            {"GPMB_SECRET_KEY": KEY, "GPMB_HOSTS": "gpmb.example", "GPMB_DB": "chua_co_bang"},
            "bin/setup",
        ),
    ],
)
def test_production_refuses_what_a_developer_may(
    city: Path, given: dict[str, str], said: str
) -> None:
    done = run(city, "-m", "gpmb.serve", "production", **given)
    assert done.returncode == 1, done.stdout
    assert said in done.stderr
    assert "Traceback" not in done.stderr


def test_production_serves_static_files_with_their_names_hashed(city: Path) -> None:
    port = free_port()
    given = {"GPMB_SECRET_KEY": KEY, "GPMB_HOSTS": "127.0.0.1", "GPMB_HTTPS": "0"}
    with serving(city, "production", GPMB_PORT=str(port), **given) as server:
        assert answer(port)[0] == 200
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/dang-nhap/") as page:
            text = page.read().decode()
        names = [part.split('"')[0] for part in text.split('href="')[1:] if ".css" in part]
        sheet = next(name for name in names if name.startswith("/static/"))
        with urllib.request.urlopen(f"http://127.0.0.1:{port}{sheet}") as file:
            assert "max-age=315360000" in file.headers["Cache-Control"]
        server.terminate()
        said, _ = server.communicate(timeout=120)
    assert server.returncode == 0, said
