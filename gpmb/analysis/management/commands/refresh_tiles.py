"""Bring the map's far views up to the data: `manage.py refresh_tiles [--all]`."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand
from django.db import connection

from gpmb.analysis import pieces
from gpmb.analysis.tile_models import Piece, PieceState, PieceVersion, TakingCell


class Command(BaseCommand):
    help = (
        "Dựng lại các mảng bản đồ nhìn xa của những dự án có số liệu mới. Bản đồ tự làm việc này "
        "khi có người xem; chạy trước sau một lần nhập lớn thì người xem đầu tiên không phải chờ."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--all", action="store_true", help="dựng lại của mọi dự án")

    def handle(self, *, verbosity: int, **options: Any) -> None:
        if options["all"]:
            PieceVersion.objects.all().delete()
            Piece.objects.all().delete()
        refreshed = pieces.refresh_stale()
        if refreshed:
            tables = ", ".join(
                connection.ops.quote_name(model._meta.db_table)
                for model in (Piece, PieceState, TakingCell)
            )
            with connection.cursor() as cursor:
                cursor.execute(f"ANALYZE {tables}")
        if verbosity:
            self.stdout.write(f"Đã dựng lại mảng bản đồ của {refreshed} dự án.")
