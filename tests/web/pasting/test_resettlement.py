"""Blocks pasted on /tai-dinh-cu/: how households are resettled, where they live meanwhile."""

import datetime as dt

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from gpmb.clearance.models import Case
from gpmb.importing.models import ImportRun, Upload
from gpmb.importing.tables.arrangement import ARRANGEMENTS
from gpmb.importing.tables.where import Where
from gpmb.reference.loading import load
from gpmb.resettlement.models import Allocation, Arrangement, ArrangementEvent, TemporaryHousing
from tests.factories import (
    TODAY,
    ArrangementFactory,
    CaseFactory,
    ProjectFactory,
    SiteFactory,
    UserFactory,
)
from tests.web.pasting.blocks import block, faults, paste, take_back, write
from tests.web.test_imports import check
from tests.web.test_permissions import ROLES

pytestmark = pytest.mark.django_db
HEAD = "Mã hồ sơ|Trạng thái|Ngày|Hình thức|Đủ điều kiện theo|Số lô|Số văn bản|Ghi chú"
RESIDENTIAL = "Đất ở đủ điều kiện bồi thường"


def household(project, code, **fields):
    return CaseFactory(project=project, code=code, at="approval", **fields)


def stands(code):
    """Status, ground, form, plots and how many moves are logged; "" without an arrangement."""
    case = Case.objects.get(code=code)
    row = Arrangement.objects.filter(case=case).first()
    told = (case.resettlement_need, case.entitled_plots)
    return (row.status, row.ground, *told, row.events.count()) if row else ("", "", *told, 0)


def test_households_are_registered_and_found_eligible_by_a_block(client, project, officer):
    before = {code: stands(household(project, code).code) for code in ("HS-1", "HS-2")}
    text = block(
        HEAD,
        f"HS-1||01/06/2023|lô đất|{RESIDENTIAL}|2||",
        "HS-2|Đăng ký hình thức|02/06/2023|tự lo||||hộ về quê",
    )
    upload = check(client, paste(client, "arrangements", text))
    assert (upload.preview["created"], Arrangement.objects.count()) == (2, 0)
    assert ["Ghi chú", "", "hộ về quê"] in upload.preview["shown"][1][3]
    write(client, upload)
    first = {
        "HS-1": ("eligible", "residential", "plot", 2, 2),
        "HS-2": ("registered", "", "self", 0, 1),
    }
    assert {code: stands(code) for code in before} == first
    event = ArrangementEvent.objects.get(arrangement__case__code="HS-2")
    assert (event.note, event.by, event.on) == ("hộ về quê", officer, dt.date(2023, 6, 2))
    again = check(client, paste(client, "arrangements", text)).preview
    assert (again["unchanged"], again["created"], again["changed"]) == (2, 0, 0)

    change = block(
        HEAD,
        "HS-1|Niêm yết phương án bố trí|05/06/2023|lô đất||2||",
        "HS-2||02/06/2023|nhà||||",
    )
    upload = check(client, paste(client, "arrangements", change))
    assert (upload.preview["changed"], upload.preview["created"]) == (2, 0)
    write(client, upload)
    assert stands("HS-1") == ("posted", "residential", "plot", 2, 3)
    assert stands("HS-2") == ("registered", "", "house", 0, 1)
    assert take_back().undo_report["undone"] == 2
    assert {code: stands(code) for code in before} == first
    assert take_back().undo_report["undone"] == 2
    assert {code: stands(code) for code in before} == before
    assert not ArrangementEvent.objects.exists()


def test_a_changed_number_of_plots_is_corrected_and_given_back(client, project):
    household(project, "HS-1")
    row = f"HS-1||01/06/2023|lô đất|{RESIDENTIAL}|"
    write(client, check(client, paste(client, "arrangements", block(HEAD, f"{row}1||"))))
    upload = check(client, paste(client, "arrangements", block(HEAD, f"{row}2||")))
    assert upload.preview["shown"][0][3] == [["Số lô", "1", "2"]]
    write(client, upload)
    assert stands("HS-1")[3] == 2
    take_back()
    assert stands("HS-1") == ("eligible", "residential", "plot", 1, 2)


