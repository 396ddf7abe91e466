"""Money from the plan to the day's list: an officer, finance and a leader, each on their pages."""

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from gpmb.compensation.models import Payment
from tests.browser.conftest import PHONE
from tests.factories import (
    CaseFactory,
    PaymentFactory,
    ProjectFactory,
    UserFactory,
    deployment,
)

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def officer():
    deployment()
    return UserFactory(username="canbo")


@pytest.fixture
def project(officer):
    return ProjectFactory(name="Cụm công nghiệp Hải Hòa", officers=[officer])


def test_an_officer_makes_a_plan_and_posts_it_frozen(new_page, officer, project):
    case = CaseFactory(project=project, code="HH-001", at="inventory")
    page = new_page(officer)
    page.goto(reverse("case", args=[case.ref]))
    page.get_by_role("button", name="Lập phương án từ đất thu hồi").click()
    row = page.locator("tbody tr").first
    row.get_by_label("Đơn giá").fill("65.000")
    row.locator("[name$=basis]").fill("QĐ 1/2023")
    page.get_by_role("button", name="Lưu").click()
    expect(page.locator("tfoot").first).to_contain_text("32.500.000")
    expect(page.locator("#ra-soat")).to_contain_text("đều khớp")
    page.locator("#buoc").get_by_label("Ngày").fill("20/06/2023")
    page.get_by_role("button", name="Niêm yết").click()
    expect(page.locator("#chot")).to_contain_text("Nội dung khớp mã chốt")
    expect(page.get_by_role("link", name="Sửa các khoản")).to_have_count(0)
    page.goto(reverse("case", args=[case.ref]))
    expect(page.locator("h1 + .stage")).to_have_text("Niêm yết, lấy ý kiến")


def test_finance_approves_and_prints_the_day_s_list(new_page, officer, project):
    proposal = PaymentFactory(
        plan__case__project=project, plan__case__code="HH-002", proposed_by=officer
    )
    page = new_page(UserFactory(finance=True))
    page.goto(reverse("cases"))
    page.get_by_role("link", name="Chi trả", exact=True).click()
    page.get_by_role("button", name="Duyệt khoản chi HH-002").click()
    expect(page.locator("#toasts")).to_contain_text("Hồ sơ sang bước “Chi trả”")
    page.get_by_role("link", name="Bảng kê cuối ngày").click()
    page.get_by_label("Ngày của bảng kê").fill(f"{proposal.on:%d/%m/%Y}")
    page.get_by_role("button", name="Xem").click()
    expect(page.locator("tfoot")).to_contain_text("1.000.000")
    assert Payment.objects.get().approved_by is not None


def test_a_leader_reads_the_case_without_names_or_amounts(new_page, project):
    payment = PaymentFactory(plan__case__project=project, approved=True)
    page = new_page(UserFactory(leader=True), viewport=PHONE)
    page.goto(reverse("case", args=[payment.case.ref]))
    expect(page.locator("#dat svg path.taking")).to_have_count(1)
    expect(page.locator("main")).not_to_contain_text(payment.case.parties.get().name)
    expect(page.locator("main")).not_to_contain_text("1.000.000")
    expect(page.locator("#phuong-an")).to_have_count(0)
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
