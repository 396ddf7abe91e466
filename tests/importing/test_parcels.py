"""`import_parcels`: what comes in, what is refused and why, what a second run does."""

import datetime as dt
from decimal import Decimal

import numpy as np
import pytest
import shapely
from django.conf import settings
from django.contrib.gis.geos import GEOSGeometry, MultiPolygon
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from gpmb.clearance.models import Taking
from gpmb.importing.models import CreatedRows, ImportRow, ImportRun
from gpmb.land.models import Parcel, ParcelNumber, Party
from tests import factories
from tests.importing.conftest import layer, shared, square

pytestmark = pytest.mark.django_db


def test_parcels_come_in_with_numbers_takings_and_no_case(import_layer, project):
    result = import_layer(layer(4))
    assert (result.code, result.counts, result.report["applied"]) == (0, (4, 0, 0, 0), True)
    taking = Taking.objects.get(parcel__numbers__number="3")
    assert (taking.project, taking.case) == (project, None)
    assert taking.recovered_area_m2 == Decimal("400.00")
    assert taking.parcel.measured_area_m2 == Decimal("400.00")
    assert taking.parcel.unit.code == "06742"
    assert taking.parcel.boundary.srid == settings.SRID
    assert ParcelNumber.objects.get(parcel=taking.parcel).key == "5/3"


def test_the_same_file_twice_changes_nothing(import_layer):
    import_layer(layer(4))
    before = list(Parcel.objects.order_by("pk").values_list("pk", "version", "boundary"))
    assert import_layer(layer(4)).counts == (0, 0, 4, 0)
    assert list(Parcel.objects.order_by("pk").values_list("pk", "version", "boundary")) == before


def test_a_parcel_without_a_number_is_known_again_by_its_shape(import_layer):
    frame = layer(3, so_to=["5", None, "5"], so_thua=["1", None, "3"])
    assert import_layer(frame).codes == {"no_number"}
    assert import_layer(frame).counts == (0, 0, 3, 0)


def test_what_differs_is_changed_and_nothing_else(import_layer):
    import_layer(layer(4))
    again = layer(4, dien_tich=[400, 399.5, 400, 400])
    again.loc[2, "geometry"] = shapely.box(
        *square(2).bounds[:2], *(square(2).bounds[2], square(2).bounds[3] + 1)
    )
    again.loc[2, "dien_tich"] = 420
    assert import_layer(again).counts == (0, 2, 2, 0)
    taking = Taking.objects.get(parcel__numbers__number="2")
    assert (taking.recovered_area_m2, taking.version) == (Decimal("399.50"), 1)
    moved = Parcel.objects.get(numbers__number="3")
    assert moved.measured_area_m2 == Decimal("420.00")


def test_a_run_is_kept_with_its_rows_and_gives_history_its_context(import_layer, project):
    import_layer(layer(2))
    run = ImportRun.objects.get()
    assert (run.applied, run.report["created"], len(run.sha256)) == (True, 2, 64)
    taken = dict(CreatedRows.objects.filter(run=run).values_list("model", "object_ids"))
    assert taken == {
        "land.Parcel": list(Parcel.objects.order_by("pk").values_list("pk", flat=True)),
        "clearance.Taking": list(Taking.objects.order_by("pk").values_list("pk", flat=True)),
    }
    assert CreatedRows.objects.filter(run=run, rows=[1, 2]).count() == 2
    events = Parcel.pgh_event_model.objects.all()
    assert {event.pgh_context.metadata["reason"] for event in events} == {
        "Nhập thửa đất từ lop.gpkg"
    }
    assert len(events) == 2


def test_a_change_is_kept_with_what_was_before(import_layer):
    import_layer(layer(2))
    import_layer(layer(2, dien_tich=[400, 401]))
    row = ImportRow.objects.get(action="changed", model="clearance.Taking")
    assert row.before["recovered_area_m2"] == 400


def test_a_dry_run_writes_nothing(import_layer):
    result = import_layer(layer(3), dry_run=True)
    assert (result.code, result.counts, result.report["applied"]) == (0, (3, 0, 0, 0), False)
    assert not Parcel.objects.exists()
    assert not Taking.objects.exists()


