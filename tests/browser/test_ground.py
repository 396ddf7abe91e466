"""A boundary is drawn on the map, previewed, written, undone; what is listed leaves as a file."""

import pytest
from django.contrib.gis.geos import MultiPolygon
from django.urls import reverse
from openpyxl import load_workbook
from playwright.sync_api import expect

from gpmb.clearance.models import Taking
from gpmb.reports.models import ExportLog
from tests.factories import (
    CaseFactory,
    ParcelFactory,
    ProjectFactory,
    TakingFactory,
    UserFactory,
    deployment,
    tile,
)

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def officer():
    deployment()
    return UserFactory()


@pytest.fixture
def project(officer):
    project = ProjectFactory(officers=[officer])
    for at in range(400, 404):
        ParcelFactory(boundary=tile(at), number=f"7/{at}")
    box = tile(400).union(tile(403)).envelope
    project.boundary = MultiPolygon(box, srid=box.srid)
    project.save()
    return project


def test_a_boundary_is_drawn_written_and_undone(new_page, officer, project):
    page = new_page(officer)
    page.goto(reverse("project", args=[project.ref]))
    page.get_by_role("link", name="Ranh GPMB").click()
    expect(page.locator(".ground-map")).to_have_attribute("data-parcels", "4")
    page.get_by_role("button", name="Vẽ ranh").click()
    box = page.locator(".ground-map").bounding_box()
    # The old line fills the map: the new one is most of its western half, clear of the buttons.
    for x, y in ((0.12, 0.06), (0.47, 0.06), (0.47, 0.94), (0.12, 0.94)):
        page.mouse.click(box["x"] + box["width"] * x, box["y"] + box["height"] * y)
    expect(page.locator(".ground-map")).to_have_attribute("data-points", "4")
    page.get_by_role("button", name="Xem trước").click()
    expect(page.get_by_role("heading", name="Xem trước: chưa ghi gì")).to_be_visible()
    expect(page.locator(".ground-map")).to_have_attribute("data-pieces", "2")
    assert not Taking.objects.exists()
    page.get_by_role("button", name="Ghi ranh").click()
    expect(page.get_by_role("heading", name="Đã ghi")).to_be_visible()
    assert Taking.objects.filter(project=project).count() == 2
    page.get_by_role("button", name="Hoàn tác").click()
    expect(page.get_by_text("đã hoàn tác", exact=True)).to_be_visible()
    assert not Taking.objects.exists()


def test_a_filtered_list_leaves_as_a_workbook(new_page, officer, tmp_path):
    project = ProjectFactory(officers=[officer])
    CaseFactory(project=project, at="notice", party__name="Hộ thứ nhất")
    CaseFactory(project=project, at="payment", party__name="Hộ thứ hai")
    page = new_page(officer)
    page.goto(f"{reverse('cases')}?stage=1")
    page.get_by_role("link", name="Xuất dữ liệu").click()
    expect(page.get_by_text("1 phần thu hồi")).to_be_visible()
    with page.expect_download() as waiting:
        page.get_by_role("button", name="Tải tệp").click()
    waiting.value.save_as(tmp_path / "ds.xlsx")
    sheet = load_workbook(tmp_path / "ds.xlsx").active
    text = {str(cell.value) for row in sheet.iter_rows() for cell in row}
    assert "Hộ thứ nhất" in text
    assert "Hộ thứ hai" not in text
    assert ExportLog.objects.get().by == officer


