"""The private PostGIS cluster: ./manage.py localdb start|stop|status|psql"""

import os
from argparse import REMAINDER, ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from gpmb.localdb import Cluster, LocalDbError


class Command(BaseCommand):
    help = "Khởi động, dừng, xem hoặc mở cụm PostGIS riêng của dự án."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("action", choices=["start", "stop", "status", "psql"])
        parser.add_argument("arguments", nargs=REMAINDER, help="chuyển tiếp cho psql")

    def handle(self, *, action: str, arguments: list[str], **options: Any) -> None:
        database = settings.DATABASES["default"]
        if "LOCALDB" not in database:
            raise CommandError("DATABASE_URL đang được đặt: dự án không dùng cụm riêng.")
        cluster = Cluster(settings.BASE_DIR)
        try:
            match action:
                case "start":
                    self._start(cluster, database["NAME"])
                case "stop":
                    stopped = cluster.stop()
                    self.stdout.write("Đã dừng cụm." if stopped else "Cụm không chạy.")
                case "status":
                    self._status(cluster)
                case "psql":
                    cluster.start()
                    cluster.ensure_database(database["NAME"])
                    command = [*cluster.psql_command(database["NAME"]), *arguments]
                    os.execv(command[0], command)  # noqa: S606  (the shell of the user's own database)
        except LocalDbError as error:
            raise CommandError(str(error)) from error

    def _start(self, cluster: Cluster, name: str) -> None:
        started = cluster.start()
        made = cluster.ensure_database(name)
        self.stdout.write("Đã khởi động cụm." if started else "Cụm đang chạy.")
        if made:
            self.stdout.write(f"Đã tạo cơ sở dữ liệu “{name}”.")

    def _status(self, cluster: Cluster) -> None:
        if not cluster.is_running():
            self.stdout.write(f"Cụm không chạy ({cluster.mode}, {cluster.home}).")
            raise SystemExit(3)  # as pg_ctl status says "not running"
        databases = cluster.query(
            "SELECT datname FROM pg_database WHERE NOT datistemplate AND datname <> 'postgres' "
            "ORDER BY datname"
        ).split()
        self.stdout.write(
            f"Cụm đang chạy ({cluster.mode}, {cluster.home}), ổ cắm {cluster.socket_dir}; "
            f"cơ sở dữ liệu: {', '.join(databases) or 'chưa có'}."
        )
