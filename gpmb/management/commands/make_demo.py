"""Build the illustrative city: `manage.py make_demo [--seed N] [--scale X] [--as-of DATE]`."""

import os
import secrets
from argparse import ArgumentParser
from datetime import date
from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from gpmb.analysis import freeze
from gpmb.clearance.models import Project
from gpmb.land.models import Parcel
from gpmb.management.demo import city, imports, load, load_base, parameters

FIRST_DAY = date(2022, 7, 1)
LARGEST_SCALE = 60.0


class Command(BaseCommand):
    help = (
        "Dựng thành phố minh họa: 44 dự án, khoảng 3.500 hồ sơ, 6.000 thửa (quy mô 1). "
        "Cùng --seed cho cùng một thành phố."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--seed", type=int, default=city.SEED, help="số gieo ngẫu nhiên")
        parser.add_argument("--scale", type=float, default=1.0, help="quy mô: 1 là 3.500 hồ sơ")
        parser.add_argument(
            "--as-of",
            default=parameters.DATA_DATE.isoformat(),
            help="số liệu đến ngày (2023-06-30 hoặc 30/06/2023)",
        )
        parser.add_argument(
            "--replace", action="store_true", help="xóa dữ liệu minh họa đang có rồi dựng lại"
        )

    def handle(
        self, *, seed: int, scale: float, as_of: str, replace: bool, **options: Any
    ) -> None:
        day = _day(as_of)
        if not 0.02 <= scale <= LARGEST_SCALE:
            raise CommandError(
                f"--scale {scale:g}: quy mô phải từ 0,02 đến {LARGEST_SCALE:g}; "
                "thành phố không đủ đất cho quy mô lớn hơn."
            )
        if seed < 0:
            raise CommandError(f"--seed {seed}: số gieo phải từ 0 trở lên.")
        self._check_room(replace)
        call_command("load_reference", verbosity=0)
        made = city.build(seed=seed, scale=scale, as_of=day)
        password = os.environ.get("GPMB_DEMO_PASSWORD") or secrets.token_urlsafe(9)
        load.city(made, seed=seed, password=password, replace=replace)
        imports.bring_in()
        call_command("adjacency", verbosity=0)
        # The city stands as after its own night, before the tiles count what is blocked.
        freeze.close_day(day, today=day)
        call_command("refresh_tiles", verbosity=0)
        self.stdout.write(
            f"Đã dựng thành phố minh họa, số liệu đến {day:%d/%m/%Y}: "
            f"{_count(len(made.projects))} dự án, {_count(len(made.held.cases))} hồ sơ, "
            f"{_count(len(made.land.use))} phần thu hồi, {_count(len(made.events))} diễn biến."
        )
        if not os.environ.get("GPMB_DEMO_PASSWORD"):
            logins = ", ".join(login for login, *_ in load_base.LOGINS)
            self.stdout.write(f"Tài khoản {logins}; mật khẩu chung (chỉ hiện lần này): {password}")

    def _check_room(self, replace: bool) -> None:
        """Refuse to mix the demo with anything else, and never throw real data away."""
        if Project.objects.filter(illustrative=False).exists():
            raise CommandError(
                "Cơ sở dữ liệu có dự án thật: không dựng hay xóa dữ liệu minh họa ở đây. "
                "Dùng cơ sở dữ liệu khác (GPMB_DB hoặc DATABASE_URL)."
            )
        if not replace and (Project.objects.exists() or Parcel.objects.exists()):
            raise CommandError(
                "Cơ sở dữ liệu đã có dữ liệu. Chạy lại với --replace để xóa dữ liệu minh họa "
                "(kể cả thửa đã nhập vào các dự án minh họa) rồi dựng lại, "
                "hoặc dùng cơ sở dữ liệu khác (GPMB_DB)."
            )


def _day(text: str) -> date:
    """Read the data date; a day that has not come yet is refused with the reason."""
    try:
        if "/" in text:
            number, month, year = text.split("/")
            day = date(int(year), int(month), int(number))
        else:
            day = date.fromisoformat(text)
    except ValueError:
        raise CommandError(
            f"--as-of {text}: không phải ngày. Ghi 2023-06-30 hoặc 30/06/2023."
        ) from None
    today = timezone.localdate()
    if day > today:
        raise CommandError(
            f"--as-of {day:%d/%m/%Y} sau hôm nay ({today:%d/%m/%Y}): số liệu của ngày chưa tới "
            f"là bịa đặt. Chọn một ngày đến hết {today:%d/%m/%Y}."
        )
    if day < FIRST_DAY:
        raise CommandError(
            f"--as-of {day:%d/%m/%Y}: thành phố minh họa bắt đầu từ {FIRST_DAY:%d/%m/%Y}."
        )
    return day


def _count(number: int) -> str:
    return f"{number:,}".replace(",", ".")
