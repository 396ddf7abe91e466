"""What was typed is never lost: left pages, ended sessions, a server that was away, two people."""

import time

import pytest
from django.contrib.sessions.models import Session
from django.urls import reverse
from playwright.sync_api import Page, expect

from gpmb.clearance.models import Case, Obstacle
from tests.factories import (
    PASSWORD,
    CaseFactory,
    ObstacleCauseFactory,
    ParcelFactory,
    PlanFactory,
    ProjectFactory,
    TakingFactory,
    UserFactory,
    deployment,
)

pytestmark = pytest.mark.django_db(transaction=True)

KEPT = "Object.keys(localStorage).filter((k) => k.startsWith('gpmb:draft:canbo:')).length"


@pytest.fixture
def officer():
    deployment()
    return UserFactory(username="canbo", display_name="Nguyễn Thị Minh Họa")


@pytest.fixture
def case(officer):
    project = ProjectFactory(name="Cụm công nghiệp Hải Hòa", officers=[officer])
    case = CaseFactory(project=project, code="HH-001", officer=officer, takings=0, at="notice")
    TakingFactory(project=project, case=case, parcel=ParcelFactory(number="5/85"))
    return case


@pytest.fixture
def colleague(case):
    other = UserFactory(username="canbo2", display_name="Trần Văn Thí Dụ")
    case.project.assignment_set.create(user=other, valid_from="2023-01-01")
    return other


def kept(page: Page, drafts: int = 1) -> None:
    """Wait until the browser holds so many drafts (`wait_for_function` needs an `eval`)."""
    limit = time.monotonic() + 15
    while page.evaluate(KEPT) != drafts and time.monotonic() < limit:
        page.wait_for_timeout(50)
    assert page.evaluate(KEPT) == drafts


def type_note(page: Page, case: Case, text: str) -> None:
    """Type a note into the case's form, until the browser has kept it."""
    page.goto(reverse("case_edit", args=[case.ref]))
    page.get_by_label("Ghi chú").fill(text)
    kept(page)


def save(page: Page) -> None:
    page.get_by_role("button", name="Lưu", exact=True).click()


def sign_in(page: Page, name: str) -> None:
    page.get_by_label("Tên đăng nhập").fill(name)
    page.get_by_label("Mật khẩu").fill(PASSWORD)
    page.get_by_role("button", name="Đăng nhập").click()


def test_a_page_left_offers_its_draft_again_and_forgets_it_after_the_save(new_page, officer, case):
    page = new_page(officer)
    type_note(page, case, "Hộ hẹn thứ Sáu")
    page.goto(reverse("desk"))
    page.goto(reverse("case_edit", args=[case.ref]))
    expect(page.get_by_label("Ghi chú")).to_have_value("")
    expect(page.locator(".draft-offer")).to_contain_text("vừa xong")
    page.get_by_role("button", name="Khôi phục").click()
    expect(page.get_by_label("Ghi chú")).to_have_value("Hộ hẹn thứ Sáu")
    save(page)
    expect(page.locator("h1")).to_have_text("HH-001")
    kept(page, 0)  # though this page has no form of it: nothing waits, the logout asks nothing
    page.goto(reverse("case_edit", args=[case.ref]))
    expect(page.get_by_label("Ghi chú")).to_have_value("Hộ hẹn thứ Sáu")
    expect(page.locator(".draft-offer")).to_have_count(0)
    assert Case.objects.get().note == "Hộ hẹn thứ Sáu"


def test_a_session_that_ended_leads_through_the_login_back_to_the_filled_form(
    new_page, officer, case
):
    page = new_page(officer)
    type_note(page, case, "Gõ trước khi hết phiên")
    Session.objects.all().delete()
    save(page)
    sign_in(page, "canbo")
    expect(page.get_by_label("Ghi chú")).to_have_value("Gõ trước khi hết phiên")
    expect(page.locator(".draft-offer")).to_contain_text("Đã điền lại")
    save(page)
    expect(page.locator("h1")).to_have_text("HH-001")
    assert Case.objects.get().note == "Gõ trước khi hết phiên"


def test_lines_of_a_plan_typed_over_an_ended_session_are_still_there(new_page, officer, case):
    plan = PlanFactory(case=case, amount=0)
    page = new_page(officer)
    page.goto(reverse("plan_edit", args=[plan.ref]))
    line = page.locator("[name$='-description']").first
    line.fill("Nhà cấp bốn, tường gạch")
    kept(page)
    Session.objects.all().delete()
    page.get_by_role("button", name="Lưu").first.click()
    sign_in(page, "canbo")
    expect(line).to_have_value("Nhà cấp bốn, tường gạch")
    expect(page.locator(".draft-offer")).to_contain_text("Đã điền lại")


