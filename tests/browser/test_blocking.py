"""What if: pending land chosen on the drawing or in the list changes the block, saves nothing."""

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from gpmb.analysis import adjacency
from gpmb.clearance.models import Taking
from tests.factories import TODAY, ProjectFactory, TakingFactory, UserFactory, deployment

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def project():
    """Four tiles of 500 m² in a row, the first and the third handed over."""
    deployment()
    project = ProjectFactory(name="Cụm công nghiệp Hải Hòa")
    for done in (True, False, True, False):
        handed = {"handed_over_on": TODAY, "handed_over_area_m2": 500} if done else {}
        TakingFactory(project=project, **handed)
    adjacency.refresh(project)
    return project


def test_a_leader_tries_what_unlocks_the_land(new_page, project):
    page = new_page(UserFactory(leader=True))
    page.goto(reverse("blocking", args=[project.ref]))
    expect(page.locator("svg.blocks path.pending")).to_have_count(2)
    expect(page.locator("svg.blocks path.largest")).to_have_count(1)
    page.locator("svg.blocks path[data-taking]").first.click()
    result = page.locator("#what-if-result")
    expect(result).to_contain_text("khối liền lớn nhất 500,0 → 1.500,0 m²")
    expect(page.locator("svg.blocks path.largest")).to_have_count(3)
    page.locator("#danh-sach input[type=checkbox]").last.check()
    expect(result).to_contain_text("2.000,0 m²")
    assert page.url.count("chon=") == 2
    page.reload()
    expect(page.locator("#danh-sach input:checked")).to_have_count(2)
    assert Taking.objects.filter(handed_over_on__isnull=True).count() == 2


def test_the_map_tints_the_clear_land_and_numbers_what_unlocks_most(new_page, project):
    page = new_page(UserFactory(leader=True))
    page.goto(reverse("blocking", args=[project.ref]))
    page.get_by_role("link", name="Xem trên bản đồ").click()
    expect(page.locator("path.map-block")).to_have_count(2)
    expect(page.locator(".map-pick")).to_have_text(["1", "2"])
    expect(page.locator("#map-notice")).to_contain_text("cần tập trung giải quyết trước")
    assert "khoi=" in page.url


def test_the_project_page_tells_the_two_figures_and_the_sentence(new_page, project):
    page = new_page(UserFactory(leader=True))
    page.goto(reverse("project", args=[project.ref]))
    card = page.locator("#can-tro")
    expect(card).to_contain_text("Khối đất sạch liền lớn nhất")
    expect(card).to_contain_text("thì khối liền lớn nhất lên")
