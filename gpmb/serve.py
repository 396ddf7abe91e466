"""Serve the site by gunicorn: `python -m gpmb.serve demo|production`.

The program sets its own signal handlers, since a shell in the background hands SIGINT on
ignored; SIGINT and SIGTERM stop the server first, then the private cluster.
"""

import argparse
import fcntl
import os
import secrets
import signal
import socket
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from gpmb.localdb import Cluster
from gpmb.trouble import in_words

BASE_DIR = Path(__file__).resolve().parent.parent
LOCAL_HOSTS = "127.0.0.1,localhost,[::1]"
STATE = BASE_DIR / ".localdb"
MADE_UP_BYTES = {"secret-key": 50, "demo-password": 9}  # the second one is typed by hand


class ServeError(RuntimeError):
    """The site can't be served: why, and what to do."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Exit code 0 after a stop that was asked for, 1 when the site can't be served."""
    parser = argparse.ArgumentParser(prog="python -m gpmb.serve")
    parser.add_argument("kind", choices=["demo", "production"])
    parser.add_argument("--prepare", action="store_true", help="demo: everything except serving")
    options = parser.parse_args(arguments)
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, _leave)  # until gunicorn sets its own
    master = os.getpid()
    try:
        if not options.prepare:
            _refuse_taken(_address(options.kind))  # before the minute that the city takes
    except ServeError as error:
        sys.stderr.write(f"✗ {error}\n")
        return 1
    with _presence() as alone:
        try:
            if options.kind == "demo":
                serve_demo(prepare_only=options.prepare)
            else:
                serve_production()
        except Exception as error:
            said = str(error) if isinstance(error, ServeError) else in_words(error)
            if said is None:
                raise
            sys.stderr.write(f"✗ {said}\n")
            return 1
        finally:
            if os.getpid() == master and not options.prepare:
                _stop_cluster(alone)
    return 0


@contextmanager
def _presence() -> Iterator[Callable[[], bool]]:
    """Be counted among the servers of this folder; gives the question whether it is the last."""
    STATE.mkdir(mode=0o700, exist_ok=True)
    handle = os.open(STATE / "serving", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    fcntl.flock(handle, fcntl.LOCK_SH)

    def alone() -> bool:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

    try:
        yield alone
    finally:
        os.close(handle)


def _leave(number: int, frame: Any) -> None:
    raise SystemExit(128 + number)


def _stop_cluster(alone: Callable[[], bool]) -> None:
    if os.environ.get("DATABASE_URL"):
        return
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)  # asked once is enough
    if not alone():
        _say("Đã dừng máy chủ; cụm cơ sở dữ liệu còn phục vụ một máy chủ khác của thư mục này.")
    elif Cluster(BASE_DIR).stop():
        _say("Đã dừng máy chủ và cụm cơ sở dữ liệu.")


def serve_demo(*, prepare_only: bool) -> None:
    """Serve the illustrative city to this machine, making it first if it is missing."""
    defaults = {
        "GPMB_DEBUG": "0",
        "GPMB_HTTPS": "0",
        "GPMB_HOSTS": LOCAL_HOSTS,
        "GPMB_SECRET_KEY": _kept("secret-key"),
        "GPMB_DEMO_PASSWORD": _kept("demo-password", os.environ.get("GPMB_DEMO_PASSWORD")),
    }
    for name, value in defaults.items():
        os.environ.setdefault(name, value)
    _set_up_django()
    from gpmb import demo_city, static_files  # need the models

    demo_city.make_if_missing(_say)
    static_files.collect()
    if prepare_only:
        _say("Đã sẵn sàng; chạy bin/demo để mở.")
        return
    address = _address("demo")
    accounts = "\n".join(f"    {name:<9} {role}" for name, role in demo_city.accounts())
    _run_gunicorn(
        address,
        f"\n  Bản đồ giải phóng mặt bằng (số liệu minh hoạ): http://{address}\n"
        f"{accounts}\n"
        f"    mật khẩu chung: {os.environ['GPMB_DEMO_PASSWORD']}\n"
        "  Ctrl-C để dừng.\n",
    )


