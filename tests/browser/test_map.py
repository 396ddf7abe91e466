"""The map in a real browser: what is drawn, by mouse, keyboard, on a phone, without WebGL."""

import datetime as dt
import re
import time
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from gpmb import refs
from gpmb.clearance.models import Review
from maps import palette
from tests.browser.conftest import PHONE
from tests.complaining import letter
from tests.factories import (
    FIRST_DAY,
    CaseFactory,
    ObstacleCauseFactory,
    ObstacleFactory,
    ParcelFactory,
    PriorityCategoryFactory,
    ProjectFactory,
    TakingFactory,
    UserFactory,
    deployment,
)

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def viewer():
    deployment()
    return UserFactory(viewer=True)


@pytest.fixture
def taking(viewer):
    """Sheet 5 parcel 85, inventoried, in the industrial cluster."""
    project = ProjectFactory(name="Cụm công nghiệp Hải Hòa")
    case = CaseFactory(project=project, code="HH-001", takings=0, at="inventory")
    return TakingFactory(project=project, case=case, parcel=ParcelFactory(number="5/85"))


def until(page: Page, expression: str, wanted: Callable[[object], bool] = bool) -> object:
    """Ask the page until the answer is as wanted (its policy forbids Playwright's own waiting)."""
    limit = time.monotonic() + 20
    while True:
        answer = page.evaluate(expression)
        if wanted(answer):
            return answer
        assert time.monotonic() < limit, f"{expression} is still {answer!r}"
        page.wait_for_timeout(100)


def drawn(page: Page) -> None:
    """Wait until the map has drawn its tiles."""
    until(page, "Boolean(window.gpmbMap?.gl?.loaded() && gpmbMap.gl.areTilesLoaded())")


def near(page: Page, taking, query: str = "") -> None:
    """Open the map with one taking in the middle."""
    centre = taking.boundary.centroid.transform(4326, clone=True)
    page.goto(f"/ban-do/?view=18/{centre.y:.6f}/{centre.x:.6f}{query}")
    drawn(page)


# A shape that crosses the edge of a tile is drawn, and told, once in each: by id it counts once.
CLASSES = """[...new Map(gpmbMap.gl.queryRenderedFeatures({layers: ['taking-fill']})
    .map(f => [f.id, f.properties.step])).values()]"""


def classes(page: Page) -> list[int]:
    return sorted(page.evaluate(CLASSES))


def colour_at_centre(page: Page) -> str:
    """The colour the canvas shows in the middle of the view, as #rrggbb."""
    return page.evaluate("""() => {
        const { gl, map } = gpmbMap;
        const from = gl.getCanvas();
        const { x, y } = gl.project(map.getCenter());
        const ratio = from.width / from.clientWidth;
        const copy = document.createElement('canvas').getContext('2d');
        copy.drawImage(from, x * ratio, y * ratio, 1, 1, 0, 0, 1, 1);
        const [r, g, b] = copy.getImageData(0, 0, 1, 1).data;
        return '#' + [r, g, b].map((v) => v.toString(16).padStart(2, '0')).join('');
    }""")


def count_of(page: Page, label: str):
    return page.locator(".side-legend tr", has_text=label).locator("td").last


def test_far_away_pieces_are_drawn_and_near_by_parcels_in_the_stages_colour(
    new_page, viewer, taking
):
    page = new_page(viewer)
    page.goto("/ban-do/")
    drawn(page)
    page.evaluate("gpmbMap.map.setZoom(13, {animate: false})")
    drawn(page)
    assert set(
        until(
            page,
            CLASSES.replace("taking", "piece"),
        )
    ) == {2}
    near(page, taking)
    assert classes(page) == [2]
    assert colour_at_centre(page) == palette.STAGES[2].colour


def test_a_ring_tells_the_shares_of_a_project_and_leads_to_it(new_page, viewer, taking):
    CaseFactory(project=taking.project, at="handover")
    page = new_page(viewer)
    page.goto("/ban-do/?view=10/21.5/107.9")
    ring = page.locator(".map-donut")
    expect(ring).to_have_count(1)
    expect(ring.locator(f"circle[stroke='{palette.STAGES[2].colour}']")).to_have_count(1)
    expect(ring.locator(f"circle[stroke='{palette.STAGES[6].colour}']")).to_have_count(1)
    page.goto("/ban-do/")
    drawn(page)
    page.evaluate("gpmbMap.map.setZoom(11, {animate: false})")
    page.locator(".map-donut").click()
    until(page, "gpmbMap.map.getZoom()", lambda zoom: zoom > 14)


