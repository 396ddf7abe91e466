"""Bringing data in as an officer does it: a list by the wizard, its undo, a block by Ctrl+V."""

from pathlib import Path
from typing import Any

import ezdxf
import pytest
from playwright.sync_api import Page, expect

from gpmb import refs
from gpmb.clearance.models import Case, Taking
from tests.factories import (
    AdministrativeUnitFactory,
    CaseFactory,
    LandClassFactory,
    ParcelFactory,
    PlanFactory,
    ProjectFactory,
    SiteFactory,
    UserFactory,
    deployment,
    tile,
)
from tests.importing.test_workbook import row, workbook
from tests.web.test_imports import two_lists

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def officer() -> Any:
    deployment()
    return UserFactory(username="canbo")


@pytest.fixture
def project(officer: Any) -> Any:
    unit = AdministrativeUnitFactory()
    LandClassFactory()
    for number in range(80, 90):
        ParcelFactory(unit=unit, number=f"5/{number}")
    project = ProjectFactory(code="CCN", name="Cụm công nghiệp Hải Hòa", officers=[officer])
    project.units.set([unit])
    return project


def figures(page: Page) -> list[str]:
    return page.locator(".reconcile .value").all_inner_texts()


def test_a_list_is_understood_corrected_previewed_written_and_undone(
    new_page, officer, project, tmp_path: Path
):
    path = workbook(
        tmp_path,
        row(85, 400, "Kiểm đếm", "09/06/2023"),
        row(86, "20.000"),
        row(87, "12o,5"),
    )
    page = new_page(officer)
    page.goto("/nhap-lieu/")
    page.get_by_label("Dự án", exact=True).select_option("CCN")
    page.get_by_label("Tệp", exact=True).set_input_files(path)
    page.get_by_role("button", name="Đọc tệp").click()

    expect(page.get_by_role("heading", name="Chương trình hiểu gì")).to_be_visible()
    expect(page.locator("main")).to_contain_text("dòng đánh số cột")
    page.get_by_label("dấu phần lẻ: 20.000 là 20,000").check()
    page.get_by_role("button", name="Kiểm tra và xem trước").click()

    assert figures(page) == ["3", "2", "0", "0", "1"]
    expect(page.locator("td.is-faulty")).to_have_text("12o,5")
    page.get_by_role("link", name="Mới").click()
    expect(page.locator("ins", has_text="5/86")).to_be_visible()
    assert Case.objects.count() == 0

    page.get_by_label("Bỏ lại 1 dòng bị từ chối").check()
    page.get_by_role("button", name="Ghi 2 dòng mới").dblclick()
    expect(page.get_by_role("heading", name="Biên nhận")).to_be_visible()
    expect(page.locator("main")).to_contain_text("3 = 2 + 1")
    assert Case.objects.count() == 2

    page.on("dialog", lambda dialog: dialog.accept())
    page.get_by_role("button", name="Hoàn tác lần nhập").click()
    expect(page.locator(".page-head")).to_contain_text("đã hoàn tác")
    assert Taking.objects.count() == 0


def test_a_block_copied_from_excel_is_pasted_on_the_cases_of_a_project(new_page, officer, project):
    case = CaseFactory(project=project, code="HH-1", at="inventory")
    name = case.parties.get().name
    page = new_page(officer)
    page.goto(f"/du-an/{refs.encode(project.ref)}/")
    block = "Mã hồ sơ\tĐịa chỉ\nHH-1\tThôn Thượng\nHH-404\tThôn Hạ"
    paste(page, block)
    expect(page.get_by_label("Khối ô chép từ Excel")).to_have_value(block)
    page.get_by_role("button", name="Xem trước").click()
    page.get_by_role("button", name="Kiểm tra và xem trước").click()

    assert figures(page) == ["2", "0", "1", "0", "1"]
    expect(page.locator("main")).to_contain_text("Không có hồ sơ mã HH-404")
    with page.expect_download() as sent_back:
        page.get_by_role("link", name="Tải các dòng lỗi").click()
    assert sent_back.value.suggested_filename == "khoi-dan-dong-loi.xlsx"
    page.get_by_role("link", name="Thay đổi").click()
    expect(page.locator(".change")).to_contain_text("Thôn Thượng")
    page.get_by_label("Bỏ lại 1 dòng bị từ chối").check()
    page.get_by_role("button", name="Ghi 1 thay đổi").click()
    expect(page.get_by_role("heading", name="Biên nhận")).to_be_visible()
    assert case.parties.get().address == "Thôn Thượng"

    page.on("dialog", lambda dialog: dialog.accept())
    page.get_by_role("button", name="Hoàn tác lần nhập").click()
    expect(page.locator(".page-head")).to_contain_text("đã hoàn tác")
    assert (case.parties.get().name, case.parties.get().address) == (name, "")


