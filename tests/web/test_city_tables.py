"""Blocks pasted on tables that are not of one project: trainings, money, conclusions, the plan."""

import datetime as dt
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from gpmb.clearance.models import Training
from gpmb.importing.models import ImportRun, Upload
from tests.factories import OrganisationFactory, ProjectFactory, UserFactory
from tests.web.test_imports import check
from tests.web.test_pasting import block, faults, take_back, write

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
    from django.core.files.uploadedfile import SimpleUploadedFile
    from openpyxl import Workbook, load_workbook

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
