"""The price list, and a block of prices pasted on it by the administrator."""

import datetime as dt
from decimal import Decimal

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from gpmb.compensation.models import PlanItem, UnitPrice
from gpmb.importing.models import ImportRun, Upload
from tests.factories import DocumentFactory, PlanFactory, ProjectFactory, UserFactory
from tests.web.pasting.blocks import block, faults, take_back, write
from tests.web.test_imports import check
from tests.web.test_permissions import ROLES

pytestmark = pytest.mark.django_db
HEAD = (
    "Mã đơn giá|Khoản mục|Nội dung|Đơn vị tính|Đơn giá|Có hiệu lực từ|Đến hết ngày|Số văn bản|"
    "Ngày ký|Mã dự án"
)
PAPER = "42/2019/QĐ-UBND|31/12/2019"


@pytest.fixture
def client(today):
    client = Client()
    client.force_login(UserFactory(administrator=True))
    return client


def paste(client, text):
    client.post(reverse("import_paste"), {"kind": "prices", "of": "", "block": text})
    return Upload.objects.latest("pk")


def prices():
    rows = UnitPrice.objects.order_by("code", "valid_from")
    return [(p.code, p.block, int(p.price_vnd), p.valid_from.year, p.valid_to) for p in rows]


def price(code="C-KEO", **fields):
    return UnitPrice.objects.create(
        code=code,
        block="crops",
        name="Keo 3 năm tuổi",
        unit="cây",
        price_vnd=45_000,
        valid_from=dt.date(2020, 1, 1),
        document=DocumentFactory(number="42/2019/QĐ-UBND", signed_on=dt.date(2019, 12, 31)),
        **fields,
    )


def test_prices_are_pasted_ended_and_taken_back(client):
    ProjectFactory(code="CCN", name="Cụm công nghiệp")
    text = block(
        HEAD,
        f"C-KEO|Cây trồng, vật nuôi|Keo 3 năm tuổi|cây|45.000|01/01/2020||{PAPER}|",
        f"D-LUC|đất|Đất chuyên trồng lúa|m²|55.000|01/01/2020||{PAPER}|ccn",
    )
    upload = check(client, paste(client, text))
    assert (upload.preview["created"], UnitPrice.objects.count()) == (2, 0)
    write(client, upload)
    first = [
        ("C-KEO", "crops", 45_000, 2020, None),
        ("D-LUC", "land", 55_000, 2020, None),
    ]
    assert prices() == first
    assert UnitPrice.objects.get(code="D-LUC").project.code == "CCN"
    again = check(client, paste(client, text)).preview
    assert (again["unchanged"], again["created"], again["changed"]) == (2, 0, 0)

    later = block(
        HEAD,
        "C-KEO|||||01/01/2020|31/12/2022|||",
        "C-KEO|Cây trồng, vật nuôi|Keo 3 năm tuổi|cây|52.000|01/01/2023||5/QĐ|20/12/2022|",
        "D-LUC||||60.000|01/01/2020||||CCN",
    )
    upload = check(client, paste(client, later))
    assert (upload.preview["created"], upload.preview["changed"]) == (1, 2)
    write(client, upload)
    assert prices() == [
        ("C-KEO", "crops", 45_000, 2020, dt.date(2022, 12, 31)),
        ("C-KEO", "crops", 52_000, 2023, None),
        ("D-LUC", "land", 60_000, 2020, None),
    ]
    assert take_back().undo_report["undone"] == 3
    assert prices() == first
    assert take_back().undo_report["undone"] == 2
    assert prices() == []


def test_a_price_that_a_plan_uses_is_ended_never_rewritten(client):
    used = price()
    plan = PlanFactory(amount=0)
    PlanItem.objects.create(
        plan=plan, block="crops", description="Keo", amount_vnd=Decimal(0), price=used
    )
    text = block("Mã đơn giá|Có hiệu lực từ|Đơn giá", "C-KEO|01/01/2020|50.000")
    said = faults(check(client, paste(client, text)))
    assert said[2].startswith("Đơn giá: Giá C-KEO từ 01/01/2020 đã dùng trong phương án")
    text = block("Mã đơn giá|Có hiệu lực từ|Đến hết ngày", "C-KEO|01/01/2020|31/12/2022")
    write(client, check(client, paste(client, text)))
    used.refresh_from_db()
    assert used.valid_to == dt.date(2022, 12, 31)
    take_back()
    used.refresh_from_db()
    assert used.valid_to is None


def test_a_price_used_since_stays(client):
    row = f"C-KEO|Cây trồng, vật nuôi|Keo|cây|45.000|01/01/2020||{PAPER}|"
    write(client, check(client, paste(client, block(HEAD, row))))
    PlanItem.objects.create(
        plan=PlanFactory(amount=0),
        block="crops",
        description="Keo",
        amount_vnd=Decimal(0),
        price=UnitPrice.objects.get(),
    )
    report = take_back().undo_report
    assert (report["undone"], len(report["kept"])) == (0, 1)


