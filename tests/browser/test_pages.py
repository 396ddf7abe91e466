"""Every page, at a laptop's and a phone's width: no error in the console, nothing out of sight."""

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from gpmb.clearance.models import Disclosure
from tests.browser.conftest import LAPTOP, PHONE
from tests.factories import (
    AdministrativeUnitFactory,
    CaseFactory,
    ObstacleCauseFactory,
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
def case(officer):
    project = ProjectFactory(name="Cụm công nghiệp Hải Hòa", officers=[officer])
    project.units.add(AdministrativeUnitFactory())
    return CaseFactory(project=project, code="HH-001", takings=2, at="approval")


@pytest.mark.parametrize("viewport", [LAPTOP, PHONE], ids=["laptop", "phone"])
def test_pages_fit_their_screen(new_page, officer, case, viewport):
    page = new_page(officer, viewport=viewport)
    for address in (
        reverse("overview"),
        reverse("projects"),
        reverse("project", args=[case.project.ref]),
        reverse("cases"),
        reverse("case", args=[case.ref]),
        reverse("parcel", args=[case.takings.first().ref]),
        reverse("bulk_runs"),
        reverse("reassign"),
        reverse("search") + "?q=hai hoa",
        reverse("account_change_password"),
        reverse("mfa_index"),
    ):
        page.goto(address)
        expect(page.locator("main h1").first).to_be_attached()
        width = page.evaluate("document.documentElement.scrollWidth")
        assert width <= viewport["width"], address


def test_the_administration_draws_under_the_content_policy(new_page, officer, case):
    page = new_page(UserFactory(administrator=True))
    for name in ("index", "accounts_user_changelist", "accounts_user_add", "reference_rule_add"):
        page.goto(reverse(f"admin:{name}"))
        expect(page.locator("#site-name")).to_have_text("GPMB · Quản trị")
    page.goto(reverse("admin:clearance_project_change", args=[case.project.pk]))
    expect(page.get_by_label("Tên dự án:")).to_have_value("Cụm công nghiệp Hải Hòa")


def test_an_officer_records_an_obstacle_and_settles_it(new_page, officer, case):
    cause = ObstacleCauseFactory(name="Chưa thống nhất diện tích")
    page = new_page(officer)
    page.goto(reverse("case", args=[case.ref]))
    page.get_by_text("Ghi vướng mắc", exact=True).click()
    part = page.locator("#vuong-mac")
    part.get_by_label("Nguyên nhân").select_option(str(cause.pk))
    part.get_by_label("Phát sinh ngày").fill("15/06/2023")
    part.get_by_label("Hạn xử lý").fill("15/07/2023")
    part.get_by_role("button", name="Ghi nhận").click()
    expect(page.locator("#vuong-mac tbody")).to_contain_text("15/07/2023")
    page.get_by_role("link", name="Đã xong").click()
    page.get_by_label("Giải quyết xong ngày").fill("20/06/2023")
    page.get_by_label("Kết quả").fill("Đã đo lại, hộ đồng ý")
    page.get_by_role("button", name="Ghi nhận").click()
    expect(page.locator("#vuong-mac tbody")).to_contain_text("xong 20/06/2023 Đã đo lại")


def test_a_leader_sees_a_name_only_with_a_reason_and_it_is_logged(new_page, officer, case):
    leader = UserFactory(leader=True)
    name = case.parties.get().name
    page = new_page(leader)
    page.goto(reverse("case", args=[case.ref]))
    expect(page.locator("main")).not_to_contain_text(name)
    page.get_by_role("button", name="Xem tên hộ").click()
    expect(page.locator("#ho")).to_contain_text("Hãy ghi lý do cần xem")
    page.get_by_label("Lý do").fill("Trả lời kiến nghị của hộ")
    page.get_by_role("button", name="Xem tên hộ").click()
    expect(page.locator("#ho")).to_contain_text(name)
    entry = Disclosure.objects.get()
    assert (entry.by, entry.what, entry.reason) == (leader, "name", "Trả lời kiến nghị của hộ")
