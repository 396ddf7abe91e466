"""The import wizard over HTTP: understood, asked once, previewed, written once, undone."""

import datetime as dt
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from openpyxl import Workbook, load_workbook

from gpmb.accounts.models import Organisation
from gpmb.clearance.models import Case, Taking
from gpmb.complaints.models import Complaint
from gpmb.importing.lists.run import import_workbook
from gpmb.importing.models import ImportRun, SavedMapping, Upload
from gpmb.importing.tables import sheet as table_sheet
from gpmb.importing.tables.engine import import_table
from gpmb.importing.tables.registry import TABLES
from gpmb.land.models import Parcel, Party
from tests.factories import (
    AdministrativeUnitFactory,
    LandClassFactory,
    ObstacleCauseFactory,
    ParcelFactory,
    ProjectFactory,
    UserFactory,
)
from tests.importing.conftest import layer
from tests.importing.test_workbook import HEADERS, row, workbook

pytestmark = pytest.mark.django_db

BLOCK = "Tờ\tThửa\tHọ và tên\tDiện tích thu hồi\n5\t85\tHộ minh họa 1\t120,5\n5\t9999\tHộ 2\t10\n"


@pytest.fixture
def officer(today: Any) -> Any:
    return UserFactory(organisation=Organisation.objects.create(name="TTPTQĐ"))


@pytest.fixture
def project(officer: Any) -> Any:
    unit = AdministrativeUnitFactory(code="06742", name="Hải Hòa")
    LandClassFactory()
    for number in range(80, 90):
        ParcelFactory(unit=unit, number=f"5/{number}")
    project = ProjectFactory(code="CCN", officers=[officer])
    project.units.set([unit])
    return project


@pytest.fixture
def client(officer: Any) -> Client:
    client = Client()
    client.force_login(officer)
    return client


def send(client: Client, path: Path, kind: str = "workbook", project: str = "CCN") -> Upload:
    file = SimpleUploadedFile(path.name, path.read_bytes())
    answer = client.post(
        reverse("imports"), {"kind": kind, "project": project, "file": file}, follow=True
    )
    assert answer.status_code == 200
    return Upload.objects.order_by("-pk")[0]


def answers(upload: Upload, **more: Any) -> dict[str, Any]:
    """What the page of questions sends when nothing is touched."""
    data: dict[str, Any] = {}
    for at, column in enumerate(upload.understood["columns"]):
        data |= {f"c{at}": column["field"], f"r{at}": column["reading"]}
    return data | more


def check(client: Client, upload: Upload, **more: Any) -> Upload:
    client.post(reverse("import_answer", args=[upload.ref]), answers(upload, **more))
    upload.refresh_from_db()
    return upload


def text_of(client: Client, name: str, *args: Any, **query: Any) -> str:
    answer = client.get(reverse(name, args=args), query)
    assert answer.status_code == 200
    return str(answer.content.decode())


def test_a_list_goes_from_file_to_receipt_and_back(client, project, tmp_path):
    upload = send(client, workbook(tmp_path, row(85, 400, "Kiểm đếm", "09/06/2023"), row(86, 50)))
    page = text_of(client, "import_step", upload.ref)
    assert "dòng đánh số cột" in page
    assert "Diện tích thu hồi (m2)" in page
    check(client, upload)
    page = text_of(client, "import_step", upload.ref)
    assert "Xem trước" in page
    assert "5/85" in page
    assert Case.objects.count() == 0
    answer = client.post(reverse("import_write", args=[upload.ref]), follow=True)
    assert "Biên nhận" in answer.content.decode()
    assert Case.objects.count() == 2
    run = ImportRun.objects.get(applied=True)
    assert run.report["read"] == run.report["saved"] + run.report["refused"] == 2
    client.post(reverse("import_undo", args=[run.ref]))
    assert Case.objects.live(on=upload.created_at.date()).count() == 0
    assert Taking.objects.count() == 0
    assert "đã hoàn tác" in text_of(client, "imports")


