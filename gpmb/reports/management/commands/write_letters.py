"""Write the letters of one run; started by the page that ordered them."""

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from gpmb.papers.models import LetterRun
from gpmb.reports.letters import batch


class Command(BaseCommand):
    help = "Soạn văn bản của một lượt (trang Soạn văn bản tự gọi)."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("run", type=int, help="số của lượt soạn")

    def handle(self, *, run: int, **options: Any) -> None:
        batch.write(LetterRun.objects.select_related("template__file").get(pk=run))
