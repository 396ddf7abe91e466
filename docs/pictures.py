"""Make the pictures of the guide anew from a running demo (`bin/demo`, untouched since made).

    .venv/bin/python -m docs.pictures http://127.0.0.1:8000 PASSWORD [NAME …]

Every picture shows the page as it is now; without names all of them are made. Nothing is saved in
the demo but two notes of one case, which is what the picture of two people at once is about.
"""

from __future__ import annotations

import io
import math
import os
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from openpyxl import Workbook
from PIL import Image
from playwright.sync_api import Browser, Page, sync_playwright

from maps import palette

HERE = Path(__file__).parent / "images"
CHROMIUM = os.environ.get("GPMB_CHROMIUM", "/usr/bin/chromium")
FLAGS = ["--no-sandbox", "--use-gl=angle", "--use-angle=swiftshader", "--ignore-gpu-blocklist"]
FLAGS += ["--enable-unsafe-swiftshader"]  # WebGL in software: the map draws anywhere
LAPTOP = {"width": 1366, "height": 768}
PHONE = {"width": 375, "height": 740}
COLOURS = 255
PASTE = """(text) => {
  const data = new DataTransfer();
  data.setData("text/plain", text);
  document.body.dispatchEvent(
    new ClipboardEvent("paste", { clipboardData: data, bubbles: true, cancelable: true }));
}"""

# The middle of a parcel at stage 4 with an obstacle, in the page's pixels.
STUCK = """() => {
  const { gl } = gpmbMap;
  const { left, top, width, height } = gl.getCanvas().getBoundingClientRect();
  const at = (x, y) => gl.queryRenderedFeatures([x, y]).find((f) => f.layer.id === "taking-fill");
  for (let y = 150; y < height; y += 9)
    for (let x = 60; x < width; x += 9) {
      const found = at(x, y);
      if (found?.properties.step === 4 && found.properties.o && at(x + 6, y + 6)?.id === found.id)
        return [left + x, top + y];
    }
}"""


class Album:
    """The demo seen by its users; `save` keeps what a page shows."""

    def __init__(self, browser: Browser, base: str, password: str) -> None:
        self.browser, self.base, self.password = browser, base, password
        self.sessions: dict[str, Any] = {}

    def open(self, user: str, path: str, size: dict[str, int] = LAPTOP, **more: Any) -> Page:
        context = self.browser.new_context(
            base_url=self.base,
            locale="vi-VN",
            timezone_id="Asia/Ho_Chi_Minh",
            viewport=size,
            storage_state=self.sessions.get(user),
            **more,
        )
        page = context.new_page()
        if user not in self.sessions:
            page.goto("/dang-nhap/")
            page.fill("[name=login]", user)
            page.fill("[name=password]", self.password)
            page.keyboard.press("Enter")
            page.wait_for_url(lambda url: "/dang-nhap/" not in url)
            self.sessions[user] = context.storage_state()
        page.goto(path)
        self.calm(page)
        return page

    @staticmethod
    def calm(page: Page, ms: int = 900) -> None:
        page.wait_for_load_state("networkidle")
        page.wait_for_timeout(ms)

    def save(self, page: Page, name: str, clip: tuple[int, int, int, int] | None = None) -> None:
        box = dict(zip(("x", "y", "width", "height"), clip, strict=True)) if clip else None
        shot = page.screenshot(clip=box)  # type: ignore[arg-type]
        keep([Image.open(io.BytesIO(shot))], name)
        page.context.close()


def keep(pictures: list[Image.Image], name: str) -> None:
    """Pictures side by side as one small PNG; the stages' colours, however rare, stay true."""
    gap = 12
    width = sum(one.width for one in pictures) + gap * (len(pictures) - 1)
    whole = Image.new("RGB", (width, max(one.height for one in pictures)), "white")
    left = 0
    for one in pictures:
        whole.paste(one.convert("RGB"), (left, 0))
        left += one.width + gap
    stages = [fill.colour for fill in palette.STAGES]
    with_stages = Image.new("RGB", (whole.width, whole.height + len(stages) * 10), "white")
    with_stages.paste(whole)
    for row, colour in enumerate(stages):
        top = whole.height + row * 10
        with_stages.paste(colour, (0, top, whole.width, top + 10))
    drawn = with_stages.quantize(COLOURS, kmeans=6, dither=Image.Dither.NONE)
    drawn.crop((0, 0, *whole.size)).save(HERE / f"{name}.png", optimize=True)


