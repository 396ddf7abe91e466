"""Write the leaders' report of the city, a category, an agency or a project."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from gpmb.analysis import subject
from gpmb.clearance.clock import today
from gpmb.importing.findings import Exit, WrongUsage
from gpmb.importing.survey.spatial import parse_day
from gpmb.reports import city_report, report_files


class Command(BaseCommand):
    help = "Ghi báo cáo lãnh đạo (một trang và phụ lục): PDF, Word hoặc Excel."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--scope",
            default=subject.CITY,
            help="city, category:MÃ, agency:TÊN hoặc project:MÃ (mặc định: city)",
        )
        parser.add_argument("--as-of", default="", metavar="DATE", help="số liệu đến ngày")
        parser.add_argument("--since", default="", metavar="DATE", help="so với ngày")
        parser.add_argument("--format", choices=sorted(report_files.TYPES), default="pdf")
        parser.add_argument("--out", type=Path, required=True, metavar="FILE")

    def handle(self, *args: Any, **options: Any) -> None:
        now, reader = today(), city_report.public_reader()
        try:
            on = parse_day(options["as_of"]) if options["as_of"] else now
            since = parse_day(options["since"]) if options["since"] else None
            about = subject.find(options["scope"], reader, on)
        except (WrongUsage, subject.UnknownSubject) as error:
            raise CommandError(str(error), returncode=Exit.WRONG_USAGE) from error
        if on > now or (since and since > on):
            raise CommandError(
                "--as-of không được sau ngày số liệu, --since không được sau --as-of.",
                returncode=Exit.WRONG_USAGE,
            )
        report = city_report.build(reader, about, on=on, today=now, since=since)
        options["out"].write_bytes(report_files.write(report, options["format"]))
        self.stdout.write(f"Đã ghi {options['out']}: {report.pages[0].sentence}")
