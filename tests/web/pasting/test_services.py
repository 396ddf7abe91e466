"""A block of deliveries pasted on /giao-van-ban/: who got which paper, when and how."""

import datetime as dt
from decimal import Decimal

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from gpmb.clearance.models import Case, CaseParty
from gpmb.importing.models import ImportRun, Upload
from gpmb.importing.tables.service import SERVICES
from gpmb.importing.tables.where import Where
from gpmb.land.models import Document, Service
from tests.factories import (
    FIRST_DAY,
    TODAY,
    CaseFactory,
    DocumentFactory,
    PartyFactory,
    ProjectFactory,
    UserFactory,
)
from tests.web.pasting.blocks import block, faults, paste, take_back, write
from tests.web.test_imports import check
from tests.web.test_permissions import ROLES

pytestmark = pytest.mark.django_db
HEAD = "Số văn bản|Mã hồ sơ|Người nhận|Ngày giao|Cách giao|Minh chứng"


@pytest.fixture
def project(officer):
    """Under notice 12/TB: HS-1 of two co-owners, HS-2 of one."""
    return noticed(ProjectFactory(code="CCN", officers=[officer]), "12/TB")


def noticed(project, number):
    paper = DocumentFactory(kind="notice", number=number, signed_on=FIRST_DAY)
    first = CaseFactory(project=project, code="HS-1", takings=0, party__name="Bà Một")
    second = PartyFactory(name="Ông Hai")
    CaseParty.objects.filter(case=first).update(share_percent=Decimal(50))
    CaseParty.objects.create(case=first, party=second, role="co_owner", share_percent=Decimal(50))
    cases = [first, CaseFactory(project=project, code="HS-2", takings=0, party__name="Bà Ba")]
    for case in cases:
        case.advance("notice", on=FIRST_DAY, by=None, document=paper)
    return project


def living():
    """By name: day, manner, evidence."""
    rows = Service.objects.living().select_related("party")
    return {row.party.name: (f"{row.on:%d/%m/%Y}", row.manner, row.evidence) for row in rows}


def served_on(code):
    return Case.objects.get(code=code).notice_served_on


def test_deliveries_are_pasted_corrected_and_taken_back(client, project, officer):
    text = block(
        HEAD,
        "12/tb|HS-1||05/09/2022|ký nhận|",
        "12/TB|HS-2|bà ba|06/09/2022|từ chối nhận|7/BB",
    )
    upload = check(client, paste(client, "services", text))
    assert (upload.preview["created"], Service.objects.count()) == (2, 0)
    assert "Bà Một" not in str(upload.preview["shown"])
    write(client, upload)
    first = {
        "Bà Một": ("05/09/2022", "signed", ""),
        "Ông Hai": ("05/09/2022", "signed", ""),
        "Bà Ba": ("06/09/2022", "refused", "7/BB"),
    }
    assert living() == first
    assert set(Service.objects.values_list("recorded_by", flat=True)) == {officer.pk}
    assert (served_on("HS-1"), served_on("HS-2")) == (dt.date(2022, 9, 5), dt.date(2022, 9, 6))
    again = check(client, paste(client, "services", text)).preview
    assert (again["unchanged"], again["created"], again["changed"]) == (2, 0, 0)

    change = block(
        HEAD, "12/TB|HS-1|Ông Hai|08/09/2022|ký nhận|", "12/TB|HS-2||06/09/2022|niêm yết|"
    )
    upload = check(client, paste(client, "services", change))
    assert upload.preview["shown"][0][3][0] == ["Ngày giao", "05/09/2022", "08/09/2022"]
    write(client, upload)
    assert living() == first | {
        "Ông Hai": ("08/09/2022", "signed", ""),
        "Bà Ba": ("06/09/2022", "posted", "7/BB"),
    }
    assert served_on("HS-1") == dt.date(2022, 9, 8)
    assert take_back().undo_report["undone"] == 2
    assert living() == first
    assert served_on("HS-1") == dt.date(2022, 9, 5)
    assert Service.objects.filter(voided_at__isnull=False).count() == 4


def test_a_new_delivery_is_taken_back_by_the_undo_and_stays_in_the_log(client, project):
    text = block(HEAD, "12/TB|HS-1||05/09/2022|ký nhận|")
    write(client, check(client, paste(client, "services", text)))
    assert take_back().undo_report["undone"] == 1
    assert living() == {}
    assert served_on("HS-1") is None
    assert set(Service.objects.values_list("void_reason", flat=True)) == {"Hoàn tác lần nhập"}
    write(client, check(client, paste(client, "services", text)))
    assert len(living()) == 2


def test_a_delivery_taken_back_since_stays_so(client, project):
    text = block(HEAD, "12/TB|HS-1||05/09/2022|ký nhận|", "12/TB|HS-2||05/09/2022|ký nhận|")
    write(client, check(client, paste(client, "services", text)))
    row = Service.objects.get(party__name="Ông Hai")
    client.post(reverse("service_void", args=[row.ref]), {"reason": "ghi nhầm"})
    report = take_back().undo_report
    why = "đã hủy hoặc ghi lại sau khi nhập"
    assert (report["undone"], report["kept"]) == (1, [[2, "HS-1 · 12/TB", why]])
    assert set(living()) == {"Bà Một"}


def test_a_correction_that_can_t_be_given_back_stays_whole(client, project):
    """The paper was given a later day of signing since: the first delivery came before it."""
    for on in ("05/09/2022", "08/09/2022"):
        text = block(HEAD, f"12/TB|HS-2||{on}|ký nhận|")
        write(client, check(client, paste(client, "services", text)))
    Document.objects.filter(number="12/TB").update(signed_on=dt.date(2022, 9, 7))
    report = take_back().undo_report
    assert report["undone"] == 0
    assert report["kept"][0][2].startswith("Ngày giao 05/09/2022 trước ngày ký")
    assert living() == {"Bà Ba": ("08/09/2022", "signed", "")}


