"""Round trips: what is exported and imported again changes nothing, in every form."""

import datetime as dt
import json
import sqlite3
from contextlib import closing
from decimal import Decimal

import pytest
import shapely
from django.conf import settings
from django.contrib.gis.geos import MultiPolygon, Polygon
from openpyxl import load_workbook

from gpmb.clearance.models import CaseParty, Taking
from gpmb.compensation.models import Plan, PlanItem
from gpmb.importing.lists.run import import_workbook
from gpmb.importing.survey.run import import_parcels
from gpmb.importing.survey.spatial import Answers
from gpmb.reports import exports
from gpmb.reports.exports import lists
from gpmb.reports.models import ExportLog
from tests.factories import (
    TODAY,
    AdministrativeUnitFactory,
    CaseFactory,
    LandClassFactory,
    ParcelFactory,
    PartyFactory,
    ProjectFactory,
    TakingFactory,
    UserFactory,
    tile,
)

pytestmark = pytest.mark.django_db
F, Shape = ExportLog.Format, exports.Shape
CRS = f"EPSG:{settings.SRID}"


@pytest.fixture
def project(today):
    """Land with everything awkward: parts, a hole, mixed classes, no number, two cases on one
    parcel, a part taken only, cents of a square metre."""
    project = ProjectFactory(officers=[UserFactory(username="canbo")])
    unit = AdministrativeUnitFactory()
    project.units.add(unit)
    west, south, _, _ = tile(400).extent
    ring = Polygon.from_bbox((west, south, west + 60, south + 60))
    hole = Polygon.from_bbox((west + 20, south + 20, west + 30, south + 30))
    ring = Polygon(ring.exterior_ring, hole.exterior_ring)
    apart = Polygon.from_bbox((west + 100, south, west + 110, south + 10))
    odd = ParcelFactory(
        unit=unit,
        number="12/263A",
        boundary=MultiPolygon(ring, apart, srid=settings.SRID),
        measured_area_m2=3600,
        registered_area_m2=Decimal("3600.45"),
    )
    TakingFactory(project=project, parcel=odd, recovered_area_m2=Decimal("3600.45"))
    shared = ParcelFactory(unit=unit, number="5/85")
    for _ in range(2):
        case = CaseFactory(project=project, takings=0)
        TakingFactory(
            project=project, parcel=shared, case=case, recovered_area_m2=Decimal("100.25")
        )
    mixed = TakingFactory(project=project, parcel__unit=unit, parcel__number="5/86")
    mixed.parts.update(area_m2=300)
    mixed.parts.create(land_class=LandClassFactory(code="ONT"), area_m2=200)
    TakingFactory(project=project, parcel=ParcelFactory(unit=unit, registered_area_m2=None))
    return project


def content(project, user=None, **kwargs):
    user = user or project.assignment_set.first().user
    return exports.Content(user, TODAY, TODAY, Taking.objects.filter(project=project), **kwargs)


def test_no_fixture_is_empty(project):
    assert content(project).count() == 5


@pytest.mark.parametrize(
    ("form", "name", "answers"),
    [
        (F.GEOPACKAGE, "x.gpkg", {}),
        (F.SHAPEFILE, "x.zip", {}),
        (F.DXF, "x.dxf", {"crs": CRS}),
        (F.GEOJSON, "x.geojson", {}),
        (F.KML, "x.kml", {}),
    ],
)
def test_a_layer_comes_back_and_changes_nothing(project, tmp_path, form, name, answers):
    path = tmp_path / name
    rows = exports.write(content(project), form, Shape.PARCEL, path)
    assert rows == 4, "five takings stand on four parcels"
    report = import_parcels(path, project, Answers(**answers))
    assert (report.created, report.changed, report.unchanged, report.refused) == (0, 0, 4, 0), [
        str(finding) for finding in report.findings
    ]


def test_a_vertex_stored_twice_is_no_change_when_the_layer_comes_back(tmp_path, today):
    unit = AdministrativeUnitFactory()
    project = ProjectFactory(officers=[UserFactory()])
    project.units.add(unit)
    parcel = ParcelFactory(unit=unit, number="9/1")
    ring = list(parcel.boundary[0][0].coords)
    parcel.boundary = MultiPolygon(Polygon([ring[0], *ring]), srid=settings.SRID)
    parcel.save()
    TakingFactory(project=project, parcel=parcel)
    path = tmp_path / "x.kml"
    exports.write(content(project), F.KML, Shape.PARCEL, path)
    report = import_parcels(path, project, Answers())
    assert (report.changed, report.unchanged) == (0, 1)
    assert [finding.code for finding in report.findings] == ["repeated_points"]


