"""Bring a batch of letters from a workbook into the complaint register."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from gpmb.importing.complaints import import_complaints
from gpmb.importing.console import add_common_arguments, run_import


class Command(BaseCommand):
    help = (
        "Nhập đơn thư từ Excel vào sổ: Số tiếp nhận, Loại đơn, Ngày nhận và các cột của tệp xuất. "
        "Mã kết thúc: 0 đã ghi, 1 từ chối, 2 sai cách dùng."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        add_common_arguments(parser, spatial=False)

    def handle(self, *args: Any, **options: Any) -> None:
        run_import(
            lambda move: import_complaints(
                options["file"],
                dry_run=options["dry_run"],
                accept_partial=options["accept_partial"],
            ),
            options,
            self.stdout,
        )