def first(page: Page, selector: str) -> str:
    """Where the first link of a kind on the page leads."""
    return str(page.locator(selector).first.get_attribute("href"))


def project_of(album: Album, user: str, code: str) -> str:
    page = album.open(user, f"/ho-so/?project={code}")
    found = first(page, "nav[aria-label='Đường dẫn'] a[href^='/du-an/'], a[href^='/du-an/']")
    if found == "/du-an/":
        page.goto(f"/tim-kiem/?q={code}")
        found = first(page, "main a[href^='/du-an/']")
    page.context.close()
    return found


def overview(album: Album) -> None:
    album.save(album.open("lanhdao", "/"), "overview")


def map_(album: Album) -> None:
    page = album.open("lanhdao", "/ban-do/")
    album.calm(page, 4000)
    album.save(page, "map")


def map_parcels(album: Album) -> None:
    """The parcels of a project, one with an approved plan and an obstacle opened."""
    page = album.open("canbo", "/ban-do/?project=TD-02")
    album.calm(page, 4000)
    page.mouse.click(*page.evaluate(STUCK))
    album.calm(page, 1500)
    album.save(page, "map-parcels")


def map_changes(album: Album) -> None:
    page = album.open("lanhdao", "/ban-do/?project=TD-03&colour=change&since=2023-03-31")
    album.calm(page, 5000)
    album.save(page, "map-changes")


def case(album: Album) -> None:
    page = album.open("canbo", "/ho-so/?project=HT-08&stage=5")
    page.goto(first(page, "main table a[href^='/ho-so/']"))
    album.calm(page)
    album.save(page, "case")


def desk(album: Album) -> None:
    album.save(album.open("canbo", "/viec-cua-toi/"), "viec-cua-toi")


def payments(album: Album) -> None:
    page = album.open("ketoan", "/chi-tra/", {"width": 1280, "height": 560})
    album.save(page, "payments")


def outreach(album: Album) -> None:
    album.save(album.open("canbo", "/van-dong/"), "van-dong")


def matrix(album: Album) -> None:
    page = album.open("canbo", f"{project_of(album, 'canbo', 'CCN-01')}ma-tran/")
    album.save(page, "matrix")


def export(album: Album) -> None:
    page = album.open("canbo", "/xuat-du-lieu/?nguon=du-an&du_an=CCN-01")
    album.save(page, "xuat-du-lieu", (0, 0, 1366, 470))


def searching(album: Album) -> None:
    page = album.open("canbo", "/du-an/")
    page.keyboard.press("Control+k")
    page.keyboard.type("hai hoa")
    album.calm(page, 1200)
    page.keyboard.press("ArrowDown")
    page.wait_for_timeout(300)
    album.save(page, "tim-kiem", (566, 0, 800, 560))


def letters(album: Album) -> None:
    page = album.open("canbo", "/van-ban/soan/?project=CCN-01")
    link = page.get_by_role("link", name="Quyết định phê duyệt phương án")
    if link.count():
        link.first.click()
    album.calm(page, 2500)
    album.save(page, "soan-van-ban")


def list_columns(album: Album) -> None:
    page = album.open("canbo", "/nhap-lieu/")
    form = page.locator("main form").first
    form.locator("[name=kind]").select_option("workbook")
    form.locator("[name=project]").select_option("CCN-01")
    with tempfile.TemporaryDirectory() as folder:
        form.locator("[name=file]").set_input_files(a_list(Path(folder)))
        page.get_by_role("button", name="Đọc tệp").click()
        album.calm(page)
    shot = page.screenshot()
    page.get_by_role("button", name="Bỏ tệp này").click()
    keep([Image.open(io.BytesIO(shot))], "nhap-lieu-cot")
    page.context.close()