def test_a_form_sent_while_the_server_restarts_comes_back_filled(new_page, officer, case, watch):
    page = new_page(officer)
    type_note(page, case, "Gõ lúc máy chủ khởi động lại")
    page.context.set_offline(True)
    save(page)
    page.wait_for_url("chrome-error://**")
    page.context.set_offline(False)
    watch.faults.clear()
    page.goto(reverse("case_edit", args=[case.ref]))
    expect(page.get_by_label("Ghi chú")).to_have_value("Gõ lúc máy chủ khởi động lại")
    save(page)
    expect(page.locator("h1")).to_have_text("HH-001")
    assert Case.objects.get().note == "Gõ lúc máy chủ khởi động lại"


def test_an_obstacle_typed_on_the_case_page_survives_a_reload(new_page, officer, case):
    cause = ObstacleCauseFactory(name="Chưa thống nhất diện tích")
    page = new_page(officer)
    page.goto(reverse("case", args=[case.ref]))
    page.get_by_text("Ghi vướng mắc", exact=True).click()
    form = page.locator("form[data-draft^='obstacle-of']")
    form.get_by_label("Nguyên nhân").select_option(str(cause.pk))
    kept(page)
    page.reload()
    form.get_by_role("button", name="Khôi phục").click()
    form.get_by_role("button", name="Ghi nhận").click()
    expect(page.locator("#vuong-mac")).to_contain_text("Chưa thống nhất diện tích")
    assert Obstacle.objects.count() == 1


def test_a_draft_is_nobody_elses_and_leaves_with_the_logout(new_page, officer, case, colleague):
    page = new_page(officer)
    type_note(page, case, "Chỉ của tôi")
    page.on("dialog", lambda dialog: dialog.accept())
    page.get_by_role("button", name="canbo").click()
    page.get_by_role("button", name="Đăng xuất").click()
    sign_in(page, "canbo2")
    expect(page.get_by_role("button", name="canbo2")).to_be_visible()
    page.goto(reverse("case_edit", args=[case.ref]))
    expect(page.get_by_label("Ghi chú")).to_have_value("")
    assert page.evaluate("JSON.stringify(localStorage)") == "{}"


def test_two_officers_change_different_fields_and_both_stay(new_page, officer, case, colleague):
    first, second = new_page(officer), new_page(colleague)
    for page in (first, second):
        page.goto(reverse("case_edit", args=[case.ref]))
    first.get_by_label("Ghi chú").fill("Hộ vắng nhà buổi sáng")
    save(first)
    expect(first.locator("h1")).to_have_text("HH-001")
    second.get_by_label("Cán bộ").select_option(label="Trần Văn Thí Dụ")
    save(second)
    expect(second.locator("h1")).to_have_text("HH-001")
    expect(second.locator("#toasts")).to_contain_text("Nguyễn Thị Minh Họa")
    merged = Case.objects.get()
    assert (merged.note, merged.officer) == ("Hộ vắng nhà buổi sáng", colleague)


def test_two_officers_change_one_field_and_the_second_chooses(new_page, officer, case, colleague):
    first, second = new_page(officer), new_page(colleague)
    for page in (first, second):
        page.goto(reverse("case_edit", args=[case.ref]))
    first.get_by_label("Ghi chú").fill("một")
    save(first)
    expect(first.locator("h1")).to_have_text("HH-001")
    second.get_by_label("Ghi chú").fill("hai")
    save(second)
    conflict = second.get_by_role("alert")
    expect(conflict).to_contain_text("một")
    expect(conflict).to_contain_text("Nguyễn Thị Minh Họa")
    conflict.get_by_label("hai").check()
    save(second)
    expect(second.locator("h1")).to_have_text("HH-001")
    assert Case.objects.get().note == "hai"


def test_a_bulk_change_goes_on_after_the_session_ended_at_each_of_its_forms(
    new_page, officer, case
):
    page = new_page(officer)
    page.goto(reverse("cases"))
    page.get_by_role("button", name="Cập nhật cả 1 hồ sơ").click()
    page.get_by_label("Bước").select_option("inventory")
    page.get_by_label("Ngày thực hiện").fill("20/06/2023")
    page.get_by_label("Số, ký hiệu văn bản").fill("12/BB-KĐ")
    Session.objects.all().delete()
    page.get_by_role("button", name="Xem trước").click()
    sign_in(page, "canbo")
    expect(page.get_by_label("Số, ký hiệu văn bản")).to_have_value("12/BB-KĐ")
    page.get_by_role("button", name="Xem trước").click()
    page.get_by_label("Lý do").fill("ngắn")
    page.get_by_role("button", name="Ghi 1 hồ sơ").click()
    expect(page.locator(".field-error")).to_contain_text("quá ngắn")
    page.get_by_label("Lý do").fill("kiểm đếm xong đợt 1")
    Session.objects.all().delete()
    page.get_by_role("button", name="Ghi 1 hồ sơ").click()
    sign_in(page, "canbo")
    expect(page.get_by_label("Lý do")).to_have_value("kiểm đếm xong đợt 1")
    page.get_by_role("button", name="Ghi 1 hồ sơ").dblclick()
    expect(page.get_by_role("heading", name="Phiếu kết quả")).to_be_visible()
    assert Case.objects.filter(step="inventory").count() == 1