def test_one_refused_row_stops_all_unless_partial_is_accepted(import_layer):
    frame = layer(3, dien_tich=[400, -1, 400])
    stopped = import_layer(frame)
    assert (stopped.code, stopped.counts) == (1, (2, 0, 0, 1))
    assert not Parcel.objects.exists()
    taken = import_layer(frame, accept_partial=True)
    assert (taken.code, taken.counts, taken.report["applied"]) == (0, (2, 0, 0, 1), True)
    assert Parcel.objects.count() == 2
    (finding,) = taken.of("area_invalid")
    assert (finding["row"], finding["column"], finding["severity"]) == (2, "dien_tich", "error")


def test_land_class_becomes_the_part_of_the_taking(import_layer):
    factories.LandClassFactory(code="LUC")
    result = import_layer(layer(2, loai_dat=["LUC", "LUX"]))
    (finding,) = result.of("unknown_land_class")
    assert finding["row"] == 2
    assert "LUC" in finding["message"], "the nearest class is offered"
    parts = Taking.objects.values_list("parcel__numbers__number", "parts__land_class__code")
    assert set(parts) == {("1", "LUC"), ("2", None)}
    assert import_layer(layer(2, loai_dat=["LUC", "LUX"])).counts == (0, 0, 2, 0)


def test_a_holder_is_a_note_and_never_a_party(import_layer):
    import_layer(layer(1, chu_sd=["Nguyễn Văn Thử"], dia_chi=["Khu 1"]))
    assert not Party.objects.exists()
    note = Taking.objects.get().note
    assert "Nguyễn Văn Thử" in note
    assert "Khu 1" in note


def test_a_repeated_row_is_refused_from_the_second_on(import_layer):
    frame = layer(3, so_thua=["1", "2", "2"], geometry=[square(0), square(1), square(1)])
    result = import_layer(frame)
    assert result.counts == (2, 0, 0, 1)
    assert [finding["row"] for finding in result.of("repeated_row")] == [3]


def test_two_parcels_with_one_number_are_both_refused(import_layer):
    result = import_layer(layer(3, so_thua=["1", "02", "2"]))
    assert result.counts == (1, 0, 0, 2)
    assert [finding["row"] for finding in result.of("duplicate_number")] == [2, 3]


def test_overlaps_are_said_with_both_rows(import_layer):
    frame = layer(
        3, geometry=[square(0), square(1, side=25), square(5)], dien_tich=[400, 625, 400]
    )
    frame.loc[2, "geometry"] = shapely.box(
        *[v + d for v, d in zip(square(1).bounds, (2, 2, -2, -2), strict=True)]
    )
    frame.loc[2, "dien_tich"] = 256
    result = import_layer(frame)
    assert result.code == 0
    (finding,) = result.of("overlap")
    assert finding["row"] == 2
    assert "dòng 3" in finding["message"]
    assert "256,0 m²" in finding["message"]


def test_an_overlap_with_a_known_parcel_names_it(import_layer):
    import_layer(layer(1))
    result = import_layer(layer(1, so_thua=["9"], geometry=[square(0, side=15)], dien_tich=[225]))
    assert "5/1" in result.of("overlap")[0]["message"]


def test_slivers_and_areas_that_differ_are_said(import_layer):
    thin = shapely.box(*square(3).bounds[:2], square(3).bounds[2], square(3).bounds[1] + 0.1)
    result = import_layer(layer(3, geometry=[square(0), square(1), thin], dien_tich=[400, 450, 2]))
    assert result.code == 0
    assert [finding["row"] for finding in result.of("sliver")] == [3]
    assert [finding["row"] for finding in result.of("area_differs")] == [2]
    assert result.of("area_differs")[0]["column"] == "dien_tich"


def test_a_broken_outline_is_repaired_and_said(import_layer):
    west, south, east, north = square(1).bounds
    bow = shapely.Polygon([(west, south), (east, north), (east, south), (west, north)])
    result = import_layer(layer(2, geometry=[square(0), bow], dien_tich=[400, 200]))
    assert (result.code, result.counts) == (0, (2, 0, 0, 0))
    assert [finding["row"] for finding in result.of("made_valid")] == [2]
    assert Parcel.objects.get(numbers__number="2").boundary.valid


def test_a_point_is_refused_and_said(import_layer):
    result = import_layer(layer(2, geometry=[square(0), square(1).centroid]))
    assert result.counts == (1, 0, 0, 1)
    assert result.of("not_polygon")[0]["row"] == 2


def test_recovered_area_above_the_parcel_is_refused(import_layer):
    result = import_layer(layer(2, dt_thu_hoi=[100, 500]))
    assert result.of("recovered_above_parcel")[0]["row"] == 2
    import_layer(layer(2, dt_thu_hoi=[100, 400]))
    assert Taking.objects.get(parcel__numbers__number="1").recovered_area_m2 == 100