def a_list(folder: Path) -> Path:
    """A made-up list of the kind offices keep, with a column that reads two ways."""
    book = Workbook()
    sheet: Any = book.active
    sheet.title = "DS thu hồi"
    sheet.append(["DANH SÁCH THU HỒI ĐẤT (minh họa)"])
    heads = ("STT", "Họ và tên chủ sử dụng đất", "Địa chỉ", "Tờ BĐ", "Số thửa", "Loại đất")
    sheet.append([*heads, "Diện tích (m2)", "Diện tích thu hồi (m2)"])
    sheet.append([f"({at})" for at in range(1, 9)])
    for at in range(1, 31):
        area = "20.000" if at % 6 == 0 else 350.5 + at
        name = f"Hộ minh họa {at:03}"
        sheet.append([at, name, "Khu 1, phường Hải Hòa", 3, at, "LUC", 400 + at, area])
    sheet.append(["", "TỔNG CỘNG"])
    sheet.append([])
    sheet.append(["", "", "", "", "", "NGƯỜI LẬP BIỂU"])
    book.save(folder / "danh_sach_thu_hoi_dat.xlsx")
    return folder / "danh_sach_thu_hoi_dat.xlsx"


def pasted(album: Album) -> None:
    page = album.open("canbo", "/ho-so/?project=CCN-01")
    codes = page.locator("main table a[href^='/ho-so/']").all_inner_texts()
    rows = ["Mã hồ sơ\tĐịa chỉ\tBước\tNgày"]
    rows += [f"{code}\tKhu 5, phường Hải Hòa\t\t" for code in codes[:4]]
    rows += [f"{codes[4]}\tKhu 5\tGiao nhà xong rồi\t01/06/2023"]
    rows += [f"{codes[5]}\tKhu 5\tKiểm đếm\t31/02/2023", "CCN-01/9999\tKhu 5\t\t"]
    page.evaluate(PASTE, "\n".join(rows))
    page.locator("[data-paste] button[type=submit]").click()
    album.calm(page)
    page.get_by_role("button", name="Kiểm tra và xem trước").click()
    album.calm(page)
    shot = page.screenshot()
    page.get_by_role("button", name="Bỏ khối này").click()
    keep([Image.open(io.BytesIO(shot))], "nhap-lieu-xem-truoc")
    page.context.close()


def boundary(album: Album) -> None:
    page = album.open("canbo", f"{project_of(album, 'canbo', 'TDC-02')}ranh-gpmb/")
    page.get_by_role("button", name="Vẽ ranh").click()
    box: Any = page.locator(".ground-map").bounding_box()
    for x, y in ((0.2, 0.1), (0.62, 0.1), (0.62, 0.9), (0.2, 0.9)):
        page.mouse.click(box["x"] + box["width"] * x, box["y"] + box["height"] * y)
    page.get_by_role("button", name="Xem trước").click()
    album.calm(page, 2000)
    album.save(page, "ranh-gpmb")


def bulk(album: Album) -> None:
    page = album.open("canbo", "/ho-so/?stage=1")
    page.get_by_role("button", name="khớp bộ lọc").click()
    album.calm(page)
    page.get_by_label("Bước").select_option("inventory")
    page.get_by_label("Ngày thực hiện").fill("25/06/2023")
    page.get_by_label("Số, ký hiệu văn bản").fill("15/BB-KĐ")
    page.get_by_role("button", name="Xem trước").click()
    album.calm(page, 1500)
    album.save(page, "bulk-preview")


def lasso(album: Album) -> None:
    """The cases of a project within a ring drawn by hand."""
    page = album.open("canbo", "/ban-do/?project=CCN-01")
    album.calm(page, 4000)
    page.locator("[data-tool=lasso]").click()
    box: Any = page.locator("canvas.maplibregl-canvas").bounding_box()
    wide, high = box["width"], box["height"]
    x, y = box["x"] + wide * 0.52, box["y"] + high * 0.5
    turns = [2 * math.pi * at / 40 for at in range(41)]
    ring = [(x + wide * 0.2 * math.cos(a), y + high * 0.26 * math.sin(a)) for a in turns]
    page.mouse.move(*ring[0])
    page.mouse.down()
    for point in ring[1:]:
        page.mouse.move(*point)
    page.mouse.up()
    album.calm(page, 2500)
    album.save(page, "bulk-map", (300, 48, 1066, 720))


DRAFT = "/ke-hoach/?ban=2023-06-26"


def targets(album: Album) -> None:
    """The targets of one project in the draft, as they are typed."""
    page = album.open("quantri", DRAFT)
    row = page.locator("tr", has=page.locator("a", has_text="Cụm công nghiệp Hải Hòa")).last
    row.get_by_role("link", name="sửa").click()
    album.calm(page)
    album.save(page, "ke-hoach")