def test_an_obstacle_is_hatched_over_its_stage(new_page, viewer, taking):
    ObstacleFactory(case=taking.case)
    page = new_page(viewer)
    near(page, taking)
    hatched = "gpmbMap.gl.queryRenderedFeatures({layers: ['obstacle-hatch']}).map(f => f.id)"
    assert set(page.evaluate(hatched)) == {taking.ref}
    assert page.evaluate("gpmbMap.gl.hasImage('hatch-obstacle')")
    expect(count_of(page, "vướng mắc")).to_have_text("1")


def test_another_colouring_changes_map_legend_and_address(new_page, viewer, taking):
    page = new_page(viewer)
    near(page, taking)
    page.get_by_text("Chi trả", exact=True).first.click()
    expect(count_of(page, "Chưa phê duyệt phương án")).to_have_text("1")
    until(page, CLASSES.replace("step", "payment"), lambda c: c == [0])
    assert "colour=payment" in page.url


def test_a_group_switched_off_leaves_the_map_and_the_legend(new_page, viewer, taking):
    other = PriorityCategoryFactory(code="ha-tang", name="Hạ tầng, an sinh", order=3)
    TakingFactory(project=ProjectFactory(category=other))
    page = new_page(viewer)
    near(page, taking)
    expect(page.locator("#legend-total")).to_have_text("2")
    page.get_by_label("Hạ tầng, an sinh").uncheck()
    expect(page.locator("#legend-total")).to_have_text("1")
    until(page, CLASSES, lambda c: len(c) == 1)
    expect(page.get_by_label("Hạ tầng, an sinh")).not_to_be_checked()


def test_a_filter_is_a_chip_that_can_be_dropped(new_page, viewer, taking):
    TakingFactory()
    page = new_page(viewer)
    page.goto("/ban-do/")
    page.get_by_label("Dự án", exact=True).first.select_option(taking.project.code)
    expect(page.locator("#legend-total")).to_have_text("1")
    assert f"project={taking.project.code}" in page.url
    page.get_by_label("Bỏ lọc Cụm công nghiệp Hải Hòa").click()
    expect(page.locator("#legend-total")).to_have_text("2")
    assert "project=" not in page.url


def test_the_link_reopens_the_same_view_with_the_same_filters(new_page, viewer, taking):
    page = new_page(viewer)
    near(page, taking)
    page.get_by_label("Bước", exact=True).select_option("2")
    expect(page.locator(".side-chips")).to_contain_text("Kiểm đếm")
    page.get_by_label("Thu nhỏ").click()
    until(page, "gpmbMap.map.getZoom()", lambda zoom: zoom < 18)
    # The address follows a moment after the map has come to rest.
    until(page, "location.search.includes(`view=${gpmbMap.map.getZoom().toFixed(2)}/`)")
    view = (
        "(() => { const c = gpmbMap.map.getCenter();"
        " return [gpmbMap.map.getZoom(), c.lat, c.lng] })()"
    )
    sent, address = page.evaluate(view), page.url
    friend = new_page(UserFactory(leader=True))
    friend.goto(address)
    drawn(friend)
    # The address keeps five decimals of a degree, about a metre.
    assert friend.evaluate(view) == pytest.approx(sent, abs=1e-5)
    expect(friend.locator(".side-chips")).to_contain_text("Kiểm đếm")


def test_the_slider_shows_any_past_day_by_keyboard(new_page, viewer, taking):
    review = FIRST_DAY + dt.timedelta(days=10)
    Review.objects.create(on=review, title="Giao ban")
    page = new_page(viewer)
    near(page, taking)
    expect(count_of(page, "Kiểm đếm")).to_have_text("1")
    page.get_by_label("Theo ngày", exact=True).focus()
    page.keyboard.press("Home")
    expect(count_of(page, "Kiểm đếm")).to_have_text("0")
    assert re.search(r"on=20\d\d-\d\d-\d\d", page.url)
    page.keyboard.press("End")
    expect(count_of(page, "Kiểm đếm")).to_have_text("1")
    assert "on=" not in page.url
    page.locator(".map-tick").first.click()
    expect(page.locator("#map-day-text")).to_have_text(f"{review:%d/%m/%Y}")
    expect(count_of(page, "Thông báo thu hồi đất")).to_have_text("1")
    until(
        page,
        CLASSES,
        lambda c: c == [1],
    )


