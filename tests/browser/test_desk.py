"""An officer's day at the desk: counts that open lists, a reply, cases passed on and back."""

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from gpmb.clearance.models import Case, Inquiry
from tests.factories import (
    CaseFactory,
    InquiryFactory,
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


def test_a_filter_is_kept_under_a_name_and_opened_from_the_desk(new_page, officer, taking):
    CaseFactory(project=taking.project, code="HH-002", takings=0)
    page = new_page(officer)
    page.goto(f"{reverse('cases')}?q=HH-001")
    expect(page.locator("tbody tr")).to_have_count(1)
    page.get_by_text("Lưu bộ lọc", exact=True).click()
    page.get_by_label("Tên bộ lọc").fill("Hộ đầu tiên")
    page.get_by_role("button", name="Lưu", exact=True).click()
    page.goto(reverse("desk"))
    page.get_by_role("link", name="Hộ đầu tiên").click()
    expect(page.locator("tbody tr")).to_have_count(1)
    expect(page.locator("tbody")).to_contain_text("HH-001")
    page.goto(reverse("desk"))
    page.get_by_label("Bỏ bộ lọc Hộ đầu tiên").click()
    expect(page.get_by_role("link", name="Hộ đầu tiên")).to_have_count(0)
