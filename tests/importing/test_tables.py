"""Tables of a project from a workbook: numbers as Excel keeps them, and few queries a row."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from openpyxl import Workbook

from gpmb.accounts.models import User
from gpmb.clearance.models import Project
from gpmb.compensation.models import Payment, PlanItem
from gpmb.importing.findings import Report
from gpmb.importing.project_tables import TABLES
from gpmb.importing.tables import import_table
from tests.factories import (
    CaseFactory,
    ObstacleCauseFactory,
    OrganisationFactory,
    PlanFactory,
    ProjectFactory,
    UserFactory,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("today")]

PAY = ["Mã hồ sơ", "Số tiền (đồng)", "Ngày chi", "Số chứng từ"]
LINES = ["Mã hồ sơ", "Khoản mục", "Nội dung", "Khối lượng", "Đơn giá", "Thành tiền"]


@pytest.fixture
def by() -> User:
    return UserFactory()


@pytest.fixture
def project(by: User) -> Project:
    return ProjectFactory(officers=[by])


def bring(
    folder: Path, project: Project, kind: str, by: User, head: list[str], rows: Sequence[list[Any]]
) -> Report:
    book = Workbook()
    page = book.worksheets[0]
    for line in (head, *rows):
        page.append(line)
    path = folder / "bang.xlsx"
    book.save(path)
    return import_table(path, project, TABLES[kind], by=by)


def test_amounts_typed_as_numbers_in_excel_are_taken_in(
    project: Project, by: User, tmp_path: Path
):
    plan = PlanFactory(
        case=CaseFactory(project=project, code="HS-1"), at="approved", amount=1_000_000
    )
    CaseFactory(project=project, code="HS-2")
    paid = bring(
        tmp_path, project, "payments", by, PAY, [["HS-1", 400_000, plan.approved_on, "12/PC"]]
    )
    lines = bring(
        tmp_path,
        project,
        "plan_items",
        by,
        LINES,
        [["HS-2", "Cây trồng, vật nuôi", "Keo 3 năm tuổi", 12.5, 45_000, 562_500]],
    )
    assert [str(f) for f in (*paid.findings, *lines.findings)] == []
    assert Payment.objects.get().amount_vnd == 400_000
    assert PlanItem.objects.get(plan__case__code="HS-2").amount_vnd == 562_500


def rows_of(kind: str, project: Project, count: int) -> tuple[list[str], list[list[Any]]]:
    """So many rows of a table, each about a case of its own."""
    cases = [CaseFactory(project=project) for _ in range(count)]
    if kind == "payments":
        plans = [PlanFactory(case=case, at="approved", amount=1000) for case in cases]
        return PAY, [
            [plan.case.code, 400, plan.approved_on, f"{plan.case.code}/PC"] for plan in plans
        ]
    if kind == "plan_items":
        return LINES, [[c.code, "Cây trồng, vật nuôi", "Keo", 2, 1000, 2000] for c in cases]
    if kind == "obstacles":
        head = ["Mã hồ sơ", "Nguyên nhân", "Phát sinh", "Việc tiếp theo"]
        return head, [[c.code, "Giá đất", "01/06/2023", "đo lại"] for c in cases]
    if kind == "inquiries":
        head = ["Gửi cơ quan", "Số, ký hiệu", "Ngày gửi", "Hỏi về việc", "Mã hồ sơ"]
        return head, [["Sở Thử", f"{c.code}/CV", "01/06/2023", "đất", c.code] for c in cases]
    head = ["Mã hồ sơ", "Ngày", "Nội dung đã giải thích", "Thành phần"]
    return head, [
        [c.code, "01/06/2023", f"Giá đất {c.code}", "Trung tâm Phát triển quỹ đất"] for c in cases
    ]


@pytest.mark.parametrize(
    ("kind", "most"),
    [("obstacles", 7), ("plan_items", 13), ("inquiries", 9), ("outreach", 11), ("payments", 18)],
)
def test_a_row_costs_few_queries_whatever_its_constraints(
    project: Project, by: User, tmp_path: Path, kind: str, most: int
):
    ObstacleCauseFactory(name="Giá đất")
    OrganisationFactory(name="Sở Thử")
    asked = []
    for count in (2, 6):
        head, rows = rows_of(kind, project, count)
        with CaptureQueriesContext(connection) as queries:
            report = bring(tmp_path, project, kind, by, head, rows)
        assert report.created == count, [str(finding) for finding in report.findings]
        asked.append(len(queries))
    assert (asked[1] - asked[0]) / 4 <= most, asked
