"""A block of legal procedures pasted on the page of a project or of the whole city."""

import datetime as dt

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from openpyxl import Workbook

from gpmb.clearance.models import ReadinessItem
from gpmb.importing.models import ImportRun, Upload
from gpmb.importing.tables.readiness import READINESS
from gpmb.importing.tables.where import Where
from gpmb.reference.models import ReadinessTemplate
from tests.factories import TODAY, OrganisationFactory, ProjectFactory, UserFactory
from tests.web.pasting.blocks import block, faults, paste, take_back, write
from tests.web.test_imports import check, send
from tests.web.test_permissions import ROLES

pytestmark = pytest.mark.django_db
HEAD = "Thủ tục|Hoàn thành ngày|Văn bản|Cơ quan chủ trì|Hạn theo lộ trình|Ghi chú"


@pytest.fixture
def project(officer):
    """Of the three procedures its kind needs, two stand in its checklist."""
    project = ProjectFactory(code="CCN", officers=[officer])
    ReadinessTemplate.objects.all().delete()
    for order, (code, name) in enumerate(
        (("gia", "Giá đất cụ thể"), ("von", "Bố trí vốn"), ("qd", "Quyết định chủ trương"))
    ):
        ReadinessTemplate.objects.create(code=code, name=name, order=order, source="thử nghiệm")
        if code != "qd":
            ReadinessItem.objects.create(project=project, code=code, name=name)
    OrganisationFactory(name="Phòng Tài nguyên và Môi trường", short_name="Phòng TN&MT")
    return project


def lines(project):
    """By code: done on, number, owner, due on."""
    return {
        row.code: (row.done_on, str(row.document or ""), str(row.owner or ""), row.due_on)
        for row in project.readiness_items.select_related("document", "owner")
    }


def test_procedures_are_pasted_changed_and_taken_back(client, project):
    before = lines(project)
    text = block(
        HEAD,
        "giá đất cụ thể|20/06/2023|12/QĐ-UBND|Phòng TN&MT||",
        "Quyết định chủ trương|||phong tn&mt|31/08/2023|",
    )
    upload = check(client, paste(client, "readiness", text))
    assert (upload.preview["created"], upload.preview["changed"]) == (1, 1)
    assert lines(project) == before
    write(client, upload)
    agency = "Phòng TN&MT"
    assert lines(project) == before | {
        "gia": (dt.date(2023, 6, 20), "12/QĐ-UBND", agency, None),
        "qd": (None, "", agency, dt.date(2023, 8, 31)),
    }
    again = check(client, paste(client, "readiness", text)).preview
    assert (again["unchanged"], again["created"], again["changed"]) == (2, 0, 0)

    change = block("Thủ tục|Văn bản|Hạn", "Giá đất cụ thể|15/QĐ-UBND|", "qd||30/09/2023")
    write(client, check(client, paste(client, "readiness", change)))
    assert lines(project)["gia"][:2] == (dt.date(2023, 6, 20), "15/QĐ-UBND")
    assert lines(project)["qd"][3] == dt.date(2023, 9, 30)
    assert take_back().undo_report["undone"] == 2
    assert take_back().undo_report["undone"] == 2
    assert lines(project) == before


def test_faults_of_procedures_are_said_cell_by_cell(client, project):
    text = block(
        f"{HEAD}|Phải có|Mã dự án",
        "Xin phép ông địa|||||||",
        "Bố trí vốn|20/06/2023||||||",
        "Bố trí vốn||5/NQ-HĐND|||||",
        "Bố trí vốn|01/07/2023|5/NQ|||||",
        "Bố trí vốn||||||không|",
        "Bố trí vốn||||||chắc vậy|",
        "Bố trí vốn|||Sở nào đó||||",
        "Bố trí vốn||||31/06/2023|||",
        "Bố trí vốn||||31/08/2023|||KHAC",
    )
    upload = check(client, paste(client, "readiness", text))
    said = faults(upload)
    for row, words in {
        2: "Thủ tục: “Xin phép ông địa” không thuộc danh mục",
        3: "Văn bản: Hoàn thành phải có số",
        4: "Hoàn thành ngày: Có văn bản thì phải có ngày",
        5: "Hoàn thành ngày: Ngày 01/07/2023 sau ngày số liệu",
        6: "Ghi chú: Thủ tục không phải làm phải ghi lý do",
        7: "Phải có: “chắc vậy” không thuộc danh sách",
        8: "Cơ quan chủ trì: “Sở nào đó” không thuộc danh sách",
        9: "Hạn theo lộ trình: “31/06/2023” là ngày không có thật",
        10: "Mã dự án: Dòng của dự án khác",
    }.items():
        assert said[row].startswith(words), said[row]
    assert (upload.preview["read"], upload.preview["refused"]) == (9, 9)


