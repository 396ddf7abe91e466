"""A block of invitations pasted on /chi-tra/: who was asked to come for the money, who came."""

import datetime as dt

import pytest
from django.test import Client
from django.urls import reverse

from gpmb.compensation.models import Invitation
from gpmb.importing.models import ImportRun, Upload
from tests.factories import (
    TODAY,
    CaseFactory,
    DocumentFactory,
    PlanFactory,
    ProjectFactory,
    UserFactory,
)
from tests.web.pasting.blocks import block, faults, paste, take_back, write
from tests.web.test_imports import check
from tests.web.test_permissions import ROLES

pytestmark = pytest.mark.django_db
HEAD = "Mã hồ sơ|Ngày mời|Hẹn nhận ngày|Nơi nhận|Số giấy mời|Kết quả|Ghi chú"


def approved(project, code):
    return PlanFactory(case=CaseFactory(project=project, code=code), at="approved")


def invited():
    rows = Invitation.objects.order_by("case__code", "number").select_related("document")
    return [
        (r.case.code, r.number, f"{r.on:%d/%m}", str(r.document or ""), r.result, r.note)
        for r in rows
    ]


def test_households_are_invited_and_what_came_of_it_is_said_by_blocks(client, project, officer):
    for code in ("HS-1", "HS-2"):
        approved(project, code)
    text = block(
        HEAD,
        "HS-1|01/06/2023|10/06/2023|UBND phường|5/GM||",
        "HS-2|01/06/2023|10/06/2023|UBND phường|||",
    )
    upload = check(client, paste(client, "invitations", text))
    assert (upload.preview["created"], Invitation.objects.count()) == (2, 0)
    write(client, upload)
    sent = [("HS-1", 1, "01/06", "5/GM", "", ""), ("HS-2", 1, "01/06", "", "", "")]
    assert invited() == sent
    assert set(Invitation.objects.values_list("by", flat=True)) == {officer.pk}
    again = check(client, paste(client, "invitations", text)).preview
    assert (again["unchanged"], again["created"], again["changed"]) == (2, 0, 0)

    came = block(
        "Mã hồ sơ|Ngày mời|Kết quả|Ghi chú",
        "HS-1|01/06/2023|Đến nhận|",
        "HS-2|01/06/2023|vắng mặt|đi xa",
    )
    upload = check(client, paste(client, "invitations", came))
    assert upload.preview["shown"][0][3] == [["Kết quả", "chưa có", "Đến nhận"]]
    write(client, upload)
    said = [("HS-1", 1, "01/06", "5/GM", "came", ""), ("HS-2", 1, "01/06", "", "absent", "đi xa")]
    assert invited() == said
    again = block(HEAD, "HS-2|15/06/2023|20/06/2023|UBND phường|6/GM||")
    write(client, check(client, paste(client, "invitations", again)))
    assert invited() == [*said, ("HS-2", 2, "15/06", "6/GM", "", "")]
    assert take_back().undo_report["undone"] == 1
    assert invited() == said
    assert take_back().undo_report["undone"] == 2
    assert invited() == sent
    assert take_back().undo_report["undone"] == 2
    assert invited() == []


def test_an_invitation_that_something_came_of_stays(client, project):
    plan = approved(project, "HS-1")
    other = approved(project, "HS-2")
    text = block(
        HEAD,
        "HS-1|01/06/2023|10/06/2023|UBND phường|||",
        "HS-2|01/06/2023|10/06/2023|UBND phường|||",
    )
    write(client, check(client, paste(client, "invitations", text)))
    Invitation.objects.filter(plan=plan).update(result="came")
    Invitation.invite(
        other, on=TODAY, pay_on=TODAY, place="UBND", document=DocumentFactory(), by=None
    )
    report = take_back().undo_report
    assert (report["undone"], len(report["kept"])) == (0, 2)
    assert Invitation.objects.count() == 3


def test_faults_of_invitations_are_said_cell_by_cell(client, project):
    approved(project, "HS-1")
    CaseFactory(project=project, code="HS-2")
    text = block(
        HEAD,
        "HS-9|01/06/2023|10/06/2023|UBND|||",
        "HS-2|01/06/2023|10/06/2023|UBND|||",
        "HS-1|01/07/2023|10/07/2023|UBND|||",
        "HS-1|01/06/2023|31/05/2023|UBND|||",
        "HS-1|01/06/2023||UBND|||",
        "HS-1|01/06/2023|10/06/2023||||",
        "HS-1|01/06/2023|10/06/2023|UBND||đang đi|",
        f"HS-1|01/06/2023|10/06/2023|UBND|||{'x' * 301}",
        "HS-1|01/06/2023|10/06/2023|UBND|5/GM||",
        "HS-1|01/06/2023|11/06/2023|ubnd|5/GM||",
    )
    upload = check(client, paste(client, "invitations", text))
    said = faults(upload)
    for row, words in {
        2: "Mã hồ sơ: Mã hồ sơ HS-9 không có",
        3: "Mã hồ sơ: Hồ sơ HS-2 chưa có phương án được phê duyệt",
        4: "Ngày mời: Ngày 01/07/2023 sau ngày số liệu",
        5: "Hẹn nhận ngày: Ngày hẹn nhận không được trước",
        6: "Hẹn nhận ngày: Thiếu hẹn nhận ngày",
        7: "Nơi nhận: Thiếu nơi nhận",
        8: "Kết quả: “đang đi” không thuộc danh sách",
        9: "Ghi chú: ",
        11: "Hẹn nhận ngày: Giấy mời lần 1 ngày 01/06/2023 đã ghi",
    }.items():
        assert said[row].startswith(words), said[row]
    assert (upload.preview["read"], upload.preview["refused"]) == (10, 9)


@pytest.mark.parametrize("role", ROLES)
def test_who_may_paste_invitations_of_whose_households(today, role):
    """role × {own, same project as a colleague, other's}."""
    users = {each: UserFactory(role=each) for each in ROLES}
    client = Client()
    client.force_login(users[role])
    officers = ([users["officer"]], [users["officer"], UserFactory()], [UserFactory()])
    sent = undone = ""
    for mine in officers:
        project = ProjectFactory(officers=mine)
        approved(project, "HS-1")
        count = Upload.objects.count()
        text = block(HEAD, "HS-1|01/06/2023|10/06/2023|UBND phường|||")
        data = {"kind": "invitations", "project": project.code, "block": text}
        client.post(reverse("import_paste"), data)
        if Upload.objects.count() == count:
            sent, undone = sent + "-", undone + "-"
            continue
        write(client, check(client, Upload.objects.latest("pk")))
        sent += "o" if Invitation.objects.exists() else "-"
        client.post(reverse("import_undo", args=[ImportRun.objects.latest("pk").ref]))
        undone += "-" if Invitation.objects.exists() else "o"
    expected = "oo-" if role == "officer" else "---"
    assert (sent, undone) == (expected, expected)


def test_the_day_of_an_invitation_is_its_key(client, project):
    plan = approved(project, "HS-1")
    paper = DocumentFactory(number="5/GM")
    day = dt.date(2023, 6, 1)
    Invitation.invite(plan, on=day, pay_on=TODAY, place="UBND", document=paper, by=None)
    text = block(HEAD, "HS-1|01/06/2023|30/06/2023|ubnd|5/GM||")
    assert check(client, paste(client, "invitations", text)).preview["unchanged"] == 1