def test_faults_of_deliveries_are_said_cell_by_cell(client, project):
    text = block(
        f"{HEAD}|Ngày ký",
        "99/TB|HS-1||05/09/2022|ký nhận||",
        "12/TB|HS-9||05/09/2022|ký nhận||",
        "12/TB|HS-2|Bà Một|05/09/2022|ký nhận||",
        "12/TB|HS-2||01/07/2023|ký nhận||",
        "12/TB|HS-2||05/09/2021|ký nhận||",
        "12/TB|HS-2||05/09/2022|vắng mặt||",
        "12/TB|HS-2||05/09/2022|đưa tay||",
        "12/TB|HS-2||05/09/2022|||",
        "12/TB|HS-2||05/09/2022|ký nhận||02/01/2020",
        f"12/TB|HS-2||05/09/2022|ký nhận|{'x' * 201}|",
        "12/TB|HS-2||05/09/2022|ký nhận||",
        "12/TB|HS-2||06/09/2022|ký nhận||",
    )
    upload = check(client, paste(client, "services", text))
    said = faults(upload)
    for row, words in {
        2: "Số văn bản: Hồ sơ HS-1 không có thông báo, quyết định số 99/TB",
        3: "Mã hồ sơ: Mã hồ sơ HS-9 không có",
        4: "Người nhận: “Bà Một” không đứng tên trên hồ sơ HS-2",
        5: "Ngày giao: Ngày 01/07/2023 sau ngày số liệu",
        6: "Ngày giao: Ngày giao 05/09/2021 trước ngày ký",
        7: "Minh chứng: Từ chối nhận hoặc vắng mặt phải ghi số biên bản",
        8: "Cách giao: “đưa tay” không thuộc danh sách",
        9: "Cách giao: Thiếu cách giao",
        10: "Ngày ký: Văn bản 12/TB ký ngày",
        11: "Minh chứng: Minh chứng dài quá 200 ký tự",
        13: "Ngày giao: Dòng khác trong khối đã ghi",
    }.items():
        assert said[row].startswith(words), said[row]
    assert (upload.preview["read"], upload.preview["refused"]) == (12, 11)


def test_two_papers_of_one_number_are_told_apart_by_the_day_they_were_signed(client, project):
    case = Case.objects.get(code="HS-2")
    later = DocumentFactory(number="12/TB", signed_on=FIRST_DAY + dt.timedelta(days=400))
    case.events.create(
        kind="move", step="compulsory_inventory", on=later.signed_on, document=later
    )
    text = block(f"{HEAD}|Ngày ký", "12/TB|HS-2||05/05/2023|ký nhận||")
    upload = check(client, paste(client, "services", text))
    assert faults(upload)[2].startswith("Ngày ký: Có 2 văn bản số 12/TB")
    text = block(f"{HEAD}|Ngày ký", f"12/TB|HS-2||05/05/2023|ký nhận||{FIRST_DAY:%d/%m/%Y}")
    write(client, check(client, paste(client, "services", text)))
    assert Service.objects.get().document.signed_on == FIRST_DAY


@pytest.mark.parametrize("role", ROLES)
def test_who_may_paste_deliveries_whose(today, role):
    """role × {own, same project as a colleague, other's}."""
    users = {each: UserFactory(role=each) for each in ROLES}
    client = Client()
    client.force_login(users[role])
    listed = client.get(reverse("services"))
    assert "data-paste" not in listed.content.decode()  # nobody has a project yet
    officers = ([users["officer"]], [users["officer"], UserFactory()], [UserFactory()])
    shown = sent = undone = ""
    for mine in officers:
        project = noticed(ProjectFactory(officers=mine), "12/TB")
        page = client.get(reverse("services"), {"project": project.code}).content.decode()
        shown += "o" if "data-paste" in page else "-"
        count = Upload.objects.count()
        text = block(HEAD, "12/TB|HS-1||05/09/2022|ký nhận|")
        client.post(
            reverse("import_paste"), {"kind": "services", "project": project.code, "block": text}
        )
        if Upload.objects.count() == count:
            sent, undone = sent + "-", undone + "-"
            continue
        write(client, check(client, Upload.objects.latest("pk")))
        sent += "o" if Service.objects.living().count() == 2 else "-"
        client.post(reverse("import_undo", args=[ImportRun.objects.latest("pk").ref]))
        undone += "-" if Service.objects.living().exists() else "o"
    expected = "oo-" if role == "officer" else "---"
    assert (shown, sent, undone) == (expected,) * 3


def queries_of(where, given):
    with CaptureQueriesContext(connection) as seen:
        SERVICES.take_in(given, where)
    return len(seen)


def test_a_row_costs_the_same_however_many_stand_under_the_notice(project, officer):
    where = Where(project, officer, TODAY)
    assert where.law
    given = {"number": "12/TB", "on": dt.date(2022, 9, 5), "manner": "ký nhận"}
    few = queries_of(where, given | {"case": "HS-1"})
    paper = Service.objects.first().document
    for number in range(3, 9):
        case = CaseFactory(project=project, code=f"HS-{number}", takings=0)
        case.advance("notice", on=FIRST_DAY, by=None, document=paper)
    where = Where(project, officer, TODAY)
    assert where.law
    many = queries_of(where, given | {"case": "HS-3"})
    assert many <= few <= 21, (few, many)