def serve_production() -> None:
    """Serve with the environment's settings, refusing those of a developer's machine."""
    if os.environ.setdefault("GPMB_DEBUG", "0") != "0":
        raise ServeError("GPMB_DEBUG đang bật: bin/serve chỉ chạy với GPMB_DEBUG=0.")
    _set_up_django()
    from django.core.management import call_command
    from django.core.management.base import CommandError, SystemCheckError

    from gpmb import static_files

    try:
        call_command("check", databases=["default"])
    except SystemCheckError as refused:
        raise ServeError(str(refused)) from refused
    try:
        call_command("migrate", check_unapplied=True, verbosity=0)
    except (CommandError, SystemExit) as pending:
        raise ServeError(
            "Cơ sở dữ liệu chưa theo phiên bản này: sao lưu (manage.py backup), "
            "rồi chạy bin/setup với cùng các biến môi trường."
        ) from pending
    static_files.collect()
    address = _address("production")
    _run_gunicorn(address, f"Đang phục vụ tại http://{address}")


def _set_up_django() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "gpmb.settings")
    import django

    django.setup()


def _run_gunicorn(address: str, welcome: str) -> None:
    from django.db import connections
    from gunicorn.app.base import BaseApplication

    _refuse_taken(address)
    connections.close_all()  # a connection must not cross the fork

    class Site(BaseApplication):
        def load_config(self) -> None:
            for name, value in _gunicorn_settings(address, welcome).items():
                self.cfg.set(name, value)

        def load(self) -> Callable[..., Any]:
            from django.urls import get_resolver

            from gpmb.wsgi import application

            # Import every view before the fork: the workers share them, the first page is quick.
            _ = get_resolver().url_patterns
            return application

    Site().run()


def _gunicorn_settings(address: str, welcome: str) -> dict[str, Any]:
    return {
        "bind": address,
        "worker_class": "gthread",
        "workers": int(os.environ.get("GPMB_WORKERS", "2")),
        "threads": int(os.environ.get("GPMB_THREADS", "4")),
        "preload_app": True,
        "timeout": 120,
        "graceful_timeout": 5,
        "max_requests": 5000,
        "max_requests_jitter": 500,
        "loglevel": "warning",
        "control_socket_disable": True,
        "when_ready": lambda arbiter: _say(welcome),
        # Python takes seconds to unload these libraries; a worker that has answered its last
        # request has nothing left to save.
        "worker_exit": lambda arbiter, worker: os._exit(0),
    }


def _refuse_taken(address: str) -> None:
    host, _, port = address.rpartition(":")
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, int(port)))
        except OSError as error:
            raise ServeError(
                f"Không mở được cổng {address} ({error.strerror}): dừng chương trình đang dùng "
                "cổng ấy, hoặc chọn cổng khác bằng GPMB_PORT."
            ) from error


def _address(kind: str) -> str:
    host = os.environ.get("GPMB_BIND", "127.0.0.1") if kind == "production" else "127.0.0.1"
    return f"{host}:{_port()}"


def _port() -> int:
    text = os.environ.get("GPMB_PORT", "8000")
    if not (text.isdigit() and 0 < int(text) < 65536):
        raise ServeError(f"GPMB_PORT={text}: cần một số cổng từ 1 đến 65535.")
    return int(text)


def _kept(name: str, given: str | None = None) -> str:
    """Return this folder's secret, the one given or made up once: logins survive a restart."""
    path = STATE / name
    if given or not path.exists():
        STATE.mkdir(mode=0o700, exist_ok=True)
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(handle, "w") as file:
            file.write(given or secrets.token_urlsafe(MADE_UP_BYTES[name]))
    return path.read_text().strip()


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
