"""A block of plots pasted on the page of a resettlement site."""

import datetime as dt
from decimal import Decimal

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from openpyxl import Workbook

from gpmb import refs
from gpmb.importing.models import Upload
from gpmb.importing.tables.plot import PLOTS
from gpmb.importing.tables.where import Where
from gpmb.resettlement.models import Draw, Plot
from tests.factories import TODAY, ArrangementFactory, ProjectFactory, SiteFactory, UserFactory
from tests.web.pasting.blocks import block, faults, paste, take_back, write
from tests.web.test_imports import check, send
from tests.web.test_permissions import ROLES

pytestmark = pytest.mark.django_db
HEAD = "Lô|Diện tích (m²)|Giá (đồng)|Trạng thái"


@pytest.fixture
def site(project):
    return SiteFactory(code="HY", name="Khu Hải Yên", serves=[project])


def plots(site):
    return [(p.number, p.area_m2, p.price_vnd, p.status) for p in site.plots.order_by("number")]


def test_plots_are_pasted_changed_and_taken_back(client, site):
    text = block(
        HEAD,
        "L01|100,5|1.250.000.000|",
        "lô L02|120||Sẵn sàng",
    )
    upload = check(client, paste(client, "plots", text))
    assert (upload.preview["created"], Plot.objects.count()) == (2, 0)
    write(client, upload)
    first = [
        ("L01", Decimal("100.50"), Decimal(1_250_000_000), "planned"),
        ("L02", Decimal(120), None, "available"),
    ]
    assert plots(site) == first
    again = check(client, paste(client, "plots", text)).preview
    assert (again["unchanged"], again["created"], again["changed"]) == (2, 0, 0)

    change = block("Số lô|Giá|Tình trạng", "l01|1.300.000.000|sẵn sàng", "L02||Đã giữ chỗ")
    write(client, check(client, paste(client, "plots", change)))
    assert plots(site) == [
        ("L01", Decimal("100.50"), Decimal(1_300_000_000), "available"),
        ("L02", Decimal(120), None, "reserved"),
    ]
    assert take_back().undo_report["undone"] == 2
    assert plots(site) == first
    assert take_back().undo_report["undone"] == 2
    assert plots(site) == []


def test_faults_of_plots_are_said_cell_by_cell(client, project, site):
    SiteFactory(serves=[project], ready=1, name="Khu khác")
    arrangement = ArrangementFactory(at="approved", case__project=project)
    held = SiteFactory(code="BS", name="Khu Bắc Sơn", serves=[project], ready=2)
    arrangement.give(held.plots.get(number="L1"), on=dt.date(2023, 4, 1), by=None, document=None)
    text = block(
        f"{HEAD}|Khu",
        "L9||||Khu Hải Yên",
        "L9|100||Có người ở|HY",
        "L9|12o|||HY",
        "L9|100||Đã giao|HY",
        "L9|0|||HY",
        "L9|100|||Khu Trà Cổ",
        "L9|100|||",
        "L1|90|||BS",
        "L2|||Quy hoạch|BS",
        "L1||900.000.000||BS",
        f"{'9' * 21}|100|||HY",
    )
    upload = check(client, paste(client, "plots", text))
    said = faults(upload)
    for row, words in {
        2: "Diện tích (m²): Thiếu diện tích: khu chưa có lô L9",
        3: "Trạng thái: “Có người ở” không thuộc danh sách",
        4: "Diện tích (m²): “12o” không phải là số",
        5: "Trạng thái: “Đã giao” là việc của một hộ",
        6: "Diện tích (m²): Diện tích lô phải lớn hơn 0",
        7: "Khu: “Khu Trà Cổ” không phải khu tái định cư phục vụ dự án",
        8: "Khu: Dự án có nhiều khu",
        9: "Diện tích (m²): Lô L1 đã giao",
        10: "Trạng thái: Lô L2 đang “Sẵn sàng”",
        12: "Lô: ",
    }.items():
        assert said[row].startswith(words), said[row]
    assert (upload.preview["read"], upload.preview["refused"]) == (11, 10)
    assert upload.preview["changed"] == 1  # a price that a plot given away hadn't had


def test_an_area_read_two_ways_is_asked_about(client, site):
    upload = paste(client, "plots", block(HEAD, "L1|20.000||"))
    assert upload.understood["columns"][1]["ask"]["example"] == "20.000"
    check(client, upload, r1="decimal")
    write(client, upload)
    assert site.plots.get().area_m2 == 20


