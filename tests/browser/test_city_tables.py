"""Blocks pasted on tables of the whole city: a review's conclusions, the year's projects."""

import datetime as dt
from typing import Any

import pytest
from django.urls import reverse
from playwright.sync_api import Page, expect

from gpmb.clearance.models import Directive, Project, Review
from tests.browser.test_imports import figures, paste
from tests.factories import (
    AdministrativeUnitFactory,
    OrganisationFactory,
    PlanVersionFactory,
    ProjectFactory,
    UserFactory,
    deployment,
)

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def today() -> None:
    deployment()


def written(page: Page, button: str) -> None:
    page.get_by_role("button", name=button).click()
    expect(page.get_by_role("heading", name="Biên nhận")).to_be_visible()


def take_back(page: Page) -> None:
    page.once("dialog", lambda dialog: dialog.accept())
    page.get_by_role("button", name="Hoàn tác lần nhập").click()
    expect(page.locator(".page-head")).to_contain_text("đã hoàn tác")


def test_a_leader_pastes_the_conclusions_of_a_review_and_takes_them_back(new_page: Any):
    OrganisationFactory(name="Trung tâm Phát triển quỹ đất", short_name="TTPTQĐ")
    ProjectFactory(code="CCN", name="Cụm công nghiệp Hải Hòa")
    meeting = Review.objects.create(on=dt.date(2023, 6, 26), title="Giao ban tháng 6")
    page = new_page(UserFactory(leader=True))
    page.goto(reverse("review", args=[meeting.ref]))
    paste(
        page,
        "Kết luận\tCơ quan thực hiện\tHạn\tMã dự án\n"
        "Xong kiểm đếm đợt 2\tTTPTQĐ\t15/07/2023\tCCN\n"
        "Rà soát chung\tSở nào đó\t15/07/2023\t",
    )
    page.get_by_role("button", name="Xem trước").click()
    page.get_by_role("button", name="Kiểm tra và xem trước").click()
    assert figures(page) == ["2", "1", "0", "0", "1"]
    expect(page.locator("td.is-faulty")).to_have_text("Sở nào đó")
    page.get_by_label("Bỏ lại 1 dòng bị từ chối").check()
    written(page, "Ghi 1 dòng mới")
    page.get_by_role("link", name="Cuộc họp").click()
    expect(page.locator("#ket-luan")).to_contain_text("Xong kiểm đếm đợt 2")
    page.locator("[data-paste] summary").click()
    page.locator("[data-paste]").get_by_role("link", name="Dán từ Excel lúc").click()
    take_back(page)
    assert not Directive.objects.exists()


def test_an_administrator_pastes_the_years_projects_and_puts_them_into_the_draft(new_page: Any):
    AdministrativeUnitFactory(name="Hải Hòa")
    draft = PlanVersionFactory(on=dt.date(2023, 6, 26))
    block = (
        "Mã dự án\tTên dự án\tLoại dự án\tNăm kế hoạch\tXã, phường\tGhi chú\n"
        "KTDC-1\tKhu tái định cư Hải Hòa\tKhu tái định cư\t2023\tHải Hòa\tlàm trước\n"
        "DUONG-2\tĐường ven biển\tĐường giao thông\t2023\tphường Hải Hòa\t"
    )
    page = new_page(UserFactory(administrator=True))
    page.goto(reverse("projects"))
    paste(page, block)
    page.get_by_role("button", name="Xem trước").click()
    page.get_by_role("button", name="Kiểm tra và xem trước").click()
    assert figures(page) == ["2", "2", "0", "0", "0"]
    written(page, "Ghi 2 dòng mới")
    assert Project.objects.count() == 2

    page.goto(f"{reverse('city_plan')}?ban=2023-06-26")
    page.get_by_label("Khối ô chép từ Excel").fill(block)
    page.get_by_role("button", name="Xem trước", exact=True).click()
    page.get_by_role("button", name="Kiểm tra và xem trước").click()
    written(page, "Ghi 2 dòng mới")
    page.get_by_role("link", name="Kế hoạch", exact=True).last.click()
    expect(page.locator(".plan-lines")).to_contain_text("làm trước")
    assert draft.entries.count() == 2