def test_counts_in_the_view_follow_the_view(new_page, viewer, taking):
    page = new_page(viewer)
    near(page, taking)
    page.get_by_label("trong khung nhìn").check()
    expect(page.locator("#legend-total")).to_have_text("1")
    page.evaluate("gpmbMap.map.panBy([4000, 0], {animate: false})")
    expect(page.locator("#legend-total")).to_have_text("0")


def test_the_keyboard_alone_selects_and_closes_a_parcel(new_page, viewer, taking):
    page = new_page(viewer)
    near(page, taking)
    page.locator("#map_gpmb").focus()
    page.keyboard.press("Enter")
    expect(page.locator("#panel h2")).to_have_text("Tờ 5 · thửa 85")
    feature = f"{{source: 'takings', sourceLayer: 'taking', id: {taking.ref}}}"
    assert page.evaluate(f"gpmbMap.gl.getFeatureState({feature}).selected")
    page.keyboard.press("Escape")
    expect(page.locator("#map-panel")).to_be_hidden()


def test_search_finds_a_parcel_by_sheet_and_number(new_page, viewer, taking):
    page = new_page(viewer)
    page.goto("/ban-do/")
    page.get_by_label("Tìm trên bản đồ").fill("5/85")
    expect(page.locator("#map-found")).to_contain_text("Tờ 5 · thửa 85")
    page.keyboard.press("Enter")
    expect(page.locator("#panel h2")).to_have_text("Tờ 5 · thửa 85")
    until(page, "gpmbMap.map.getZoom()", lambda zoom: zoom >= 16)


def test_search_needs_no_diacritics_and_works_by_arrow_keys(new_page, viewer, taking):
    page = new_page(viewer)
    page.goto("/ban-do/")
    page.get_by_label("Tìm trên bản đồ").fill("cum cong nghiep hai hoa")
    expect(page.locator("#map-found")).to_contain_text("Cụm công nghiệp Hải Hòa")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    until(page, "gpmbMap.map.getZoom()", lambda zoom: zoom > 14)


def test_measuring_is_in_the_plane_of_the_law(new_page, viewer, taking):
    page = new_page(viewer)
    near(page, taking)
    page.get_by_label("Đo độ dài, diện tích").click()
    ring = taking.boundary.transform(4326, clone=True)[0][0]
    for corner in page.evaluate(
        """(ring) => {
            const { map } = gpmbMap;
            const at = map.getContainer().getBoundingClientRect();
            return ring.map(([lng, lat]) => {
                const p = map.latLngToContainerPoint([lat, lng]);
                return [at.x + p.x, at.y + p.y];
            });
        }""",
        list(ring)[:4],
    ):
        page.mouse.click(*corner)
    told = page.locator("#map-measure")
    expect(told).to_contain_text("VN-2000")
    area = re.search(r"Diện tích ([\d.,]+) m²", told.inner_text())
    assert area
    # The tile is 20 × 25 m; clicks are whole pixels. Web Mercator would say 580 m².
    assert float(area[1].replace(".", "").replace(",", ".")) == pytest.approx(500, rel=0.05)
    page.keyboard.press("Escape")
    expect(told).to_be_hidden()


def test_without_webgl_the_page_says_so_and_draws_plain_shapes(new_page, viewer, taking):
    page = new_page(viewer)
    page.add_init_script("""
        const real = HTMLCanvasElement.prototype.getContext;
        HTMLCanvasElement.prototype.getContext = function (kind, ...more) {
            return kind.startsWith("webgl") ? null : real.call(this, kind, ...more);
        };
    """)
    page.goto(f"/ban-do/?thua={refs.encode(taking.ref)}")
    expect(page.locator("#map-notice")).to_contain_text("không có WebGL")
    shape = page.locator(f"#map_gpmb path[fill='{palette.STAGES[2].colour}']")
    expect(shape).to_have_count(1)
    page.locator("[data-close-panel]").click()
    shape.click()
    expect(page.locator("#panel h2")).to_have_text("Tờ 5 · thửa 85")


def test_a_leader_sees_hexagons_of_complaints_and_no_parcel(new_page, viewer, taking):
    for number in range(6):
        case = CaseFactory(project=taking.project, takings=0)
        there = ParcelFactory(boundary=taking.parcel.boundary)  # one hexagon, whatever came before
        TakingFactory(project=taking.project, case=case, parcel=there)
        letter(str(number), cases=[case])
    page = new_page(UserFactory(leader=True))
    near(page, taking, "&colour=complaint")
    until(page, "gpmbMap.gl.queryRenderedFeatures({layers: ['hexagon-fill']}).length")
    assert set(page.evaluate(CLASSES.replace("step", "complaint"))) == {0}
    expect(page.locator(".side-note").first).to_contain_text("dưới 3 hộ không hiển thị")