def test_a_plot_used_or_changed_since_stays(client, site, officer):
    text = block(HEAD, "L1|100||Sẵn sàng", "L2|100||Sẵn sàng", "L3|100||Sẵn sàng")
    write(client, check(client, paste(client, "plots", text)))
    site.plots.get(number="L1").move("reserved")
    draw = Draw.objects.create(site=site, on=TODAY, place="UBND", witnesses="MTTQ")
    draw.plots.set([site.plots.get(number="L2")])
    report = take_back().undo_report
    assert report["undone"] == 1
    kept = {label: why for _, label, why in report["kept"]}
    assert kept["Khu Hải Yên · lô L1"] == "đã sửa sau khi nhập"
    assert kept["Khu Hải Yên · lô L2"].startswith("đã có ")
    assert [number for number, *_ in plots(site)] == ["L1", "L2"]


def test_a_block_on_the_page_of_a_site_goes_into_that_site(client, project, site):
    other = SiteFactory(serves=[project], name="Khu khác")
    page = client.get(reverse("resettlement_site", args=[other.ref])).content.decode()
    assert "data-paste" in page
    assert f'name="site" value="{other.ref}"' in page
    data = {"kind": "plots", "project": "CCN", "site": other.ref}
    data["block"] = block(HEAD, "L1|100||")
    client.post(reverse("import_paste"), data)
    upload = Upload.objects.get()
    check(client, upload)
    write(client, upload)
    assert Plot.objects.get().site == other


def test_a_file_of_plots_comes_in_by_the_imports(client, site, tmp_path):
    book = Workbook()
    for row in (["Số lô", "Diện tích (m²)", "Giá (đồng)"], ["L1", 100.5, 1_250_000_000]):
        book.active.append(row)
    book.save(tmp_path / "lo.xlsx")
    upload = send(client, tmp_path / "lo.xlsx", "plots")
    write(client, check(client, upload))
    assert plots(site) == [("L1", Decimal("100.50"), Decimal(1_250_000_000), "planned")]


def test_a_site_that_does_not_serve_the_project_takes_nothing(client, site):
    foreign = SiteFactory(serves=[ProjectFactory()])
    data = {"kind": "plots", "project": "CCN", "site": foreign.ref}
    data["block"] = block(HEAD, "L1|100||")
    answer = client.post(reverse("import_paste"), data)
    assert "không phục vụ dự án" in answer.content.decode()
    assert not Upload.objects.exists()


@pytest.mark.parametrize("role", ROLES)
def test_who_may_paste_plots_whose(today, role):
    """role × {own site, a site of one's own and another's project, another's}."""
    users = {each: UserFactory(role=each) for each in ROLES}
    client = Client()
    client.force_login(users[role])
    own = ProjectFactory(officers=[users["officer"]])
    other = ProjectFactory(officers=[UserFactory()])
    shown, sent = "", ""
    for serves in ([own], [own, other], [other]):
        site = SiteFactory(serves=serves)
        page = client.get(reverse("resettlement_site", args=[site.ref])).content.decode()
        shown += "o" if "data-paste" in page else "-"
        data = {"kind": "plots", "project": serves[0].code, "site": site.ref}
        count = Upload.objects.count()
        client.post(reverse("import_paste"), data | {"block": block(HEAD, "L1|100||")})
        sent += "o" if Upload.objects.count() > count else "-"
    expected = "oo-" if role == "officer" else "---"
    assert (shown, sent) == (expected, expected)


def test_an_undo_by_someone_whose_project_the_site_left_keeps_the_plots(client, project, site):
    write(client, check(client, paste(client, "plots", block(HEAD, "L1|100||"))))
    site.projects.clear()
    assert "không còn phục vụ" in take_back().undo_report["kept"][0][2]


def test_a_row_costs_few_queries(project, site, officer):
    where = Where(project, officer, TODAY, site.pk)
    assert where.sites == [site]
    for values in ({"area_m2": Decimal(100)}, {"price_vnd": Decimal(5)}):
        with CaptureQueriesContext(
            connection,
        ) as seen:
            PLOTS.take_in({"number": "L1"} | values, where)
        assert len(seen) <= 3, [q["sql"] for q in seen]


def test_the_address_of_a_site_is_its_public_one(client, site):
    assert client.get(f"/khu-tai-dinh-cu/{refs.encode(site.ref)}/").status_code == 200
