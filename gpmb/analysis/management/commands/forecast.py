"""manage.py forecast: when a project's land will be handed over."""

from __future__ import annotations

import datetime as dt
import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from gpmb.analysis import forecast
from gpmb.clearance.clock import today
from gpmb.clearance.models import Project


class Command(BaseCommand):
    """Forecast one project and write P50, P80, P90 as JSON."""

    help = "Dự báo ngày bàn giao mặt bằng của một dự án: P50, P80, P90."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--project", required=True, metavar="MÃ", help="mã dự án")
        parser.add_argument(
            "--as-of", type=dt.date.fromisoformat, metavar="NGÀY", help="yyyy-mm-dd"
        )
        parser.add_argument(
            "--seed", type=int, default=forecast.SEED, help="số khởi tạo ngẫu nhiên"
        )
        parser.add_argument("--json", type=Path, metavar="TỆP", help="ghi kết quả dạng JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        project = Project.objects.filter(code=options["project"]).first()
        if project is None:
            raise CommandError(f"Không có dự án mã “{options['project']}”.")
        on = options["as_of"] or today()
        found = forecast.forecast(project, on=on, seed=options["seed"])
        for share, dates in found.dates.items():
            quantiles = ", ".join(f"{name.upper()} {day:%d/%m/%Y}" for name, day in dates.items())
            self.stdout.write(f"{share:.0%} diện tích: {quantiles}")
        if found.reason:
            self.stdout.write(found.reason)
        if options["json"]:
            text = json.dumps(forecast.as_json(project, on, found), ensure_ascii=False, indent=1)
            options["json"].write_text(text + "\n", encoding="utf-8")
