"""manage.py blocking: contiguous clear land and what each pending parcel unlocks."""

from __future__ import annotations

import datetime as dt
import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from geo.contiguity import MIN_BLOCK_M2
from geo.crs import vn
from gpmb.analysis import adjacency, blocking, parcel_file, project_land
from gpmb.clearance.clock import today
from gpmb.clearance.models import Project


class Command(BaseCommand):
    """Measure the blocks, rank what unlocks most, write both as JSON."""

    help = "Đất sạch liền khối và phần đất cần tập trung giải quyết trước: dự án hoặc tệp vùng."
    requires_system_checks = []  # a file is measured without any database

    def add_arguments(self, parser: ArgumentParser) -> None:
        source = parser.add_mutually_exclusive_group(required=True)
        source.add_argument("--project", metavar="MÃ", help="mã dự án")
        source.add_argument("--parcels", type=Path, metavar="TỆP.gpkg", help="tệp vùng")
        parser.add_argument(
            "--as-of", type=dt.date.fromisoformat, metavar="NGÀY", help="yyyy-mm-dd"
        )
        parser.add_argument("--cleared-field", metavar="CỘT", help="cột 1/0: đã bàn giao")
        parser.add_argument("--id-field", metavar="CỘT", help="cột mã thửa (mặc định: số thứ tự)")
        parser.add_argument("--households-field", metavar="CỘT", help="cột số hộ (mặc định 1)")
        parser.add_argument("--layer", metavar="LỚP", help="tên lớp, khi tệp có nhiều lớp vùng")
        parser.add_argument(
            "--min-block",
            type=float,
            default=MIN_BLOCK_M2,
            metavar="M2",
            help="khối nhỏ nhất dùng được, m² (mặc định %(default)s)",
        )
        parser.add_argument("--json", type=Path, metavar="TỆP", help="ghi kết quả dạng JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        found = self._file(options) if options["parcels"] else self._project(options)
        self.stdout.write(
            f"Đã bàn giao {vn(found['cleared_m2'])} m², khối liền lớn nhất "
            f"{vn(found['largest_m2'])} m², dùng được {vn(found['usable_m2'])} m²; "
            f"còn {len(found['rows'])} phần đất chưa bàn giao."
        )
        if found["reason"]:
            self.stdout.write(found["reason"])
        if options["json"]:
            text = json.dumps(found, ensure_ascii=False, indent=1)
            options["json"].write_text(text + "\n", encoding="utf-8")

    def _project(self, options: dict[str, Any]) -> dict[str, Any]:
        project = Project.objects.filter(code=options["project"]).first()
        if project is None:
            raise CommandError(f"Không có dự án mã “{options['project']}”.")
        if adjacency.is_stale(project):
            adjacency.refresh(project)
        on = options["as_of"] or today()
        found = project_land.read(project, on=on)
        for note in found.notes:
            self.stderr.write(note)
        return blocking.answer(
            found.land, project=project.code, as_of=on, min_block_m2=options["min_block"]
        )

    def _file(self, options: dict[str, Any]) -> dict[str, Any]:
        if not options["cleared_field"]:
            raise CommandError("--parcels cần --cleared-field: cột cho biết thửa đã bàn giao.")
        try:
            land = parcel_file.read_land(
                options["parcels"],
                cleared_field=options["cleared_field"],
                srid=settings.SRID,
                id_field=options["id_field"],
                households_field=options["households_field"],
                layer=options["layer"],
            )
        except parcel_file.BadParcelFile as error:
            raise CommandError(str(error)) from error
        return blocking.answer(land, project=None, as_of=None, min_block_m2=options["min_block"])
