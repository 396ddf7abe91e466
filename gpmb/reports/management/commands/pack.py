"""Write the papers of a thematic conference: all projects, a page each, and the briefing map."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from gpmb.clearance.clock import today
from gpmb.importing.findings import Exit, WrongUsage
from gpmb.importing.survey.spatial import parse_day
from gpmb.reports import city_report, conference
from gpmb.vn import grouped


class Command(BaseCommand):
    help = "Ghi tài liệu hội nghị chuyên đề: mỗi dự án một trang và bản đồ trình chiếu (zip)."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--out", type=Path, required=True, metavar="FILE.zip")
        parser.add_argument("--as-of", default="", metavar="DATE", help="số liệu đến ngày")

    def handle(self, *args: Any, **options: Any) -> None:
        now = today()
        try:
            on = parse_day(options["as_of"]) if options["as_of"] else now
        except WrongUsage as error:
            raise CommandError(str(error), returncode=Exit.WRONG_USAGE) from error
        if on > now:
            raise CommandError("--as-of không được sau ngày số liệu.", returncode=Exit.WRONG_USAGE)
        made = conference.build(city_report.public_reader(), on=on, today=now)
        options["out"].write_bytes(made)
        self.stdout.write(f"Đã ghi {options['out']} ({grouped(len(made) / 1e6, 1)} MB).")
