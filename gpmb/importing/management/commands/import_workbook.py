"""Bring an office's land-recovery list into a project."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand

from gpmb.importing.console import add_common_arguments, project_of, run_import
from gpmb.importing.lists import import_workbook


class Command(BaseCommand):
    help = (
        "Nhập danh sách thu hồi đất từ Excel vào một dự án: hồ sơ, chủ sử dụng, diện tích, tiền, "
        "bước. Mã kết thúc: 0 đã ghi, 1 từ chối, 2 sai cách dùng, 3 cần trả lời."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        add_common_arguments(parser, spatial=False)
        parser.add_argument("--project", required=True, metavar="CODE", help="mã dự án")
        parser.add_argument("--unit", default="", metavar="CODE[@DATE]", help="xã, phường")
        parser.add_argument(
            "--map",
            action="append",
            default=[],
            metavar="cột=trường[:cách đọc]",
            help="cột nào là trường gì, số đọc thế nào: thousands, decimal, dmy, mdy",
        )
        parser.add_argument(
            "--same-household",
            action="store_true",
            help="dòng để trống họ tên là thửa tiếp theo của hộ ở dòng trên",
        )
        parser.add_argument("--with-hidden", action="store_true", help="đọc cả các dòng đang ẩn")
        parser.add_argument(
            "--errors-to",
            type=Path,
            metavar="fixed.xlsx",
            help="ghi các dòng bị từ chối thành bảng tính có cột “Lỗi”",
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
                progress=move,
            ),
            options,
            self.stdout,
        )