def test_neighbours_are_merged_and_the_merge_is_taken_back(new_page, officer):
    project = ProjectFactory(officers=[officer])
    case = CaseFactory(project=project, code="HH-001", takings=0)
    parcels = [ParcelFactory(boundary=tile(410), number="7/410")]
    parcels.append(ParcelFactory(boundary=tile(411), number="7/411", unit=parcels[0].unit))
    for parcel in parcels:
        TakingFactory(project=project, case=case, parcel=parcel)
    page = new_page(officer)
    page.goto(reverse("parcel", args=[parcels[0].ref]))
    page.get_by_role("link", name="Hợp thửa").click()
    page.get_by_label("7/411").check()
    page.get_by_label("Tờ/thửa mới").fill("7/500")
    page.get_by_label("Số, ký hiệu văn bản").fill("12/BC-VPĐK")
    page.get_by_role("button", name="Xem trước").click()
    expect(page.get_by_role("heading", name="Xem trước: chưa ghi gì")).to_be_visible()
    page.get_by_role("button", name="Ghi hợp thửa").click()
    expect(page.locator("h1")).to_have_text("Tờ 7 thửa 500")
    assert case.takings.get().recovered_area_m2 == 1000

    page.get_by_role("link", name="Hoàn tác hợp thửa").click()
    expect(page.locator("main")).to_contain_text("7/410, 7/411 → 7/500")
    page.get_by_label("Lý do hoàn tác").fill("nhập nhầm thửa")
    page.get_by_role("button", name="Hoàn tác").click()
    expect(page.locator("h1")).to_have_text("Tờ 7 thửa 410")
    assert sorted(case.takings.values_list("recovered_area_m2", flat=True)) == [500, 500]


def test_a_parcel_is_split_by_a_line_its_figures_follow_and_the_split_is_taken_back(
    new_page, officer
):
    project = ProjectFactory(officers=[officer])
    case = CaseFactory(project=project, code="HH-001", at="payment", takings=0)
    parcel = ParcelFactory(boundary=tile(420), number="7/420")
    taking = TakingFactory(project=project, case=case, parcel=parcel)
    page = new_page(officer)
    page.goto(reverse("parcel", args=[parcel.ref]))
    page.get_by_role("link", name="Tách thửa").click()
    page.get_by_role("button", name="Vẽ đường tách").click()
    box = page.locator(".ground-map").bounding_box()
    for y in (5, box["height"] - 25):
        page.mouse.click(box["x"] + box["width"] / 2, box["y"] + y)
    page.get_by_label("Số các thửa mới, từ tây sang đông").fill("7/501, 7/502")
    page.get_by_label("Số, ký hiệu văn bản").fill("12/BC-VPĐK")
    page.get_by_role("button", name="Xem trước").click()
    expect(page.locator("main")).to_contain_text("Tổng 500,00 m² · trước đó 500,00 m²")
    assert case.takings.get() == taking
    page.get_by_role("button", name="Ghi tách thửa").click()
    expect(page.locator("main")).to_contain_text("đã theo các thửa mới")
    rows = case.takings.order_by("pk")
    assert [row.stage for row in rows] == [taking.stage] * 2
    assert sum(row.recovered_area_m2 for row in rows) == 500

    page.get_by_role("link", name="Hoàn tác tách thửa").click()
    page.get_by_label("Lý do hoàn tác").fill("nhập nhầm thửa")
    page.get_by_role("button", name="Hoàn tác").click()
    expect(page.locator("h1")).to_have_text("Tờ 7 thửa 420")
    assert case.takings.get().recovered_area_m2 == 500


def test_the_holder_changes_in_the_middle_of_the_procedure_and_back(new_page, officer):
    project = ProjectFactory(officers=[officer])
    case = CaseFactory(project=project, at="inventory", party__name="Hộ cũ")
    page = new_page(officer)
    page.goto(reverse("case", args=[case.ref]))
    page.get_by_role("link", name="Đổi người").click()
    page.get_by_label("Người đứng tên mới").fill("Hộ mới")
    page.get_by_label("Lý do").fill("Nhận thừa kế")
    page.get_by_label("Số, ký hiệu văn bản").fill("05/VB-TK")
    page.get_by_role("button", name="Xem trước").click()
    expect(page.locator("#xem-truoc")).to_contain_text("Hộ cũ")
    page.get_by_role("button", name="Ghi thay đổi").click()
    expect(page.locator("#ho")).to_contain_text("Hộ mới")
    assert case.case_parties.get(valid_to=None).party.name == "Hộ mới"

    page.get_by_role("link", name="Hoàn tác").click()
    page.get_by_label("Lý do hoàn tác").fill("ghi nhầm hồ sơ")
    page.get_by_role("button", name="Hoàn tác").click()
    expect(page.locator("#ho")).to_contain_text("Hộ cũ")
    assert case.case_parties.get().party.name == "Hộ cũ"