def test_an_approval_is_pasted_with_its_decision(client, project):
    ArrangementFactory(at="posted", case=household(project, "HS-1"))
    text = block(HEAD, "HS-1|Duyệt phương án bố trí|01/06/2023||||88/QĐ-UBND|")
    write(client, check(client, paste(client, "arrangements", text)))
    row = Arrangement.objects.get()
    assert (row.status, row.document.number) == ("approved", "88/QĐ-UBND")
    take_back()
    row.refresh_from_db()
    assert (row.status, row.document, row.approved_on) == ("posted", None, None)


def test_a_household_that_finds_its_own_place_is_settled_with_its_step_and_back(client, project):
    arrangement = ArrangementFactory(
        at="approved", at__form="self", case=household(project, "HS-1")
    )
    text = block(HEAD, "HS-1|Đã nhận tiền, tự lo chỗ ở|01/06/2023|||||")
    write(client, check(client, paste(client, "arrangements", text)))
    case = arrangement.case
    case.refresh_from_db()
    assert (stands("HS-1")[0], case.resettled_on) == ("settled", dt.date(2023, 6, 1))
    assert take_back().undo_report["undone"] == 1
    case.refresh_from_db()
    assert (stands("HS-1")[0], case.resettled_on) == ("approved", None)


def test_what_was_done_since_stays(client, project):
    for code in ("HS-1", "HS-2", "HS-3"):
        household(project, code)
    rows = [f"HS-{n}||01/06/2023|lô đất|{RESIDENTIAL}|1||" for n in (1, 2, 3)]
    write(client, check(client, paste(client, "arrangements", block(HEAD, *rows))))
    Arrangement.objects.get(case__code="HS-1").move("posted", on=TODAY, by=None)
    Case.objects.get(code="HS-2").amend(entitled_plots=2)
    report = take_back().undo_report
    assert report["undone"] == 1
    why = "đã sửa hoặc làm tiếp sau khi nhập"
    assert report["kept"] == [[2, "HS-1", why], [3, "HS-2", why]]
    assert [stands(f"HS-{n}")[0] for n in (1, 2, 3)] == ["posted", "eligible", ""]


def test_a_household_given_one_of_two_plots_since_stays(client, project):
    site = SiteFactory(serves=[project], ready=2)
    ArrangementFactory(at="posted", at__plots=2, case=household(project, "HS-1"))
    text = block(HEAD, "HS-1|Duyệt phương án bố trí|01/06/2023||||88/QĐ-UBND|")
    write(client, check(client, paste(client, "arrangements", text)))
    row = Arrangement.objects.get()
    row.give(site.plots.first(), on=TODAY, by=None, document=None)
    assert stands("HS-1")[0] == "approved"
    assert take_back().undo_report["undone"] == 0
    assert stands("HS-1")[0] == "approved"


def test_faults_of_arrangements_are_said_cell_by_cell(client, project):
    load()
    household(project, "HS-1")
    household(project, "HS-2")
    ArrangementFactory(at="eligible", case=household(project, "HS-3"))
    ArrangementFactory(at="approved", case=household(project, "HS-4"))
    ArrangementFactory(at="posted", case=household(project, "HS-5"))
    text = block(
        HEAD,
        "HS-9||01/06/2023|lô đất||||",
        "HS-1||01/06/2023|||||",
        "HS-1||01/07/2023|lô đất||||",
        "HS-1||01/06/2023|ở nhờ||||",
        "HS-1||01/06/2023|tự lo||2||",
        "HS-1||01/06/2023|lô đất||1,5||",
        "HS-1|Đăng ký hình thức|01/06/2023|||||",
        "HS-1|Đủ điều kiện|01/06/2023|lô đất||||",
        "HS-1|Duyệt phương án bố trí|01/06/2023|lô đất|||5/QĐ|",
        f"HS-1|Đăng ký hình thức|01/06/2023|lô đất|{RESIDENTIAL}|||",
        "HS-3|Niêm yết phương án bố trí|01/01/2021|||||",
        "HS-4|Đã giao đủ lô|01/06/2023|||||",
        "HS-5|Duyệt phương án bố trí|01/06/2023|||||",
        "HS-5|Duyệt phương án bố trí|01/06/2023|tự lo|||5/QĐ|",
        "HS-2|Dọn nhà|01/06/2023|||||",
    )
    upload = check(client, paste(client, "arrangements", text))
    said = faults(upload)
    for row, words in {
        2: "Mã hồ sơ: Mã hồ sơ HS-9 không có",
        3: "Trạng thái: Thiếu trạng thái",
        4: "Ngày: Ngày 01/07/2023 sau ngày số liệu",
        5: "Hình thức: “ở nhờ” không thuộc danh sách",
        6: "Số lô: Hộ tự lo chỗ ở",
        7: "Số lô: Số lô 1,5 không hợp lệ",
        8: "Hình thức: Đăng ký thì ghi hình thức",
        9: "Đủ điều kiện theo: Đủ điều kiện thì ghi theo trường hợp nào",
        10: "Trạng thái: Đang “Đã khảo sát nhu cầu”",
        11: "Đủ điều kiện theo: Điều kiện chỉ ghi khi xét",
        12: "Ngày: Ngày 01/01/2021 trước ngày của trạng thái",
        13: "Trạng thái: “Giao đủ lô” ghi ở bảng Giao lô",
        14: "Số văn bản: “Duyệt phương án bố trí” phải có số quyết định",
        15: "Hình thức: Phương án bố trí của hộ",
        16: "Trạng thái: “Dọn nhà” không thuộc danh sách",
    }.items():
        assert said[row].startswith(words), said[row]
    assert (upload.preview["read"], upload.preview["refused"]) == (15, 15)