def test_on_a_phone_the_side_is_a_sheet_from_the_lower_edge(new_page, viewer, taking):
    page = new_page(viewer, viewport=PHONE)
    page.goto("/ban-do/")
    drawn(page)
    legend = page.locator(".side-legend")
    expect(legend).not_to_be_visible()
    page.get_by_role("button", name="Nhóm, chú giải, bộ lọc").click()
    expect(legend).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") == PHONE["width"]


def test_print_shows_map_and_legend_without_the_controls(new_page, viewer, taking):
    page = new_page(viewer)
    near(page, taking)
    page.emulate_media(media="print")
    expect(page.locator(".side-legend")).to_be_visible()
    expect(page.locator("#map_gpmb")).to_be_visible()
    expect(page.locator(".map-tools")).to_be_hidden()
    expect(page.locator(".map-search")).to_be_hidden()
    expect(page.locator(".side-filters")).to_be_hidden()


def test_what_changed_since_the_last_review_is_tinted_and_counted(new_page, viewer, taking):
    Review.objects.create(on=FIRST_DAY + dt.timedelta(days=10), title="Giao ban")
    TakingFactory(project=taking.project)
    page = new_page(viewer)
    near(page, taking)
    page.get_by_text("thửa bàn giao").click()
    moved = CLASSES.replace("step", "change")
    # Two days of the case's walk lie between: noticed on the first, inventoried on the thirtieth.
    until(page, moved, lambda c: 2 in c)
    expect(count_of(page, "→ Kiểm đếm").first).to_have_text("1")
    expect(page.locator(".side-moves")).to_contain_text("Thông báo thu hồi đất → Kiểm đếm")
    expect(page.locator("#moves-total")).to_have_text("1")
    assert colour_at_centre(page) == palette.STAGES[2].colour
    page.get_by_label("so với", exact=True).select_option(index=1)
    expect(page.locator("#moves-total")).to_have_count(0)
    until(page, moved, lambda c: set(c) == {0})
    assert "colour=change" in page.url
    assert re.search(r"since=20\d\d-\d\d-\d\d", page.url)


def test_an_obstacle_on_the_ground_is_drawn_and_told_under_the_pointer(new_page, viewer, taking):
    cause = ObstacleCauseFactory(name="Đường điện 110 kV")
    ObstacleFactory(case=None, project=taking.project, cause=cause, area=taking.boundary)
    project = taking.project
    project.boundary = taking.boundary
    project.save()
    ObstacleFactory(case=None, project=project, cause=cause)
    page = new_page(UserFactory(leader=True))
    near(page, taking)
    until(page, "gpmbMap.gl.queryRenderedFeatures({layers: ['ground-fill']}).length")
    expect(page.locator(".map-name.is-stuck")).to_have_count(1)
    box = page.locator("#map-frame").bounding_box()
    page.mouse.move(box["x"] + box["width"] / 2 + 3, box["y"] + box["height"] / 2)
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    expect(page.locator("#map-hover")).to_have_text("Vướng mắc: Đường điện 110 kV")


def test_paper_shows_the_whole_view(new_page, viewer, taking):
    page = new_page(viewer)
    page.goto("/ban-do/")
    drawn(page)
    frame = "document.getElementById('map-frame').getBoundingClientRect()"
    wide = page.evaluate(f"{frame}.width")
    page.evaluate("window.dispatchEvent(new Event('beforeprint'))")
    page.emulate_media(media="print")
    page.set_viewport_size({"width": 1047, "height": 718})  # A4 across, without its margins
    stage = "document.querySelector('.map-stage').getBoundingClientRect()"
    day = "document.querySelector('.map-time').getBoundingClientRect()"
    assert page.evaluate(f"{frame}.right <= {stage}.right + 1")
    assert page.evaluate(f"{frame}.bottom <= {day}.top + 1")
    assert page.evaluate("gpmbMap.map.getSize().x") == pytest.approx(wide, abs=1)


def test_a_long_name_stays_by_its_project(new_page, viewer):
    name = "Dự án đầu tư xây dựng đường nối khu kinh tế cửa khẩu với đường cao tốc, giai đoạn hai"
    taking = TakingFactory(project=ProjectFactory(name=name))
    page = new_page(viewer)
    page.goto(f"/ban-do/?project={taking.project.code}")
    label = page.locator(".map-name.is-project span")
    expect(label).to_have_text(name)
    box = label.bounding_box()
    assert box["width"] <= 210
    assert box["height"] > 30
