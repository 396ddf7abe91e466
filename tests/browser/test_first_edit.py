"""The first edit: an officer clicks a parcel, records a step, and the map follows."""

import pytest
from playwright.sync_api import Page, expect

from gpmb import refs
from gpmb.clearance.models import Case
from tests.browser.conftest import PHONE
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
def taking(officer):
    """Sheet 5 parcel 85 of the officer's project; its case has been notified of recovery."""
    project = ProjectFactory(name="Cụm công nghiệp Hải Hòa", officers=[officer])
    case = CaseFactory(project=project, code="HH-001", takings=0, at="notice")
    return TakingFactory(project=project, case=case, parcel=ParcelFactory(number="5/85"))


def open_map(page: Page, taking) -> None:
    page.goto(f"/ban-do/?thua={refs.encode(taking.ref)}")
    expect(page.locator("#panel h2")).to_have_text("Tờ 5 · thửa 85")


def legend_count(page: Page, label: str):
    return page.locator(".side-legend tr", has_text=label).locator("td").last


def fill_step(page: Page, step: str, on: str, number: str) -> None:
    page.locator("#taking-panel").get_by_label("Bước", exact=True).select_option(step)
    page.get_by_label("Ngày thực hiện").fill(on)
    page.get_by_label("Số, ký hiệu văn bản").fill(number)


def test_an_officer_records_a_step_and_the_legend_changes_without_a_reload(
    new_page, officer, taking
):
    page = new_page(officer)
    open_map(page, taking)
    expect(legend_count(page, "Kiểm đếm")).to_have_text("0")
    page.evaluate("window.stillHere = true")
    page.locator("#panel").get_by_text("Cập nhật").click()
    fill_step(page, "inventory", "05/06/2023", "12/BB-KĐ")
    page.get_by_role("button", name="Ghi nhận").click()

    panel = page.locator("#taking-panel")
    expect(panel.locator(".stage")).to_have_text("Kiểm đếm")
    expect(panel).to_contain_text("05/06/2023 · 12/BB-KĐ")
    expect(legend_count(page, "Kiểm đếm")).to_have_text("1")
    assert page.evaluate("window.stillHere") is True
    case = Case.objects.get()
    assert (case.step, case.stage) == ("inventory", 2)


def test_a_click_on_the_parcel_opens_its_panel(new_page, officer, taking):
    middle = taking.boundary.transform(4326, clone=True).centroid
    page = new_page(officer)
    page.goto(f"/ban-do/?view=18.00/{middle.y:.5f}/{middle.x:.5f}")
    page.wait_for_load_state("networkidle")
    expect(page.locator("#map-panel")).to_be_hidden()
    box = page.locator("#map-frame").bounding_box()
    page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    expect(page.locator("#panel h2")).to_have_text("Tờ 5 · thửa 85")


def test_a_move_the_law_refuses_says_why_and_what_comes_first_and_keeps_what_was_typed(
    new_page, officer, taking
):
    page = new_page(officer)
    open_map(page, taking)
    page.locator("#panel").get_by_text("Cập nhật").click()
    fill_step(page, "payment", "05/06/2023", "77/UNC")
    page.get_by_role("button", name="Ghi nhận").click()

    refusal = page.get_by_role("alert")
    expect(refusal).to_contain_text("Chưa thể ghi bước “Chi trả”")
    expect(refusal).to_contain_text("Trước hết phải xong bước “Kiểm đếm”")
    expect(page.get_by_label("Ngày thực hiện")).to_have_value("05/06/2023")
    expect(page.get_by_label("Số, ký hiệu văn bản")).to_have_value("77/UNC")
    expect(page.locator("#taking-panel").get_by_label("Bước")).to_have_value("payment")
    assert Case.objects.get().step == "notice"


def test_of_two_officers_the_second_sees_what_changed_and_loses_nothing(new_page, officer, taking):
    other = UserFactory(display_name="Trần Văn Thí Dụ")
    taking.project.assignment_set.create(user=other, valid_from="2023-01-01")
    first, second = new_page(officer), new_page(other)
    open_map(first, taking)
    open_map(second, taking)
    second.locator("#panel").get_by_text("Cập nhật").click()
    fill_step(second, "posting", "20/06/2023", "8/BB-NY")

    first.locator("#panel").get_by_text("Cập nhật").click()
    fill_step(first, "inventory", "05/06/2023", "12/BB-KĐ")
    first.get_by_role("button", name="Ghi nhận").click()
    expect(first.locator("#taking-panel .stage")).to_have_text("Kiểm đếm")

    second.get_by_role("button", name="Ghi nhận").click()
    warning = second.get_by_role("alert")
    expect(warning).to_contain_text("Hồ sơ vừa được người khác cập nhật")
    expect(warning).to_contain_text("Nguyễn Thị Minh Họa")
    expect(warning).to_contain_text("Thông báo thu hồi đất → Kiểm đếm")
    expect(second.get_by_label("Số, ký hiệu văn bản")).to_have_value("8/BB-NY")
    expect(second.get_by_label("Ngày thực hiện")).to_have_value("20/06/2023")
    assert Case.objects.get().step == "inventory"

    second.get_by_role("button", name="Vẫn ghi nhận").click()
    expect(second.locator("#taking-panel .stage")).to_have_text("Niêm yết, lấy ý kiến")
    assert Case.objects.get().step == "posting"


def test_a_leader_looks_and_does_not_edit(new_page, taking):
    page = new_page(UserFactory(leader=True))
    open_map(page, taking)
    panel = page.locator("#taking-panel")
    expect(panel).to_contain_text("Thông báo thu hồi đất")
    expect(panel.get_by_text("Cập nhật")).to_have_count(0)
    expect(panel).not_to_contain_text("Hộ thử nghiệm")


def test_an_officer_of_another_project_sees_the_public_facts_alone(new_page, taking):
    page = new_page(UserFactory())
    open_map(page, taking)
    panel = page.locator("#taking-panel")
    expect(panel).to_contain_text("Thông báo thu hồi đất")
    expect(panel).to_contain_text("HH-001")
    expect(panel.get_by_text("Cập nhật")).to_have_count(0)
    expect(panel.get_by_role("link", name="HH-001")).to_have_count(0)
    expect(panel).not_to_contain_text("Hộ thử nghiệm")


def test_the_first_edit_works_on_a_phone(new_page, officer, taking):
    page = new_page(officer, viewport=PHONE)
    open_map(page, taking)
    page.locator("#panel").get_by_text("Cập nhật").click()
    fill_step(page, "inventory", "05/06/2023", "12/BB-KĐ")
    page.get_by_role("button", name="Ghi nhận").click()
    expect(page.locator("#taking-panel .stage")).to_have_text("Kiểm đếm")
    assert page.evaluate("document.documentElement.scrollWidth") == PHONE["width"]
