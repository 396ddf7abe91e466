"""The page of blocking land: figures, list with rights, what-if without saving, permissions."""

import datetime as dt
import json

import pytest
from django.contrib.gis.geos import LineString, MultiLineString, MultiPolygon, Polygon
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from gpmb import refs
from gpmb.accounts.models import User
from gpmb.analysis import adjacency
from gpmb.analysis.blocking_models import Backtest
from gpmb.clearance.models import Project, Taking
from tests import factories
from tests.complaining import letter

pytestmark = pytest.mark.django_db
HANDED = dt.date(2023, 6, 1)


def cell(row: int, column: int) -> MultiPolygon:
    west, south = factories.CORNER[0] + column * 20, factories.CORNER[1] + row * 20
    box = Polygon.from_bbox((west, south, west + 20, south + 20))
    return MultiPolygon(box, srid=factories.settings.SRID)


def taking(project: Project, row: int, column: int, **fields) -> Taking:
    return factories.TakingFactory(
        project=project,
        parcel__boundary=cell(row, column),
        parcel__measured_area_m2=400,
        boundary=cell(row, column),
        **fields,
    )


@pytest.fixture
def officer() -> User:
    return factories.UserFactory()


@pytest.fixture
def project(today, officer) -> Project:
    """Three rows of three parcels, the middle row pending with one household each."""
    project = factories.ProjectFactory(code="CUM-01", officers=[officer])
    for column in range(3):
        for row in (0, 2):
            done = taking(project, row, column)
            done.handed_over_on, done.handed_over_area_m2 = HANDED, done.recovered_area_m2
            done.save()
        case = factories.CaseFactory(project=project, takings=0)
        taking(project, 1, column, case=case)
    adjacency.refresh(project)
    return project


def get(user: User, project: Project, name: str = "blocking", headers=None, **params):
    client = Client()
    client.force_login(user)
    return client.get(reverse(name, args=[project.ref]), params, headers=headers)


def middle(project: Project) -> list[Taking]:
    return list(project.takings.filter(handed_over_on__isnull=True).order_by("pk"))


def test_page_shows_figures_sentence_and_list(project, officer):
    page = get(officer, project).content.decode()
    assert "0,12 ha" in page  # the larger block, 1.200 m²
    assert "trên 0,24 ha đã bàn giao, liền khối 50%" in page
    assert "Giải quyết xong 3 phần đất đầu danh sách (3 hộ)" in page
    assert "khối liền lớn nhất lên 0,36 ha, thêm 0,24 ha" in page
    assert "Cần tập trung giải quyết trước" in page
    assert page.count('name="chon"') == 3
    assert "1.600,0" in page
    assert "Chưa đủ dữ liệu để dự báo" in page


def test_a_household_with_several_parcels_counts_once_in_the_sentence(project, officer):
    first, second, third = middle(project)
    Taking.objects.filter(pk__in=[second.pk, third.pk]).update(case=first.case)
    page = get(officer, project).content.decode()
    assert "Giải quyết xong 3 phần đất đầu danh sách (1 hộ)" in page


def test_the_project_page_asks_for_two_figures_the_sentence_and_the_first_five(project, officer):
    page = get(officer, project, "project").content.decode()
    address = reverse("blocking", args=[project.ref]) + "?phan=tom-tat"
    assert f'hx-get="{address}"' in page
    answer = get(officer, project, headers={"HX-Request": "true"}, phan="tom-tat")
    told = answer.content.decode()
    assert "Khối đất sạch liền lớn nhất" in told
    assert "mức cam kết P80" in told
    assert "thì khối liền lớn nhất lên" in told
    assert "<html" not in told


def test_what_if_changes_the_answer_and_saves_nothing(project, officer):
    chosen = refs.encode(middle(project)[1].ref)
    before = list(Taking.objects.values_list("pk", "version", "handed_over_on"))
    board = get(officer, project, chon=chosen, headers={"HX-Request": "true"}).content.decode()
    assert "<html" not in board
    assert "<b>1.200,0</b> → <b>2.800,0 m²</b> (thêm 1.600,0 m²)" in board
    assert list(Taking.objects.values_list("pk", "version", "handed_over_on")) == before


def test_chosen_takings_not_in_the_list_stay_chosen_and_strangers_are_ignored(project, officer):
    strange = ["zzzzzzzzzzz", "00000000001"]
    board = get(officer, project, chon=strange, headers={"HX-Request": "true"}).content.decode()
    assert "what-if-result" not in board
    assert "zzzzzzzzzzz" not in board
    for column in range(3, 60):
        taking(project, 1, column, case=factories.CaseFactory(project=project, takings=0))
    adjacency.refresh(project)
    listed = {row["ref"] for row in get(officer, project).context["rows"]}
    other = next(refs.encode(t.ref) for t in middle(project) if refs.encode(t.ref) not in listed)
    board = get(officer, project, chon=other, headers={"HX-Request": "true"}).content.decode()
    assert f'<input type="hidden" name="chon" value="{other}">' in board


