"""Households × steps: what a cell tells, who sees names, who records, what the workbook holds."""

import datetime as dt
import re
from io import BytesIO
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from openpyxl import load_workbook

from gpmb.analysis.matrix import SITE, Look, matrix
from gpmb.clearance.deadlines import timeline_of
from gpmb.clearance.models import Law, SiteHandover
from gpmb.law.timeline import Kind
from gpmb.reference.loading import load
from gpmb.reports.matrix import AGE_FILLS, LOOK_FILLS
from gpmb.reports.models import ExportLog
from tests.factories import (
    FIRST_DAY,
    TODAY,
    CaseFactory,
    DocumentFactory,
    ObstacleFactory,
    OrganisationFactory,
    ProjectFactory,
    UserFactory,
    open_at,
)

pytestmark = pytest.mark.django_db
ROLES = ("officer", "finance", "petitions", "leader", "viewer", "administrator")
STEP = {"step": "inventory", "on": "15/06/2023", "number": "1/BB", "note": ""}


@pytest.fixture
def officer(today, client):
    load()
    user = UserFactory()
    client.force_login(user)
    return user


@pytest.fixture
def project(officer):
    return ProjectFactory(officers=[officer])


def cells(case, on=TODAY):
    return {cell.step: cell for cell in matrix([case], on).rows[0].cells}


def hand_on(case, on, takings):
    SiteHandover.objects.create(
        project=case.project,
        on=on,
        area_m2=100,
        receiver=OrganisationFactory(),
        document=DocumentFactory(),
    ).takings.set(takings)


def test_the_last_column_says_what_the_investor_has(project):
    case = CaseFactory(project=project, at="handover", takings=3)
    first, second, third = case.takings.order_by("pk")
    assert (cells(case)[SITE].text, cells(case)[SITE].done) == ("", False)
    hand_on(case, TODAY - dt.timedelta(days=40), [first])
    part = cells(case)[SITE]
    assert (part.text, part.done, part.free) == ("1/3 thửa", False, False)
    assert part.said == "đã bàn giao cho chủ đầu tư 1/3 thửa, 21/05/2023"
    hand_on(case, TODAY, [first, second, third])
    whole = cells(case)[SITE]
    assert (whole.text, whole.done, whole.age) == ("30/06/23", True, 0)
    assert whole.said == "đã bàn giao cho chủ đầu tư, 30/06/2023"
    earlier = cells(case, TODAY - dt.timedelta(days=1))[SITE]
    assert earlier.text == "1/3 thửa", "a day before, two were still with the centre"


def test_a_row_has_the_steps_of_its_law_alone(project):
    old = CaseFactory(project=project, at="posting")
    assert "consultation" not in cells(old)
    new = CaseFactory(project=project)
    new.advance("notice", on=dt.date(2025, 2, 1), by=None)
    told = matrix([old, new], dt.date(2025, 3, 1))
    steps = [column.step for column in told.columns]
    assert len(steps) == 17, "sixteen steps of the law, and the handover to the investor"
    assert steps[-1] == SITE
    assert told.rows[0].cells[steps.index("consultation")].look is Look.ABSENT
    assert told.rows[1].cells[steps.index("consultation")].look is Look.WAITING


def test_done_steps_show_their_day_the_next_one_its_deadline(project):
    case = CaseFactory(project=project, at="approval")
    told = cells(case)
    assert (told["notice"].look, told["notice"].text) == (Look.DONE, f"{FIRST_DAY:%d/%m/%y}")
    assert case.next_step == "payment"
    assert case.due_on < TODAY
    late = (TODAY - case.due_on).days
    assert (told["payment"].look, told["payment"].text) == (Look.OVERDUE, f"quá {late} ngày")
    before = cells(case, case.due_on - dt.timedelta(days=3))["payment"]
    assert (before.look, before.text) == (Look.DUE_7, f"hạn {case.due_on:%d/%m/%y}")
    assert told["handover"].look is Look.WAITING
    assert told["resettlement"].look is Look.OPEN


def test_an_opening_is_told_apart_and_vouches_without_dates(project):
    case = CaseFactory(project=project)
    open_at(case, "approval", dt.date(2021, 3, 1))
    told = cells(case)
    assert (told["approval"].look, told["approval"].text) == (Look.OPENING, "01/03/21")
    assert (told["notice"].look, told["notice"].text) == (Look.VOUCHED, "✓")