def targets_pasted(album: Album) -> None:
    """A block pasted on the plan: a row that changes, one that falls, one of another project."""
    page = album.open("quantri", DRAFT)
    rows = ["Mã dự án\tBước\tĐơn vị\t07/2023\t08/2023\t09/2023"]
    rows += ["CCN-01\tChi trả\ttriệu đồng\t16.000,5\t17.000,5\t18.000,5"]
    rows += ["CCN-01\tBàn giao mặt bằng\tha\t3,1\t2,9\t3,5"]
    rows += ["CCN-99\tChi trả\thồ sơ\t5\t9\t12"]
    page.evaluate(PASTE, "\n".join(rows))
    page.locator("[data-paste] button[type=submit]").first.click()
    album.calm(page)
    page.get_by_role("button", name="Kiểm tra và xem trước").click()
    album.calm(page)
    page.locator(".nav-tabs").get_by_role("link", name="Thay đổi").click()
    album.calm(page)
    shot = page.screenshot(clip={"x": 0, "y": 0, "width": 1366, "height": 500})
    page.get_by_role("button", name="Bỏ khối này").click()
    keep([Image.open(io.BytesIO(shot))], "ke-hoach-xem-truoc")
    page.context.close()


def two_at_once(album: Album) -> None:
    page = album.open("canbo", "/ho-so/?project=TD-06", {"width": 700, "height": 700})
    address = first(page, "main table a[href^='/ho-so/']") + "sua/"
    page.goto(address)
    other = album.open("canbo", address)
    theirs = "Hộ hẹn ký biên bản thứ Sáu"
    if page.get_by_label("Ghi chú").input_value() == theirs:
        theirs = "Hộ hẹn ký biên bản thứ Năm"
    for one, words in ((other, theirs), (page, "Hộ xin lùi sang thứ Hai")):
        one.get_by_label("Ghi chú").fill(words)
        one.locator("main form button[type=submit]").first.click()
        album.calm(one)
    other.context.close()
    album.save(page, "hai-nguoi-cung-sua", (0, 48, 680, 452))


def field(album: Album) -> None:
    where = {"latitude": 21.49898, "longitude": 107.96086}
    may: dict[str, Any] = {"permissions": ["geolocation"], "has_touch": True}
    page = album.open("canbo", "/hien-truong/", PHONE, geolocation=where, **may)
    page.get_by_role("button", name="Thửa gần tôi").click()
    album.calm(page, 1500)
    near = Image.open(io.BytesIO(page.screenshot()))
    page.goto(first(page, "#field-near a[href^='/hien-truong/']"))
    album.calm(page)
    page.context.set_offline(True)
    page.locator("#ghi-chu textarea").fill("Hộ đồng ý đo lại, hẹn thứ Sáu")
    page.locator("#ghi-chu form button[type=submit]").first.click()
    page.wait_for_timeout(1500)
    page.locator("#ghi-chu").scroll_into_view_if_needed()
    waits = Image.open(io.BytesIO(page.screenshot()))
    keep([near, waits], "hien-truong")
    page.context.close()


MADE: dict[str, Callable[[Album], None]] = {
    "overview": overview,
    "map": map_,
    "map-parcels": map_parcels,
    "map-changes": map_changes,
    "case": case,
    "viec-cua-toi": desk,
    "payments": payments,
    "van-dong": outreach,
    "matrix": matrix,
    "xuat-du-lieu": export,
    "tim-kiem": searching,
    "soan-van-ban": letters,
    "nhap-lieu-cot": list_columns,
    "nhap-lieu-xem-truoc": pasted,
    "ranh-gpmb": boundary,
    "bulk-preview": bulk,
    "bulk-map": lasso,
    "ke-hoach": targets,
    "ke-hoach-xem-truoc": targets_pasted,
    "hai-nguoi-cung-sua": two_at_once,
    "hien-truong": field,
}


def main(base: str, password: str, *names: str) -> None:
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        album = Album(browser, base, password)
        for name in names or MADE:
            MADE[name](album)
        browser.close()


if __name__ == "__main__":
    main(*sys.argv[1:])