@pytest.mark.parametrize(
    ("text", "code"), [("20.000", "ambiguous_number"), ("nhiều", "area_invalid")]
)
def test_an_area_that_can_not_be_read_is_refused(import_layer, text, code):
    result = import_layer(layer(1, dien_tich=[text]))
    assert (result.code, result.codes) == (1, {code})


def test_numbers_typed_the_vietnamese_way_are_read(import_layer):
    side = 1234.5 / 20
    shape = shapely.box(0, 0, side, 20)
    shape = shapely.transform(shape, lambda xy: xy + np.array(square(0).bounds[:2]))
    import_layer(layer(1, dien_tich=["1.234,5"], geometry=[shape]))
    assert Parcel.objects.get().registered_area_m2 == Decimal("1234.50")


# -- questions ----------------------------------------------------------------------------------


def test_a_layer_without_a_declared_crs_is_asked_for(import_layer, tmp_path):
    frame = tmp_path / "lop.gpkg"
    with pytest.warns(UserWarning, match="crs"):
        layer(2).set_crs(None, allow_override=True).to_file(frame)
    result = import_layer(frame)
    assert (result.code, result.codes) == (3, {"crs_missing"})
    assert "--crs" in result.message
    assert f"EPSG:{settings.SRID}" in result.message
    assert import_layer(frame, crs=f"EPSG:{settings.SRID}").counts == (2, 0, 0, 0)


def test_a_crs_without_its_datum_shift_is_asked_for_with_the_distance(import_layer):
    proj = "+proj=tmerc +lat_0=0 +lon_0=107.75 +k=0.9999 +x_0=500000 +y_0=0 +datum=WGS84"
    result = import_layer(layer(1).set_crs(proj, allow_override=True))
    assert result.code == 3
    assert "224,7 m" in result.message


def test_the_wrong_zone_is_refused_with_its_name_and_distance(import_layer):
    frame = layer(2).set_crs(9210, allow_override=True)
    result = import_layer(frame)
    assert (result.code, result.counts) == (1, (0, 0, 0, 2))
    assert "EPSG:5899" in result.of("outside_province")[0]["message"]
    assert "km" in result.of("outside_province")[0]["message"]


def test_swapped_axes_are_refused_with_the_reason(import_layer):
    frame = layer(2)
    frame["geometry"] = shapely.transform(frame.geometry.to_numpy(), lambda xy: xy[:, ::-1])
    result = import_layer(frame)
    assert (result.code, result.counts) == (1, (0, 0, 0, 2))
    assert "đảo trục" in result.of("outside_province")[0]["message"]


def test_another_zone_is_converted(import_layer):
    import_layer(layer(2).to_crs(5898))
    parcel = Parcel.objects.get(numbers__number="1")
    assert np.allclose(parcel.boundary.extent, square(0).bounds, atol=0.001)


def test_a_layer_that_moved_as_one_is_refused(import_layer):
    import_layer(layer(8))
    frame = layer(8).to_crs(4756).set_crs(4326, allow_override=True)  # the datum shift is lost
    result = import_layer(frame)
    assert (result.code, result.codes) == (1, {"common_shift"})
    assert "mất bước chuyển hệ" in result.of("common_shift")[0]["message"]


def test_the_unit_is_asked_for_when_the_project_has_several(import_layer, project):
    other = factories.AdministrativeUnitFactory(code="06745", name="Hải Xuân")
    project.units.add(other)
    result = import_layer(layer(1))
    assert (result.code, result.codes) == (3, {"unit_missing"})
    assert "--unit" in result.message
    assert "06745@2010-01-01" in result.message
    assert import_layer(layer(1), unit="06745@2020-01-01").code == 0
    assert Parcel.objects.get().unit == other


def test_a_reused_code_needs_its_day(import_layer):
    old = factories.AdministrativeUnitFactory(code="06709", valid_to=dt.date(2025, 6, 30))
    factories.AdministrativeUnitFactory(code="06709", valid_from=dt.date(2025, 7, 1))
    result = import_layer(layer(1), unit="06709")
    assert (result.code, result.codes) == (3, {"unit_ambiguous"})
    import_layer(layer(1), unit="06709@30/06/2025")
    assert Parcel.objects.get().unit == old


def test_two_columns_for_one_field_are_asked_about(import_layer):
    frame = layer(1, dt=[400.0])
    result = import_layer(frame)
    assert (result.code, result.codes) == (3, {"ambiguous_column"})
    assert "--map" in result.message
    assert import_layer(frame, map=["dien_tich=area"]).code == 0


