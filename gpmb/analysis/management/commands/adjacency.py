"""manage.py adjacency: compute the shared boundaries that the blocking figures rest on."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from gpmb.analysis import adjacency
from gpmb.clearance.models import Project


class Command(BaseCommand):
    """Compute the pairs of the projects whose boundaries changed since they were computed."""

    help = "Tính lại ranh giới chung giữa các phần thu hồi: những dự án đã đổi ranh thửa."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--project", metavar="MÃ", help="chỉ một dự án")
        parser.add_argument("--all", action="store_true", help="cả khi ranh thửa chưa thay đổi")

    def handle(self, *args: Any, **options: Any) -> None:
        projects = Project.objects.all() if options["all"] else adjacency.stale_projects()
        if code := options["project"]:
            if not Project.objects.filter(code=code).exists():
                raise CommandError(f"Không có dự án mã “{code}”.")
            projects = projects.filter(code=code)
        said = options["verbosity"] > 0
        for project in projects:
            count = adjacency.refresh(project)
            if said:
                self.stdout.write(f"{project.code}: {count} cặp phần thu hồi chung ranh.")
        if said and not projects:
            self.stdout.write("Ranh giới chung đã đúng với ranh thửa, không phải tính lại.")