def test_a_double_click_writes_once(client, project, tmp_path):
    upload = check(client, send(client, workbook(tmp_path, row(85, 400))))
    for _ in range(2):
        client.post(reverse("import_write", args=[upload.ref]))
    assert Case.objects.count() == 1
    assert ImportRun.objects.filter(applied=True).count() == 1


def test_an_ambiguous_column_is_asked_once_and_read_as_answered(client, project, tmp_path):
    path = workbook(tmp_path, row(85, "20.000"), row(86, "30.000"), row(87, 40))
    upload = send(client, path)
    at = next(
        i for i, c in enumerate(upload.understood["columns"]) if c["field"] == "recovered_area"
    )
    assert upload.understood["columns"][at]["ask"]["count"] == 2
    assert "20.000 là 20,000" in text_of(client, "import_step", upload.ref)
    check(client, upload, **{f"r{at}": "decimal"})
    assert upload.preview["refused"] == 0
    client.post(reverse("import_write", args=[upload.ref]))
    areas = Taking.objects.order_by("pk").values_list("recovered_area_m2", flat=True)
    assert list(areas) == [20, 30, 40]


def test_one_meaning_for_two_columns_is_refused_with_what_was_chosen(client, project, tmp_path):
    upload = send(client, workbook(tmp_path, row()))
    fields = {f"c{at}": c["field"] for at, c in enumerate(upload.understood["columns"])}
    fields["c2"], fields["c11"] = "note", "note"
    page = client.post(reverse("import_answer", args=[upload.ref]), fields, follow=True)
    content = page.content.decode()
    assert "Hai cột cùng là ghi chú" in content
    assert content.count('value="note" selected') == 2
    assert not SavedMapping.objects.exists()
    fields["c11"] = ""
    client.post(reverse("import_answer", args=[upload.ref]), fields)
    upload.refresh_from_db()
    assert upload.state == Upload.State.CHECKED


def test_a_reading_is_forgotten_with_what_its_column_was(client, project, tmp_path):
    upload = send(client, workbook(tmp_path, row(step="Kiểm đếm", on="1/2/23")))
    fields = {f"c{at}": c["field"] for at, c in enumerate(upload.understood["columns"])}
    fields |= {"c12": "note", "r12": "dmy", "c11": ""}
    client.post(reverse("import_answer", args=[upload.ref]), fields)
    upload.refresh_from_db()
    assert upload.answers["columns"]["Ngày"] == "note"
    assert upload.state == Upload.State.CHECKED


def test_what_to_know_of_a_file_is_said_before_its_columns(client, project, tmp_path):
    upload = send(client, workbook(tmp_path, [*row(), 1], headers=[*HEADERS, "Thu hồi"]))
    page = client.get(reverse("import_step", args=[upload.ref])).content.decode()
    assert "Cột “Thu hồi” cũng có thể là diện tích thu hồi" in page


def test_a_corrected_column_is_remembered_for_the_organisation(client, project, tmp_path):
    headers = [h if h != "Diện tích thu hồi (m2)" else "S lấy" for h in HEADERS]
    path = workbook(tmp_path, row(85, 400), headers=headers)
    upload = send(client, path)
    assert upload.understood["question"]["sets"] == "columns"
    at = next(i for i, c in enumerate(upload.understood["columns"]) if c["title"] == "S lấy")
    check(client, upload, **{f"c{at}": "recovered_area"})
    assert upload.state == "checked"
    assert SavedMapping.objects.count() == 1
    colleague = UserFactory(organisation=upload.by.organisation)
    project.assignment_set.create(user=colleague, valid_from="2022-01-01")
    client.force_login(colleague)
    early = dt.datetime(2023, 6, 1, 20, tzinfo=dt.UTC)
    SavedMapping.objects.update(saved_at=early)  # already the next day in the office
    again = send(client, path)
    assert again.understood["question"] is None
    assert "đã chọn ngày 02/06/2023" in text_of(client, "import_step", again.ref)


