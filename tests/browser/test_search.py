"""One box, by keyboard alone: Ctrl+K, words without diacritics, arrows, Enter."""

import pytest
from django.urls import reverse
from playwright.sync_api import Page, expect

from tests.complaining import complain
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
    return UserFactory(username="canbo")


@pytest.fixture
def project(officer):
    return ProjectFactory(name="Cụm công nghiệp Hải Hòa", officers=[officer])


def ask(page: Page, words: str) -> None:
    """Open the box from wherever one is, and type."""
    page.wait_for_load_state()  # the scripts that listen to the keys come last
    page.keyboard.press("Control+k")
    expect(page.locator("#search-box")).to_be_focused()
    page.keyboard.type(words)
    expect(page.locator("#search-results a").first).to_be_visible()


def first_by_arrow(page: Page) -> None:
    page.keyboard.press("ArrowDown")
    expect(page.locator("#search-results a").first).to_be_focused()
    page.keyboard.press("Enter")


def test_projects_parcels_and_documents_are_found_and_opened_by_keyboard(
    new_page, officer, project
):
    case = CaseFactory(project=project, code="HH-001", takings=0, at="notice")
    TakingFactory(project=project, case=case, parcel=ParcelFactory(number="5/85"))
    page = new_page(officer)
    page.goto(reverse("desk"))
    ask(page, "hai hoa")
    first_by_arrow(page)
    expect(page.locator("h1")).to_contain_text("Cụm công nghiệp Hải Hòa")

    ask(page, case.events.get().document.number)
    first_by_arrow(page)
    expect(page.locator("tbody tr")).to_have_count(1)
    expect(page.locator("tbody")).to_contain_text("HH-001")

    ask(page, "to 5 thua 85")
    first_by_arrow(page)
    expect(page.locator("#panel h2")).to_have_text("Tờ 5 · thửa 85")


def test_a_complaint_is_reached_by_keyboard_from_the_page_of_all_results(new_page, project):
    (letter,) = complain([CaseFactory(project=project, takings=0)])
    page = new_page(UserFactory(petitions=True))
    page.goto(reverse("complaints"))
    ask(page, letter.serial)
    page.keyboard.press("Enter")
    expect(page.locator("h1")).to_contain_text("Tìm kiếm")
    page.keyboard.press("Control+k")
    page.keyboard.press("ArrowDown")
    expect(page.locator("main a").first).to_be_focused()
    page.keyboard.press("ArrowUp")
    expect(page.locator("#search-box")).to_be_focused()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(page.locator("h1")).to_contain_text(letter.serial)


def test_groups_are_counted_and_the_rest_opens(new_page, officer, project):
    for number in range(1, 12):
        CaseFactory(project=project, code=f"HH-{number:03}", takings=0)
    page = new_page(officer)
    page.goto(reverse("desk"))
    ask(page, "hh-0")
    found = page.locator("#search-results")
    expect(found).to_contain_text("Hồ sơ (11)")
    found.get_by_text("Xem tất cả 11 hồ sơ").focus()
    page.keyboard.press("Enter")
    expect(page.locator("main li")).to_have_count(11)
    page.keyboard.press("Control+k")
    page.keyboard.press("Escape")
    expect(page.locator("#search-box")).not_to_be_focused()
