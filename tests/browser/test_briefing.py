"""The briefing map opens from a file with the network off, filters, counts and finds parcels."""

from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from gpmb.reports.briefing import build
from tests.browser.conftest import LAPTOP
from tests.factories import (
    TODAY,
    CaseFactory,
    ParcelFactory,
    PriorityCategoryFactory,
    ProjectFactory,
    TakingFactory,
    deployment,
)

pytestmark = pytest.mark.django_db


def test_the_file_works_from_a_stick_with_the_network_off(browser: Browser, tmp_path: Path):
    deployment()
    first = PriorityCategoryFactory(code="mot", name="Trọng điểm, động lực", order=1)
    second = PriorityCategoryFactory(code="hai", name="Dự án khác", order=2)
    road = ProjectFactory(name="Đường thử nghiệm", category=first)
    CaseFactory(project=road, at="handover", takings=2)
    CaseFactory(project=road, at="inventory")
    other = ProjectFactory(name="Trường thử nghiệm", category=second)
    TakingFactory(project=other, parcel=ParcelFactory(number="85/5"))
    CaseFactory(project=ProjectFactory(restricted=True, name="Công trình kín", category=first))
    target = tmp_path / "ban-do.html"
    target.write_text(build(on=TODAY, today=TODAY), encoding="utf-8")

    context = browser.new_context(offline=True, locale="vi-VN", viewport=LAPTOP)
    page = context.new_page()
    faults: list[str] = []
    page.on("console", lambda m: faults.append(m.text) if m.type == "error" else None)
    page.on("pageerror", lambda error: faults.append(str(error)))
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(target.as_uri())

    expect(page.locator("header")).to_contain_text("Số liệu đến ngày 30/06/2023")
    expect(page.locator("footer")).to_contain_text("1 dự án hạn chế")
    expect(page.locator("#total")).to_have_text("Đang xem 4 thửa · 0,2 ha")
    # The legend counts; a status and a category are switched off.
    expect(page.locator("#stages label").nth(6)).to_contain_text("Bàn giao mặt bằng2")
    page.locator("#stages input").nth(6).uncheck()
    expect(page.locator("#total")).to_have_text("Đang xem 2 thửa · 0,1 ha")
    page.get_by_label("Dự án khác").uncheck()
    expect(page.locator("#total")).to_have_text("Đang xem 1 thửa · 0,1 ha")
    # A parcel is found by its number, whatever the filters.
    page.get_by_label("Tìm tờ/thửa, dự án").fill("85/5")
    page.locator("#found button").click()
    expect(page.locator("#chosen")).to_contain_text("Tờ 85 · thửa 5")
    expect(page.locator("#chosen")).to_contain_text("Trường thử nghiệm")
    assert page.locator("canvas").count() >= 1
    context.close()
    assert faults == []
    assert all(url.startswith(("file://", "data:", "blob:")) for url in asked)