def test_a_move_recorded_otherwise_is_not_written_over(client, project):
    household(project, "HS-1")
    row = f"HS-1||01/06/2023|lô đất|{RESIDENTIAL}|1"
    write(client, check(client, paste(client, "arrangements", block(HEAD, f"{row}|5/BB|"))))
    said = faults(check(client, paste(client, "arrangements", block(HEAD, f"{row}|6/BB|"))))
    assert said[2].startswith("Số văn bản: “Đủ điều kiện” đã ghi ngày 01/06/2023")


STAY = "Mã hồ sơ|Từ ngày|Đến ngày|Tiền một tháng (đồng)|Nơi tạm cư"


def stays():
    rows = TemporaryHousing.objects.order_by("from_on")
    return [(f"{r.from_on:%d/%m/%Y}", r.to_on, int(r.monthly_vnd), r.place) for r in rows]


def test_stays_are_pasted_changed_and_taken_back(client, project):
    household(project, "HS-1")
    text = block(STAY, "HS-1|01/03/2023||2.000.000|nhà trọ Hải Yên")
    upload = check(client, paste(client, "housing", text))
    assert (upload.preview["created"], TemporaryHousing.objects.count()) == (1, 0)
    write(client, upload)
    first = [("01/03/2023", None, 2_000_000, "nhà trọ Hải Yên")]
    assert stays() == first
    assert check(client, paste(client, "housing", text)).preview["unchanged"] == 1
    change = block(STAY, "HS-1|01/03/2023|31/12/2023|2.500.000|")
    write(client, check(client, paste(client, "housing", change)))
    assert stays() == [("01/03/2023", dt.date(2023, 12, 31), 2_500_000, "nhà trọ Hải Yên")]
    take_back()
    assert stays() == first
    take_back()
    assert stays() == []


def test_a_stay_changed_since_stays(client, project):
    household(project, "HS-1")
    text = block(STAY, "HS-1|01/03/2023||2.000.000|")
    write(client, check(client, paste(client, "housing", text)))
    TemporaryHousing.objects.update(to_on=TODAY)
    assert take_back().undo_report["kept"] == [[2, "HS-1", "đã sửa sau khi nhập"]]


def test_faults_of_stays_are_said_cell_by_cell(client, project):
    household(project, "HS-1")
    text = block(
        STAY,
        "HS-9|01/03/2023||2.000.000|",
        "HS-1|01/07/2023||2.000.000|",
        "HS-1|01/03/2023|01/02/2023|2.000.000|",
        "HS-1|01/03/2023|||",
        "HS-1|01/03/2023||0|",
        f"HS-1|01/03/2023||5|{'x' * 201}",
    )
    said = faults(check(client, paste(client, "housing", text)))
    for row, words in {
        2: "Mã hồ sơ: Mã hồ sơ HS-9 không có",
        3: "Từ ngày: Ngày 01/07/2023 sau ngày số liệu",
        4: "Đến ngày: Ngày hết tạm cư",
        5: "Tiền một tháng (đồng): Thiếu tiền một tháng",
        6: "Tiền một tháng (đồng): Tiền tạm cư phải lớn hơn 0",
        7: "Nơi tạm cư: ",
    }.items():
        assert said[row].startswith(words), said[row]