def test_refused_rows_are_shown_cell_by_cell_and_come_back_as_a_workbook(
    client, project, tmp_path
):
    upload = check(client, send(client, workbook(tmp_path, row(85, 400), row(86, "12o,5"))))
    page = text_of(client, "import_step", upload.ref)
    assert '<td class="is-faulty">12o,5</td>' in page
    client.post(reverse("import_write", args=[upload.ref]))
    assert Case.objects.count() == 0, "refused rows must be agreed to"
    answer = client.get(reverse("import_errors", args=[upload.ref]))
    (tmp_path / "loi.xlsx").write_bytes(answer.content)
    cells = load_workbook(tmp_path / "loi.xlsx").worksheets[0][4]
    assert cells[6].value == "12o,5"
    assert cells[-1].value.startswith("Dòng 6. "), "as other rows and the office's file name it"
    assert "không phải là số" in cells[-1].value
    marked = [cell.column for cell in cells if cell.fill.fill_type]
    assert marked == [7, len(cells)]
    assert "ds-dong-loi.xlsx" in answer.headers["Content-Disposition"]
    client.post(reverse("import_write", args=[upload.ref]), {"partial": "1"})
    report = ImportRun.objects.get(applied=True).report
    assert (report["read"], report["saved"], report["refused"]) == (2, 1, 1)


def errors_of(client: Client, upload: Upload) -> list[list[Any]]:
    """The rows of the workbook of refused rows, heading first."""
    answer = client.get(reverse("import_errors", args=[upload.ref]))
    assert answer.status_code == 200
    page = load_workbook(BytesIO(answer.content)).worksheets[0]
    assert {cell.data_type for row in page.iter_rows() for cell in row} <= {"s", "n"}
    return [[cell.value for cell in row] for row in page.iter_rows()]


def as_block(rows: list[list[Any]]) -> str:
    """Rows as Excel puts them on the clipboard."""
    return "\n".join("\t".join(str(value or "") for value in row) for row in rows)


def paste(client: Client, block: str, kind: str = "workbook") -> Upload:
    client.post(reverse("import_paste"), {"kind": kind, "project": "CCN", "block": block})
    return Upload.objects.latest("pk")


def test_refused_rows_of_a_block_come_back_to_be_mended_and_pasted_again(client, project):
    block = BLOCK.replace("Hộ 2", "=1+1").replace("\t10", "\t012,50")
    upload = check(client, paste(client, block))
    assert "để sửa rồi dán lại" in text_of(client, "import_step", upload.ref)
    rows = errors_of(client, upload)
    assert rows[0] == ["Tờ", "Thửa", "Họ và tên", "Diện tích thu hồi", "Lỗi"]
    assert rows[1][:4] == ["5", "9999", "=1+1", "012,50"], "as typed, and no formula"
    assert "9999" in rows[1][4]
    client.post(reverse("import_write", args=[upload.ref]), {"partial": "1"})
    run = ImportRun.objects.get(applied=True)
    assert "để sửa rồi dán lại" in text_of(client, "import_run", run.ref)
    assert errors_of(client, upload) == rows
    rows[1][1] = "86"
    again = check(client, paste(client, as_block(rows)))
    assert (again.preview["created"], again.preview["refused"]) == (1, 0)


def test_a_block_without_heading_comes_back_under_what_its_columns_mean(client, project):
    upload = paste(client, "5\t85\t120\tx\n5\t9999\t130\ty", kind="takings")
    check(client, upload, c0="sheet", c1="number", c2="recovered_area")
    rows = errors_of(client, upload)
    assert rows[0] == ["tờ bản đồ", "số thửa", "diện tích thu hồi", "Cột D", "Lỗi"]
    assert rows[1][:4] == ["5", "9999", "130", "y"]
    rows[1][1] = "86"
    again = check(client, paste(client, as_block(rows), kind="takings"))
    assert (again.preview["created"], again.preview["refused"]) == (1, 0)


def test_what_was_answered_holds_for_the_rows_that_came_back(client, project):
    head = "Tờ\tThửa\tHọ và tên\tĐo đạc\n"
    upload = paste(client, head + "5\t85\tHộ 1\t20.000\n5\t9999\tHộ 2\t30.000")
    check(client, upload, c3="recovered_area")
    rows = errors_of(client, check(client, upload, r3="decimal"))
    rows[1][1] = "86"
    again = paste(client, as_block(rows))
    assert again.understood["ambiguous"] == 0
    assert check(client, again).preview["created"] == 1


