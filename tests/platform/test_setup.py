"""bin/setup with stand-ins for the slow programs: its words, and what a signal leaves behind."""

import os
import shutil
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from django.conf import settings

ROOT = Path(settings.BASE_DIR)
Stand = Callable[[str, str], None]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    project = tmp_path / "Bản đồ GPMB"
    shutil.copytree(ROOT / "bin", project / "bin")
    (project / "requirements.txt").write_text("nothing==0\n")
    return project


@pytest.fixture
def stand_in(tmp_path: Path) -> Stand:
    """Put a program of that name before the machine's own."""

    def make(name: str, script: str) -> None:
        path = tmp_path / "stand-ins" / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(f"#!/bin/bash\n{script}\n")
        path.chmod(0o755)

    return make


@pytest.fixture
def python_that(stand_in: Stand) -> Callable[[str], None]:
    """The machine's python3, whose .venv answers `pip install` by this script."""

    def make(pip: str) -> None:
        real = shutil.which("python3", path="/usr/bin:/usr/local/bin:" + os.environ["PATH"])
        stand_in("venv-python", f'case "$*" in *pip*) {pip} ;; esac')
        stand_in(
            "python3",
            'if [ "$1 $2" = "-m venv" ]; then mkdir -p .venv/bin\n'
            '  cp "$(dirname "$0")/venv-python" .venv/bin/python\n'
            f'else exec {real} "$@"; fi',
        )

    return make


def start(folder: Path, program: str = "bin/setup") -> "subprocess.Popen[str]":
    path = f"{folder.parent / 'stand-ins'}:{os.environ['PATH']}"
    return subprocess.Popen(
        [folder / program],
        env={"PATH": path, "HOME": str(folder.parent), "DATABASE_URL": "postgres://x/y"},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,  # no terminal to ask a password at
    )


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
@pytest.mark.parametrize("program", ["bin/setup", "bin/demo", "bin/test"])
def test_a_signal_stops_the_step_at_once_and_leaves_nothing_at_work(
    folder: Path, python_that: Callable[[str], None], program: str, number: signal.Signals
) -> None:
    shutil.copy(folder / "requirements.txt", folder / "requirements-dev.txt")
    python_that("echo $$ >pip.pid; sleep 300")
    setup = start(folder, program)
    pid = folder / "pip.pid"
    until = time.monotonic() + 60
    while not (pid.exists() and pid.read_text()) and time.monotonic() < until:
        time.sleep(0.05)
    setup.send_signal(number)
    said, _ = setup.communicate(timeout=30)
    assert setup.returncode == 130, said
    assert said.count("Đã dừng") == 1
    assert f"chạy lại {program} sẽ" in said
    with pytest.raises(ProcessLookupError):
        os.kill(int(pid.read_text()), 0)


def test_a_failing_step_says_which_and_why_and_what_to_do(
    folder: Path, python_that: Callable[[str], None]
) -> None:
    python_that("echo 'ERROR: No matching distribution found for nothing==0'; exit 1")
    setup = start(folder)
    said, _ = setup.communicate(timeout=60)
    assert setup.returncode == 1
    assert "✗ Bước “Cài thư viện Python theo requirements.txt” không xong" in said
    assert "No matching distribution found" in said
    assert "Cách xử lý: kiểm tra mạng" in said


def test_a_folder_that_can_t_be_written_is_said(folder: Path) -> None:
    (folder / ".setup-stamp").write_text("a file where a folder should be")
    setup = start(folder)
    said, _ = setup.communicate(timeout=60)
    assert setup.returncode == 1
    assert "✗ Bước “ghi vào thư mục này” không xong" in said
    assert "không ghi được" in said


def test_without_root_and_sudo_it_prints_the_one_line_and_stops(
    folder: Path, stand_in: Stand, python_that: Callable[[str], None]
) -> None:
    python_that("exit 0")
    stand_in("id", "echo 1000")
    stand_in("sudo", "exit 1")
    stand_in("apt-get", "echo TOUCHED")
    stand_in("fc-list", "")  # no Times New Roman: one package is missing
    setup = start(folder)
    said, _ = setup.communicate(timeout=60)
    assert setup.returncode == 1
    assert "apt-get update && apt-get install -y fonts-liberation2\n" in said
    assert "TOUCHED" not in said
    assert not (folder / ".venv").exists()
