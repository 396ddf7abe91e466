"""An officer's day: the desk, what was typed and not lost, the field, the search box."""

import pytest
from django.conf import settings
from django.contrib.gis.geos import Point
from django.contrib.sessions.models import Session
from django.urls import reverse
from playwright.sync_api import Page, expect

from gpmb.clearance.models import Case, FieldNote, Inquiry, Obstacle
from tests.browser.conftest import PHONE
from tests.factories import (
    PASSWORD,
    CaseFactory,
    InquiryFactory,
    ObstacleCauseFactory,
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
    """Sheet 5 parcel 85 of the officer's project; its case HH-001 has been notified."""
    project = ProjectFactory(name="Cụm công nghiệp Hải Hòa", officers=[officer])
    case = CaseFactory(project=project, code="HH-001", officer=officer, takings=0, at="notice")
    return TakingFactory(project=project, case=case, parcel=ParcelFactory(number="5/85"))


def test_a_count_of_the_desk_opens_its_list_and_a_reply_closes_a_letter(new_page, officer, taking):
    InquiryFactory(case=taking.case, number="45/TTPTQĐ")
    page = new_page(officer)
    page.goto(reverse("desk"))
    page.locator("[data-state=open]").click()
    expect(page.locator("tbody tr")).to_have_count(1)
    page.goto(reverse("desk"))
    page.get_by_role("link", name="Ghi trả lời").click()
    page.get_by_label("Số văn bản trả lời").fill("9/TNMT")
    page.get_by_role("button", name="Ghi trả lời").click()
    expect(page.locator("#cho-tra-loi")).to_contain_text("(0)")
    assert Inquiry.objects.get().reply_number == "9/TNMT"


def test_cases_go_to_a_colleague_and_come_back(new_page, officer, taking):
    colleague = UserFactory(display_name="Trần Văn Thí Dụ")
    taking.project.assignment_set.create(user=colleague, valid_from="2023-01-01")
    page = new_page(officer)
    page.goto(reverse("reassign"))
    page.get_by_label("Cán bộ nhận").select_option(label="Trần Văn Thí Dụ")
    page.get_by_label("Lý do").fill("nghỉ phép")
    page.get_by_role("button", name="Chuyển hồ sơ").click()
    expect(page.locator("#lich-su")).to_contain_text("nghỉ phép")
    assert Case.objects.get().officer == colleague
    page.locator("#lich-su summary").click()
    page.get_by_label("Lý do trả lại").fill("đi làm lại")
    page.get_by_role("button", name="Trả", exact=True).click()
    expect(page.locator("#lich-su")).to_contain_text("đi làm lại")
    assert Case.objects.get().officer == officer


def type_note(page: Page, taking, text: str) -> None:
    page.goto(reverse("case_edit", args=[taking.case.ref]))
    page.get_by_label("Ghi chú").fill(text)
    page.wait_for_function(
        "Object.keys(localStorage).some((k) => k.startsWith('gpmb:draft:canbo:'))"
    )


def test_a_draft_is_offered_again_with_its_age_and_gone_after_the_save(new_page, officer, taking):
    page = new_page(officer)
    type_note(page, taking, "Hộ hẹn thứ Sáu")
    page.goto(reverse("desk"))
    page.goto(reverse("case_edit", args=[taking.case.ref]))
    expect(page.get_by_label("Ghi chú")).to_have_value("")
    expect(page.locator(".draft-offer")).to_contain_text("vừa xong")
    page.get_by_role("button", name="Khôi phục").click()
    expect(page.get_by_label("Ghi chú")).to_have_value("Hộ hẹn thứ Sáu")
    page.get_by_role("button", name="Lưu").click()
    expect(page.locator("h1")).to_have_text("HH-001")
    page.goto(reverse("case_edit", args=[taking.case.ref]))
    expect(page.get_by_label("Ghi chú")).to_have_value("Hộ hẹn thứ Sáu")
    expect(page.locator(".draft-offer")).to_have_count(0)
    assert Case.objects.get().note == "Hộ hẹn thứ Sáu"
    assert (
        page.evaluate("Object.keys(localStorage).filter((k) => k.startsWith('gpmb:draft:'))") == []
    )


def test_a_session_that_ended_leads_through_the_login_back_to_the_filled_form(
    new_page, officer, taking
):
    page = new_page(officer)
    type_note(page, taking, "Gõ trước khi hết phiên")
    Session.objects.all().delete()
    page.get_by_role("button", name="Lưu").click()
    page.get_by_label("Tên đăng nhập").fill("canbo")
    page.get_by_label("Mật khẩu").fill(PASSWORD)
    page.get_by_role("button", name="Đăng nhập").click()
    expect(page.get_by_label("Ghi chú")).to_have_value("Gõ trước khi hết phiên")
    expect(page.locator(".draft-offer")).to_contain_text("Đã điền lại")
    page.get_by_role("button", name="Lưu").click()
    expect(page.locator("h1")).to_have_text("HH-001")
    assert Case.objects.get().note == "Gõ trước khi hết phiên"


def test_a_draft_is_nobody_elses_and_leaves_with_the_logout(new_page, officer, taking):
    other = UserFactory(username="canbo2")
    taking.project.assignment_set.create(user=other, valid_from="2023-01-01")
    page = new_page(officer)
    type_note(page, taking, "Chỉ của tôi")
    page.on("dialog", lambda dialog: dialog.accept())
    page.get_by_role("button", name="canbo").click()
    page.get_by_role("button", name="Đăng xuất").click()
    page.get_by_label("Tên đăng nhập").fill("canbo2")
    page.get_by_label("Mật khẩu").fill(PASSWORD)
    page.get_by_role("button", name="Đăng nhập").click()
    expect(page.locator("h1")).to_have_text("Việc của tôi")
    page.goto(reverse("case_edit", args=[taking.case.ref]))
    expect(page.get_by_label("Ghi chú")).to_have_value("")
    assert page.evaluate("JSON.stringify(localStorage)") == "{}"


def test_two_officers_edit_one_case_and_the_second_chooses(new_page, officer, taking):
    other = UserFactory(display_name="Trần Văn Thí Dụ")
    taking.project.assignment_set.create(user=other, valid_from="2023-01-01")
    first, second = new_page(officer), new_page(other)
    for page in (first, second):
        page.goto(reverse("case_edit", args=[taking.case.ref]))
    first.get_by_label("Ghi chú").fill("một")
    first.get_by_role("button", name="Lưu").click()
    expect(first.locator("h1")).to_have_text("HH-001")
    second.get_by_label("Ghi chú").fill("hai")
    second.get_by_role("button", name="Lưu").click()
    conflict = second.get_by_role("alert")
    expect(conflict).to_contain_text("một")
    expect(conflict).to_contain_text("Nguyễn Thị Minh Họa")
    conflict.get_by_label("hai").check()
    second.get_by_role("button", name="Lưu").click()
    expect(second.locator("h1")).to_have_text("HH-001")
    assert Case.objects.get().note == "hai"


def test_on_a_phone_the_parcel_is_found_by_position_and_a_note_survives_a_lost_network(
    new_page, officer, taking, watch
):
    spot = Point(*taking.boundary.centroid.coords, srid=settings.SRID)
    spot.transform(4326)
    page = new_page(officer, viewport=PHONE)
    page.context.grant_permissions(["geolocation"])
    page.context.set_geolocation({"latitude": spot.y, "longitude": spot.x, "accuracy": 8})
    page.goto(reverse("field"))
    page.get_by_role("button", name="Thửa gần tôi").click()
    expect(page.locator(".field-sketch .me")).to_be_visible()
    page.locator(".field-list").get_by_text("Tờ 5 · thửa 85").click()
    expect(page.locator("h1")).to_have_text("Tờ 5 · thửa 85")
    assert page.evaluate("document.documentElement.scrollWidth") == PHONE["width"]

    page.get_by_label("Ghi chú").fill("Hộ đồng ý đo lại")
    page.context.set_offline(True)
    page.get_by_role("button", name="Ghi", exact=True).click()
    expect(page.locator(".unsent")).to_contain_text("mất mạng")
    assert not FieldNote.objects.exists()
    assert all("ERR_INTERNET_DISCONNECTED" in fault for fault in watch.faults)
    watch.faults.clear()
    page.context.set_offline(False)
    expect(page.locator("#ghi-chu [role=status]")).to_have_text("Đã ghi.")
    expect(page.locator("#ghi-chu li")).to_contain_text("Hộ đồng ý đo lại")
    assert FieldNote.objects.count() == 1


def test_the_search_box_counts_its_groups_and_the_keyboard_walks_them(new_page, officer, taking):
    for number in range(2, 12):
        CaseFactory(project=taking.project, code=f"HH-{number:03}", takings=0)
    page = new_page(officer)
    page.goto(reverse("overview"))
    page.keyboard.press("Control+k")
    page.keyboard.type("hh-0")
    found = page.locator("#search-results")
    expect(found).to_contain_text("Hồ sơ (11)")
    page.keyboard.press("ArrowDown")
    expect(found.locator("a").first).to_be_focused()
    found.get_by_text("Xem tất cả 11 hồ sơ").click()
    expect(page.locator("main li")).to_have_count(11)


def test_an_obstacle_typed_before_the_page_was_left_is_still_there(new_page, officer, taking):
    cause = ObstacleCauseFactory(name="Chưa thống nhất diện tích")
    page = new_page(officer)
    page.goto(reverse("case", args=[taking.case.ref]))
    page.get_by_text("Ghi vướng mắc", exact=True).click()
    form = page.locator("form[data-draft^='obstacle-of']")
    form.get_by_label("Nguyên nhân").select_option(str(cause.pk))
    page.wait_for_function("Object.keys(localStorage).length === 1")
    page.reload()
    form.get_by_role("button", name="Khôi phục").click()
    form.get_by_role("button", name="Ghi nhận").click()
    expect(page.locator("#vuong-mac")).to_contain_text("Chưa thống nhất diện tích")
    assert Obstacle.objects.count() == 1
