"""Many cases at once: filtered, previewed, written and undone; by map; by keys."""

import pytest
from django.urls import reverse
from playwright.sync_api import Page, expect

from gpmb.clearance.models import BulkRun, Case
from tests.browser.test_map import drawn
from tests.factories import (
    CaseFactory,
    ParcelFactory,
    ProjectFactory,
    TakingFactory,
    UserFactory,
    deployment,
)

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def officer():
    deployment()
    return UserFactory(username="canbo", display_name="Nguyễn Thị Minh Họa")


@pytest.fixture
def project(officer):
    return ProjectFactory(name="Cụm công nghiệp Hải Hòa", officers=[officer])


def change_to_inventory(page: Page) -> None:
    page.get_by_label("Bước").select_option("inventory")
    page.get_by_label("Ngày thực hiện").fill("20/06/2023")
    page.get_by_label("Số, ký hiệu văn bản").fill("12/BB-KĐ")
    page.get_by_role("button", name="Xem trước").click()


def test_filtered_cases_are_changed_together_and_changed_back(new_page, officer, project):
    for number in range(3):
        CaseFactory(project=project, code=f"HH-00{number}", at="notice")
    CaseFactory(project=project, code="HH-009")
    page = new_page(officer)
    page.goto(f"/ho-so/?project={project.code}")
    page.get_by_label("Đánh dấu hồ sơ HH-001").check()
    expect(page.locator("[data-bulk-said]")).to_have_text("Đã đánh dấu 1 hồ sơ.")
    page.reload()
    expect(page.get_by_label("Đánh dấu hồ sơ HH-001")).to_be_checked()
    page.get_by_role("button", name="Cập nhật cả 4 hồ sơ khớp bộ lọc").click()

    expect(page.get_by_role("heading", name="Gồm 4 hồ sơ")).to_be_visible()
    change_to_inventory(page)
    expect(page.get_by_role("heading", name="Ghi 3 hồ sơ")).to_be_visible()
    expect(page.locator(".bulk-reasons")).to_contain_text("phải xong bước “Thông báo thu hồi đất”")
    assert Case.objects.filter(step="inventory").count() == 0
    page.get_by_label("Lý do").fill("kiểm đếm xong đợt 1")
    page.get_by_role("button", name="Ghi 3 hồ sơ").click()

    expect(page.get_by_role("heading", name="Phiếu kết quả")).to_be_visible()
    expect(page.locator(".bulk-count.is-written")).to_have_text("3 đã ghi")
    assert Case.objects.filter(step="inventory").count() == 3
    page.get_by_text("Hoàn tác lần cập nhật này").click()
    page.get_by_label("Lý do").fill("nhầm biên bản")
    page.get_by_role("button", name="Hoàn tác 3 hồ sơ").click()
    expect(page.locator(".bulk-count.is-undone")).to_have_text("3 đã hoàn tác")
    assert Case.objects.filter(step="inventory").count() == 0


def open_map(page: Page, taking) -> dict[str, float]:
    centre = taking.boundary.centroid.transform(4326, clone=True)
    page.goto(f"/ban-do/?view=18/{centre.y:.6f}/{centre.x:.6f}")
    drawn(page)
    return page.locator("#map-frame").bounding_box()


def test_a_line_drawn_around_parcels_changes_their_cases_and_changes_them_back(
    new_page, officer, project
):
    case = CaseFactory(project=project, code="HH-001", takings=0, at="notice")
    taking = TakingFactory(project=project, case=case, parcel=ParcelFactory(number="5/85"))
    TakingFactory(project=project)
    page = new_page(officer)
    box = open_map(page, taking)
    page.get_by_role("button", name="Chọn hồ sơ bằng vòng vẽ tay").click()
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(x + 15, y)
    page.mouse.down()
    for dx, dy in ((0, 15), (-15, 0), (0, -15), (14, -2)):
        page.mouse.move(x + dx, y + dy)
    page.mouse.up()
    chosen = page.locator("#map-chosen")
    expect(chosen).to_contain_text("Trong vùng: 1 thửa, 1 hồ sơ")
    expect(page.locator("#map-panel")).to_be_hidden()
    chosen.get_by_role("button", name="Cập nhật 1 hồ sơ").click()
    expect(page.get_by_role("heading", name="Gồm 1 hồ sơ")).to_be_visible()
    assert [row.case for row in BulkRun.objects.get().rows.all()] == [case]

    change_to_inventory(page)
    page.get_by_label("Lý do").fill("kiểm đếm khu vòng vẽ")
    page.get_by_role("button", name="Ghi 1 hồ sơ").click()
    expect(page.locator(".bulk-count.is-written")).to_have_text("1 đã ghi")
    assert Case.objects.filter(step="inventory").count() == 1
    page.get_by_text("Hoàn tác lần cập nhật này").click()
    page.get_by_label("Lý do").fill("vẽ nhầm")
    page.get_by_role("button", name="Hoàn tác 1 hồ sơ").click()
    expect(page.locator(".bulk-count.is-undone")).to_have_text("1 đã hoàn tác")
    assert Case.objects.filter(step="inventory").count() == 0


