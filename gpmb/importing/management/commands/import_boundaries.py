"""Bring administrative units in, valid from a day."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from gpmb.importing.console import add_common_arguments, run_import
from gpmb.importing.findings import Exit, WrongUsage
from gpmb.importing.survey.boundaries import BoundaryOptions, import_boundaries
from gpmb.importing.survey.spatial import Answers, parse_day
from gpmb.land.models import AdministrativeUnit


class Command(BaseCommand):
    help = (
        "Nhập ranh giới xã, phường có hiệu lực từ một ngày. "
        "Mã kết thúc: 0 đã ghi, 1 từ chối, 2 sai cách dùng, 3 cần trả lời."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        add_common_arguments(parser)
        parser.add_argument("--valid-from", required=True, metavar="DATE", help="có hiệu lực từ")
        parser.add_argument("--valid-to", default="", metavar="DATE", help="đến hết ngày")
        parser.add_argument("--code-column", default="", help="cột mã đơn vị")
        parser.add_argument("--name-column", default="", help="cột tên đơn vị")
        parser.add_argument("--kind-column", default="", help="cột loại: phường, xã, đặc khu")
        parser.add_argument(
            "--kind",
            default="",
            choices=["", *AdministrativeUnit.Kind.values],
            help="loại của mọi đơn vị trong tệp",
        )
        parser.add_argument("--illustrative", action="store_true", help="ranh giới minh họa")
        parser.add_argument(
            "--successions", type=Path, metavar="FILE", help="bảng mã cũ, mã mới (CSV hoặc JSON)"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        answers = Answers(crs=options["crs"], encoding=options["encoding"], layer=options["layer"])
        try:
            told = BoundaryOptions(
                valid_from=parse_day(options["valid_from"]),
                valid_to=parse_day(options["valid_to"]) if options["valid_to"] else None,
                code_column=options["code_column"],
                name_column=options["name_column"],
                kind_column=options["kind_column"],
                kind=options["kind"],
                illustrative=options["illustrative"],
                successions=options["successions"],
            )
        except WrongUsage as error:
            raise CommandError(str(error), returncode=Exit.WRONG_USAGE) from error
        run_import(
            lambda move: import_boundaries(
                options["file"],
                answers,
                told,
                dry_run=options["dry_run"],
                accept_partial=options["accept_partial"],
                progress=move,
            ),
            options,
            self.stdout,
        )
