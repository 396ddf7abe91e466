"""What households drew, pasted on the page of a draw of lots."""

import datetime as dt

import pytest
from django.test import Client
from django.urls import reverse

from gpmb import refs
from gpmb.importing.models import ImportRun, Upload
from gpmb.resettlement.models import Draw, DrawEntry
from tests.factories import (
    ArrangementFactory,
    CaseFactory,
    DocumentFactory,
    ProjectFactory,
    SiteFactory,
    UserFactory,
)
from tests.web.pasting.blocks import block, faults, take_back, write
from tests.web.test_imports import check
from tests.web.test_permissions import ROLES

pytestmark = pytest.mark.django_db
HEAD = "Lượt|Mã hồ sơ|Lô bốc được|Vắng"


def prepared(project):
    """Three households, one of them with two entries; four plots."""
    site = SiteFactory(serves=[project], ready=5)
    draw = Draw.objects.create(site=site, on=dt.date(2023, 6, 1), place="UBND", witnesses="MTTQ")
    draw.plots.set(site.plots.exclude(number="L5"))
    for order, code in enumerate(("HS-1", "HS-2", "HS-3", "HS-3"), 1):
        case = project.cases.filter(code=code).first()
        if case is None:
            case = CaseFactory(project=project, code=code, at="approval", resettlement_need="plot")
            ArrangementFactory(at="approved", at__plots=1 + (code == "HS-3"), case=case)
        DrawEntry.objects.create(draw=draw, case=case, order=order)
    return draw


@pytest.fixture
def draw(officer):
    return prepared(ProjectFactory(code="CCN", officers=[officer]))


def paste(client, draw, text):
    data = {"kind": "draws", "of": refs.encode(draw.ref), "block": text}
    client.post(reverse("import_paste"), data)
    return Upload.objects.latest("pk")


def drawn(draw):
    rows = draw.entries.order_by("order").select_related("plot")
    return [(row.present, row.plot.number if row.plot else "") for row in rows]


NOTHING = [(True, "")] * 4


def test_results_are_pasted_corrected_and_taken_back(client, draw):
    page = client.get(reverse("draw", args=[draw.ref])).content.decode()
    assert "Dán từ Excel: kết quả bốc thăm" in page
    text = block(HEAD, "|HS-1|L2|", "|HS-2||x", "3|HS-3|lô L1|", "4||L4|")
    upload = check(client, paste(client, draw, text))
    assert (upload.preview["changed"], drawn(draw)) == (4, NOTHING)
    write(client, upload)
    first = [(True, "L2"), (False, ""), (True, "L1"), (True, "L4")]
    assert drawn(draw) == first
    draw.refresh_from_db()
    assert draw.status == "held"
    assert check(client, paste(client, draw, text)).preview["unchanged"] == 4
    write(client, check(client, paste(client, draw, block(HEAD, "|HS-2|L3|"))))
    assert drawn(draw)[1] == (True, "L3")
    assert take_back().undo_report["undone"] == 1
    assert drawn(draw) == first
    assert take_back().undo_report["undone"] == 4
    draw.refresh_from_db()
    assert (drawn(draw), draw.status) == (NOTHING, "prepared")


def test_faults_of_results_are_said_cell_by_cell(client, draw):
    text = block(
        HEAD,
        "|HS-9|L1|",
        "|HS-3|L1|",
        "|HS-1|L5|",
        "|HS-1||",
        "|HS-1|L1|x",
        "|HS-1|L1|chắc",
        "|HS-1|L1|",
        "|HS-2|L1|",
        "||L2|",
    )
    upload = check(client, paste(client, draw, text))
    said = faults(upload)
    for row, words in {
        2: "Mã hồ sơ: Cuộc bốc thăm không có",
        3: "Lượt: Hồ sơ HS-3 có nhiều lượt",
        4: "Lô bốc được: Lô L5 không có trong cuộc",
        5: "Lô bốc được: Ghi lô bốc được",
        6: "Lô bốc được: Hồ sơ HS-1 vắng mặt",
        7: "Vắng: “chắc” không thuộc danh sách",
        9: "Lô bốc được: Lô L1 đã ghi cho hộ khác",
        10: "Lượt: ",
    }.items():
        assert said[row].startswith(words), said[row]
    assert (upload.preview["read"], upload.preview["refused"]) == (9, 8)


def test_a_closed_draw_takes_nothing_and_gives_nothing_back(client, draw):
    text = block(HEAD, "|HS-1|L1|")
    write(client, check(client, paste(client, draw, text)))
    Draw.objects.get().close(document=DocumentFactory(), by=None)
    page = client.get(reverse("draw", args=[draw.ref])).content.decode()
    assert "data-paste" not in page
    said = faults(check(client, paste(client, draw, block(HEAD, "|HS-2|L2|"))))
    assert said[2].startswith("Lô bốc được: Cuộc bốc thăm đã chốt")
    assert take_back().undo_report["undone"] == 0
    assert drawn(draw)[0] == (True, "L1")


@pytest.mark.parametrize("role", ROLES)
def test_who_may_paste_results_of_whose_draw(today, role):
    """role × {own, a site shared with another's project, other's}."""
    users = {each: UserFactory(role=each) for each in ROLES}
    client = Client()
    client.force_login(users[role])
    own = ProjectFactory(officers=[users["officer"]])
    told = ""
    for also in ([own], [own], []):
        project = own if not told else ProjectFactory(officers=[UserFactory()])
        draw = prepared(project)
        draw.site.projects.add(*also)
        count = Upload.objects.count()
        data = {"kind": "draws", "of": refs.encode(draw.ref), "block": block(HEAD, "1||L1|")}
        client.post(reverse("import_paste"), data)
        if Upload.objects.count() == count:
            told += "-"
            continue
        write(client, check(client, Upload.objects.latest("pk")))
        assert drawn(draw)[0] == (True, "L1")
        client.post(reverse("import_undo", args=[ImportRun.objects.latest("pk").ref]))
        told += "o" if drawn(draw)[0] == (True, "") else "w"
    assert told == ("oo-" if role == "officer" else "---")