def test_a_box_is_chosen_by_keyboard_alone_and_dropped_by_escape(new_page, officer, project):
    case = CaseFactory(project=project, code="HH-001", takings=0)
    taking = TakingFactory(project=project, case=case, parcel=ParcelFactory(number="5/85"))
    page = new_page(officer)
    open_map(page, taking)
    page.locator("[data-tool=box]").focus()
    page.keyboard.press("Enter")
    chosen = page.locator("#map-chosen")
    expect(chosen).to_contain_text("Enter ở một góc")
    shift = "([dx, dy]) => gpmbMap.map.panBy([dx, dy], { animate: false })"
    page.evaluate(shift, [-40, -40])
    page.keyboard.press("Enter")
    page.evaluate(shift, [80, 80])
    page.keyboard.press("Enter")
    expect(chosen.get_by_role("button", name="Cập nhật 1 hồ sơ")).to_be_focused()
    page.keyboard.press("Escape")
    expect(chosen).to_be_hidden()


def test_a_leader_has_no_tools_to_choose_with(new_page, project):
    page = new_page(UserFactory(leader=True))
    page.goto("/ban-do/")
    drawn(page)
    expect(page.locator("[data-tool=measure]")).to_be_visible()
    expect(page.locator("[data-tool=lasso]")).to_have_count(0)


def test_the_matrix_is_walked_and_a_step_recorded_by_keyboard(new_page, officer, project):
    for number in range(2):
        CaseFactory(project=project, code=f"HH-00{number}", at="notice")
    page = new_page(officer)
    page.goto("/du-an/")
    page.get_by_role("link", name=project.name).click()
    page.get_by_role("link", name="Ma trận hộ × bước").click()
    first = page.locator("tbody tr").nth(0)
    first.locator("th").focus()
    page.keyboard.press("End")
    expect(page.locator("#mx-said")).to_contain_text(
        "HH-000 · Bàn giao cho chủ đầu tư · chưa bàn giao cho chủ đầu tư"
    )
    page.keyboard.press("ArrowLeft")
    expect(page.locator("#mx-said")).to_contain_text("HH-000 · Bàn giao mặt bằng · chưa đến lượt")
    page.keyboard.press("Home")
    for _ in range(5):
        page.keyboard.press("ArrowRight")
    expect(page.locator("#mx-said")).to_contain_text("HH-000 · Kiểm đếm")
    page.keyboard.press("Enter")
    dialog = page.locator("#matrix-dialog")
    expect(dialog.get_by_label("Ngày thực hiện")).to_be_focused()
    page.keyboard.type("20/06/2023")
    dialog.get_by_label("Số, ký hiệu văn bản").fill("12/BB-KĐ")
    page.keyboard.press("Enter")
    expect(dialog).to_be_hidden()
    expect(first.locator("td", has_text="20/06/23")).to_have_count(1)
    expect(page.locator("[data-step=inventory] [data-done]")).to_have_text("1")
    expect(page.locator("tbody tr").nth(1).locator("td:focus")).to_have_count(1)
    page.keyboard.press("Enter")
    expect(dialog.get_by_label("Số, ký hiệu văn bản")).to_have_value("12/BB-KĐ")
    page.keyboard.press("Escape")
    assert sorted(Case.objects.values_list("step", flat=True)) == ["inventory", "notice"]


def test_450_households_are_walked_filtered_and_advanced_by_click(new_page, officer, project):
    cases = Case.objects.bulk_create(
        Case(project=project, code=f"HH-{number:03}") for number in range(1, 450)
    )
    CaseFactory(project=project, code="HH-000", takings=0)
    page = new_page(officer)
    page.goto(reverse("matrix", args=[project.ref]))
    rows = page.locator(".mx-table tbody tr")
    expect(rows).to_have_count(1 + len(cases))
    top = page.locator(".mx-table thead th").last.bounding_box()["y"]
    rows.first.locator("th").focus()
    page.keyboard.press("Control+End")
    expect(rows.last.locator("td").last).to_be_focused()
    # The head and the first column stay in sight at the far corner.
    assert page.locator(".mx-table thead th").last.bounding_box()["y"] == pytest.approx(top, abs=1)
    assert rows.last.locator("th").bounding_box()["x"] >= 0
    expect(rows.last.locator("td").last).to_be_in_viewport()
    for _ in range(3):
        page.keyboard.press("PageUp")
    expect(rows.nth(len(cases) - 30).locator("td").last).to_be_focused()

    page.keyboard.press("Control+Home")
    first = page.locator("tbody tr").first
    first.locator("[data-free]").first.click()
    page.get_by_label("Ngày thực hiện").fill("20/06/2023")
    page.get_by_label("Số, ký hiệu văn bản").fill("1/TB")
    page.get_by_role("button", name="Ghi nhận").click()
    expect(first.locator("td", has_text="20/06/23")).to_have_count(1)
    assert Case.objects.get(code="HH-000").step == "notice"