def test_a_row_costs_the_same_in_a_large_project(project, officer):
    household(project, "HS-1")
    given = {"case": "HS-1", "on": TODAY, "form": "lô đất", "ground": RESIDENTIAL}

    def queries(code):
        where = Where(project, officer, TODAY)
        assert where.case(code)
        assert where.law
        with CaptureQueriesContext(connection) as seen:
            ARRANGEMENTS.take_in(given | {"case": code}, where)
        return len(seen)

    few = queries("HS-1")
    for number in range(2, 9):
        household(project, f"HS-{number}")
    assert queries("HS-2") <= few <= 34, few


GIVING = "Mã hồ sơ|Lô|Bố trí ngày|Số quyết định|Bàn giao ngày|Số biên bản bàn giao|Khu"


def approved(project, code, plots=1):
    return ArrangementFactory(at="approved", at__plots=plots, case=household(project, code))


def held(code):
    rows = Allocation.objects.filter(case__code=code, released_on=None).order_by("plot__number")
    return [(row.plot.number, row.plot.status, row.handed_over_on) for row in rows]


def test_plots_are_given_and_handed_over_by_a_block_and_taken_back(client, project):
    site = SiteFactory(serves=[project], ready=4)
    site.plots.get(number="L3").move("reserved")
    approved(project, "HS-1", plots=2)
    approved(project, "HS-2")
    text = block(
        GIVING,
        "HS-1|L1|01/06/2023|9/QĐ|||",
        "HS-1|lô L3|01/06/2023|9/QĐ|||",
        "HS-2|L2|02/06/2023|10/QĐ|05/06/2023|3/BB|",
    )
    upload = check(client, paste(client, "allocations", text))
    assert (upload.preview["created"], Allocation.objects.count()) == (3, 0)
    write(client, upload)
    on = dt.date(2023, 6, 5)
    assert held("HS-1") == [("L1", "allocated", None), ("L3", "allocated", None)]
    assert held("HS-2") == [("L2", "handed_over", on)]
    assert (stands("HS-1")[0], stands("HS-2")[0]) == ("allocated", "settled")
    assert Case.objects.get(code="HS-2").resettled_on == on
    again = check(client, paste(client, "allocations", text)).preview
    assert (again["unchanged"], again["created"], again["changed"]) == (3, 0, 0)

    change = block("Mã hồ sơ|Lô|Bàn giao ngày", "HS-1|L1|06/06/2023", "HS-1|L3|07/06/2023")
    upload = check(client, paste(client, "allocations", change))
    assert upload.preview["changed"] == 2
    write(client, upload)
    assert stands("HS-1")[0] == "settled"
    assert take_back().undo_report["undone"] == 2
    assert held("HS-1") == [("L1", "allocated", None), ("L3", "allocated", None)]
    assert (stands("HS-1")[0], Case.objects.get(code="HS-1").resettled_on) == ("allocated", None)
    assert take_back().undo_report["undone"] == 3
    assert held("HS-1") == held("HS-2") == []
    assert (stands("HS-1")[0], stands("HS-2")[0]) == ("approved", "approved")
    assert Case.objects.get(code="HS-2").resettled_on is None
    statuses = {plot.number: plot.status for plot in site.plots.all()}
    assert statuses == dict.fromkeys(("L1", "L2", "L4"), "available") | {"L3": "reserved"}


def test_a_plot_handed_over_since_stays_given(client, project):
    SiteFactory(serves=[project], ready=1)
    arrangement = approved(project, "HS-1")
    text = block(GIVING, "HS-1|L1|01/06/2023|9/QĐ|||")
    write(client, check(client, paste(client, "allocations", text)))
    arrangement.hand_over(Allocation.objects.get(), on=TODAY, by=None, document=None)
    assert take_back().undo_report["undone"] == 0
    assert held("HS-1") == [("L1", "handed_over", TODAY)]


