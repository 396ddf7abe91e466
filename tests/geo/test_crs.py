"""VN-2000 zones and conversions, against the registry and the control point."""

import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyproj import CRS, Transformer

from geo import crs


def test_quang_ninh_uses_the_zone_of_107_45():
    province = crs.province("22")
    assert (province.name, province.srid, province.central_meridian) == (
        "Quảng Ninh",
        5899,
        107.75,
    )


def test_quang_ngai_uses_the_zone_of_108():
    assert crs.province("51").srid == 5898


def test_an_unknown_province_names_the_known_ones():
    with pytest.raises(LookupError, match=r"'00'.*22"):
        crs.province("00")


@pytest.mark.parametrize("code", crs.provinces())
def test_the_table_agrees_with_the_registry(code):
    province = crs.province(code)
    zone = CRS.from_epsg(province.srid)
    meridian = {p.name: p.value for p in zone.coordinate_operation.params}[
        "Longitude of natural origin"
    ]
    assert meridian == pytest.approx(province.central_meridian, abs=1e-3)
    west, south, east, north = province.lonlat_bounds
    box = Transformer.from_crs(4326, province.srid, always_xy=True).transform_bounds(
        west, south, east, north, densify_pts=51
    )
    assert box == pytest.approx(province.bounds, abs=1.0)


def test_settings_can_import_the_table_without_the_heavy_libraries():
    code = "import sys, geo.crs as c; c.province('22'); print('pyproj' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"


def test_control_point():
    point = crs.transform_points(np.array([crs.CONTROL_POINT_LONLAT]), crs.WGS84, 5899)[0]
    assert point == pytest.approx(crs.CONTROL_POINT_5899, abs=0.001)


def test_second_control_point_of_the_domain_notes():
    point = crs.transform_points(np.array([[107.9660, 21.5245]]), crs.WGS84, 5899)[0]
    assert point == pytest.approx((522180.843, 2381038.427), abs=0.001)


def test_a_zone_that_postgis_lacks_converts_within_the_datum():
    there = crs.transform_points(np.array([crs.CONTROL_POINT_5899]), 5899, 9210)
    back = crs.transform_points(there, 9210, 5899)
    assert abs(there[0, 0] - crs.CONTROL_POINT_5899[0]) > 200_000
    assert back[0] == pytest.approx(crs.CONTROL_POINT_5899, abs=0.001)


@given(
    st.floats(*[crs.province("22").bounds[i] for i in (0, 2)]),
    st.floats(*[crs.province("22").bounds[i] for i in (1, 3)]),
)
def test_vn2000_to_wgs84_and_back_stays_within_a_millimetre(east, north):
    point = np.array([[east, north]])
    there = crs.transform_points(point, 5899, crs.WGS84)
    back = crs.transform_points(there, crs.WGS84, 5899)
    assert np.hypot(*(back - point)[0]) < 0.001


@pytest.mark.parametrize("text", ["EPSG:5899", "epsg:5899", " 5899 "])
def test_a_code_is_read(text):
    assert crs.epsg(text) == 5899


@pytest.mark.parametrize("text", ["+proj=tmerc +lon_0=107.75", "VN-2000", "EPSG:99999", ""])
def test_anything_but_a_registered_code_is_refused(text):
    with pytest.raises(crs.CrsError):
        crs.epsg(text)


def test_wkt_of_a_registered_system_is_recognised():
    assert crs.declared(CRS.from_epsg(9210).to_wkt()) == 9210


def test_nothing_declared_is_none():
    assert crs.declared(None) is None
    assert crs.declared("") is None


@pytest.mark.parametrize("shift", ["+datum=WGS84", "+ellps=WGS84 +towgs84=0,0,0,0,0,0,0"])
def test_a_definition_without_its_datum_shift_is_refused_by_how_far(shift):
    proj = f"+proj=tmerc +lat_0=0 +lon_0=107.75 +k=0.9999 +x_0=500000 +y_0=0 {shift} +units=m"
    with pytest.raises(crs.CrsError, match="224,7 m"):
        crs.declared(CRS.from_proj4(proj + " +type=crs").to_wkt("WKT1_GDAL"))