@pytest.mark.parametrize("kind", sorted(TABLES))
def test_a_refused_row_of_any_table_comes_back_from_its_block(kind, project, tmp_path):
    table = TABLES[kind]
    labels = [field.label for field in table.fields.values()]
    cells = ["" if name in table.needed else "?" for name in table.fields]
    block, back = tmp_path / "block.tsv", tmp_path / "back.xlsx"
    block.write_text("\t".join(labels) + "\n" + "\t".join(cells))
    home = project if table.place is None else None
    assert import_table(block, home, table, dry_run=True, errors_to=back).refused == 1
    heading, row = load_workbook(back).worksheets[0].iter_rows(values_only=True)
    assert heading == (*labels, "Lỗi")
    assert [value or "" for value in row[:-1]] == cells
    assert row[-1].startswith("Dòng 2. ")


@pytest.mark.parametrize("kind", sorted(TABLES))
def test_the_labels_of_a_table_are_headings_it_knows(kind):
    table = TABLES[kind]
    labels = [field.label for field in table.fields.values()]
    found = table_sheet._columns(labels, table, {})
    assert [column.field for column in found] == list(table.fields)


def two_lists(tmp_path: Path) -> Path:
    """A workbook whose longer list is “Đợt 1”; “Đợt 2” has other columns; one sheet is none."""
    path = workbook(tmp_path, row(85, 400), row(86, 300))
    book = load_workbook(path)
    book.worksheets[0].title = "Đợt 1"
    second = book.create_sheet("Đợt 2")
    second.append(["Tờ", "Thửa", "Họ và tên", "Diện tích thu hồi"])
    second.append([5, 87, "Hộ minh họa 87", 120])
    book.create_sheet("Ghi chú").append(["Không phải danh sách"])
    book.save(path)
    return path


def test_the_officer_says_which_sheet_of_a_workbook_is_read(client, project, tmp_path):
    upload = send(client, two_lists(tmp_path))
    assert upload.understood["pages"] == [["Đợt 1", 2], ["Đợt 2", 1]]
    page = text_of(client, "import_step", upload.ref)
    assert '<option value="Đợt 1" selected>Đợt 1 (2 dòng)</option>' in page
    assert "--sheet" not in page
    check(client, upload, page="Đợt 2")
    assert upload.state == "asking", "its columns are shown before anything is checked"
    assert upload.understood["sheet"] == "Đợt 2"
    assert upload.understood["columns"][0]["title"] == "Tờ"
    check(client, upload, page="Đợt 2")
    assert (upload.state, upload.preview["created"]) == ("checked", 1)
    assert "Đọc trang khác" in text_of(client, "import_step", upload.ref)
    client.post(reverse("import_write", args=[upload.ref]))
    assert Taking.objects.get().recovered_area_m2 == 120
    assert ImportRun.objects.get(applied=True).options["page"] == "Đợt 2"
    check(client, send(client, two_lists(tmp_path)), page="Không có")


def test_one_list_in_a_workbook_leaves_no_sheet_to_choose(client, project, tmp_path):
    upload = send(client, workbook(tmp_path, row(85, 400)))
    assert 'name="page"' not in text_of(client, "import_step", upload.ref)
    check(client, upload, page="Trang khác")
    assert (upload.state, "page" in upload.answers) == ("checked", False)


def test_a_sheet_of_a_table_can_be_chosen_too(client, project, tmp_path):
    ObstacleCauseFactory(name="Chưa thống nhất giá")
    book = Workbook()
    for name, count in (("Quý 1", 2), ("Quý 2", 1)):
        page = book.create_sheet(name)
        page.append(["Nguyên nhân", "Phát sinh", "Nội dung"])
        for at in range(count):
            page.append(["Chưa thống nhất giá", f"0{at + 1}/02/2023", f"{name} {at}"])
    path = tmp_path / "vuong_mac.xlsx"
    book.save(path)
    upload = send(client, path, kind="obstacles")
    assert (upload.understood["sheet"], upload.understood["pages"][1]) == ("Quý 1", ["Quý 2", 1])
    check(client, check(client, upload, page="Quý 2"))
    assert upload.preview["created"] == 1