def test_lanes_are_counted_when_asked(project, officer):
    done = taking(project, 3, 0)  # moved 3 m north, over a lane
    west, south, east, north = done.boundary.extent
    box = Polygon.from_bbox((west, south + 3, east, north + 3))
    done.boundary = MultiPolygon(box, srid=factories.settings.SRID)
    done.handed_over_on, done.handed_over_area_m2 = HANDED, done.recovered_area_m2
    done.save()
    adjacency.refresh(project)
    page = get(officer, project).content.decode()
    assert "tính cả đường đi qua được: 0,16 ha" in page
    figures = get(officer, project, duong="1").context["figures"]
    assert (figures["largest_m2"], figures["otherwise_m2"]) == (1600, 1200)


def test_the_past_is_as_it_was(project, officer):
    page = get(officer, project, on="31/05/2023").content.decode()
    assert "trên 0,00 ha đã bàn giao" in page
    assert page.count('name="chon"') == 9
    assert get(officer, project, on="2099-01-01").context["on"] == factories.TODAY


def test_rights_stand_beside_each_row(project, officer):
    case = middle(project)[0].case
    factories.walk(case, to="payment")
    page = get(officer, project).content.decode()
    paid_on = factories.FIRST_DAY + dt.timedelta(days=factories.PACE["payment"])
    assert f'<span class="good">{paid_on:%d/%m/%Y}</span>' in page
    assert "không thuộc diện" in page


def test_open_complaints_are_for_the_projects_officers_and_petitions_alone(project, officer):
    row = middle(project)[0]
    letter("1/2023", received_on=HANDED, cases=[row.case])
    assert "1 đang mở" in get(officer, project).content.decode()
    petitions = factories.UserFactory(petitions=True)
    assert "1 đang mở" in get(petitions, project).content.decode()
    for trait in ("leader", "viewer", "finance", "administrator"):
        page = get(factories.UserFactory(**{trait: True}), project).content.decode()
        assert "Đơn thư" not in page.split('id="danh-sach"')[1].split("</section>")[0]
        assert "đang mở" not in page
    stranger = factories.UserFactory()
    assert "đang mở" not in get(stranger, project).content.decode()


def test_restricted_projects_do_not_exist_for_others(project, officer):
    project.restricted = True
    project.save()
    assert get(factories.UserFactory(viewer=True), project).status_code == 404
    assert get(factories.UserFactory(viewer=True), project, "blocking_geojson").status_code == 404


def test_case_links_are_for_those_who_may_open_them(project, officer):
    case = middle(project)[0].case
    link = reverse("case", args=[case.ref])
    assert link in get(officer, project).content.decode()
    page = get(factories.UserFactory(viewer=True), project).content.decode()
    assert link not in page
    assert case.code in page
    assert "Hộ thử nghiệm" not in page


def test_stale_neighbours_and_missing_boundaries_are_said(project, officer):
    factories.TakingFactory(project=project, boundary=None, parcel__boundary=None)
    taking(project, 5, 5)
    page = get(officer, project).content.decode()
    assert "1 phần thu hồi chưa có ranh giới" in page
    assert "ranh giới chung chưa tính lại" in page


def test_empty_project_says_how_to_begin(today, officer):
    page = get(officer, factories.ProjectFactory()).content.decode()
    assert "hãy nhập thửa đất của dự án trước" in page
    assert "Chưa có phần đất nào trong dự án" in page


def test_a_road_shows_its_strip(project, officer):
    west, south = factories.CORNER
    project.alignment = MultiLineString(
        LineString((west + 10, south), (west + 10, south + 60)), srid=factories.settings.SRID
    )
    project.save()
    page = get(officer, project).content.decode()
    assert "Thông 67% chiều dài, đoạn thông dài nhất 20 m" in page
    assert "Lý trình 20–40 m" in page


def test_backtest_is_published_even_when_poor(project, officer):
    quantile = {"nominal": 0.8, "judged": 7, "coverage": 0.1, "pinball_days": 55.5}
    quantile["naive_pinball_days"] = 40.0
    score = {"forecasts": 9, "quantiles": {"p80": quantile}, "naive": {}}
    Backtest.objects.create(on=factories.TODAY, result={"by_share": {"80": score}})
    page = get(officer, project).content.decode()
    assert "55,5" in page
    assert "40,0" in page
    assert "10%" in page


def test_map_layer_has_blocks_and_picks(project, officer):
    found = json.loads(get(officer, project, "blocking_geojson").content)
    kinds = [feature["properties"]["kind"] for feature in found["features"]]
    assert kinds == ["block", "block", "pick", "pick", "pick"]
    east, north = found["features"][2]["geometry"]["coordinates"]
    assert 106 < east < 109
    assert 20 < north < 22
    assert found["features"][0]["properties"]["area_m2"] == 1200


def test_as_many_queries_for_many_rows(project, officer):
    get(officer, project)
    with CaptureQueriesContext(connection) as few:
        get(officer, project)
    for column in range(10):
        taking(project, 4, column, case=factories.CaseFactory(project=project, takings=0))
    adjacency.refresh(project)
    get(officer, project)
    with CaptureQueriesContext(connection) as many:
        get(officer, project)
    assert len(few) == len(many)
