"""Blocks pasted on tables that are not of one project: trainings, money, conclusions, the plan."""

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from openpyxl import Workbook, load_workbook

from gpmb import refs
from gpmb.accounts.models import Organisation
from gpmb.clearance.models import (
    TARGET_LINE,
    Directive,
    DirectiveNote,
    Funding,
    Obstacle,
    Project,
    Review,
    Training,
)
from gpmb.importing.models import ImportRun, Upload
from gpmb.reference.models import PriorityCategory
from tests.factories import (
    TODAY,
    AdministrativeUnitFactory,
    CaseFactory,
    DocumentFactory,
    ObstacleCauseFactory,
    OrganisationFactory,
    PlanFactory,
    PlanVersionFactory,
    PriorityCategoryFactory,
    ProjectFactory,
    UserFactory,
)
from tests.web.pasting.blocks import block, faults, take_back, write
from tests.web.test_imports import check

pytestmark = pytest.mark.django_db

ROLES = ("officer", "finance", "petitions", "leader", "viewer", "administrator")


def signed_in(**user: Any) -> Client:
    client = Client()
    client.force_login(UserFactory(**user))
    return client


def paste(client: Client, kind: str, text: str, of: str = "") -> Upload:
    data = {"kind": kind, "of": of, "block": text}
    answer = client.post(reverse("import_paste"), data)
    assert answer.status_code == 302
    return Upload.objects.latest("pk")


def preview(client: Client, kind: str, text: str, of: str = "") -> Upload:
    return check(client, paste(client, kind, text, of))


def bring_in(client: Client, kind: str, text: str, of: str = "") -> Upload:
    upload = preview(client, kind, text, of)
    write(client, upload)
    return upload


def counts(upload: Upload) -> tuple[int, int, int, int]:
    """New, changed, unchanged, refused."""
    said = upload.preview
    return said["created"], said["changed"], said["unchanged"], said["refused"]


CLASS = "Ngày|Nội dung tập huấn|Đơn vị tổ chức|Đối tượng|Số người dự|Địa điểm"


@pytest.fixture
def officer(today: Any) -> Client:
    user = UserFactory()
    ProjectFactory(officers=[user])
    OrganisationFactory(name="Trung tâm Phát triển quỹ đất", short_name="TTPTQĐ")
    client = Client()
    client.force_login(user)
    return client


def test_trainings_are_pasted_changed_and_taken_back(officer):
    text = block(
        CLASS,
        "10/05/2023|Luật Đất đai|TTPTQĐ|Cán bộ xã|45|Hội trường",
        "12/05/2023|Kỹ năng vận động||Tổ dân phố|120|",
    )
    upload = preview(officer, "trainings", text)
    assert counts(upload) == (2, 0, 0, 0)
    assert not Training.objects.exists()
    write(officer, upload)
    assert [(t.topic, t.people_count, str(t.organiser or "")) for t in Training.objects.all()] == [
        ("Kỹ năng vận động", 120, ""),
        ("Luật Đất đai", 45, "TTPTQĐ"),
    ]
    assert counts(preview(officer, "trainings", text)) == (0, 0, 2, 0)
    text = block("Ngày|Nội dung|Số người dự", "10/05/2023|luật đất đai|48")
    upload = preview(officer, "trainings", text)
    assert upload.preview["shown"][0][3] == [["Số người dự", "45", "48"]]
    write(officer, upload)
    assert Training.objects.get(topic="Luật Đất đai").people_count == 48
    take_back()
    assert Training.objects.get(topic="Luật Đất đai").people_count == 45
    assert take_back().undo_report == {"undone": 2, "kept": []}
    assert not Training.objects.exists()


def test_a_training_corrected_since_stays(officer):
    bring_in(officer, "trainings", block(CLASS, "10/05/2023|Luật Đất đai|||45|"))
    Training.objects.update(people_count=50)
    kept = [[2, "Luật Đất đai · 10/05/2023", "đã sửa sau khi nhập"]]
    assert take_back().undo_report == {"undone": 0, "kept": kept}
    assert Training.objects.count() == 1


def test_two_classes_of_one_day_and_topic_are_told_apart_by_their_place(officer):
    text = block(CLASS, "10/05/2023|Luật|||45|Hải Hòa", "10/05/2023|Luật|||30|Trà Cổ")
    bring_in(officer, "trainings", text)
    assert counts(preview(officer, "trainings", text)) == (0, 0, 2, 0)
    upload = preview(officer, "trainings", block("Ngày|Nội dung|Số người", "10/05/2023|Luật|9"))
    assert "ghi địa điểm" in faults(upload)[2]


