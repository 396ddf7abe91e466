"""`import_boundaries`: units come in with their validity; a reused code is two units."""

import datetime as dt

import geopandas
import pytest
import shapely
from django.conf import settings

from gpmb.land.models import AdministrativeUnit, UnitSuccession
from tests import factories
from tests.importing.conftest import run_command, shared, square

pytestmark = pytest.mark.django_db
DAY = dt.date(2025, 7, 1)
EVE = dt.date(2025, 6, 30)


def wards(*rows):
    """(code, full name, column, width): squares of `width` tiles from a column on."""
    return geopandas.GeoDataFrame(
        {"ma_xa": [row[0] for row in rows], "ten_xa": [row[1] for row in rows]},
        geometry=[shapely.union_all([square(row[2] + n) for n in range(row[3])]) for row in rows],
        crs=settings.SRID,
    )


@pytest.fixture
def bring(today, tmp_path):
    def run(frame, valid_from="2025-07-01", **options):
        path = frame
        if isinstance(frame, geopandas.GeoDataFrame):
            path = tmp_path / "ranh.gpkg"
            path.unlink(missing_ok=True)
            frame.to_file(path)
        return run_command("import_boundaries", path, tmp_path, valid_from=valid_from, **options)

    return run


def valid(on):
    return {unit.code: str(unit) for unit in AdministrativeUnit.objects.valid(on=on)}


OLD = (("06709", "Phường Ka Long", 0, 2), ("06715", "Phường Ninh Dương", 2, 2))
NEW = (("06709", "Phường Móng Cái 2", 0, 4),)


def test_units_are_created_with_code_name_kind_and_day(bring):
    result = bring(wards(("6742", "Xã Hải Hòa", 0, 1)))
    assert (result.code, result.counts) == (0, (1, 0, 0, 0))
    unit = AdministrativeUnit.objects.get()
    assert (unit.code, unit.name, unit.kind) == ("06742", "Hải Hòa", "commune")
    assert (unit.valid_from, unit.valid_to, unit.boundary_source) == (DAY, None, "official")


def test_the_same_file_twice_changes_nothing(bring):
    bring(wards(*OLD))
    assert bring(wards(*OLD)).counts == (0, 0, 2, 0)


def test_the_boundary_of_the_unit_valid_that_day_is_replaced(bring):
    unit = factories.AdministrativeUnitFactory(code="06715", name="Ninh Dương")
    result = bring(wards(*OLD[1:]))
    assert result.counts == (0, 1, 0, 0)
    unit.refresh_from_db()
    assert unit.valid_from == dt.date(2010, 1, 1)
    assert unit.boundary is not None


def test_a_reused_code_ends_one_unit_and_begins_another(bring):
    bring(wards(*OLD), "2010-01-01")
    result = bring(wards(*NEW))
    assert result.counts == (1, 0, 0, 0)
    assert valid(EVE) == {"06709": "phường Ka Long", "06715": "phường Ninh Dương"}
    assert valid(DAY) == {"06709": "phường Móng Cái 2"}
    assert {finding["code"] for finding in result.of("unit_ended")} == {"unit_ended"}


def test_successions_are_kept(bring):
    bring(wards(*OLD), "2010-01-01")
    bring(wards(*NEW))
    links = UnitSuccession.objects.values_list("old__name", "new__name", "on")
    assert set(links) == {("Ka Long", "Móng Cái 2", DAY), ("Ninh Dương", "Móng Cái 2", DAY)}


def test_a_listed_succession_rules_over_the_ground(bring, tmp_path):
    bring(wards(*OLD), "2010-01-01")
    table = tmp_path / "cu_moi.csv"
    table.write_text("old_code,new_code\n06709,06709\n06715,06710\n", encoding="utf-8")
    new = wards(("06709", "Phường Móng Cái 2", 0, 4), ("06710", "Phường Mới", 5, 1))
    bring(new, successions=table)
    links = UnitSuccession.objects.values_list("old__name", "new__name")
    assert set(links) == {("Ka Long", "Móng Cái 2"), ("Ninh Dương", "Mới")}