def test_a_list_of_another_ward_is_doubted_as_a_whole(client, project, tmp_path):
    upload = check(client, send(client, workbook(tmp_path, row(901, 9), row(902, 9), row(85, 9))))
    assert "Phần lớn thửa của danh sách không có ở" in text_of(client, "import_step", upload.ref)
    upload = check(client, send(client, workbook(tmp_path, row(901, 9), row(86, 9), row(85, 9))))
    assert "Phần lớn thửa" not in text_of(client, "import_step", upload.ref)


def test_how_a_column_reads_can_be_answered_anew(client, project, tmp_path):
    upload = send(client, workbook(tmp_path, row(85, "20.000"), row(86, "30.000")))
    at = next(i for i, c in enumerate(upload.understood["columns"]) if c["ask"])
    check(client, upload)
    page = text_of(client, "import_step", upload.ref)
    assert "2 ô đọc được hai cách (như 20.000)" in page
    for reading, created in (("thousands", 0), ("decimal", 2)):
        check(client, upload, **{f"r{at}": reading})
        assert upload.preview["created"] == created
        page = text_of(client, "import_step", upload.ref, sua="1")
        assert f'name="r{at}" value="{reading}" checked' in page
    assert upload.understood["ambiguous"] == 0


def test_a_warning_of_several_rows_says_each_with_its_own_figures(client, project, tmp_path):
    first, second = row(85, 300, resettlement="Có"), row(86, 300, resettlement="Xin đất")
    upload = check(client, send(client, workbook(tmp_path, first, second)))
    page = text_of(client, "import_step", upload.ref, xem="warnings")
    assert "“Có” chưa rõ" in page
    assert "“Xin đất” chưa rõ" in page


def test_changes_are_shown_field_by_field(client, project, tmp_path):
    for area in (400, 450):
        upload = check(client, send(client, workbook(tmp_path, row(85, area))))
        page = text_of(client, "import_step", upload.ref)
        client.post(reverse("import_write", args=[upload.ref]))
    assert "<del>5/85: 400</del> → <ins>5/85: 450</ins>" in page
    assert Taking.objects.get().recovered_area_m2 == 450


def test_what_changed_between_preview_and_confirmation_is_shown_anew(client, project, tmp_path):
    path = workbook(tmp_path, row(85, 400))
    first, second = (check(client, send(client, path)) for _ in range(2))
    client.post(reverse("import_write", args=[first.ref]))
    answer = client.post(reverse("import_write", args=[second.ref]), follow=True)
    assert "vừa đổi: chưa ghi gì" in answer.content.decode()
    assert Case.objects.count() == 1


def test_what_is_shown_anew_can_be_confirmed(client, project, tmp_path):
    upload = check(client, send(client, workbook(tmp_path, row(85, 400), row(86, 300))))
    import_workbook(workbook(tmp_path, row(85, 400)), project)
    write = reverse("import_write", args=[upload.ref])
    page = client.post(write, follow=True).content.decode()
    assert "vừa đổi: chưa ghi gì" in page
    assert "Ghi 1 dòng mới" in page
    client.post(write)
    assert Case.objects.count() == 2


