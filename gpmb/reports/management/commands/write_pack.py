"""Write the papers of a conference of one run; started by the page that ordered them."""

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from gpmb.clearance.clock import today
from gpmb.reports import conference
from gpmb.reports.models import PackRun


class Command(BaseCommand):
    help = "Soạn tài liệu hội nghị của một lượt (trang Báo cáo tự gọi)."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("run", type=int, help="số của lượt soạn")

    def handle(self, *, run: int, **options: Any) -> None:
        found = PackRun.objects.select_related("by").get(pk=run)
        conference.write(found, today=today())
