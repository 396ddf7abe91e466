"""manage.py hotspots: where complaints gather, in the city or on any table of cells."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.core.management.base import BaseCommand, CommandError

from geo import hotspots
from gpmb.analysis import cell_table

if TYPE_CHECKING:
    from argparse import ArgumentParser

WORDS = {
    "hot": "khu vực tập trung đơn thư",
    "watch": "cần theo dõi (chưa đủ căn cứ thống kê)",
    "none": "không phát hiện khu vực tập trung",
    "not_enough_data": "không đủ dữ liệu",
}


class Command(BaseCommand):
    """Test a map for concentrations of complaints and write the verdict as JSON."""

    help = "Tìm khu vực tập trung đơn thư: trên dữ liệu thành phố, hoặc trên bảng ô q,r,n,c."
    requires_system_checks = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the options."""
        parser.add_argument(
            "--cells", type=Path, metavar="TỆP.csv", help="bảng q,r,n,c; không cần cơ sở dữ liệu"
        )
        parser.add_argument(
            "--as-of",
            type=dt.date.fromisoformat,
            metavar="NGÀY",
            help="ngày cuối kỳ, dạng 2023-06-30; mặc định là ngày số liệu",
        )
        parser.add_argument("--json", type=Path, metavar="TỆP", help="ghi kết quả dạng JSON")
        parser.add_argument(
            "--seed", type=int, default=cell_table.SCAN_SEED, help="hạt giống của phép quét"
        )
        parser.add_argument("--replicates", type=int, default=cell_table.SCAN_REPLICATES)

    def handle(self, *args: Any, **options: Any) -> None:
        """Run the test, print a summary, write the JSON."""
        answer = self._table(options) if options["cells"] else self._city(options)
        hot, watch = (sum(w[flag] for w in answer["windows"]) for flag in ("hot", "watch"))
        self.stdout.write(
            f"{WORDS[answer['verdict']]}: {answer['cases']}/{answer['households']} hộ có vụ việc, "
            f"{answer['tested']} cửa sổ kiểm định, {hot} vượt ngưỡng, {watch} cần theo dõi."
        )
        if options["json"]:
            text = json.dumps(answer, ensure_ascii=False)
            try:
                options["json"].write_text(text + "\n", encoding="utf-8")
            except OSError as error:
                raise CommandError(
                    f"Không ghi được tệp {options['json']}: {error.strerror}. "
                    "Hãy chọn thư mục khác."
                ) from error

    def _table(self, options: dict[str, Any]) -> dict[str, Any]:
        try:
            table = cell_table.read(options["cells"])
        except cell_table.BadTable as error:
            raise CommandError(str(error)) from error
        run = hotspots.find(*table)
        clusters = cell_table.scan_run(run, seed=options["seed"], replicates=options["replicates"])
        return cell_table.as_json(run, clusters)

    def _city(self, options: dict[str, Any]) -> dict[str, Any]:
        # Only this mode touches the database.
        from gpmb.analysis import hotspots as city
        from gpmb.clearance.clock import today

        record = city.run(
            on=options["as_of"] or today(),
            seed=options["seed"],
            replicates=options["replicates"],
        )
        for area in record.areas.select_related("project", "unit"):
            self.stdout.write(f"{area.order}. {area.sentence()}")
        return city.as_json(record)
