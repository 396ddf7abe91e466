"""Bring the database to this version: tables, cache table, reference rows. Safe to repeat."""

from io import StringIO
from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import DEFAULT_DB_ALIAS, ProgrammingError, connection
from django.db.migrations.loader import MigrationLoader

from gpmb import prepared


class Command(BaseCommand):
    help = "Chuẩn bị cơ sở dữ liệu: cấu trúc bảng, bảng bộ nhớ đệm, dữ liệu tham chiếu."
    requires_system_checks: list[str] = []  # done once, at the end, with the database's own

    def handle(self, *, verbosity: int, **options: Any) -> None:
        self._refuse_other_version()
        call_command("migrate", interactive=False, verbosity=0)
        call_command("createcachetable", verbosity=0)
        call_command("load_reference", verbosity=0)
        call_command("load_letters", stdout=StringIO())
        self.check(databases=[DEFAULT_DB_ALIAS])
        self._mark()
        self.stdout.write("Cơ sở dữ liệu sẵn sàng.")

    def _refuse_other_version(self) -> None:
        """Leave a database alone that has steps this version doesn't know."""
        loader = MigrationLoader(connection)
        unknown = sorted(set(loader.applied_migrations) - set(loader.disk_migrations))
        if unknown:
            raise CommandError(
                f"Cơ sở dữ liệu “{connection.settings_dict['NAME']}” do bản khác của chương trình "
                f"tạo: có bước cấu trúc {'.'.join(unknown[0])} mà bản này không biết. Chưa thay "
                "đổi gì. Hãy chạy bản đã tạo ra nó (sao lưu bằng bản đó nếu cần giữ số liệu), "
                "hoặc đặt GPMB_DB sang tên mới để bắt đầu với cơ sở dữ liệu trống."
            )

    def _mark(self) -> None:
        try:
            with connection.cursor() as cursor:
                prepared.mark(cursor, connection.settings_dict["NAME"])
        except ProgrammingError:
            # Not the owner of a shared database: nothing is lost but a few seconds next time.
            connection.close()
