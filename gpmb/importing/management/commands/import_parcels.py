"""Bring a survey's parcels into a project."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from gpmb.importing.console import add_common_arguments, project_of, run_import
from gpmb.importing.survey.run import import_parcels
from gpmb.importing.survey.spatial import Answers


class Command(BaseCommand):
    help = (
        "Nhập thửa đất từ GeoPackage, Shapefile nén zip, GeoJSON, Esri JSON, KML, DXF vào một "
        "dự án. Mã kết thúc: 0 đã ghi, 1 từ chối, 2 sai cách dùng, 3 cần trả lời."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        add_common_arguments(parser)
        parser.add_argument("--project", required=True, metavar="CODE", help="mã dự án")
        parser.add_argument("--unit", default="", metavar="CODE[@DATE]", help="xã, phường")
        parser.add_argument(
            "--map", action="append", default=[], metavar="cột=trường", help="cột nào là trường gì"
        )
        parser.add_argument(
            "--sheet", default="", metavar="TỜ", help="tờ bản đồ, khi nhãn chỉ có số thửa"
        )
        parser.add_argument(
            "--recover", action="store_true", help="đọc phần còn đọc được của bản vẽ DXF hỏng"
        )
        parser.add_argument(
            "--without-numbers", action="store_true", help="lớp không có số tờ, số thửa"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        project = project_of(options["project"])
        answers = Answers(
            crs=options["crs"],
            unit=options["unit"],
            encoding=options["encoding"],
            columns=tuple(options["map"]),
            layer=options["layer"],
            sheet=options["sheet"],
            recover=options["recover"],
        )
        run_import(
            lambda move: import_parcels(
                options["file"],
                project,
                answers,
                dry_run=options["dry_run"],
                accept_partial=options["accept_partial"],
                without_numbers=options["without_numbers"],
                progress=move,
            ),
            options,
            self.stdout,
        )