def test_a_unit_that_grew_under_its_name_is_a_new_unit(bring):
    bring(wards(("06757", "Xã Vĩnh Thực", 0, 2)), "2010-01-01")
    bring(wards(("06757", "Xã Vĩnh Thực", 0, 4)))
    assert AdministrativeUnit.objects.filter(code="06757").count() == 2
    assert AdministrativeUnit.objects.get(valid_to=EVE).boundary.area == pytest.approx(800)


def test_an_illustrative_outline_gives_way_whatever_its_size(bring):
    bring(wards(("06751", "Phường Bình Ngọc", 0, 1)), "2010-01-01", illustrative=True)
    result = bring(wards(("06751", "Phường Bình Ngọc", 0, 4)), "2023-01-01")
    assert result.counts == (0, 1, 0, 0)
    unit = AdministrativeUnit.objects.get()
    assert (unit.boundary_source, unit.valid_to) == ("official", None)
    assert unit.boundary.area == pytest.approx(1600)


def test_older_units_that_come_later_end_before_the_newer_ones(bring):
    bring(wards(*NEW))
    result = bring(wards(*OLD), "2010-01-01")
    assert result.code == 0
    assert valid(EVE)["06709"] == "phường Ka Long"
    assert valid(DAY)["06709"] == "phường Móng Cái 2"


def test_a_code_given_twice_is_refused_and_nothing_written(bring):
    result = bring(wards(OLD[0], OLD[0]))
    assert (result.code, result.counts) == (1, (1, 0, 0, 1))
    assert result.of("duplicate_code")[0]["row"] == 2
    assert not AdministrativeUnit.objects.exists()


def test_a_unit_of_no_known_kind_is_refused_until_told(bring):
    frame = wards(("06709", "Ka Long", 0, 1))
    assert bring(frame).codes == {"kind_unknown"}
    assert bring(frame, kind="ward").code == 0


def test_columns_that_are_not_recognised_are_asked_for(bring):
    frame = wards(OLD[0]).rename(columns={"ma_xa": "x1", "ten_xa": "x2"})
    result = bring(frame)
    assert (result.code, result.codes) == (3, {"column_missing"})
    assert "--code-column" in result.message
    assert bring(frame, code_column="x1", name_column="x2").code == 0


def test_a_day_that_is_none_is_wrong_usage(bring):
    assert bring(wards(OLD[0]), "hôm nay").code == 2


def test_a_dry_run_writes_nothing(bring):
    assert bring(wards(*OLD), dry_run=True).code == 0
    assert not AdministrativeUnit.objects.exists()


def test_the_wards_of_2023_and_the_units_of_2025(bring):
    first = bring(shared("admin/mongcai_17_units_vietnam63.geojson"), "2023-01-01")
    assert (first.code, first.counts) == (0, (17, 0, 0, 0))
    second = bring(shared("admin/quangninh_54_wards_2025.gpkg"), "01/07/2025")
    assert (second.code, second.counts) == (0, (54, 0, 0, 0))
    assert len(valid(dt.date(2023, 6, 30))) == 17
    assert len(valid(DAY)) == 54
    assert valid(EVE)["06709"] == "phường Ka Long"
    assert valid(DAY)["06709"] == "phường Móng Cái 2"
    became = UnitSuccession.objects.get(old__code="06742")
    assert str(became.new) == "phường Móng Cái 1"
    again = bring(shared("admin/quangninh_54_wards_2025.gpkg"), "2025-07-01")
    assert again.counts == (0, 0, 54, 0)


def test_the_successions_found_are_those_of_the_published_table(bring):
    import csv

    with shared("admin/mongcai_crosswalk_2023_2024_2025.csv").open(encoding="utf-8") as file:
        listed = {(row["gso_code_2023"], row["gso_code_2025-07"]) for row in csv.DictReader(file)}
    bring(shared("admin/mongcai_17_units_vietnam63.geojson"), "2023-01-01")
    bring(shared("admin/quangninh_54_wards_2025.gpkg"))
    found = set(UnitSuccession.objects.values_list("old__code", "new__code"))
    assert found == listed