def test_an_edited_layer_changes_what_was_edited(project, tmp_path):
    """The round trip is no accident of an import that never sees a change."""
    path = tmp_path / "x.geojson"
    exports.write(content(project), F.GEOJSON, Shape.PARCEL, path)
    data = json.loads(path.read_text(encoding="utf-8"))
    row = next(f for f in data["features"] if f["properties"]["so_thua"] == "263A")
    row["properties"]["dien_tich"] = 3700
    path.write_text(json.dumps(data), encoding="utf-8")
    report = import_parcels(path, project, Answers())
    assert (report.changed, report.unchanged) == (1, 3)


def test_a_taken_part_is_drawn_when_asked(project, tmp_path):
    taking = Taking.objects.filter(project=project, case__isnull=False).first()
    west, south, east, north = taking.boundary.extent
    half = Polygon.from_bbox((west, south, (west + east) / 2, north))
    taking.boundary = MultiPolygon(half, srid=settings.SRID)
    taking.save()
    path = tmp_path / "x.gpkg"
    assert exports.write(content(project), F.GEOPACKAGE, Shape.TAKING, path) == 5


def test_a_geopackage_opens_in_qgis_with_the_stages_colours(project, tmp_path):
    path = tmp_path / "x.gpkg"
    exports.write(content(project), F.GEOPACKAGE, Shape.PARCEL, path)
    with closing(sqlite3.connect(path)) as database:
        name, qml, sld, default = database.execute(
            "SELECT f_table_name, styleQML, styleSLD, useAsDefault FROM layer_styles"
        ).fetchone()
        columns = {row[1] for row in database.execute(f"PRAGMA table_info({name})")}
    assert (name, default) == ("ranh_thua", 1)
    assert "giai_doan" in columns
    assert 'attr="giai_doan"' in qml
    assert "#2c7fb8" in sld


def test_kml_and_geojson_are_in_degrees(project, tmp_path):
    exports.write(content(project), F.GEOJSON, Shape.PARCEL, tmp_path / "x.geojson")
    features = json.loads((tmp_path / "x.geojson").read_text(encoding="utf-8"))["features"]
    west, south, _, _ = shapely.geometry.shape(features[0]["geometry"]).bounds
    assert 106 < west < 109
    assert 20 < south < 22


@pytest.mark.parametrize("form", [F.GEOPACKAGE, F.SHAPEFILE, F.DXF, F.GEOJSON, F.KML])
def test_no_layer_holds_a_name_an_amount_or_a_note(project, tmp_path, form):
    case = CaseFactory(
        project=project, party__name="Nguyễn Bí Mật", party__address="Xóm Kín", takings=1
    )
    case.takings.update(note="Chủ sử dụng theo tệp: Nguyễn Bí Mật")
    path = tmp_path / f"x.{exports.EXTENSION[form]}"
    admin = UserFactory(administrator=True)
    exports.write(content(project, admin), form, Shape.PARCEL, path)
    for secret in ("Bí Mật", "Xóm Kín", "\\U+00ED M"):
        assert secret.encode() not in path.read_bytes()


# Lists


@pytest.fixture
def priced(project):
    """Cases in one ward at several steps, with money, several parcels and odd names."""
    unit = project.units.get()
    for n, at in enumerate([None, "notice", "inventory", "payment"]):
        case = CaseFactory(
            project=project, takings=0, party__name=f"=Hộ {n}", party__address=f"Khu {n}"
        )
        for part in range(1 + n % 3):
            TakingFactory(
                project=project,
                case=case,
                parcel=ParcelFactory(unit=unit, number=f"9/{n}0{part}"),
                recovered_area_m2=Decimal("120.5") + part,
            )
        plan = Plan.objects.create(case=case, total_vnd=3_000_000)
        for block, amount in (("land", 2_000_000), ("support", 1_000_000)):
            PlanItem.objects.create(plan=plan, block=block, description="x", amount_vnd=amount)
        case.note = f"Ghi chú {n}"
        case.save()
        if at:
            from tests.factories import walk

            walk(case, to=at)
    return project


def test_a_template_comes_back_and_changes_nothing(priced, tmp_path):
    unit = priced.units.get()
    path = tmp_path / "mau.xlsx"
    cases = lists.template_cases(priced, unit, TODAY)
    assert lists.write_template(priced, unit, cases, path, on=TODAY) == 6
    report = import_workbook(path, priced, unit=unit.code)
    assert (report.created, report.changed, report.unchanged, report.refused) == (0, 0, 6, 0), [
        str(finding) for finding in report.findings
    ]


def test_an_edited_template_changes_one_case(priced, tmp_path):
    unit = priced.units.get()
    path = tmp_path / "mau.xlsx"
    cases = lists.template_cases(priced, unit, TODAY)
    lists.write_template(priced, unit, cases, path, on=TODAY)
    book = load_workbook(path)
    book.active["D3"] = "Khu khác"
    book.save(path)
    report = import_workbook(path, priced, unit=unit.code)
    assert (report.changed, report.unchanged) == (1, 5)


