"""A block of cells pasted on a table of obstacles, payments or letters: preview, faults, undo."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from gpmb.clearance.models import Inquiry, Obstacle, Outreach
from gpmb.compensation.models import Payment
from gpmb.complaints.models import Complaint
from gpmb.importing.models import Upload
from tests.factories import (
    CaseFactory,
    ObstacleCauseFactory,
    OrganisationFactory,
    ParcelFactory,
    PlanFactory,
    ProjectFactory,
    TakingFactory,
    UserFactory,
)
from tests.web.pasting.blocks import block, faults, paste, take_back, write
from tests.web.test_imports import check

pytestmark = pytest.mark.django_db


HEAD = "Mã hồ sơ|Tờ/thửa|Nguyên nhân|Phát sinh|Hạn xử lý|Việc tiếp theo|Cơ quan chủ trì"


@pytest.fixture
def place(project: Any) -> Any:
    """HS-1 and parcel 5/85 of the project; a cause; an agency."""
    ObstacleCauseFactory(name="Chưa thống nhất diện tích")
    OrganisationFactory(name="Phòng Tài nguyên và Môi trường", short_name="Phòng TN&MT")
    case = CaseFactory(project=project, code="HS-1", takings=0)
    TakingFactory(project=project, case=case, parcel=ParcelFactory(number="5/85"))
    return case


def test_obstacles_are_pasted_on_a_case_a_parcel_and_the_project(client, place):
    text = block(
        HEAD,
        "HS-1||chua thong nhat dien tich|15/06/2023|15/07/2023|đo lại|Phòng TN&MT",
        "|5/85|Chưa thống nhất diện tích|16/06/2023|||",
        "||Chưa thống nhất diện tích|17/06/2023|||",
    )
    upload = check(client, paste(client, "obstacles", text))
    assert upload.preview["created"] == 3
    assert not Obstacle.objects.exists()
    write(client, upload)
    rows = {row.place: row for row in Obstacle.objects.all()}
    assert set(rows) == {"hồ sơ", "thửa đất", "cả dự án"}
    assert (rows["hồ sơ"].case, str(rows["hồ sơ"].owner)) == (place, "Phòng TN&MT")
    assert take_back().undo_report["undone"] == 3
    assert not Obstacle.objects.exists()


def test_a_pasted_obstacle_that_stands_is_changed_and_changed_back(client, place):
    first = block(HEAD, "HS-1||Chưa thống nhất diện tích|15/06/2023||đo lại|")
    write(client, check(client, paste(client, "obstacles", first)))
    again = check(client, paste(client, "obstacles", first))
    assert (again.preview["unchanged"], again.preview["created"]) == (1, 0)
    text = block(
        f"{HEAD}|Xong ngày|Kết quả",
        "HS-1||Chưa thống nhất diện tích|15/06/2023|20/06/2023|đối thoại||21/06/2023|thống nhất",
    )
    upload = check(client, paste(client, "obstacles", text))
    assert upload.preview["changed"] == 1
    write(client, upload)
    row = Obstacle.objects.get()
    assert (row.next_step, row.close_note, f"{row.closed_on}") == (
        "đối thoại",
        "thống nhất",
        "2023-06-21",
    )
    take_back()
    row.refresh_from_db()
    assert (row.next_step, row.closed_on, row.due_on) == ("đo lại", None, None)


def test_an_obstacle_touched_since_stays(client, place):
    text = block(HEAD, "HS-1||Chưa thống nhất diện tích|15/06/2023|||")
    write(client, check(client, paste(client, "obstacles", text)))
    row = Obstacle.objects.get()
    row.next_step = "họp với hộ"
    row.save()
    assert take_back().undo_report["kept"] == [
        [2, "Chưa thống nhất diện tích · HS-1", "đã sửa sau khi nhập"]
    ]
    assert Obstacle.objects.count() == 1


def test_faults_of_obstacles_are_said_cell_by_cell(client, place):
    text = block(
        HEAD,
        "HS-404||Chưa thống nhất diện tích|15/06/2023|||",
        "|9/999|Chưa thống nhất diện tích|15/06/2023|||",
        "||Không rõ vì sao|15/06/2023|||",
        "||Chưa thống nhất diện tích|31/06/2023|||",
        "||Chưa thống nhất diện tích|01/07/2023|||",
        "||Chưa thống nhất diện tích||||",
        "||Chưa thống nhất diện tích|15/06/2023|||Sở nào đó",
    )
    upload = check(client, paste(client, "obstacles", text))
    said = faults(upload)
    for row, words in {
        2: "Mã hồ sơ: Mã hồ sơ HS-404 không có",
        3: "Tờ/thửa: Thửa 9/999 không có trong dự án",
        4: "Nguyên nhân: “Không rõ vì sao” không thuộc danh sách",
        5: "Phát sinh: “31/06/2023” là ngày không có thật",
        6: "Phát sinh: Ngày 01/07/2023 sau ngày số liệu",
        7: "Phát sinh: Thiếu ngày phát sinh",
        8: "Cơ quan chủ trì: “Sở nào đó” không thuộc danh sách",
    }.items():
        assert words in said[row]
    assert (upload.preview["read"], upload.preview["refused"]) == (7, 7)


def test_an_ambiguous_day_is_asked_about_once_for_its_column(client, place):
    text = block(HEAD, "HS-1||Chưa thống nhất diện tích|2/3/23|||")
    upload = paste(client, "obstacles", text)
    asked = upload.understood["columns"][3]["ask"]
    assert (asked["count"], asked["example"]) == (1, "2/3/23")
    assert "Cho biết cách đọc" in next(iter(faults(check(client, upload)).values()))
    upload = check(client, upload, r3="dmy")
    write(client, upload)
    assert f"{Obstacle.objects.get().opened_on}" == "2023-03-02"


def test_a_block_without_heading_asks_for_each_column(client, place):
    upload = paste(client, "obstacles", block("HS-1|Chưa thống nhất diện tích|15/06/2023"))
    assert "Không thấy cột nguyên nhân, ngày phát sinh" in upload.understood["question"]["message"]
    check(client, upload, c0="case", c1="cause", c2="opened_on")
    write(client, upload)
    assert Obstacle.objects.get().case == place


def test_letters_of_columns_are_no_heading_to_remember(client, place):
    text = block("HS-1|Chưa thống nhất diện tích|15/06/2023")
    check(client, paste(client, "obstacles", text), c0="case", c1="cause", c2="opened_on")
    again = paste(client, "obstacles", text)
    assert [column["field"] for column in again.understood["columns"]] == ["", "", ""]


PAY = "Mã hồ sơ|Số tiền (đồng)|Ngày chi|Khoản|Nơi gửi|Số chứng từ"


def paid_for(project: Any, code: str = "HS-1") -> Any:
    case = CaseFactory(project=project, code=code)
    return PlanFactory(case=case, at="approved", amount=1_000_000)


def test_payments_are_proposed_by_a_block_and_returned_by_its_undo(client, project, officer):
    plan = paid_for(project)
    on = f"{plan.approved_on:%d/%m/%Y}"
    text = block(
        PAY,
        f"HS-1|400.000|{on}|||12/PC",
        f"HS-1|600.000|{on}|Gửi tài khoản|Kho bạc Móng Cái|",
    )
    upload = check(client, paste(client, "payments", text))
    assert (upload.preview["created"], Payment.objects.count()) == (2, 0)
    write(client, upload)
    lines = Payment.objects.order_by("amount_vnd")
    assert [(p.kind, p.amount_vnd, p.proposed_by) for p in lines] == [
        ("payment", 400_000, officer),
        ("deposit", 600_000, officer),
    ]
    assert all(p.waits for p in lines)
    again = check(client, paste(client, "payments", text))
    assert again.preview["unchanged"] == 2
    lines[0].approve(by=UserFactory(finance=True))
    report = take_back().undo_report
    assert (report["undone"], report["kept"]) == (1, [[2, "HS-1", "đã duyệt"]])
    assert Payment.objects.get(kind="deposit").returned_reason


def test_faults_of_payments_are_said_cell_by_cell(client, project):
    plan = paid_for(project)
    on = f"{plan.approved_on:%d/%m/%Y}"
    CaseFactory(project=project, code="HS-2")
    text = block(
        PAY,
        f"HS-1|700.000|{on}|||",
        f"HS-1|400.000|{on}|||",
        f"HS-2|1.000|{on}|||",
        f"HS-9|1.000|{on}|||",
        f"HS-1|12o|{on}|||",
        f"HS-1|1.000|{on}|Lãi tiền gửi||",
        f"HS-1|1.000|{on}|Gửi tài khoản||",
    )
    upload = check(client, paste(client, "payments", text))
    said = faults(upload)
    assert set(said) == set(range(3, 9))
    assert "chỉ còn 300.000 đồng" in said[3]
    assert "chưa có phương án được phê duyệt" in said[4]
    assert "HS-9 không có" in said[5]
    assert "không phải là số" in said[6]
    assert "không thuộc danh sách khoản" in said[7]
    assert "phải ghi nơi gửi" in said[8]


def test_letters_are_pasted_on_the_register_by_the_petition_officer(today, project):
    client = Client()
    client.force_login(UserFactory(petitions=True))
    page = client.get(reverse("complaints")).content.decode()
    assert "data-paste" in page
    text = block("Số tiếp nhận|Loại đơn|Ngày nhận|Mã dự án", "7/2023|Khiếu nại|15/06/2023|CCN")
    upload = check(client, paste(client, "complaints", text))
    write(client, upload)
    assert Complaint.objects.get().project == project
    take_back()
    assert not Complaint.objects.exists()
    upload = paste(client, "complaints", block("8/2023|Khiếu nại|5/6/23"))
    assert "số tiếp nhận, loại đơn, ngày nhận" in upload.understood["question"]["message"]
    columns = {"c0": "serial", "c1": "kind", "c2": "received_on"}
    assert "Cho biết cách đọc" in str(check(client, upload, **columns).preview)
    write(client, check(client, upload, **columns, r2="dmy"))
    assert f"{Complaint.objects.get().received_on}" == "2023-06-05"


def test_of_a_refused_denunciation_no_cell_is_kept(today, project):
    client = Client()
    client.force_login(UserFactory(petitions=True))
    head = "Số tiếp nhận|Loại đơn|Ngày nhận|Người đại diện"
    text = block(head, "7/2023|Tố cáo|15/06/2023|Trần Bí Mật")
    upload = check(client, paste(client, "complaints", text))
    assert "Tố cáo chỉ lưu" in faults(upload)[2]
    assert "Bí Mật" not in str(upload.preview)


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("obstacles", "obstacles"),
        ("payments", "payments"),
        ("cases", "workbook"),
        ("outreach", "outreach"),
        ("inquiries", "inquiries"),
    ],
)
def test_a_table_takes_a_block_from_its_officers_alone(client, project, name, kind):
    page = client.get(reverse(name)).content.decode()
    assert "data-paste" in page
    assert f'value="{kind}" selected' in page
    for role in ("leader", "finance", "administrator"):
        other = Client()
        other.force_login(UserFactory(role=role))
        answer = other.get(reverse(name))
        assert answer.status_code != 200 or "data-paste" not in answer.content.decode()


@pytest.mark.parametrize("kind", ["obstacles", "payments", "outreach", "inquiries", "plan_items"])
def test_nobody_pastes_into_somebody_elses_project(client, project, kind):
    ProjectFactory(code="KHAC")
    paste_into = {"kind": kind, "project": "KHAC", "block": block(HEAD, "a|b|c|d|e|f|g")}
    answer = client.post(reverse("import_paste"), paste_into)
    assert answer.status_code == 200
    assert not Upload.objects.exists()


def test_a_cell_too_long_is_said_at_its_column(client, place):
    text = block(HEAD, f"HS-1||Chưa thống nhất diện tích|15/06/2023||{'đo lại ' * 50}|")
    assert faults(check(client, paste(client, "obstacles", text)))[2].startswith(
        "Việc tiếp theo: "
    )


LINES = "Mã hồ sơ|Khoản mục|Nội dung|Khối lượng|Đơn vị|Đơn giá|Thành tiền|Diễn giải"


def test_lines_of_a_plan_are_pasted_changed_and_taken_back(client, project):
    case = CaseFactory(project=project, code="HS-1")
    text = block(
        LINES,
        "HS-1|Cây trồng, vật nuôi|Keo 3 năm tuổi|120|cây|45.000||",
        "HS-1|Nhà, công trình|Nhà cấp 4|1|nhà||125.000.000|theo biên bản kiểm đếm",
        "HS-1|Nghĩa vụ tài chính khấu trừ|Tiền sử dụng đất nợ||||5.000.000|",
    )
    upload = check(client, paste(client, "plan_items", text))
    assert (upload.preview["created"], case.plans.count()) == (3, 0)
    write(client, upload)
    plan = case.plans.get()
    assert [item.amount_vnd for item in plan.items.all()] == [5_400_000, 125_000_000, -5_000_000]
    assert plan.total_vnd == 125_400_000
    again = check(client, paste(client, "plan_items", text))
    assert again.preview["unchanged"] == 3
    dearer = block(LINES, "HS-1|Cây trồng, vật nuôi|Keo 3 năm tuổi|100|cây|45.000||")
    write(client, check(client, paste(client, "plan_items", dearer)))
    plan.refresh_from_db()
    assert plan.total_vnd == 124_500_000
    take_back()
    plan.refresh_from_db()
    assert plan.total_vnd == 125_400_000
    assert take_back().undo_report["undone"] == 3
    assert not case.plans.exists()


def test_faults_of_plan_lines_are_said_cell_by_cell(client, project):
    paid_for(project)
    CaseFactory(project=project, code="HS-2")
    text = block(
        LINES,
        "HS-1|Cây trồng, vật nuôi|Keo|1|cây|45.000||",
        "HS-2|Cây trồng, vật nuôi|Keo|2|cây|45.000|100.000|",
        "HS-2|Cây trồng, vật nuôi|Keo|2|cây|||",
        "HS-2|Cây gì|Keo|2|cây|45.000||",
        "HS-2|Đất|Đất lúa|20.000|m²|45.000||",
    )
    upload = paste(client, "plan_items", text)
    assert upload.understood["columns"][3]["ask"]["example"] == "20.000"
    said = faults(check(client, upload))
    assert said[2].startswith("Mã hồ sơ: Phương án đã chốt")
    assert said[3].startswith("Thành tiền: Thành tiền 100.000 khác")
    assert said[4].startswith("Thành tiền: Ghi đơn giá")
    assert said[5].startswith("Khoản mục: “Cây gì” không thuộc danh sách")
    assert said[6].startswith("Khối lượng: “20.000” đọc được hai cách")


TALK = "Mã hồ sơ|Ngày|Thành phần|Loại|Nội dung đã giải thích|Ý kiến của hộ|Số biên bản"


def test_talks_are_pasted_and_cancelled_by_the_undo(client, project, today):
    for code in ("HS-1", "HS-2"):
        CaseFactory(project=project, code=code)
    text = block(
        TALK,
        'HS-1; HS-2|15/06/2023|UBND phường, xã; Tổ dân phố, thôn||"Giá đất\nnăm 2023"|dong y|',
        "HS-1|16/06/2023|UBND phường, xã|Vận động, thuyết phục để kiểm đếm|Kiểm đếm||",
        "HS-9|16/06/2023|UBND phường, xã||Giá đất||",
        "HS-1|16/06/2023|Hội làng||Giá đất||",
    )
    upload = check(client, paste(client, "outreach", text))
    said = faults(upload)
    assert set(said) == {3, 4, 5}
    assert said[3].startswith("Số biên bản: Vận động, thuyết phục theo luật phải có")
    assert said[4].startswith("Mã hồ sơ: Mã hồ sơ HS-9 không có")
    assert said[5].startswith("Thành phần: “Hội làng” không thuộc danh sách")
    write(client, upload)
    talk = Outreach.objects.get()
    assert [(h.case.code, h.answer) for h in talk.households.order_by("pk")] == [
        ("HS-1", "agrees"),
        ("HS-2", "agrees"),
    ]
    assert check(client, paste(client, "outreach", text)).preview["unchanged"] == 1
    assert take_back().undo_report["undone"] == 1
    talk.refresh_from_db()
    assert talk.cancel_reason == "Hoàn tác lần nhập"


LETTER = "Gửi cơ quan|Số ký hiệu|Ngày gửi|Hỏi về việc|Hạn trả lời|Mã hồ sơ"


def test_letters_that_wait_are_pasted_answered_and_opened_again(client, place):
    text = block(LETTER, "phong tn&mt|12/TTPTQĐ|01/06/2023|Nguồn gốc đất|15/06/2023|HS-1")
    write(client, check(client, paste(client, "inquiries", text)))
    letter = Inquiry.objects.get()
    assert (letter.case, f"{letter.due_on}") == (place, "2023-06-15")
    head = "Gửi cơ quan|Số ký hiệu|Ngày gửi|Số văn bản trả lời|Ngày trả lời"
    reply = block(head, "Phòng TN&MT|12/TTPTQĐ|01/06/2023|88/TNMT|10/06/2023")
    write(client, check(client, paste(client, "inquiries", reply)))
    letter.refresh_from_db()
    assert (letter.reply_number, f"{letter.replied_on}") == ("88/TNMT", "2023-06-10")
    assert check(client, paste(client, "inquiries", reply)).preview["unchanged"] == 1
    other = block(head, "Phòng TN&MT|12/TTPTQĐ|01/06/2023|99/TNMT|10/06/2023")
    said = faults(check(client, paste(client, "inquiries", other)))
    assert "đã có trả lời 88/TNMT" in said[2]
    take_back()
    letter.refresh_from_db()
    assert letter.replied_on is None
    take_back()
    assert not Inquiry.objects.exists()


@pytest.mark.parametrize(
    ("role", "kind", "status"),
    [
        ("officer", "workbook", 200),
        ("officer", "payments", 200),
        ("administrator", "trainings", 200),
        ("officer", "complaints", 404),
        ("officer", "parcels", 404),
        ("officer", "projects", 404),
        ("officer", "gì đó", 404),
        ("petitions", "complaints", 200),
        ("petitions", "payments", 404),
        ("finance", "funding", 200),
        ("administrator", "projects", 200),
        ("viewer", "payments", 404),
    ],
)
def test_an_empty_workbook_is_for_who_may_fill_it(today, role, kind, status):
    client = Client()
    client.force_login(UserFactory(role=role))
    answer = client.get(reverse("import_sample"), {"kind": kind})
    assert answer.status_code == status
    if status == 200:
        assert "attachment" in answer["Content-Disposition"]


def test_a_box_says_what_its_table_needs_and_hands_out_its_empty_workbook(client, project):
    page = client.get(reverse("payments")).content.decode()
    assert "Cần cột Mã hồ sơ, Số tiền, Ngày chi" in page
    assert 'href="/nhap-lieu/mau.xlsx?kind=payments"' in page
    page = client.get(reverse("imports")).content.decode()
    assert 'data-sample="/nhap-lieu/mau.xlsx?kind=obstacles"' in page
    assert 'data-sample=""' in page  # a survey file has no empty one
