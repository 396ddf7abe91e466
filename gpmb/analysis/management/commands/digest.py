"""`manage.py digest`: the day's alerts, to each person's mail or to the terminal."""

import datetime as dt
from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.mail import send_mail
from django.core.management.base import BaseCommand, CommandError

from gpmb.analysis.digest import readers, text_for
from gpmb.clearance.clock import today


class Command(BaseCommand):
    help = "Bản tin hằng ngày: hồ sơ quá hạn, đến hạn, sắp hết hiệu lực thông báo."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--to-stdout", action="store_true", help="in ra, không gửi thư")
        parser.add_argument("--user", help="chỉ một người, theo tên đăng nhập")
        parser.add_argument("--as-of", help="ngày, ví dụ 2023-06-30; mặc định là ngày số liệu")

    def handle(self, *args: Any, **options: Any) -> None:
        on = _day(options["as_of"]) if options["as_of"] else today()
        people = readers()
        if options["user"]:
            people = people.filter(username=options["user"])
            if not people:
                raise CommandError(
                    f"Không có người nhận bản tin tên {options['user']}.", returncode=2
                )
        if options["to_stdout"]:
            for user in people:
                self.stdout.write(text_for(user, on))
            return
        if not settings.EMAIL_HOST:
            raise CommandError(
                "Chưa cấu hình máy chủ thư: đặt GPMB_SMTP_HOST, hoặc dùng --to-stdout.",
                returncode=2,
            )
        sent = 0
        for user in people.exclude(email=""):
            subject = f"GPMB: việc cần xem ngày {on:%d/%m/%Y}"
            sent += send_mail(subject, text_for(user, on), None, [user.email])
        self.stdout.write(f"Đã gửi {sent} thư.")


def _day(text: str) -> dt.date:
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        raise CommandError(
            f"--as-of: “{text}” không phải ngày (2023-06-30).", returncode=2
        ) from None