def test_a_template_holds_the_present_holder(priced, tmp_path):
    case = priced.cases.filter(code__gt="").order_by("code").last()
    old = case.case_parties.get()
    old.valid_to = TODAY
    old.save()
    new = PartyFactory(name="Người mới")
    CaseParty.objects.create(case=case, party=new, valid_from=TODAY)
    unit = priced.units.get()
    path = tmp_path / "mau.xlsx"
    lists.write_template(priced, unit, lists.template_cases(priced, unit, TODAY), path, on=TODAY)
    names = [row[2].value for row in load_workbook(path).active.iter_rows(min_row=2)]
    assert "Người mới" in names
    assert old.party.name not in names


def sheet_of(content_, tmp_path):
    exports.write(content_, F.LIST, Shape.PARCEL, tmp_path / "ds.xlsx")
    return load_workbook(tmp_path / "ds.xlsx").active


def rows_of(sheet):
    titles = [cell.value for cell in sheet[5]]
    return [
        dict(zip(titles, [c.value for c in row], strict=True))
        for row in sheet.iter_rows(min_row=6)
    ]


def test_a_list_is_laid_out_for_print_and_adds_up(priced, tmp_path):
    sheet = sheet_of(content(priced, filters=("Giai đoạn: x",)), tmp_path)
    assert sheet.page_setup.orientation == "landscape"
    assert sheet.print_title_rows == "$5:$5"
    assert sheet.freeze_panes == "C6"
    assert "Giai đoạn: x" in sheet["A3"].value
    *rows, total = rows_of(sheet)
    assert len(rows) == 12
    assert total["Mã hồ sơ"] == "Cộng"
    assert total["Diện tích thu hồi (m²)"].startswith("=SUM(")
    money = [row["Giá trị phương án (đồng)"] for row in rows]
    assert sum(m for m in money if m) == 4 * 3_000_000, "a household's money stands once"
    names = [row["Họ và tên"] for row in rows if row["Họ và tên"]]
    assert "=Hộ 0" in names


def test_what_people_typed_is_no_formula(priced, tmp_path):
    sheet = sheet_of(content(priced), tmp_path)
    typed = [c for row in sheet.iter_rows() for c in row if c.value == "=Hộ 0"]
    assert [cell.data_type for cell in typed] == ["s"]


@pytest.mark.parametrize("role", ["leader", "viewer", "petitions"])
def test_who_may_not_know_households_gets_a_list_without_them(priced, tmp_path, role):
    sheet = sheet_of(content(priced, UserFactory(role=role)), tmp_path)
    titles = {cell.value for cell in sheet[5]}
    assert not titles & {"Họ và tên", "Địa chỉ", "Giá trị phương án (đồng)", "Đã chi trả (đồng)"}


def test_an_officer_gets_names_of_own_projects_alone(priced, tmp_path):
    stranger = UserFactory()
    rows = rows_of(sheet_of(content(priced, stranger), tmp_path))
    assert {row["Họ và tên"] for row in rows} == {None}


def test_memory_and_queries_do_not_grow_with_the_rows(
    priced, tmp_path, monkeypatch, django_assert_max_num_queries
):
    from gpmb.reports.exports import content as module

    def queries():
        from django.db import connection
        from django.test.utils import CaptureQueriesContext

        with CaptureQueriesContext(connection) as caught:
            exports.write(content(priced), F.LIST, Shape.PARCEL, tmp_path / "n.xlsx")
        return len(caught)

    few = queries()
    CaseFactory.create_batch(20, project=priced)
    assert queries() == few
    monkeypatch.setattr(module, "BATCH", 10)
    assert max(map(len, module.Content.layer(content(priced), Shape.TAKING))) == 10


def test_as_of_a_past_day_the_stage_is_that_days(priced, tmp_path):
    past = exports.Content(
        content(priced).user, dt.date(2022, 9, 10), TODAY, Taking.objects.filter(project=priced)
    )
    exports.write(past, F.GEOJSON, Shape.TAKING, tmp_path / "x.geojson")
    features = json.loads((tmp_path / "x.geojson").read_text(encoding="utf-8"))["features"]
    assert {f["properties"]["giai_doan"] for f in features} == {0, 1}


def test_land_of_another_ward_in_a_layer_is_refused_not_entered_again(tmp_path, today):
    project = ProjectFactory(officers=[UserFactory()])
    here, there = (AdministrativeUnitFactory(code=code) for code in ("06709", "06712"))
    project.units.add(here, there)
    for unit in (here, there):
        TakingFactory(project=project, parcel=ParcelFactory(unit=unit, number="5/85"))
    path = tmp_path / "x.gpkg"
    exports.write(content(project), F.GEOPACKAGE, Shape.PARCEL, path)
    report = import_parcels(path, project, Answers(unit="06709"))
    assert (report.created, report.changed, report.unchanged, report.refused) == (0, 0, 1, 1)
    assert [finding.code for finding in report.findings] == ["other_unit"]
    assert str(there) in report.findings[0].message