def test_faults_of_trainings_are_said_cell_by_cell(officer):
    text = block(
        CLASS,
        "01/07/2023|Luật|||45|",
        "10/05/2023||||45|",
        "10/05/2023|Luật|||0|",
        "10/05/2023|Luật|||bốn mươi|",
        "10/05/2023|Luật|||4,5|",
        "10/05/2023|Luật||||",
        "10/05/2023|Luật|Sở nào đó||45|",
        f"10/05/2023|{'Luật ' * 80}|||45|",
        "31/06/2023|Luật|||45|",
    )
    upload = preview(officer, "trainings", text)
    said = faults(upload)
    for row, words in {
        2: "Ngày: Ngày 01/07/2023 sau ngày số liệu",
        3: "Nội dung tập huấn: Thiếu nội dung",
        4: "Số người dự: “0” phải là số nguyên từ 1",
        5: "Số người dự: “bốn mươi” không phải là số",
        6: "Số người dự: “4,5” phải là số nguyên",
        7: "Số người dự: Thiếu số người dự",
        8: "Đơn vị tổ chức: “Sở nào đó” không thuộc danh sách",
        9: "Nội dung tập huấn: ",
        10: "Ngày: “31/06/2023” là ngày không có thật",
    }.items():
        assert words in said[row]
    assert counts(upload) == (0, 0, 0, 9)


def may(client: Client, kind: str, page: str, of: str = "") -> bool:
    """Whether a table takes a block from this person: the box, the door and its page agree."""
    offered = "data-paste" in client.get(page).content.decode()
    data = {"kind": kind, "of": of, "block": "Ngày\tNội dung\n10/05/2023\tLuật"}
    told = {
        client.get(reverse("import_paste"), {"kind": kind, "of": of}).status_code == 200,
        client.post(reverse("import_paste"), data).status_code == 302,
    }
    assert told == {offered}, "the page and the door disagree"
    return offered


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("own", [True, False], ids=["own", "none"])
def test_trainings_take_a_block_from_officers_with_a_project_and_administrators(today, role, own):
    user = UserFactory(role=role)
    ProjectFactory(officers=[user] if own and role == "officer" else [])
    client = Client()
    client.force_login(user)
    asked = may(client, "trainings", reverse("trainings"))
    assert asked == ((role == "officer" and own) or role == "administrator")


def test_a_run_is_for_who_brought_it_in_and_the_administrator(officer):
    bring_in(officer, "trainings", block(CLASS, "10/05/2023|Luật|||45|"))
    run = ImportRun.objects.get(applied=True)
    colleague = UserFactory()
    ProjectFactory(officers=[colleague])
    for user, status in (
        (run.by, 200),
        (UserFactory(administrator=True), 200),
        (colleague, 404),
        (UserFactory(leader=True), 404),
        (UserFactory(finance=True), 404),
    ):
        client = Client()
        client.force_login(user)
        assert client.get(reverse("import_run", args=[run.ref])).status_code == status
        if status == 404:
            assert client.post(reverse("import_undo", args=[run.ref])).status_code == 404
    page = officer.get(reverse("trainings")).content.decode()
    assert reverse("import_run", args=[run.ref]) in page
    run.by.assignment_set.update(valid_to=dt.date(2023, 1, 1))
    assert officer.post(reverse("import_undo", args=[run.ref])).status_code == 404
    assert Training.objects.count() == 1


def test_a_file_of_the_same_columns_is_brought_in_as_a_block_is(officer, tmp_path):
    book = Workbook()
    for row in block(CLASS, "10/05/2023|Luật|||45|", "10/05/2023|Luật|||0|").split("\n"):
        book.worksheets[0].append(row.split("\t"))
    book.save(tmp_path / "tap-huan.xlsx")
    file = SimpleUploadedFile("tap-huan.xlsx", (tmp_path / "tap-huan.xlsx").read_bytes())
    officer.post(reverse("import_paste"), {"kind": "trainings", "of": "", "file": file})
    upload = check(officer, Upload.objects.latest("pk"))
    assert counts(upload) == (1, 0, 0, 1)
    fixed = tmp_path / "loi.xlsx"
    fixed.write_bytes(officer.get(reverse("import_errors", args=[upload.ref])).content)
    assert "số nguyên từ 1" in load_workbook(fixed).worksheets[0]["G2"].value
    page = officer.post(reverse("import_paste"), {"kind": "trainings", "of": ""})
    assert "Chưa dán gì" in page.content.decode()


MONEY = "Mã dự án|Loại|Ngày|Số tiền (triệu đồng)|Số văn bản"


@pytest.fixture
def finance(today: Any) -> Client:
    ProjectFactory(code="CCN", name="Cụm công nghiệp Hải Hòa")
    ProjectFactory(code="QP-1", restricted=True)
    return signed_in(finance=True)


