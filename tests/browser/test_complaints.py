"""A letter comes in about two cases and a place picked on the map, and is corrected."""

import pytest
from playwright.sync_api import expect

from gpmb.complaints.models import Complaint
from tests.factories import CaseFactory, ProjectFactory, UserFactory, deployment

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_letter_about_two_cases_and_a_place_is_taken_in(new_page):
    deployment()
    project = ProjectFactory(name="Cụm công nghiệp Hải Hòa")
    for code in ("HH-001", "HH-002"):
        CaseFactory(project=project, code=code)
    page = new_page(UserFactory(petitions=True))
    page.goto("/don-thu/nhan/")
    page.get_by_label("Số người đứng đơn").fill("2")
    page.get_by_label("Nội dung").select_option("price")
    page.get_by_label("Mã hồ sơ").fill("HH-002, HH-001")
    page.locator(".ground-map").click()
    page.get_by_role("button", name="Ghi vào sổ").click()

    expect(page.locator("h1")).to_have_text("Khiếu nại số 2023-00001")
    expect(page.locator("dl.facts")).to_contain_text("HH-002, HH-001")
    expect(page.get_by_role("link", name="xem trên bản đồ")).to_be_visible()
    letter = Complaint.objects.get()
    assert letter.location.srid == 5899
    # What was named by mistake is taken off.
    page.get_by_text("Sửa hồ sơ, thửa đất, vị trí").click()
    page.locator("#concern_cases").fill("HH-001")
    page.locator("#dat").get_by_role("button", name="Ghi").click()
    expect(page.locator("dl.facts")).not_to_contain_text("HH-002")
    assert letter.cases.get().code == "HH-001"
