"""Targets of the plan as they are set: typed and pasted in a sheet, or a block for the city."""

import datetime as dt
from typing import Any

import pytest
from playwright.sync_api import Locator, expect

from gpmb import refs
from gpmb.clearance.models import TARGET_LINE
from tests.factories import PlanVersionFactory, ProjectFactory, UserFactory, deployment

pytestmark = pytest.mark.django_db(transaction=True)
JUNE, JULY = dt.date(2023, 6, 1), dt.date(2023, 7, 1)


@pytest.fixture
def keeper() -> Any:
    deployment()
    return UserFactory(username="quantri", administrator=True)


@pytest.fixture
def project(keeper: Any) -> Any:
    return ProjectFactory(code="CCN", name="Cụm công nghiệp Hải Hòa")


@pytest.fixture
def draft(project: Any) -> Any:
    return PlanVersionFactory(
        on=dt.date(2023, 6, 26),
        name="Dự thảo điều chỉnh",
        targets={project: {"6-ha": {JUNE: 400}}},
    )


def paste(target: Locator, text: str) -> None:
    target.evaluate(
        """(element, text) => {
          const data = new DataTransfer();
          data.setData("text/plain", text);
          element.dispatchEvent(
            new ClipboardEvent("paste", { clipboardData: data, bubbles: true, cancelable: true }));
        }""",
        text,
    )


def test_a_block_pasted_into_a_projects_sheet_fills_it_is_undone_corrected_and_saved(
    new_page, keeper, project, draft
):
    page = new_page(keeper)
    page.goto("/ke-hoach/?ban=2023-06-26")
    page.get_by_role("link", name="sửa").click()
    first = page.get_by_label("Chi trả, hồ sơ, 06/2023")
    paste(first, "12\t10\n0,5\t1,5\n")
    expect(page.get_by_label("Chi trả, ha, 07/2023")).to_have_value("1,5")
    expect(page.locator("[data-pasted]")).to_contain_text("Đã dán 4 ô")
    page.get_by_role("button", name="Hoàn tác dán").click()
    expect(first).to_have_value("")

    paste(first, "12\t10\n0,5\t1,5\n")
    page.get_by_role("button", name="Ghi chỉ tiêu").click()
    expect(page.locator(".wrong")).to_contain_text("07/2023: nhỏ hơn tháng trước")
    expect(page.locator("input.is-invalid")).to_have_count(1)
    wrong = page.get_by_label("Chi trả, hồ sơ, 07/2023")
    expect(wrong).to_have_value("10")
    wrong.fill("20")
    wrong.press("ArrowDown")
    expect(page.get_by_label("Chi trả, ha, 07/2023")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_text("Đã ghi 4 ô chỉ tiêu")).to_be_visible()
    kept = draft.entries.get().values()
    assert kept[TARGET_LINE["5-ho-so"]] == {JUNE: 12, JULY: 20}
    assert kept[TARGET_LINE["5-ha"]] == {JUNE: 5000, JULY: 15000}


def test_a_block_pasted_on_the_plan_is_previewed_written_and_undone(
    new_page, keeper, project, draft
):
    page = new_page(keeper)
    page.goto("/ke-hoach/?ban=2023-06-26&muc=6-ha")
    block = "Mã dự án\tTháng 6\tTháng 7\nCCN\t0,05\t0,2\nKHONG\t1\t2"
    paste(page.locator("body"), block)
    box = page.locator("[data-paste]")  # that of the targets: the projects have one of their own
    expect(box.get_by_label("Khối ô chép từ Excel")).to_have_value(block)
    box.get_by_role("button", name="Xem trước", exact=True).click()
    page.get_by_role("button", name="Kiểm tra và xem trước").click()

    expect(page.locator("main")).to_contain_text("Không có dự án “KHONG”")
    page.get_by_role("link", name="Thay đổi").click()
    expect(page.locator(".change").first).to_contain_text("0,04 ha → 0,05 ha")
    page.get_by_label("Bỏ lại 1 dòng bị từ chối").check()
    page.get_by_role("button", name="Ghi 1 thay đổi").click()
    expect(page.get_by_role("heading", name="Biên nhận")).to_be_visible()
    handed_over = TARGET_LINE["6-ha"]
    assert draft.entries.get().values()[handed_over] == {JUNE: 500, JULY: 2000}

    page.on("dialog", lambda dialog: dialog.accept())
    page.get_by_role("button", name="Hoàn tác lần nhập").click()
    expect(page.locator(".page-head")).to_contain_text("đã hoàn tác")
    assert draft.entries.get().values()[handed_over] == {JUNE: 400}
    page.get_by_role("link", name="Kế hoạch", exact=True).click()
    expect(page.locator("main")).to_contain_text("Các lần nhập chỉ tiêu")
    assert page.url.endswith(f"?ban={draft.on.isoformat()}")
    assert refs.encode(project.ref) in page.content()