def test_money_of_projects_is_pasted_corrected_and_taken_back(finance):
    text = block(
        MONEY,
        "CCN|Nhu cầu|10/01/2023|12.500,5|1/QĐ-UBND",
        "Cụm công nghiệp Hải Hòa|da bo tri|15/01/2023|8000|2/QĐ-UBND",
    )
    upload = preview(finance, "funding", text)
    assert counts(upload) == (2, 0, 0, 0)
    assert not Funding.objects.exists()
    write(finance, upload)
    lines = Funding.objects.order_by("on")
    assert [(f.kind, f.amount_vnd, f.document.number) for f in lines] == [
        ("needed", 12_500_500_000, "1/QĐ-UBND"),
        ("allocated", 8_000_000_000, "2/QĐ-UBND"),
    ]
    assert counts(preview(finance, "funding", text)) == (0, 0, 2, 0)
    head = MONEY.replace("triệu đồng", "đồng")
    dearer = block(head, "CCN|Đã bố trí|15/01/2023|9.000.000.000|2/QĐ-UBND")
    upload = preview(finance, "funding", dearer)
    assert upload.preview["shown"][0][3] == [["Số tiền (đồng)", "8.000.000.000", "9.000.000.000"]]
    write(finance, upload)
    assert lines.last().amount_vnd == 9_000_000_000
    take_back()
    assert lines.last().amount_vnd == 8_000_000_000
    assert take_back().undo_report == {"undone": 2, "kept": []}
    assert not Funding.objects.exists()


def test_money_pasted_short_of_what_is_approved_blocks_the_project_until_it_is_undone(today):
    cause = ObstacleCauseFactory(code="no_funding")
    project = ProjectFactory(code="CCN")
    PlanFactory(case=CaseFactory(project=project), at="approved", amount=1_000_000_000)
    finance = signed_in(finance=True)
    bring_in(finance, "funding", block(MONEY, "CCN|Đã bố trí|10/01/2023|800|1/QĐ"))
    assert Obstacle.objects.get(project=project, cause=cause).closed_on is None
    take_back()
    row = Obstacle.objects.get(project=project, cause=cause)
    assert row.closed_on == row.opened_on, "an obstacle that never was"


def test_faults_of_money_are_said_cell_by_cell(finance):
    text = block(
        MONEY,
        "XYZ|Nhu cầu|10/01/2023|5|1/QĐ",
        "QP-1|Nhu cầu|10/01/2023|5|1/QĐ",
        "CCN|Vay|10/01/2023|5|1/QĐ",
        "CCN|Nhu cầu|10/09/2023|5|1/QĐ",
        "CCN|Nhu cầu|10/01/2023|0|1/QĐ",
        "CCN|Nhu cầu|10/01/2023|năm|1/QĐ",
        "CCN|Nhu cầu|10/01/2023||1/QĐ",
        "CCN|Nhu cầu|10/01/2023|5|",
        "|Nhu cầu|10/01/2023|5|1/QĐ",
        "CCN|Nhu cầu|10/01/2023|12.500|1/QĐ",
    )
    upload = preview(finance, "funding", text)
    said = faults(upload)
    for row, words in {
        2: "Mã dự án: Không có dự án “XYZ”",
        3: "Mã dự án: Không có dự án “QP-1”",
        4: "Loại: “Vay” không thuộc danh sách loại",
        5: "Ngày: Ngày 10/09/2023 sau ngày số liệu",
        6: "Số tiền (triệu đồng): Số tiền phải lớn hơn 0",
        7: "Số tiền (triệu đồng): “năm” không phải là số",
        8: "Số tiền (triệu đồng): Thiếu số tiền",
        9: "Số văn bản: Thiếu số văn bản",
        10: "Mã dự án: Thiếu mã dự án",
        11: "đọc được hai cách",
    }.items():
        assert words in said[row]
    assert counts(upload) == (0, 0, 0, 10)


def test_a_bare_heading_of_money_is_asked_about_never_guessed(finance):
    text = block("Mã dự án|Loại|Ngày|Số tiền|Văn bản", "CCN|Nhu cầu|10/01/2023|8000|1/QĐ")
    upload = paste(finance, "funding", text)
    assert upload.understood["columns"][3]["field"] == ""
    asked = "Không thấy cột số tiền (triệu đồng) hoặc số tiền (đồng)."
    assert upload.understood["question"]["message"] == asked
    write(finance, check(finance, upload, c3="amount_trieu"))
    assert Funding.objects.get().amount_vnd == 8_000_000_000