def test_how_late_a_step_was_is_what_the_case_page_says(project):
    case = CaseFactory(project=project, at="approval")
    case.advance("payment", on=case.due_on + dt.timedelta(days=12), by=None)
    case.refresh_from_db()
    cell = cells(case)["payment"]
    assert (cell.look, cell.days) == (Look.LATE, 12)
    assert cell.text.endswith(" +12")
    said = [i for i in timeline_of(case, TODAY, Law.read()) if i.kind is Kind.LATE]
    assert [(item.step, item.late_days) for item in said] == [("payment", 12)]


def test_columns_count_what_is_done_in_the_rows_shown(client, project):
    CaseFactory(project=project, at="inventory", code="A-1")
    CaseFactory(project=project, at="notice", code="A-2")
    page = client.get(reverse("matrix", args=[project.ref]))
    done = {c.step: (c.done, c.rows) for c in page.context["matrix"].columns}
    assert (done["notice"], done["inventory"]) == ((2, 2), (1, 2))
    page = client.get(reverse("matrix", args=[project.ref]), {"stage": "1"})
    assert [row.case.code for row in page.context["matrix"].rows] == ["A-2"]


def test_the_matrix_asks_as_often_for_30_cases_as_for_3(client, project):
    def queries():
        with CaptureQueriesContext(connection) as caught:
            assert client.get(reverse("matrix", args=[project.ref])).status_code == 200
        return len(caught)

    for _ in range(3):
        ObstacleFactory(case=CaseFactory(project=project, at="notice"))
    queries()
    few = queries()
    for _ in range(27):
        ObstacleFactory(case=CaseFactory(project=project, at="notice"))
    assert queries() == few <= 25


@pytest.mark.parametrize("role", ROLES)
def test_who_sees_names_and_who_records(client, project, role):
    """role × {own, other's}: everyone sees codes and days; names and steps as on the case page."""
    theirs = ProjectFactory(officers=[UserFactory()])
    user = UserFactory(role=role)
    if role == "officer":
        project.assignment_set.create(user=user, valid_from=FIRST_DAY)
    client.force_login(user)
    for place, own in ((project, True), (theirs, False)):
        case = CaseFactory(project=place, at="notice", party__name="Bí Mật")
        page = client.get(reverse("matrix", args=[place.ref]))
        assert case.code in page.content.decode()
        named = role in ("finance", "administrator") or (role == "officer" and own)
        assert ("Bí Mật" in page.content.decode()) is named
        book = client.get(reverse("matrix_export", args=[place.ref]))
        values = [str(v) for row in sheet(book).iter_rows(values_only=True) for v in row]
        assert (any("Bí Mật" in value for value in values)) is named
        address = reverse("matrix_step", args=[place.ref, case.ref, "inventory"])
        records = role == "officer" and own
        assert (client.get(address).status_code == 200) is records
        assert ("data-advance" in page.content.decode()) is records
        assert ("data-paste" in page.content.decode()) is records
        client.post(address, STEP | {"version": case.version})
        case.refresh_from_db()
        assert (case.step == "inventory") is records


def test_a_restricted_project_has_no_matrix_for_the_uncleared(client, officer):
    hidden = ProjectFactory(restricted=True, officers=[officer])
    case = CaseFactory(project=hidden)
    for address in (
        reverse("matrix", args=[hidden.ref]),
        reverse("matrix_export", args=[hidden.ref]),
        reverse("matrix_step", args=[hidden.ref, case.ref, "notice"]),
    ):
        assert client.get(address).status_code == 404


def test_a_recorded_step_answers_with_its_row_and_a_refused_one_with_why(client, project):
    case = CaseFactory(project=project, at="notice")
    address = reverse("matrix_step", args=[project.ref, case.ref, "inventory"])
    answer = client.post(address, STEP | {"version": case.version})
    assert answer.content.decode().lstrip().startswith("<tr")
    assert "15/06/23" in answer.content.decode()
    assert "matrix-recorded" in answer["HX-Trigger"]
    case.refresh_from_db()
    payment = reverse("matrix_step", args=[project.ref, case.ref, "payment"])
    answer = client.post(payment, STEP | {"step": "payment", "version": case.version})
    assert "Chưa thể ghi bước “Chi trả”" in answer.content.decode()
    assert 'value="1/BB"' in answer.content.decode()
    assert (answer["HX-Retarget"], answer["HX-Reswap"]) == ("#matrix-form", "innerHTML")


