"""manage.py backtest: what was forecast at each past month against what happened."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand

from geo.crs import vn
from gpmb.analysis import backtest, forecast
from gpmb.analysis.blocking_models import Backtest
from gpmb.clearance.clock import today


class Command(BaseCommand):
    """Score the forecasts of past months and keep the result for the pages, good or poor."""

    help = "Kiểm nghiệm dự báo trên diễn biến đã ghi; kết quả được công bố trên trang."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--months", type=int, default=backtest.MONTHS, help="số tháng đã qua")
        parser.add_argument(
            "--seed", type=int, default=forecast.SEED, help="số khởi tạo ngẫu nhiên"
        )
        parser.add_argument("--json", type=Path, metavar="TỆP", help="ghi kết quả dạng JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        on = today()
        result = backtest.run(on=on, months=options["months"], seed=options["seed"])
        Backtest.objects.update_or_create(on=on, defaults={"result": result})
        if options["verbosity"]:
            self._print(result)
        if options["json"]:
            text = json.dumps(result, ensure_ascii=False, indent=1)
            options["json"].write_text(text + "\n", encoding="utf-8")

    def _print(self, result: dict[str, Any]) -> None:
        for share, score in result["by_share"].items():
            self.stdout.write(f"{share}% diện tích, {score['forecasts']} dự báo:")
            for name, row in score["quantiles"].items():
                self.stdout.write(
                    f"  {name.upper()}: {_percent(row['coverage'])} đúng hạn trên "
                    f"{row['judged']} dự báo đã đến ngày; sai lệch {_days(row['pinball_days'])}, "
                    f"cách tính đủ hạn luật {_days(row['naive_pinball_days'])}"
                )
        if result["not_enough_data"]:
            self.stdout.write(f"{result['not_enough_data']} lần chưa đủ dữ liệu để dự báo.")


def _percent(share: float | None) -> str:
    return "chưa có dữ liệu" if share is None else f"{share:.0%}"


def _days(days: float | None) -> str:
    return "chưa có dữ liệu" if days is None else f"{vn(days)} ngày"