def test_on_the_page_of_one_project_its_money_needs_no_code(finance):
    head = MONEY.removeprefix("Mã dự án|")
    bring_in(finance, "funding", block(head, "Nhu cầu|10/01/2023|5|1/QĐ"), of="CCN")
    assert Funding.objects.get().project.code == "CCN"
    ProjectFactory(code="KHAC")
    upload = preview(finance, "funding", block(MONEY, "KHAC|Nhu cầu|10/01/2023|5|1/QĐ"), "CCN")
    assert "Đây là trang của dự án CCN" in faults(upload)[2]


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("whose", ["own", "other", "restricted", "restricted, cleared"])
def test_money_takes_a_block_from_finance_and_administrators(today, role, whose):
    user = UserFactory(role=role, cleared=whose == "restricted, cleared")
    restricted = whose.startswith("restricted")
    project = ProjectFactory(officers=[user] if whose == "own" else [], restricted=restricted)
    client = Client()
    client.force_login(user)
    keeps = role in ("finance", "administrator")
    assert may(client, "funding", reverse("funding")) == keeps
    page, known = reverse("project_money", args=[project.ref]), whose != "restricted"
    if known:
        assert may(client, "funding", page, project.code) == keeps
        return
    assert client.get(page).status_code == 404
    door = client.get(reverse("import_paste"), {"kind": "funding", "of": project.code})
    assert door.status_code == 404


def test_a_run_that_named_a_restricted_project_is_for_the_cleared(today):
    ProjectFactory(code="QP-1", restricted=True)
    cleared = signed_in(finance=True, cleared=True)
    bring_in(cleared, "funding", block(MONEY, "QP-1|Nhu cầu|10/01/2023|5|1/QĐ"))
    run = ImportRun.objects.get(applied=True)
    for sees, status in ((True, 200), (False, 404)):
        client = signed_in(administrator=True, cleared=sees)
        assert client.get(reverse("import_run", args=[run.ref])).status_code == status


def test_a_project_restricted_since_is_not_touched_by_the_undo_of_who_may_not_know_it(today):
    project = ProjectFactory(code="CCN")
    finance = signed_in(finance=True)
    bring_in(finance, "funding", block(MONEY, "CCN|Nhu cầu|10/01/2023|5|1/QĐ"))
    Project.objects.update(restricted=True)
    assert take_back().undo_report == {"undone": 0, "kept": [[2, "", "không còn"]]}
    assert project.fundings.count() == 1


def test_an_officer_of_the_project_doesnt_see_what_finance_brought_in(today):
    officer = UserFactory()
    project = ProjectFactory(code="CCN", officers=[officer])
    finance = signed_in(finance=True)
    bring_in(finance, "funding", block(MONEY, "CCN|Nhu cầu|10/01/2023|5|1/QĐ"), project.code)
    run = ImportRun.objects.get(applied=True)
    finance.force_login(officer)
    assert finance.get(reverse("import_run", args=[run.ref])).status_code == 404


SAID = "Kết luận|Cơ quan thực hiện|Hạn|Mã dự án|Mã hồ sơ|Người thực hiện"


@pytest.fixture
def meeting(today: Any) -> Review:
    OrganisationFactory(name="Phòng Tài nguyên và Môi trường", short_name="Phòng TN&MT")
    OrganisationFactory(name="Trung tâm Phát triển quỹ đất", short_name="TTPTQĐ")
    project = ProjectFactory(code="CCN", name="Cụm công nghiệp Hải Hòa")
    CaseFactory(project=project, code="HS-1")
    ProjectFactory(code="QP-1", restricted=True)
    return Review.objects.create(on=dt.date(2023, 6, 26), title="Giao ban tháng 6")


def test_conclusions_are_pasted_corrected_and_taken_back(meeting):
    leader, of = signed_in(leader=True), refs.encode(meeting.ref)
    officer = UserFactory(display_name="Cán bộ Minh Họa")
    text = block(
        SAID,
        "Xong kiểm đếm đợt 2|TTPTQĐ|15/07/2023|CCN||Cán bộ Minh Họa",
        "Xác định nguồn gốc đất|Phòng TN&MT|10/07/2023||HS-1|",
        "Rà soát chung|ttptqd|31/07/2023|||",
    )
    upload = preview(leader, "directives", text, of)
    assert counts(upload) == (3, 0, 0, 0)
    write(leader, upload)
    rows = Directive.objects.order_by("pk")
    assert [
        (d.project and d.project.code, d.case and d.case.code, d.owner_user) for d in rows
    ] == [
        ("CCN", None, officer),
        ("CCN", "HS-1", None),
        (None, None, None),
    ]
    assert counts(preview(leader, "directives", text, of)) == (0, 0, 3, 0)
    later = block(SAID, "rà soát chung|Phòng TN&MT|05/08/2023|||")
    upload = preview(leader, "directives", later, of)
    assert upload.preview["shown"][0][3] == [
        ["Hạn", "31/07/2023", "05/08/2023"],
        ["Cơ quan thực hiện", "TTPTQĐ", "Phòng TN&MT"],
    ]
    write(leader, upload)
    general = Directive.objects.get(text="Rà soát chung")
    assert (str(general.owner), general.due_on) == ("Phòng TN&MT", dt.date(2023, 8, 5))
    take_back()
    general = Directive.objects.get(text="Rà soát chung")
    assert (str(general.owner), general.due_on) == ("TTPTQĐ", dt.date(2023, 7, 31))
    DirectiveNote.objects.create(directive=rows[0], on=dt.date(2023, 6, 28), text="đang làm")
    kept = [[2, "Xong kiểm đếm đợt 2", "đã có tiến độ thực hiện kết luận"]]
    # The last row was corrected and given back: it says what it said, but was written since.
    kept.append([4, "Rà soát chung", "đã sửa sau khi nhập"])
    assert take_back().undo_report == {"undone": 1, "kept": kept}


