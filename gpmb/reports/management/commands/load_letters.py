"""Put in a sample template of every kind that has none; edited ones are left alone."""

from typing import Any

from django.core.management.base import BaseCommand

from gpmb.reports.letters import samples


class Command(BaseCommand):
    help = "Nạp mẫu văn bản của chương trình cho những loại chưa có mẫu."

    def handle(self, **options: Any) -> None:
        self.stdout.write(f"Đã nạp {samples.load()} mẫu văn bản.")
