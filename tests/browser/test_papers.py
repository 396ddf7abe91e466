"""Journeys with papers: a persuasion, a file on a case, letters for a list with progress."""

import pytest
from playwright.sync_api import expect

from gpmb.clearance.models import Outreach
from gpmb.papers.models import Attachment, LetterRun
from gpmb.reports.letters import samples
from tests.factories import CaseFactory, ProjectFactory, UserFactory, deployment
from tests.papers import samples as files

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def officer(db):
    deployment()
    return UserFactory(username="canbo", display_name="Cán bộ Minh Họa")


@pytest.fixture
def project(officer):
    return ProjectFactory(name="Cụm công nghiệp Hải Hòa", officers=[officer])


def test_a_persuasion_is_recorded_and_the_case_stands_at_that_step(new_page, officer, project):
    case = CaseFactory(project=project, code="HH-001", at="notice")
    page = new_page(officer)
    page.goto("/ho-so/")
    page.get_by_role("link", name="HH-001").first.click()
    page.get_by_role("link", name="Ghi cuộc vận động").click()
    page.get_by_label("Loại", exact=True).select_option("persuade_inventory")
    page.get_by_label("Ngày", exact=True).fill("15/06/2023")
    page.get_by_label("Số biên bản, văn bản").fill("05/BB-VĐ")
    page.get_by_label("Mặt trận Tổ quốc").check()
    page.get_by_label("Nội dung đã giải thích").fill("Giải thích quyền khi kiểm đếm")
    page.get_by_label("Ý kiến của hộ").select_option("thinking")
    page.get_by_role("button", name="Ghi nhận").click()

    expect(page.locator("h1")).to_have_text("Vận động, thuyết phục để kiểm đếm")
    expect(page.locator("main")).to_contain_text("Vận động, thuyết phục (kiểm đếm)")
    case.refresh_from_db()
    assert case.step == "persuasion_inventory"
    assert "front" in Outreach.objects.get().participants


def test_a_photo_is_attached_to_a_case_and_comes_back_as_a_download(
    new_page, officer, project, settings, tmp_path
):
    settings.MEDIA_ROOT = tmp_path
    CaseFactory(project=project, code="HH-001", at="notice")
    page = new_page(officer)
    page.goto("/ho-so/")
    page.get_by_role("link", name="HH-001").first.click()
    part = page.locator("#tep")
    part.get_by_label("Tệp PDF, ảnh, Word, Excel").set_input_files(
        {"name": "hiện trạng.jpeg", "mimeType": "image/jpeg", "buffer": files.picture()}
    )
    part.get_by_role("button", name="Đính kèm").click()
    # 40 × 30, held sideways: the position went, how it was held stayed.
    expect(part.locator("img")).to_have_js_property("naturalWidth", 30)
    with page.expect_download() as got:
        part.get_by_role("link", name="hiện trạng.jpg").click()
    assert got.value.suggested_filename == "hiện trạng.jpg"
    assert Attachment.objects.get().added_by == officer


def test_letters_for_a_list_are_previewed_written_and_fetched(
    new_page, officer, project, settings, tmp_path
):
    settings.LETTERS_ROOT = tmp_path / "letters"
    samples.load()
    for n in range(8):
        CaseFactory(project=project, code=f"HH-{n:03}", at="notice", takings=0)
    page = new_page(officer)
    page.goto("/ho-so/?stage=1")
    page.get_by_role("link", name="Soạn văn bản").click()
    page.locator(".kinds").get_by_role("link", name="Giấy mời", exact=True).click()
    expect(page.locator(".sheet")).to_contain_text("CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM")
    expect(page.locator("#con-thieu")).to_contain_text("8 văn bản")
    page.get_by_label("Thời gian").fill("08 giờ ngày 20/06/2023")
    page.get_by_label("Dạng tệp").select_option("zip")
    page.get_by_role("button", name="Soạn 8 văn bản").click()
    expect(page.locator("#progress")).to_contain_text("Đã soạn xong 8 văn bản")
    with page.expect_download() as got:
        page.get_by_role("link", name="Tải Word").click()
    assert got.value.suggested_filename == "giay-moi-8.zip"
    assert LetterRun.objects.get().cases.count() == 8