def test_an_issued_review_takes_no_conclusion_and_gives_none_back(meeting):
    leader, of = signed_in(leader=True), refs.encode(meeting.ref)
    first = block(SAID, "Rà soát chung|TTPTQĐ|31/07/2023|||")
    bring_in(leader, "directives", first, of)
    meeting.document = DocumentFactory()
    meeting.save()
    text = block(
        SAID,
        "Rà soát chung|TTPTQĐ|31/07/2023|||",
        "Rà soát chung|TTPTQĐ|31/08/2023|||",
        "Việc mới|TTPTQĐ|31/08/2023|||",
    )
    upload = preview(leader, "directives", text, of)
    assert counts(upload) == (0, 0, 1, 2)
    assert all("đã ban hành" in words for words in faults(upload).values())
    kept = [[2, "Rà soát chung", "thông báo kết luận đã ban hành"]]
    assert take_back().undo_report == {"undone": 0, "kept": kept}


def test_faults_of_conclusions_are_said_cell_by_cell(meeting):
    leader, of = signed_in(leader=True), refs.encode(meeting.ref)
    text = block(
        SAID,
        "Việc|TTPTQĐ|01/06/2023|||",
        "Việc|Sở nào đó|31/07/2023|||",
        "Việc|TTPTQĐ|31/07/2023|QP-1||",
        "Việc|TTPTQĐ|31/07/2023||HS-404|",
        "Việc|TTPTQĐ|31/07/2023|||Người lạ",
        "|TTPTQĐ|31/07/2023|||",
        "Việc|TTPTQĐ||||",
    )
    upload = preview(leader, "directives", text, of)
    said = faults(upload)
    for row, words in {
        2: "Hạn: Hạn không được trước ngày họp",
        3: "Cơ quan thực hiện: “Sở nào đó” không thuộc danh sách",
        4: "Mã dự án: Không có dự án “QP-1”",
        5: "Mã hồ sơ: Hồ sơ HS-404 không có",
        6: "Người thực hiện: “Người lạ” không thuộc danh sách",
        7: "Kết luận: Thiếu kết luận",
        8: "Hạn: Thiếu hạn",
    }.items():
        assert words in said[row]
    assert counts(upload) == (0, 0, 0, 7)


def test_a_cleared_leader_concludes_on_a_restricted_project(meeting):
    leader, of = signed_in(leader=True, cleared=True), refs.encode(meeting.ref)
    bring_in(leader, "directives", block(SAID, "Việc kín|TTPTQĐ|31/07/2023|QP-1||"), of)
    assert Directive.objects.get().project.code == "QP-1"
    run = ImportRun.objects.get(applied=True)
    run.by.cleared = False
    run.by.save()
    assert leader.get(reverse("import_run", args=[run.ref])).status_code == 404


@pytest.mark.parametrize("role", ROLES)
def test_a_review_takes_conclusions_from_leaders_alone(meeting, role):
    client, page = signed_in(role=role), reverse("review", args=[meeting.ref])
    assert may(client, "directives", page, refs.encode(meeting.ref)) == (role == "leader")
    door = client.get(reverse("import_paste"), {"kind": "directives", "of": "không có"})
    assert door.status_code == 404


REPORT = "Ngày họp|Kết luận|Mã dự án|Tiến độ|Hoàn thành ngày"


@pytest.fixture
def conclusions(meeting: Review) -> Client:
    """Three conclusions; the client's officer works on CCN."""
    officer = UserFactory()
    Project.objects.get(code="CCN").assignment_set.create(user=officer, valid_from="2022-01-01")
    centre = Organisation.objects.get(short_name="TTPTQĐ")
    other = ProjectFactory(code="KHAC")
    for text, project in (
        ("Xong kiểm đếm", Project.objects.get(code="CCN")),
        ("Xong kiểm đếm", other),
        ("Rà soát chung", None),
        ("Việc kín", Project.objects.get(code="QP-1")),
    ):
        Directive.objects.create(
            review=meeting, text=text, project=project, owner=centre, due_on="2023-07-15"
        )
    client = Client()
    client.force_login(officer)
    return client


