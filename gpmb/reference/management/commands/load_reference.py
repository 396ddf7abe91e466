"""`manage.py load_reference`: put the reference rows in, keep every edited one."""

from typing import Any

from django.core.management.base import BaseCommand

from gpmb.reference.loading import load


class Command(BaseCommand):
    help = "Nạp danh mục và quy định còn thiếu; không ghi đè dòng đã có."

    def handle(self, *args: Any, verbosity: int, **options: Any) -> None:
        for loaded in load():
            kept = loaded.read - loaded.inserted
            if verbosity:
                self.stdout.write(f"{loaded.file}: thêm {loaded.inserted}, giữ nguyên {kept}")
