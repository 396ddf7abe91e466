"""A leader opens the map of concentrations, sees what one rests on, and opens a hot spot."""

import pytest
from django.contrib.gis.geos import MultiPolygon
from playwright.sync_api import expect

from tests.complaining import complaining_city
from tests.factories import (
    AdministrativeUnitFactory,
    OrganisationFactory,
    UserFactory,
    deployment,
)

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_leader_reads_the_concentration_and_opens_a_hot_spot(new_page):
    deployment()
    complaining_city()
    OrganisationFactory(name="UBND phường Hải Hòa")
    page = new_page(UserFactory(leader=True))
    page.goto("/diem-nong/")
    expect(page.locator("#read-out")).to_contain_text("10 trong 12 hộ có đơn thư")
    expect(page.locator("#hotspot-map path[fill='#b3261e']").first).to_be_visible()
    expect(page.locator("#hotspot-map [data-drawn='37']")).to_have_count(1)
    # The strongest area's grounds are open already; its row leads the map there.
    expect(page.locator("#cell")).to_contain_text("10, bình thường 0,5")
    page.get_by_role("link", name="Phường Hải Hòa").click()
    expect(page.locator("#hotspot-map path[stroke='#1c2430']")).to_have_count(1)

    page.get_by_role("row", name="Phường Hải Hòa").get_by_role("link", name="Mở điểm nóng").click()
    page.get_by_label("Ngày mở").fill("15/06/2023")
    page.get_by_label("Số, ký hiệu văn bản").fill("45-TB/TU")
    page.get_by_label("Cơ quan chủ trì giải quyết").select_option(label="UBND phường Hải Hòa")
    page.get_by_role("button", name="Mở điểm nóng").click()
    expect(page.get_by_text("đang mở")).to_be_visible()
    expect(page.locator("dl.facts")).to_contain_text("45-TB/TU")


@pytest.mark.parametrize("size", [(1366, 768), (375, 740)])
def test_the_first_view_holds_the_whole_city(new_page, size):
    deployment()
    project, *_ = complaining_city()
    around = project.takings.first().boundary.buffer(9000)
    unit = AdministrativeUnitFactory(boundary=MultiPolygon(around, srid=around.srid))
    project.units.add(unit)
    page = new_page(UserFactory(viewer=True))
    page.set_viewport_size({"width": size[0], "height": size[1]})
    page.goto("/diem-nong/")
    expect(page.locator("#hotspot-map [data-drawn='37']")).to_have_count(1)
    around.transform(4326)
    west, south, east, north = around.extent
    seen = page.evaluate("map_hotspots.getBounds().toBBoxString()")
    left, bottom, right, top = map(float, seen.split(","))
    assert left < west
    assert bottom < south
    assert right > east
    assert top > north
    # and no smaller than it must be: it fills the map one way
    assert max((east - west) / (right - left), (north - south) / (top - bottom)) > 0.7


def test_the_day_can_be_moved_back_to_when_there_was_too_little_to_say(new_page):
    deployment()
    complaining_city()
    page = new_page(UserFactory(viewer=True))
    page.goto("/diem-nong/")
    page.get_by_label("Ngày", exact=True).fill("28/02/2023")
    page.get_by_role("button", name="Xem").click()
    expect(page).to_have_url("/diem-nong/?on=28%2F02%2F2023")
    expect(page.locator("#read-out")).to_contain_text("Không đủ dữ liệu để kết luận")
    expect(page.locator("#hotspot-map path[fill='url(#unknown-hatch)']").first).to_be_visible()