@pytest.mark.filterwarnings("ignore:.crs. was not provided")
def test_a_survey_file_asks_on_screen_for_what_it_does_not_say(client, project, tmp_path):
    path = tmp_path / "lop.gpkg"
    layer(3).set_crs(None, allow_override=True).to_file(path)
    second = AdministrativeUnitFactory(name="Hải Xuân")
    project.units.add(second)
    upload = send(client, path, kind="parcels")
    assert upload.understood["question"]["sets"] == "crs"
    assert "EPSG:5899" in text_of(client, "import_step", upload.ref)
    check(client, upload, crs="EPSG:5899")
    assert upload.understood["question"]["sets"] == "unit"
    assert "Hải Xuân" in text_of(client, "import_step", upload.ref)
    check(client, upload, unit=f"{second.code}@{second.valid_from:%Y-%m-%d}")
    assert (upload.state, upload.preview["created"]) == ("checked", 3)
    assert "Hỏi lại hệ tọa độ (đã chọn EPSG:5899)" in text_of(
        client, "import_step", upload.ref, sua="1"
    )
    check(client, upload, again="crs")
    assert upload.understood["question"]["sets"] == "crs"
    check(client, upload, crs="EPSG:5899")
    client.post(reverse("import_write", args=[upload.ref]))
    assert Parcel.objects.filter(unit=second).count() == 3
    run = ImportRun.objects.get(applied=True)
    client.post(reverse("import_undo", args=[run.ref]))
    assert Parcel.objects.filter(unit=second).count() == 0


def test_a_case_code_that_names_none_is_the_faulty_cell(client, project):
    block = "Mã hồ sơ\tĐịa chỉ\nHS-404\tThôn Hạ"
    client.post(reverse("import_paste"), {"kind": "workbook", "project": "CCN", "block": block})
    upload = check(client, Upload.objects.get())
    assert upload.preview["refused_rows"][0]["errors"][0][0] == "Mã hồ sơ"


def test_a_pasted_block_is_previewed_with_its_faulty_cell_and_undone(client, project):
    data = {"kind": "workbook", "project": "CCN", "block": BLOCK}
    answer = client.post(reverse("import_paste"), data, follow=True)
    assert "Mỗi cột là gì" in answer.content.decode()
    upload = check(client, Upload.objects.get())
    assert '<td class="is-faulty">9999</td>' in text_of(client, "import_step", upload.ref)
    client.post(reverse("import_write", args=[upload.ref]), {"partial": "1"})
    assert Taking.objects.get().recovered_area_m2 == 120.5
    client.post(reverse("import_undo", args=[ImportRun.objects.get(applied=True).ref]))
    assert (Case.objects.count(), Party.objects.count(), Taking.objects.count()) == (0, 0, 0)


def test_a_block_without_heading_asks_for_each_column(client, project):
    block = "5\t85\t120\n5\t86\t130"
    client.post(reverse("import_paste"), {"kind": "takings", "project": "CCN", "block": block})
    upload = Upload.objects.get()
    assert [c["title"] for c in upload.understood["columns"]] == ["Cột A", "Cột B", "Cột C"]
    check(client, upload, c0="sheet", c1="number", c2="recovered_area")
    assert upload.preview["created"] == 2
    client.post(reverse("import_write", args=[upload.ref]))
    assert Taking.objects.filter(case=None).count() == 2
    client.post(reverse("import_undo", args=[ImportRun.objects.get(applied=True).ref]))
    assert Taking.objects.count() == 0


def test_letters_come_in_by_the_same_pages_for_the_petition_officer_alone(
    client, project, tmp_path
):
    book = Workbook()
    book.worksheets[0].append(["Số tiếp nhận", "Loại đơn", "Ngày nhận", "Mã dự án"])
    book.worksheets[0].append(["7/2023", "Khiếu nại", "15/06/2023", "CCN"])
    path = tmp_path / "don.xlsx"
    book.save(path)
    client.force_login(UserFactory(petitions=True))
    upload = check(client, send(client, path, kind="complaints"))
    client.post(reverse("import_write", args=[upload.ref]))
    assert Complaint.objects.get().project == project
    run = ImportRun.objects.get(applied=True)
    client.post(reverse("import_undo", args=[run.ref]))
    assert Complaint.objects.count() == 0
    client.force_login(project.assignment_set.get().user)
    assert client.get(reverse("import_run", args=[run.ref])).status_code == 404


@pytest.mark.parametrize("name", ["no.xlsx", "no.zip", "no.gpkg"])
def test_a_file_that_is_nothing_says_so(client, project, tmp_path, name):
    path = tmp_path / name
    path.write_bytes(b"not at all what it says")
    kind = "workbook" if name.endswith("xlsx") else "parcels"
    upload = send(client, path, kind=kind)
    assert upload.state == "failed"
    assert "Không đọc được" in text_of(client, "import_step", upload.ref)