def test_another_sheet_of_the_workbook_is_chosen(new_page, officer, project, tmp_path: Path):
    page = new_page(officer)
    page.goto("/nhap-lieu/")
    page.get_by_label("Dự án", exact=True).select_option("CCN")
    page.get_by_label("Tệp", exact=True).set_input_files(two_lists(tmp_path))
    page.get_by_role("button", name="Đọc tệp").click()
    page.get_by_label("Trang tính cần đọc").select_option(label="Đợt 2 (1 dòng)")
    page.get_by_role("button", name="Đọc trang này").click()
    expect(page.get_by_label("Cột Thửa hiểu là")).to_have_value("number")
    page.get_by_role("button", name="Kiểm tra và xem trước").click()
    assert figures(page) == ["1", "1", "0", "0", "0"]
    page.get_by_role("link", name="Đọc trang khác").click()
    expect(page.get_by_label("Trang tính cần đọc")).to_have_value("Đợt 2")


def test_a_long_file_is_worked_on_in_the_background_with_its_progress(
    new_page, officer, project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("gpmb.importing.work.AT_ONCE_BYTES", 0)
    page = new_page(officer)
    page.goto("/nhap-lieu/")
    page.get_by_label("Dự án", exact=True).select_option("CCN")
    page.get_by_label("Tệp", exact=True).set_input_files(workbook(tmp_path, row(85, 400)))
    page.get_by_role("button", name="Đọc tệp").click()
    page.get_by_role("button", name="Kiểm tra và xem trước").click()
    page.get_by_role("button", name="Ghi 1 dòng mới").click()
    expect(page.get_by_role("heading", name="Biên nhận")).to_be_visible()
    assert Case.objects.count() == 1


def paste(page: Page, block: str) -> None:
    """Ctrl+V on the page, outside every field."""
    page.evaluate(
        """(text) => {
          const data = new DataTransfer();
          data.setData("text/plain", text);
          document.body.dispatchEvent(
            new ClipboardEvent("paste", { clipboardData: data, bubbles: true, cancelable: true }));
        }""",
        block,
    )


def test_lines_of_a_plan_are_pasted_on_its_page(new_page, officer, project):
    case = CaseFactory(project=project, code="HH-1")
    plan = PlanFactory(case=case)
    page = new_page(officer)
    page.goto(f"/phuong-an/{refs.encode(plan.ref)}/sua/")
    paste(
        page,
        "Mã hồ sơ\tKhoản mục\tNội dung\tKhối lượng\tĐơn vị\tĐơn giá\n"
        'HH-1\tCây trồng, vật nuôi\t"Keo 3 năm\n(hàng rào)"\t120\tcây\t45.000\n'
        "HH-1\tCây gì\tKeo\t1\tcây\t45.000",
    )
    page.get_by_role("button", name="Xem trước").click()
    page.get_by_role("button", name="Kiểm tra và xem trước").click()
    assert figures(page) == ["2", "1", "0", "0", "1"]
    expect(page.locator("td.is-faulty")).to_have_text("Cây gì")
    page.get_by_label("Bỏ lại 1 dòng bị từ chối").check()
    page.get_by_role("button", name="Ghi 1 dòng mới").click()
    expect(page.get_by_role("heading", name="Biên nhận")).to_be_visible()
    plan.refresh_from_db()
    assert plan.total_vnd == 6_400_000
    page.on("dialog", lambda dialog: dialog.accept())
    page.get_by_role("button", name="Hoàn tác lần nhập").click()
    expect(page.locator(".page-head")).to_contain_text("đã hoàn tác")
    plan.refresh_from_db()
    assert plan.total_vnd == 1_000_000


def test_plots_are_pasted_on_the_page_of_their_site(new_page, officer, project):
    site = SiteFactory(name="Khu Hải Yên", serves=[project])
    address = f"/khu-tai-dinh-cu/{refs.encode(site.ref)}/"
    page = new_page(officer)
    page.goto(address)
    expect(page.locator("main")).to_contain_text("bấm Ctrl+V trên trang này")
    paste(
        page,
        "Lô\tDiện tích (m²)\tGiá (đồng)\tTrạng thái\n"
        "L01\t100,5\t1.250.000.000\tSẵn sàng\n"
        "L02\t12o\t\t",
    )
    page.get_by_role("button", name="Xem trước").click()
    expect(page.locator(".page-head")).to_contain_text("Khu Hải Yên")
    page.get_by_role("button", name="Kiểm tra và xem trước").click()
    assert figures(page) == ["2", "1", "0", "0", "1"]
    expect(page.locator("td.is-faulty")).to_have_text("12o")
    page.get_by_label("Bỏ lại 1 dòng bị từ chối").check()
    page.get_by_role("button", name="Ghi 1 dòng mới").click()
    receipt = page.url
    page.goto(address)
    expect(page.get_by_role("row", name="L01")).to_contain_text("1.250.000.000")

    page.goto(receipt)
    page.on("dialog", lambda dialog: dialog.accept())
    page.get_by_role("button", name="Hoàn tác lần nhập").click()
    expect(page.locator(".page-head")).to_contain_text("đã hoàn tác")
    assert not site.plots.exists()


def test_what_a_block_holds_is_said_of_the_table_chosen(new_page, officer, project):
    page = new_page(officer)
    page.goto("/tai-dinh-cu/")
    page.get_by_text("Dán từ Excel: bố trí tái định cư, giao lô").click()
    hint = page.locator("p [data-hint]")
    expect(hint).to_contain_text("Hình thức (lô đất, nhà")
    page.get_by_label("Nội dung").select_option("housing")
    expect(hint).to_contain_text("Tiền một tháng")


def test_a_drawing_is_asked_about_read_written_and_undone(new_page, officer, project, tmp_path):
    drawing = ezdxf.new()
    space = drawing.modelspace()
    x, y = tile(500).extent[:2]
    for at in range(2):
        corners = [(x + 20 * at, y), (x + 20 + 20 * at, y), (x + 20 + 20 * at, y + 20)]
        corners.append((x + 20 * at, y + 20))
        space.add_lwpolyline(corners, close=True, dxfattribs={"layer": "Ranh thửa"})
        label = {"layer": "Nhãn", "insert": (x + 8 + 20 * at, y + 10)}
        space.add_mtext(f"{901 + at}\\P400,0", dxfattribs=label)
    space.add_line((x, y + 50), (x + 9, y + 50), dxfattribs={"layer": "Khung"})
    drawing.saveas(tmp_path / "ban-ve.dxf")
    page = new_page(officer)
    page.goto("/nhap-lieu/")
    page.get_by_label("Nội dung").select_option("parcels")
    page.get_by_label("Dự án", exact=True).select_option("CCN")
    page.get_by_label("Tệp", exact=True).set_input_files(tmp_path / "ban-ve.dxf")
    page.get_by_role("button", name="Đọc tệp").click()
    check = page.get_by_role("button", name="Kiểm tra và xem trước")
    page.get_by_label("Ranh thửa").check()
    check.click()
    expect(page.locator("main")).to_contain_text("khép thành 2 thửa, 2 chữ; bỏ 1 (1 đường trên")
    page.get_by_label("EPSG:5899").check()
    check.click()
    page.get_by_role("textbox", name="Trả lời").fill("77")
    check.click()
    assert figures(page) == ["2", "2", "0", "0", "0"]
    page.get_by_role("button", name="Ghi 2 dòng mới").click()
    expect(page.get_by_role("heading", name="Biên nhận")).to_be_visible()
    assert Taking.objects.count() == 2
    page.on("dialog", lambda dialog: dialog.accept())
    page.get_by_role("button", name="Hoàn tác lần nhập").click()
    expect(page.locator(".page-head")).to_contain_text("đã hoàn tác")
    assert Taking.objects.count() == 0