def test_faults_of_prices_are_said_cell_by_cell(client):
    price()
    rest = "Keo|cây|45.000|01/01/2021"
    text = block(
        HEAD,
        f"C-X|Cây gì|{rest}||{PAPER}|",
        f"C-X|Đất||m²|45.000|01/01/2021||{PAPER}|",
        f"C-X|Đất|Đất lúa|m²|12o|01/01/2021||{PAPER}|",
        f"C-X|Đất|{rest}||||",
        f"C-X|Đất|{rest}||77/QĐ||",
        f"C-X|Đất|{rest}||{PAPER}|KHONG",
        f"C-X|Đất|{rest}|01/01/2020|{PAPER}|",
        f"C-KEO|Đất|{rest}||{PAPER}|",
        f"C-X|Đất|{'x' * 201}|m²|45.000|01/01/2021||{PAPER}|",
    )
    upload = check(client, paste(client, text))
    said = faults(upload)
    for row, words in {
        2: "Khoản mục: “Cây gì” không thuộc danh sách",
        3: "Nội dung: Thiếu nội dung",
        4: "Đơn giá: “12o” không phải là số",
        5: "Số văn bản: Thiếu số văn bản",
        6: "Ngày ký: Thiếu ngày ký của văn bản 77/QĐ",
        7: "Mã dự án: Không có dự án “KHONG”",
        8: "Đến hết ngày: Ngày kết thúc phải từ ngày bắt đầu",
        9: ": Mã đơn giá này đã có giá trong thời gian đó",
        10: "Nội dung: ",
    }.items():
        assert said[row].startswith(words), said[row]
    assert (upload.preview["read"], upload.preview["refused"]) == (9, 9)


@pytest.mark.parametrize("role", ROLES)
def test_who_reads_and_who_enters_prices(today, role):
    hidden = ProjectFactory(restricted=True)
    price()
    price(code="C-KIN", project=hidden)
    user = UserFactory(role=role)
    client = Client()
    client.force_login(user)
    answer = client.get(reverse("prices"))
    page = answer.content.decode()
    reads = role in ("officer", "finance", "administrator")
    assert (answer.status_code == 200, "C-KEO" in page) == (reads, reads)
    assert "C-KIN" not in page
    keeps = role == "administrator"
    assert ("data-paste" in page) == keeps
    row = f"D-LUC|Đất|Đất lúa|m²|55.000|01/01/2020||{PAPER}|"
    data = {"kind": "prices", "of": "", "block": block(HEAD, row)}
    assert (client.post(reverse("import_paste"), data).status_code == 302) == keeps
    if keeps:
        write(client, check(client, Upload.objects.get()))
        run = ImportRun.objects.get(applied=True)
        assert run.file_name in client.get(reverse("prices")).content.decode()
        client.post(reverse("import_undo", args=[run.ref]))
    assert not UnitPrice.objects.filter(code="D-LUC").exists()


def test_the_list_is_narrowed_by_block_time_and_words(client):
    price()
    price(code="C-CU", valid_to=dt.date(2022, 12, 31))
    address = reverse("prices")

    def codes(**asked):
        return [p.code for p in client.get(address, asked).context["page"]]

    assert codes() == ["C-CU", "C-KEO"]
    assert codes(state="now") == ["C-KEO"]
    assert codes(state="past") == ["C-CU"]
    assert codes(state="next") == codes(block="land") == []
    assert codes(q="keo 3") == ["C-CU", "C-KEO"]


def test_thirty_prices_cost_as_many_questions_as_three(client):
    def queries():
        with CaptureQueriesContext(connection) as seen:
            client.get(reverse("prices"))
        return len(seen)

    for number in range(3):
        price(code=f"C-{number}", project=ProjectFactory())
    few = queries()
    for number in range(3, 30):
        price(code=f"C-{number}", project=ProjectFactory())
    assert queries() == few


def test_an_old_price_whose_successor_is_used_stays_ended(client):
    price()
    row = f"C-KEO|Cây trồng, vật nuôi|Keo|cây|52.000|01/01/2023||{PAPER}|"
    text = block(HEAD, "C-KEO|||||01/01/2020|31/12/2022|||", row)
    write(client, check(client, paste(client, text)))
    PlanItem.objects.create(
        plan=PlanFactory(amount=0),
        block="crops",
        description="Keo",
        amount_vnd=Decimal(0),
        price=UnitPrice.objects.get(valid_from__year=2023),
    )
    report = take_back().undo_report
    assert report["undone"] == 0
    assert "giá khác của mã này đã nối tiếp" in [why for _, _, why in report["kept"]]
    assert UnitPrice.objects.get(valid_from__year=2020).valid_to == dt.date(2022, 12, 31)
