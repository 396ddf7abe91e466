"""Bring an office's land-recovery list into a project."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from gpmb.importing.console import add_list_arguments, project_of, run_import
from gpmb.importing.lists.run import import_workbook


class Command(BaseCommand):
    help = (
        "Nhập danh sách thu hồi đất từ Excel vào một dự án: hồ sơ, chủ sử dụng, diện tích, tiền, "
        "bước. Mã kết thúc: 0 đã ghi, 1 từ chối, 2 sai cách dùng, 3 cần trả lời."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        add_list_arguments(parser)
        parser.add_argument("--project", required=True, metavar="CODE", help="mã dự án")
        parser.add_argument("--unit", default="", metavar="CODE[@DATE]", help="xã, phường")
        parser.add_argument(
            "--same-household",
            action="store_true",
            help="dòng để trống họ tên là thửa tiếp theo của hộ ở dòng trên",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        project = project_of(options["project"])
        run_import(
            lambda move: import_workbook(
                options["file"],
                project,
                unit=options["unit"],
                answers=options["map"],
                dry_run=options["dry_run"],
                accept_partial=options["accept_partial"],
                errors_to=options["errors_to"],
                hidden=options["with_hidden"],
                together=options["same_household"],
                page=options["sheet"],
                progress=move,
            ),
            options,
            self.stdout,
        )
