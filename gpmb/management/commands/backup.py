"""./manage.py backup FILE: database and uploaded files in one file."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from gpmb import backup


class Command(BaseCommand):
    help = "Sao lưu cơ sở dữ liệu và tệp tải lên vào một tệp (có dữ liệu cá nhân: giữ kín)."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path, help="tệp sẽ ghi, ví dụ gpmb-2023-06-30.tar")
        parser.add_argument("--replace", action="store_true", help="ghi đè tệp đã có cùng tên")

    def handle(self, *, file: Path, replace: bool, **options: Any) -> None:
        try:
            manifest = backup.write(file, replace=replace)
        except backup.BackupError as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"Đã sao lưu vào {file}: {backup.describe(manifest)}.")