def test_reports_on_conclusions_are_pasted_and_taken_back(conclusions):
    text = block(
        REPORT,
        "26/06/2023|xong kiểm đếm|CCN|Còn 12 hộ|",
        "26/06/2023|Rà soát chung||Đã rà soát|29/06/2023",
    )
    upload = bring_in(conclusions, "progress", text)
    assert counts(upload) == (2, 0, 0, 0)
    rows = Directive.objects.order_by("pk")
    assert [note.text for note in rows[0].notes.all()] == ["Còn 12 hộ"]
    assert (rows[2].done_on, rows[2].result) == (dt.date(2023, 6, 29), "Đã rà soát")
    assert counts(preview(conclusions, "progress", text)) == (0, 0, 2, 0)
    DirectiveNote.objects.create(directive=rows[0], on=dt.date(2023, 6, 30), text="còn 3 hộ")
    kept = [[2, "Xong kiểm đếm", "đã có tiến độ mới hơn"]]
    assert take_back().undo_report == {"undone": 1, "kept": kept}
    assert (rows[2].done_on, rows[2].notes.count()) == (None, 0)


def test_faults_of_reports_are_said_cell_by_cell(conclusions):
    done = Directive.objects.get(text="Rà soát chung")
    done.finish(on=dt.date(2023, 6, 28), by=UserFactory(), result="xong")
    text = block(
        REPORT,
        "26/06/2023|Xong kiểm đếm|KHAC|Còn 12 hộ|",
        "26/06/2023|Xong kiểm đếm||Còn 12 hộ|",
        "26/06/2023|Việc kín||Còn 12 hộ|",
        "25/06/2023|Rà soát chung||Còn 12 hộ|",
        "26/06/2023|Rà soát chung||Làm lại|",
        "26/06/2023|Xong kiểm đếm|CCN|Xong|25/06/2023",
        "26/06/2023|Xong kiểm đếm|CCN|Xong|31/08/2023",
        "26/06/2023|Xong kiểm đếm|CCN||",
    )
    upload = preview(conclusions, "progress", text)
    said = faults(upload)
    for row, words in {
        2: "Kết luận: Bạn không phụ trách dự án",
        3: "Mã dự án: Có 2 kết luận cùng nội dung",
        4: "Kết luận: Cuộc họp ngày 26/06/2023 không có kết luận này",
        5: "Kết luận: Cuộc họp ngày 25/06/2023 không có kết luận này",
        6: "Kết luận: Kết luận này đã ghi hoàn thành ngày 28/06/2023",
        7: "Hoàn thành ngày: Ngày hoàn thành không được trước ngày họp",
        8: "Hoàn thành ngày: Ngày 31/08/2023 sau ngày số liệu",
        9: "Tiến độ: Thiếu tiến độ",
    }.items():
        assert words in said[row]
    assert counts(upload) == (0, 0, 0, 8)


@pytest.mark.parametrize("role", ROLES)
def test_reports_on_conclusions_are_taken_from_officers_alone(today, role):
    assert may(signed_in(role=role), "progress", reverse("directives")) == (role == "officer")


LIST = "Mã dự án|Tên dự án|Loại dự án|Năm kế hoạch|Xã, phường|Chủ đầu tư|Nhóm ưu tiên|Hạn bàn giao"


@pytest.fixture
def administrator(today: Any) -> Client:
    for order, name in ((1, "Tái định cư đi đầu"), (2, "Trọng điểm, động lực")):
        PriorityCategoryFactory(code=f"nhom-{order}", order=order, name=name)
    for code, name in (("06742", "Hải Hòa"), ("06721", "Trà Cổ")):
        AdministrativeUnitFactory(code=code, name=name)
    OrganisationFactory(name="Ban Quản lý dự án", short_name="BQLDA")
    return signed_in(administrator=True)


