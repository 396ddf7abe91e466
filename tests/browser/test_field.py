"""In the field, on a phone: the parcel one stands at, and a network that goes away."""

import pytest
from django.conf import settings
from django.contrib.gis.geos import Point
from django.urls import reverse
from playwright.sync_api import Page, expect

from gpmb.clearance.models import Case, FieldNote
from gpmb.papers.models import Attachment
from tests.browser.conftest import PHONE
from tests.factories import (
    CaseFactory,
    ParcelFactory,
    ProjectFactory,
    TakingFactory,
    UserFactory,
    deployment,
)
from tests.papers import samples

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def officer():
    deployment()
    return UserFactory(username="canbo")


@pytest.fixture
def taking(officer):
    """Sheet 5 parcel 85 of the officer's project; its case HH-001 has been notified."""
    project = ProjectFactory(name="Cụm công nghiệp Hải Hòa", officers=[officer])
    case = CaseFactory(project=project, code="HH-001", takings=0, at="notice")
    return TakingFactory(project=project, case=case, parcel=ParcelFactory(number="5/85"))


def phone(new_page, officer) -> Page:
    return new_page(officer, viewport=PHONE)


def test_the_parcel_one_stands_at_is_found_and_its_page_fits_the_phone(new_page, officer, taking):
    spot = Point(*taking.boundary.centroid.coords, srid=settings.SRID)
    spot.transform(4326)
    page = phone(new_page, officer)
    page.context.grant_permissions(["geolocation"])
    page.context.set_geolocation({"latitude": spot.y, "longitude": spot.x, "accuracy": 8})
    page.goto(reverse("field"))
    page.get_by_role("button", name="Thửa gần tôi").click()
    expect(page.locator(".field-sketch .me")).to_be_visible()
    page.locator(".field-list").get_by_text("Tờ 5 · thửa 85").click()
    expect(page.locator("h1")).to_have_text("Tờ 5 · thửa 85")
    assert page.evaluate("document.documentElement.scrollWidth") == PHONE["width"]


def write_offline(page: Page, taking, photo) -> None:
    """A step, a note and a photo, each sent while there is no network."""
    page.goto(reverse("field_taking", args=[taking.ref]))
    page.locator("#buoc summary").click()
    page.get_by_label("Bước", exact=True).select_option("inventory")
    page.get_by_label("Ngày thực hiện").fill("20/06/2023")
    page.get_by_label("Số, ký hiệu văn bản").fill("12/BB-KĐ")
    page.get_by_label("Ghi chú", exact=True).last.fill("Hộ đồng ý đo lại")
    page.get_by_label("Chụp hoặc chọn ảnh").set_input_files(
        {"name": "nha.jpg", "mimeType": "image/jpeg", "buffer": photo}
    )
    page.context.set_offline(True)
    for part, button in (("#buoc", "Ghi nhận"), ("#ghi-chu", "Ghi"), ("#anh", "Gửi ảnh")):
        page.locator(part).get_by_role("button", name=button, exact=True).click()
        expect(page.locator(f"{part} .unsent")).to_contain_text("mất mạng")
    assert (FieldNote.objects.count(), Attachment.objects.count()) == (0, 0)


def all_arrived(page: Page) -> None:
    for part, said in (
        ("#buoc", "Đã ghi: Kiểm đếm, ngày 20/06/2023."),
        ("#ghi-chu", "Đã ghi."),
        ("#anh", "Đã gửi ảnh vào hồ sơ."),
    ):
        expect(page.locator(f"{part} .is-good")).to_have_text(said)
    assert Case.objects.get().step == "inventory"
    assert FieldNote.objects.get().text == "Hộ đồng ý đo lại"
    assert Attachment.objects.count() == 1


def test_a_step_a_note_and_a_photo_wait_for_the_network_and_are_sent_once(
    new_page, officer, taking, watch
):
    page = phone(new_page, officer)
    write_offline(page, taking, samples.picture())
    assert all("ERR_INTERNET" in fault or "htmx:" in fault for fault in watch.faults)
    watch.faults.clear()
    page.context.set_offline(False)
    all_arrived(page)
    page.goto(reverse("field"))
    expect(page.locator("#field-waiting")).to_be_hidden()


def test_a_phone_that_slept_without_network_still_has_the_note_and_the_photo(
    new_page, officer, taking, watch
):
    page = phone(new_page, officer)
    write_offline(page, taking, samples.picture())
    watch.faults.clear()
    # The browser threw the page away; it is opened again where there is a network.
    context = page.context
    page.close()
    context.set_offline(False)
    page = context.new_page()
    watch.follow(page)
    page.goto(reverse("field"))
    waiting = page.locator("#field-waiting")
    expect(waiting.locator("li")).to_have_count(3)
    waiting.get_by_role("link").first.click()
    all_arrived(page)


def test_a_picture_that_is_refused_is_sent_once_and_what_was_said_of_it_stays(
    new_page, officer, taking
):
    page = phone(new_page, officer)
    sent = []
    page.on("request", lambda asked: sent.append(asked.url) if asked.url.endswith("/anh/") else 0)
    page.goto(reverse("field_taking", args=[taking.ref]))
    form = page.locator("#anh form")
    form.locator("[name=photo]").set_input_files(
        {"name": "anh.jpg", "mimeType": "image/jpeg", "buffer": b"no picture"}
    )
    form.get_by_label("Nội dung ảnh").fill("Nhà cấp 4")
    form.get_by_role("button", name="Gửi ảnh").click()
    expect(page.locator("#anh [role=alert]")).to_be_visible()
    page.wait_for_timeout(800)
    assert len(sent) == 1
    expect(form.get_by_label("Nội dung ảnh")).to_have_value("Nhà cấp 4")