def test_faults_of_giving_plots_are_said_cell_by_cell(client, project):
    site = SiteFactory(serves=[project], ready=3, code="HY", name="Khu Hải Yên")
    SiteFactory(serves=[project], ready=2, name="Khu khác")
    site.plots.get(number="L3").move("surplus")
    approved(project, "HS-1")
    approved(project, "HS-2")
    household(project, "HS-3")
    ArrangementFactory(at="posted", case=household(project, "HS-4"))
    text = block(
        GIVING,
        "HS-9|L1|01/06/2023|9/QĐ|||HY",
        "HS-1|L9|01/06/2023|9/QĐ|||HY",
        "HS-1|L1|01/06/2023|9/QĐ|||",
        "HS-1|L1|01/06/2023|9/QĐ|||Khu Trà Cổ",
        "HS-1|L1|01/06/2023||||HY",
        "HS-1|L1|01/07/2023|9/QĐ|||HY",
        "HS-1|L3|01/06/2023|9/QĐ|||HY",
        "HS-3|L1|01/06/2023|9/QĐ|||HY",
        "HS-4|L1|01/06/2023|9/QĐ|||HY",
        "HS-1|L1|01/06/2023|9/QĐ|01/05/2023||HY",
        "HS-1|L1|01/06/2023|9/QĐ|||HY",
        "HS-1|L2|01/06/2023|9/QĐ|||HY",
        "HS-2|L1|01/06/2023|9/QĐ|||HY",
        "HS-1|L1|02/06/2023|9/QĐ|||HY",
    )
    upload = check(client, paste(client, "allocations", text))
    said = faults(upload)
    for row, words in {
        2: "Mã hồ sơ: Mã hồ sơ HS-9 không có",
        3: "Lô: Không có lô L9",
        4: "Khu: Lô L1 có ở nhiều khu",
        5: "Khu: “Khu Trà Cổ” không phải khu",
        6: "Số quyết định: Giao lô phải có số quyết định",
        7: "Bố trí ngày: Ngày 01/07/2023 sau ngày số liệu",
        8: "Lô: Lô L3 đang “Thừa",
        9: "Mã hồ sơ: Hồ sơ HS-3 chưa có phương án",
        10: "Mã hồ sơ: Chỉ giao lô khi phương án bố trí đã duyệt",
        11: "Bàn giao ngày: Ngày bàn giao trước ngày bố trí",
        13: "Mã hồ sơ: Chỉ giao lô khi",
        14: "Lô: Lô L1 đang “Đã giao”",
        15: "Bố trí ngày: Lô đã ghi bố trí ngày “01/06/2023”",
    }.items():
        assert said[row].startswith(words), said[row]
    assert (upload.preview["read"], upload.preview["refused"]) == (14, 13)


BLOCKS = {
    "arrangements": block(HEAD, f"HS-1||01/06/2023|lô đất|{RESIDENTIAL}|1||"),
    "allocations": block(GIVING, "HS-1|L1|01/06/2023|9/QĐ|||"),
    "housing": block(STAY, "HS-1|01/03/2023||2.000.000|"),
}


MODELS = {
    "arrangements": Arrangement,
    "allocations": Allocation,
    "housing": TemporaryHousing,
}


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("kind", BLOCKS)
def test_who_may_paste_about_whose_households(today, role, kind):
    """role × {own, same project as a colleague, other's}."""
    users = {each: UserFactory(role=each) for each in ROLES}
    model = MODELS[kind]
    client = Client()
    client.force_login(users[role])
    officers = ([users["officer"]], [users["officer"], UserFactory()], [UserFactory()])
    sent = undone = ""
    for mine in officers:
        project = ProjectFactory(officers=mine)
        if kind == "allocations":
            SiteFactory(serves=[project], ready=1)
            approved(project, "HS-1")
        else:
            household(project, "HS-1")
        count = Upload.objects.count()
        data = {"kind": kind, "project": project.code, "block": BLOCKS[kind]}
        client.post(reverse("import_paste"), data)
        if Upload.objects.count() == count:
            sent, undone = sent + "-", undone + "-"
            continue
        write(client, check(client, Upload.objects.latest("pk")))
        sent += "o" if model.objects.filter(case__project=project).exists() else "-"
        client.post(reverse("import_undo", args=[ImportRun.objects.latest("pk").ref]))
        undone += "-" if model.objects.exists() else "o"
    expected = "oo-" if role == "officer" else "---"
    assert (sent, undone) == (expected, expected)
    page = client.get(reverse("resettlement")).content.decode()
    assert ("data-paste" in page) == (role == "officer")
    past = client.get(reverse("resettlement"), {"on": "31/05/2023"}).content.decode()
    assert "data-paste" not in past