def test_a_case_of_another_project_or_an_unknown_step_is_not_found(client, project, officer):
    case = CaseFactory(project=ProjectFactory(officers=[officer]), at="notice")
    for args in ([project.ref, case.ref, "inventory"], [case.project.ref, case.ref, "khong-co"]):
        assert client.get(reverse("matrix_step", args=args)).status_code == 404


def sheet(answer):
    return load_workbook(BytesIO(answer.content)).active


def test_the_workbook_is_what_the_page_shows_and_leaves_a_log(client, project, officer):
    done = CaseFactory(project=project, at="approval", code="A-1", party__name="Hộ Một")
    ObstacleFactory(case=CaseFactory(project=project, code="A-2"))
    answer = client.get(reverse("matrix_export", args=[project.ref]))
    rows = list(sheet(answer).iter_rows(min_row=5, values_only=True))
    assert rows[0][:3] == ("Mã hồ sơ", "Hộ", "Thông báo thu hồi đất\n1/2")
    assert rows[1][:2] == ("A-1", "Hộ Một")
    assert rows[1][2].date() == FIRST_DAY
    assert rows[2][0] == "A-2 ▨"
    assert sheet(answer).freeze_panes == "C6"
    steps = [c.step for c in matrix([done], TODAY).columns]
    late = sheet(answer).cell(6, 3 + steps.index("payment"))
    assert late.fill.fgColor.rgb == f"00{LOOK_FILLS[Look.OVERDUE].upper()}"
    by_day = client.get(reverse("matrix_export", args=[project.ref]), {"mau": "ngay", "q": "A-1"})
    assert sheet(by_day).max_row == 6
    assert sheet(by_day).cell(6, 3).fill.fgColor.rgb == f"00{AGE_FILLS[3].upper()}"
    log = ExportLog.objects.first()
    assert (log.by, log.source, log.rows, log.personal) == (officer, "ma-tran", 1, True)
    assert "Mã hồ sơ, tờ/thửa: A-1" in log.filters


def test_the_page_and_the_workbook_have_the_same_colours():
    css = Path(settings.BASE_DIR, "gpmb/web/static/gpmb/matrix.css").read_text()
    drawn = dict(re.findall(r"\.is-(\w+) { background: #(\w{6})", css))
    ages = re.findall(r"\.age-\d { background: #(\w{6})", css)
    assert drawn == {look: fill for look, fill in LOOK_FILLS.items() if fill != "ffffff"}
    assert tuple(ages) == AGE_FILLS


def test_the_list_of_a_projects_cases_leads_to_its_matrix_with_the_same_filter(
    client, officer, project
):
    CaseFactory(project=project, at="notice")
    query = {"project": project.code, "stage": "1", "page": "1"}
    page = client.get(reverse("cases"), query).content.decode()
    address = reverse("matrix", args=[project.ref])
    assert f'href="{address}?stage=1"' in page
    assert client.get(f"{address}?stage=1").context["page"].paginator.count == 1
    assert address not in client.get(reverse("cases")).content.decode()


def test_a_workbook_of_the_matrix_runs_no_text_as_a_formula(client, project):
    case = CaseFactory(project=project, code="=1+1")
    party = case.case_parties.get().party
    party.name = '=HYPERLINK("http://x","bấm")\x0b'
    party.save()
    cells = sheet(client.get(reverse("matrix_export", args=[project.ref])))
    assert cells["A6"].value == "=1+1"
    assert cells["A6"].data_type == "s"
    assert cells["B6"].data_type == "s"
    assert cells["B6"].value == '=HYPERLINK("http://x","bấm")'


def test_the_form_of_a_cell_speaks_the_words_of_the_column(client, project):
    case = CaseFactory(project=project, at="approval")
    page = client.get(reverse("matrix_step", args=[project.ref, case.ref, "payment"]))
    column = next(c for c in matrix([case], TODAY).columns if c.step == "approval")
    assert f"đang ở bước “{column.label}”" in page.content.decode()