@pytest.mark.parametrize("role", ["finance", "leader", "viewer"])
def test_for_others_the_pages_do_not_exist(project, role):
    client = Client()
    client.force_login(UserFactory(role=role))
    for name in ("imports", "import_paste", "import_sample"):
        assert client.get(reverse(name)).status_code == 404


def test_an_upload_exists_for_its_sender_alone_and_a_run_for_its_project(
    client, project, tmp_path
):
    upload = check(client, send(client, workbook(tmp_path, row(85, 400))))
    client.post(reverse("import_write", args=[upload.ref]))
    run = ImportRun.objects.get(applied=True)
    stranger, colleague = UserFactory(), UserFactory()
    project.assignment_set.create(user=colleague, valid_from="2022-01-01")
    posts = ("import_answer", "import_write", "import_drop")
    for user, sees_run in ((stranger, 404), (colleague, 200)):
        client.force_login(user)
        assert client.get(reverse("import_step", args=[upload.ref])).status_code == 404
        assert client.get(reverse("import_errors", args=[upload.ref])).status_code == 404
        for name in posts:
            assert client.post(reverse(name, args=[upload.ref])).status_code == 404
        assert client.get(reverse("import_run", args=[run.ref])).status_code == sees_run
    client.force_login(stranger)
    assert client.post(reverse("import_undo", args=[run.ref])).status_code == 404
    assert Case.objects.count() == 1


def test_an_officer_of_another_project_cannot_import_into_this_one(client, project, tmp_path):
    ProjectFactory(code="KHAC")
    path = workbook(tmp_path, row(85, 400))
    file = SimpleUploadedFile(path.name, path.read_bytes())
    answer = client.post(reverse("imports"), {"kind": "workbook", "project": "KHAC", "file": file})
    assert answer.status_code == 200
    assert Upload.objects.count() == 0


def test_files_nobody_came_back_for_are_thrown_away(client, project, tmp_path):
    upload = send(client, workbook(tmp_path, row(85, 400)))
    kept = upload.path
    Upload.objects.update(created_at="2020-01-01T00:00:00Z")
    send(client, workbook(tmp_path, row(86, 400)))
    assert not kept.exists()
    assert Upload.objects.count() == 1


def test_the_list_of_runs_asks_as_often_for_thirty_as_for_three(
    client, project, django_assert_max_num_queries, tmp_path
):
    def runs(count: int) -> int:
        for _ in range(count):
            ImportRun.objects.create(
                kind="workbook", file_name="a.xlsx", project=project, applied=True,
                report=dict.fromkeys(("read", "created", "changed", "refused"), 0),
                by=UserFactory(),
            )  # fmt: skip
        with django_assert_max_num_queries(60) as asked:
            client.get(reverse("imports"))
        return len(asked)

    runs(3)
    assert runs(3) == runs(27)


def test_the_sample_list_is_read_without_a_question(client, project, tmp_path):
    path = tmp_path / "mau.xlsx"
    path.write_bytes(client.get(reverse("import_sample")).content)
    upload = send(client, path)
    assert upload.understood["question"] is None
    assert all(column["field"] for column in upload.understood["columns"])


def test_a_pasted_merged_name_is_asked_about(client, project):
    block = (
        "Họ và tên\tTờ bản đồ\tSố thửa\tDiện tích thu hồi (m2)\n"
        "Hộ minh họa 1\t5\t85\t120\n\t\t86\t130"
    )
    client.post(reverse("import_paste"), {"kind": "workbook", "project": "CCN", "block": block})
    upload = Upload.objects.get()
    page = text_of(client, "import_step", upload.ref)
    assert "1 dòng để trống họ tên ngay dưới một hộ" in page
    assert check(client, upload).preview["refused"] == 1
    upload = check(client, upload, together="1")
    assert (upload.preview["created"], upload.preview["refused"]) == (2, 0)
    client.post(reverse("import_write", args=[upload.ref]))
    assert Case.objects.get().takings.count() == 2
