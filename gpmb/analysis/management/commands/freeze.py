"""Close a day: store its figures with a hash. Meant for every night (cron, systemd timer)."""

import datetime as dt
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from gpmb.analysis import freeze
from gpmb.clearance.clock import today


class Command(BaseCommand):
    help = (
        "Chốt số liệu một ngày (mặc định: ngày số liệu), kèm mã kiểm tra SHA-256. Ngày đã chốt "
        "giữ nguyên; nếu nay tính lại khác thì nêu cả hai. Mã kết thúc: 0 xong, 2 sai cách dùng."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--as-of", default="", metavar="YYYY-MM-DD", help="ngày cần chốt")

    def handle(self, *, as_of: str, **options: Any) -> None:
        on = _day(as_of)
        row, new = freeze.close_day(on, today=today())
        if new:
            self.stdout.write(f"Đã chốt số liệu ngày {on:%d/%m/%Y}: {row.sha256}")
            return
        state = "còn nguyên" if freeze.intact(row) else "ĐÃ BỊ SỬA, không khớp mã kiểm tra"
        self.stdout.write(f"Ngày {on:%d/%m/%Y} đã chốt trước đây, {state}: {row.sha256}")
        found = freeze.differences(row.figures, freeze.build(on))
        for difference in found:
            self.stdout.write(
                f"  {difference.label}: khi chốt {difference.then}, nay {difference.now}"
            )
        if not found:
            self.stdout.write("  Tính lại hôm nay vẫn ra đúng số đã chốt.")


def _day(text: str) -> dt.date:
    if not text:
        return today()
    try:
        on = dt.date.fromisoformat(text)
    except ValueError as error:
        raise CommandError(f"--as-of {text!r}: ghi ngày dạng 2023-06-30.", returncode=2) from error
    if on > today():
        raise CommandError(f"Chưa đến ngày {on:%d/%m/%Y}: không chốt trước.", returncode=2)
    return on