def test_the_list_of_projects_is_pasted_changed_and_taken_back(administrator):
    text = block(
        LIST,
        "KTDC-1|Khu tái định cư Hải Hòa|Khu tái định cư|2023|Hải Hòa|BQLDA|1|31/12/2023",
        "DUONG-2|Đường ven biển|Đường giao thông|2023|phường Hải Hòa; Trà Cổ||2|",
    )
    upload = preview(administrator, "projects", text)
    assert counts(upload) == (2, 0, 0, 0)
    assert ["Nguồn", "", "Mới"] in upload.preview["shown"][0][3]
    assert not Project.objects.exists()
    write(administrator, upload)
    first, second = Project.objects.order_by("pk")
    assert (first.kind, first.origin, first.plan_year) == ("resettlement", "new", 2023)
    assert (str(first.investor), first.planned_to) == ("BQLDA", dt.date(2023, 12, 31))
    assert [unit.name for unit in second.units.order_by("code")] == ["Trà Cổ", "Hải Hòa"]
    group = first.categories.get()
    assert (group.category.order, group.valid_from) == (1, TODAY)
    assert counts(preview(administrator, "projects", text)) == (0, 0, 2, 0)

    text = block(
        "Mã dự án|Tên dự án|Xã, phường|Nhóm ưu tiên|Xếp nhóm từ ngày|Văn bản xếp nhóm",
        "ktdc-1|Khu TĐC Hải Hòa|Trà Cổ|2|15/07/2023|9/QĐ-UBND",
    )
    upload = preview(administrator, "projects", text)
    assert upload.preview["shown"][0][3] == [
        ["Tên dự án", "Khu tái định cư Hải Hòa", "Khu TĐC Hải Hòa"],
        ["Xã, phường", "phường Hải Hòa", "phường Trà Cổ"],
        ["Nhóm ưu tiên", "Tái định cư đi đầu", "Trọng điểm, động lực, từ 15/07/2023"],
    ]
    write(administrator, upload)
    old, new = first.categories.order_by("valid_from")
    assert (old.valid_to, new.document.number) == (dt.date(2023, 7, 14), "9/QĐ-UBND")
    assert counts(preview(administrator, "projects", text)) == (0, 0, 1, 0)
    assert take_back().undo_report == {"undone": 1, "kept": []}
    first.refresh_from_db()
    assert first.name == "Khu tái định cư Hải Hòa"
    assert [unit.name for unit in first.units.all()] == ["Hải Hòa"]
    assert [(row.category.order, row.valid_to) for row in first.categories.all()] == [(1, None)]


def test_a_project_that_is_used_stays_when_its_list_is_taken_back(administrator):
    head = "Mã dự án|Tên dự án|Loại dự án|Năm|Xã phường|Nhóm"
    text = block(
        head,
        "A-1|Một|Khác|2023|Hải Hòa|1",
        "A-2|Hai|Khác|2023|Hải Hòa|1",
        "A-3|Ba|Khác|2023||",
    )
    bring_in(administrator, "projects", text)
    CaseFactory(project=Project.objects.get(code="A-1"))
    Project.objects.get(code="A-2").units.clear()
    report = take_back().undo_report
    assert report["undone"] == 1
    assert [(row, why.split(" ")[0]) for row, _, why in report["kept"]] == [(2, "đã"), (3, "đã")]
    assert set(Project.objects.values_list("code", flat=True)) == {"A-1", "A-2"}


def test_faults_of_the_list_of_projects_are_said_cell_by_cell(administrator):
    ProjectFactory(code="CU-1", origin="carried_over", category=PriorityCategory.objects.first())
    head = "Mã dự án|Tên dự án|Loại dự án|Nguồn|Năm|Xã phường|Chủ đầu tư|Nhóm|Xếp nhóm từ ngày"
    text = block(
        head,
        "A-1||Khác||2023||||",
        "A-1|Một|Lạ||2023||||",
        "A-1|Một|Khác||23||||",
        "A-1|Một|Khác||2023|Xã lạ|||",
        "A-1|Một|Khác||2023||Công ty lạ||",
        "A-1|Một|Khác||2023|||9|",
        "CU-1|||Mới|||||",
        "CU-1|||||||2|01/01/2010",
        "|Một|Khác||2023||||",
        f"{'A' * 31}|Một|Khác||2023||||",
    )
    upload = preview(administrator, "projects", text)
    said = faults(upload)
    for row, words in {
        2: "Tên dự án: Thiếu tên dự án: dự án mã A-1 chưa có",
        3: "Loại dự án: “Lạ” không thuộc danh sách",
        4: "Năm: “23” không phải là năm",
        5: "Xã phường: “Xã lạ” không thuộc danh sách",
        6: "Chủ đầu tư: “Công ty lạ” không thuộc danh sách",
        7: "Nhóm: “9” không thuộc danh sách",
        8: "Nguồn: Nguồn của dự án không đổi, đang là Chuyển tiếp",
        9: "Xếp nhóm từ ngày: Đang thuộc nhóm",
        10: "Mã dự án: Thiếu mã dự án",
        11: "Mã dự án: ",
    }.items():
        assert words in said[row]
    assert counts(upload) == (0, 0, 0, 10)


def test_a_hidden_project_is_not_changed_by_the_list(administrator):
    hidden = ProjectFactory(code="QP-1", restricted=True, name="Thao trường")
    text = block("Mã dự án|Tên dự án|Loại dự án|Năm", "QP-1|Tên khác|Khác|2023")
    upload = preview(administrator, "projects", text)
    assert counts(upload) == (0, 0, 0, 1)
    assert "Thao trường" not in str(upload.preview)
    hidden.refresh_from_db()
    assert hidden.name == "Thao trường"


