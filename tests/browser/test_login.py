"""Signing in, and what stays closed."""

import pytest
from playwright.sync_api import expect

from tests.factories import PASSWORD, ProjectFactory, UserFactory, deployment

pytestmark = pytest.mark.django_db(transaction=True)


def sign_in(page, username, password=PASSWORD):
    page.get_by_label("Tên đăng nhập").fill(username)
    page.get_by_label("Mật khẩu").fill(password)
    page.get_by_role("button", name="Đăng nhập").click()


def test_a_stranger_is_led_to_the_sign_in_and_on_to_where_they_wanted(new_page):
    deployment()
    UserFactory(username="canbo")
    page = new_page()
    page.goto("/du-an/")
    expect(page).to_have_url("/dang-nhap/?next=/du-an/")
    sign_in(page, "canbo")
    expect(page).to_have_url("/du-an/")
    expect(page.get_by_role("heading", name="Dự án", exact=True)).to_be_visible()
    expect(page.get_by_role("navigation", name="Chính")).to_contain_text(
        "Số liệu đến 30/06/2023 · minh họa"
    )


def test_a_wrong_password_says_what_to_do(new_page):
    deployment()
    UserFactory(username="canbo")
    page = new_page()
    page.goto("/dang-nhap/")
    sign_in(page, "canbo", "sai-mat-khau")
    expect(page.get_by_role("alert")).to_contain_text("Tên đăng nhập hoặc mật khẩu chưa đúng")
    expect(page.get_by_label("Tên đăng nhập")).to_have_value("canbo")


def test_signing_out_closes_every_page_again(new_page):
    deployment()
    page = new_page(UserFactory(username="canbo"))
    page.goto("/")
    page.get_by_role("button", name="canbo").click()
    page.get_by_role("button", name="Đăng xuất").click()
    page.goto("/ho-so/")
    expect(page).to_have_url("/dang-nhap/?next=/ho-so/")


def test_ctrl_k_searches_without_diacritics_by_keyboard_alone(new_page):
    deployment()
    ProjectFactory(name="Cụm công nghiệp Hải Hòa")
    page = new_page(UserFactory())
    page.goto("/")
    page.keyboard.press("Control+k")
    page.keyboard.type("hai hoa")
    found = page.locator("#search-results a").first
    expect(found).to_contain_text("Cụm công nghiệp Hải Hòa")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Cụm công nghiệp Hải Hòa")).to_be_visible()