def test_a_layer_without_number_columns_is_asked_about(import_layer):
    frame = layer(2)[["geometry"]].assign(ten=["a", "b"])
    result = import_layer(frame)
    assert (result.code, result.codes) == (3, {"number_columns_missing"})
    assert not Parcel.objects.exists()
    assert import_layer(frame, without_numbers=True).counts == (2, 0, 0, 0)


def test_sheet_and_number_in_one_column(import_layer):
    frame = layer(2)[["geometry"]].assign(nhan=["5/85", "tờ 05 thửa 263A"])
    assert import_layer(frame, map=["nhan=sheet_number"]).code == 0
    assert set(ParcelNumber.objects.values_list("key", flat=True)) == {"5/85", "5/263a"}


@pytest.mark.parametrize(
    "options",
    [
        {"crs": "+proj=tmerc"},
        {"unit": "99999"},
        {"map": ["khong_co=sheet"]},
        {"map": ["so_to=vớ vẩn"]},
        {"encoding": "latin1"},
        {"layer": "khong_co"},
    ],
)
def test_an_option_that_names_nothing_is_wrong_usage(import_layer, options):
    assert import_layer(layer(1), **options).code == 2


def test_parcels_a_zone_away_from_their_unit_are_refused(import_layer, project):
    unit = project.units.get()
    unit.boundary = factories.tile(0)
    unit.save()
    result = import_layer(layer(1))
    assert (result.code, result.codes) == (1, {"far_from_unit"})


def test_parcels_outside_the_units_outline_are_warned_of(import_layer, project):
    shape = GEOSGeometry(square(3).wkt, srid=settings.SRID)
    project.units.update(boundary=MultiPolygon(shape, srid=settings.SRID))
    result = import_layer(layer(4))
    assert result.code == 0
    assert [finding["row"] for finding in result.of("outside_unit")] == [1, 2, 3]


def test_a_taking_in_a_case_keeps_its_area(import_layer, project):
    import_layer(layer(1))
    case = factories.CaseFactory(project=project, takings=0)
    Taking.objects.update(case=case)
    result = import_layer(layer(1, dien_tich=[398]))
    assert (result.code, result.codes) == (0, {"taking_has_case"})
    assert Taking.objects.get().recovered_area_m2 == 400
    assert Parcel.objects.get().registered_area_m2 == 398


# -- the shared data ----------------------------------------------------------------------------


def test_the_511_parcels_of_hai_hoa_come_in_and_the_tcvn3_file_is_the_same(import_layer):
    assert import_layer(shared("parcels/thua_dat_hai_hoa.gpkg")).counts == (511, 0, 0, 0)
    zipped = shared("parcels/thua_dat_tcvn3_khong_prj.zip")
    asked = import_layer(zipped)
    assert (asked.code, asked.codes) == (3, {"crs_missing"})
    again = import_layer(zipped, crs="EPSG:5899", encoding="tcvn3")
    assert (again.code, again.counts) == (0, (0, 0, 511, 0))
    assert Taking.objects.filter(note__contains="Lê Văn Đạo (minh họa 001)").count() == 1


def test_an_undeclared_encoding_that_is_recognised_is_said(import_layer):
    result = import_layer(shared("parcels/thua_dat_tcvn3_khong_prj.zip"), crs="EPSG:5899")
    assert result.code == 0
    assert "encoding_detected" in result.codes
    assert Taking.objects.filter(note__contains="phường Hải Hòa").count() > 100


@hypothesis_settings(
    max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(seed=st.integers(0, 2**32 - 1))
def test_importing_twice_changes_nothing_whatever_the_shapes(import_layer, seed):
    Taking.objects.all().delete()
    Parcel.objects.all().delete()
    rng = np.random.default_rng(seed)
    corners = square(0).bounds[:2] + rng.uniform(0, 40, (6, 5, 2))
    frame = layer(
        6,
        geometry=[shapely.Polygon(ring) for ring in corners],
        dien_tich=rng.uniform(1, 900, 6),
        so_thua=[None if rng.random() < 0.3 else str(n) for n in range(6)],
    )
    frame["so_to"] = np.where(frame.so_thua.isna(), None, "5")
    first = import_layer(frame, accept_partial=True)
    again = import_layer(frame, accept_partial=True)
    assert again.counts == (0, 0, first.report["saved"], first.report["refused"])
