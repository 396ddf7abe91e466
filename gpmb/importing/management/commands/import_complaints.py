"""Bring a batch of letters from a workbook into the complaint register."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from gpmb.importing.console import add_list_arguments, run_import
from gpmb.importing.tables.complaint import LETTERS
from gpmb.importing.tables.engine import import_table
from gpmb.importing.tables.sheet import parse_answers


class Command(BaseCommand):
    help = (
        "Nhập đơn thư từ Excel vào sổ: Số tiếp nhận, Loại đơn, Ngày nhận và các cột của tệp xuất. "
        "Mã kết thúc: 0 đã ghi, 1 từ chối, 2 sai cách dùng, 3 cần trả lời."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        add_list_arguments(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        run_import(
            lambda move: import_table(
                options["file"],
                None,
                LETTERS,
                answers=parse_answers(options["map"], LETTERS),
                errors_to=options["errors_to"],
                progress=move,
                page=options["sheet"],
                hidden=options["with_hidden"],
                dry_run=options["dry_run"],
                accept_partial=options["accept_partial"],
            ),
            options,
            self.stdout,
        )
