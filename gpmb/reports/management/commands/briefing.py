"""Write the briefing map: one file that needs no network and holds no personal data."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from gpmb.clearance.clock import today
from gpmb.importing.findings import Exit, WrongUsage
from gpmb.importing.survey.spatial import parse_day
from gpmb.reference.models import PriorityCategory
from gpmb.reports.briefing import NothingToShowError, build
from gpmb.vn import grouped


class Command(BaseCommand):
    help = "Ghi bản đồ trình chiếu thành một tệp HTML, mở được khi không có mạng."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--out", type=Path, required=True, metavar="FILE.html")
        parser.add_argument("--as-of", default="", metavar="DATE", help="số liệu đến ngày")
        parser.add_argument(
            "--category", action="append", default=[], metavar="CODE", help="mã nhóm ưu tiên"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        day = today()
        known = list(PriorityCategory.objects.values_list("code", flat=True))
        unknown = [code for code in options["category"] if code not in known]
        if unknown:
            raise CommandError(
                f"--category {', '.join(unknown)}: không có nhóm này. "
                f"Các mã có: {', '.join(known) or '(chưa có)'}.",
                returncode=Exit.WRONG_USAGE,
            )
        try:
            on = parse_day(options["as_of"]) if options["as_of"] else day
            if on > day:
                raise WrongUsage(f"--as-of không được sau ngày số liệu {day:%d/%m/%Y}.")
            html = build(on=on, today=day, categories=options["category"])
        except WrongUsage as error:
            raise CommandError(str(error), returncode=Exit.WRONG_USAGE) from error
        except NothingToShowError as error:
            raise CommandError(str(error)) from error
        options["out"].write_text(html, encoding="utf-8")
        self.stdout.write(f"Đã ghi {options['out']} ({grouped(len(html.encode()) / 1e6, 1)} MB).")