def test_a_procedure_left_out_with_its_reason_is_shown_so(client, project):
    text = block("Thủ tục|Phải có|Ghi chú", "Bố trí vốn|không|vốn của nhà đầu tư")
    upload = check(client, paste(client, "readiness", text))
    assert upload.preview["shown"][0][3][0] == ["Phải có", "có", "không"]
    write(client, upload)
    assert not project.readiness_items.get(code="von").required


def test_a_procedure_changed_since_stays(client, project):
    text = block(HEAD, "Bố trí vốn||||31/08/2023|", "Quyết định chủ trương||||31/08/2023|")
    write(client, check(client, paste(client, "readiness", text)))
    row = project.readiness_items.get(code="von")
    row.note = "chờ HĐND"
    row.save()
    report = take_back().undo_report
    assert (report["undone"], report["kept"]) == (1, [[2, "Bố trí vốn", "đã sửa sau khi nhập"]])
    assert set(lines(project)) == {"gia", "von"}


@pytest.mark.parametrize("role", ROLES)
def test_who_may_paste_procedures_whose(today, role):
    """role × {own, same project as a colleague, other's}; the administrator keeps them all."""
    users = {each: UserFactory(role=each) for each in ROLES}
    client = Client()
    client.force_login(users[role])
    officers = ([users["officer"]], [users["officer"], UserFactory()], [UserFactory()])
    shown = sent = undone = ""
    for mine in officers:
        project = ProjectFactory(officers=mine)
        item = ReadinessItem.objects.create(project=project, code="von", name="Bố trí vốn")
        page = client.get(reverse("project_readiness", args=[project.ref])).content.decode()
        shown += "o" if "data-paste" in page else "-"
        count = Upload.objects.count()
        text = block(HEAD, "Bố trí vốn||||31/08/2023|")
        client.post(
            reverse("import_paste"), {"kind": "readiness", "project": project.code, "block": text}
        )
        if Upload.objects.count() == count:
            sent, undone = sent + "-", undone + "-"
            continue
        upload = Upload.objects.latest("pk")
        write(client, check(client, upload))
        item.refresh_from_db()
        sent += "o" if item.due_on else "-"
        run = ImportRun.objects.latest("pk")
        client.post(reverse("import_undo", args=[run.ref]))
        item.refresh_from_db()
        undone += "-" if item.due_on else "o"
    expected = {"officer": "oo-", "administrator": "ooo"}.get(role, "---")
    assert (shown, sent, undone) == (expected,) * 3


def test_the_administrator_brings_in_procedures_and_nothing_else(today, project):
    client = Client()
    client.force_login(UserFactory(administrator=True))
    for kind in ("workbook", "plots", "payments"):
        data = {"kind": kind, "project": "CCN", "block": block(HEAD, "a|b|c|d|e|f")}
        assert client.post(reverse("import_paste"), data).status_code == 200
    assert not Upload.objects.exists()
    page = client.get(reverse("imports")).content.decode()
    assert "Thủ tục của dự án (Excel)" in page
    assert "Vướng mắc (Excel)" not in page
    assert "data-paste" in client.get(reverse("readiness")).content.decode()


def test_a_file_of_the_same_columns_comes_in_by_the_imports_of_the_administrator(
    today, project, tmp_path
):
    client = Client()
    client.force_login(UserFactory(administrator=True))
    book = Workbook()
    for row in (["Bảng thủ tục"], HEAD.split("|"), ["Bố trí vốn", "", "", "", TODAY, "chờ HĐND"]):
        book.active.append(row)
    book.save(tmp_path / "thu-tuc.xlsx")
    upload = send(client, tmp_path / "thu-tuc.xlsx", "readiness")
    write(client, check(client, upload))
    row = project.readiness_items.get(code="von")
    assert (row.due_on, row.note) == (TODAY, "chờ HĐND")
    take_back()
    row.refresh_from_db()
    assert (row.due_on, row.note) == (None, "")


def test_an_uncleared_administrator_knows_no_restricted_project(today, project):
    project.restricted = True
    project.save()
    client = Client()
    client.force_login(UserFactory(administrator=True))
    data = {"kind": "readiness", "project": "CCN", "block": block(HEAD, "Bố trí vốn|||||x")}
    client.post(reverse("import_paste"), data)
    assert not Upload.objects.exists()


def test_a_row_costs_few_queries(project, officer):
    where = Where(project, officer, TODAY)
    READINESS.take_in({"name": "Bố trí vốn", "note": "một"}, where)
    with CaptureQueriesContext(connection) as seen:
        READINESS.take_in({"name": "Bố trí vốn", "note": "hai", "due_on": TODAY}, where)
    assert len(seen) <= 3, [q["sql"] for q in seen]