@pytest.mark.parametrize("role", ROLES)
def test_projects_and_plans_take_a_list_from_administrators_alone(today, role):
    draft = PlanVersionFactory()
    client, of = signed_in(role=role), draft.on.isoformat()
    assert may(client, "projects", reverse("projects")) == (role == "administrator")
    offered = (
        "Dán danh sách dự án của dự thảo" in client.get(reverse("city_plan")).content.decode()
    )
    door = client.get(reverse("import_paste"), {"kind": "plan_entries", "of": of})
    assert offered == (door.status_code == 200) == (role == "administrator")
    nowhere = client.get(reverse("import_paste"), {"kind": "plan_entries", "of": "2001-01-01"})
    assert nowhere.status_code == 404


def test_projects_of_a_draft_are_pasted_noted_and_taken_back(administrator):
    draft = PlanVersionFactory()
    of = draft.on.isoformat()
    for code, name in (("A-1", "Một"), ("A-2", "Hai"), ("A-3", "Ba")):
        ProjectFactory(code=code, name=name)
    text = block("Mã dự án|Tên dự án|Ghi chú", "A-1|Một|ưu tiên", "|Hai|", "A-3||")
    upload = preview(administrator, "plan_entries", text, of)
    assert counts(upload) == (3, 0, 0, 0)
    assert not draft.entries.exists()
    write(administrator, upload)
    rows = dict(draft.entries.values_list("project__code", "note"))
    assert rows == {"A-1": "ưu tiên", "A-2": "", "A-3": ""}
    assert "ưu tiên" in administrator.get(reverse("city_plan")).content.decode()
    assert counts(preview(administrator, "plan_entries", text, of)) == (0, 0, 3, 0)
    again = block("Mã dự án|Ghi chú", "A-1|xong trong quý IV")
    bring_in(administrator, "plan_entries", again, of)
    take_back()
    assert draft.entries.get(project__code="A-1").note == "ưu tiên"
    month = {dt.date(2023, 6, 1): Decimal(100)}
    draft.entries.get(project__code="A-2").set_targets({TARGET_LINE["6-ha"]: month})
    kept = [[3, "A-2 · Hai", "đã đặt chỉ tiêu hoặc sửa sau khi nhập"]]
    assert take_back().undo_report == {"undone": 2, "kept": kept}
    assert draft.entries.get().project.code == "A-2"


def test_a_bare_column_of_codes_is_a_list_too(administrator):
    draft = PlanVersionFactory()
    for code in ("A-1", "A-2"):
        ProjectFactory(code=code)
    upload = bring_in(
        administrator, "plan_entries", block("Mã dự án", "A-1", "A-2"), draft.on.isoformat()
    )
    assert counts(upload) == (2, 0, 0, 0)
    assert draft.entries.count() == 2


def test_a_decided_plan_takes_no_project_and_gives_none_back(administrator):
    draft = PlanVersionFactory()
    of = draft.on.isoformat()
    for code in ("A-1", "A-2"):
        ProjectFactory(code=code)
    ProjectFactory(code="QP-1", restricted=True)
    upload = preview(administrator, "plan_entries", block("Mã dự án|Ghi chú", "QP-1|", "|x"), of)
    said = faults(upload)
    assert "Không có dự án “QP-1”" in said[2]
    assert "Thiếu mã dự án" in said[3]
    bring_in(administrator, "plan_entries", block("Mã dự án|Ghi chú", "A-1|"), of)
    draft.decide("issued", on=draft.on, document=DocumentFactory())
    text = block("Mã dự án|Ghi chú", "A-1|", "A-1|khác", "A-2|")
    upload = preview(administrator, "plan_entries", text, of)
    assert counts(upload) == (0, 0, 1, 2)
    assert all("đã qua dự thảo" in words for words in faults(upload).values())
    assert take_back().undo_report["kept"][0][2] == "phiên bản kế hoạch đã qua dự thảo"
    assert draft.entries.count() == 1


@pytest.mark.parametrize(
    ("kind", "head", "row"),
    [
        ("trainings", CLASS, "10/05/2023|Luật {n}|||45|"),
        ("funding", MONEY, "A-1|Nhu cầu|10/01/2023|5|{n}/QĐ"),
        ("projects", LIST, "P-{n}|Dự án {n}|Khác|2023|Hải Hòa||1|"),
    ],
)
def test_a_row_of_a_table_costs_few_queries(
    administrator, django_assert_max_num_queries, kind, head, row
):
    ProjectFactory(code="A-1")

    def asked(rows: range) -> int:
        upload = paste(administrator, kind, block(head, *(row.format(n=n) for n in rows)))
        with django_assert_max_num_queries(900) as queries:
            check(administrator, upload)
        assert upload.preview["created"] == len(rows)
        return len(queries)

    few, many = asked(range(3)), asked(range(23))
    assert (many - few) / 20 <= MOST_QUERIES[kind]


MOST_QUERIES = {"trainings": 7, "funding": 13, "projects": 19}
"""For a row, with its two of a savepoint."""
