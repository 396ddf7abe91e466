"""manage.py blocking on a polygon file: figures, order, refusals, no database."""

import json
from pathlib import Path

import geopandas
import numpy as np
import pytest
import shapely
from django.core.management import CommandError, call_command

from gpmb.analysis import blocking, parcel_file
from gpmb.analysis.blocking import Land

E, N = 522_000.0, 2_381_000.0


def write(path: Path, cleared: list, *, size: float = 20.0, crs: str = "EPSG:5899", **columns):
    """Write a 3 × 3 grid of square parcels, row by row."""
    x, y = np.meshgrid(np.arange(3) * size, np.arange(3) * size)
    shapes = shapely.box(E + x, N + y, E + x + size, N + y + size).ravel()
    frame = geopandas.GeoDataFrame({"xong": cleared, **columns}, geometry=shapes, crs="EPSG:5899")
    frame.to_crs(crs).to_file(path, driver="GPKG")
    return path


def run(path: Path, **options) -> dict:
    out = path.with_suffix(".json")
    call_command("blocking", parcels=path, cleared_field="xong", json=out, **options)
    return json.loads(out.read_text())


MIDDLE = [True] * 3 + [False] * 3 + [True] * 3


def test_worked_example_of_the_middle_row(tmp_path):
    found = run(write(tmp_path / "luoi.gpkg", MIDDLE, ma=list("ABCDEFGHI")), id_field="ma")
    assert found == {
        "project": None,
        "as_of": None,
        "cleared_m2": 2400.0,
        "largest_m2": 1200.0,
        "usable_m2": 2400.0,
        "fragmentation": 0.5,
        "rows": [
            {"taking": name, "gain_m2": 1600.0, "usable_gain_m2": 400.0, "households": 1}
            for name in "DEF"
        ],
        "reason": None,
    }


@pytest.mark.parametrize(
    "cleared", [[1] * 3 + [0] * 3 + [1] * 3, ["Có"] * 3 + [None] * 3 + ["x"] * 3]
)
def test_cleared_may_be_written_in_several_ways(tmp_path, cleared):
    assert run(write(tmp_path / "luoi.gpkg", cleared))["largest_m2"] == 1200


def test_degrees_are_converted_to_metres(tmp_path):
    found = run(write(tmp_path / "wgs84.gpkg", MIDDLE, crs="EPSG:4326"))
    assert found["largest_m2"] == pytest.approx(1200, abs=0.05)
    assert [row["taking"] for row in found["rows"]] == ["4", "5", "6"]


def test_households_divide_the_gain(tmp_path):
    path = write(tmp_path / "ho.gpkg", MIDDLE, ho=[1, 1, 1, 5, 3, 2, 1, 1, 1])
    assert [row["households"] for row in run(path, households_field="ho")["rows"]] == [2, 3, 5]


def test_nothing_cleared_and_everything_cleared_are_explained(tmp_path):
    none = run(write(tmp_path / "chua.gpkg", [False] * 9))
    assert (none["cleared_m2"], none["fragmentation"]) == (0, None)
    assert none["reason"] == blocking.NOTHING_CLEARED
    assert len(none["rows"]) == 9
    done = run(write(tmp_path / "xong.gpkg", [True] * 9))
    assert (done["rows"], done["reason"]) == ([], blocking.NOTHING_PENDING)


def test_minimum_block_is_an_option(tmp_path):
    assert run(write(tmp_path / "luoi.gpkg", MIDDLE), min_block=1201.0)["usable_m2"] == 0


@pytest.mark.parametrize(
    ("columns", "options", "says"),
    [
        ({}, {"cleared_field": "da_xong"}, "không có cột “da_xong”"),
        ({"xong": ["LUC"] * 9}, {}, "đối tượng 1: cột “xong” ghi 'LUC'"),
        ({"ho": ["ba"] * 9}, {"households_field": "ho"}, "không phải số hộ"),
    ],
)
def test_what_cannot_be_read_is_refused_with_its_place(tmp_path, columns, options, says):
    path = write(tmp_path / "luoi.gpkg", columns.pop("xong", MIDDLE), **columns)
    with pytest.raises(CommandError, match=says):
        call_command("blocking", parcels=path, **{"cleared_field": "xong", **options})


def test_a_missing_file_and_a_missing_crs_are_refused(tmp_path):
    with pytest.raises(parcel_file.BadParcelFile, match="Không có tệp"):
        parcel_file.read_land(tmp_path / "khong.gpkg", cleared_field="xong", srid=5899)
    path = tmp_path / "khong_crs.shp"
    bare = geopandas.GeoDataFrame({"xong": [1]}, geometry=[shapely.box(E, N, E + 9, N + 9)])
    with pytest.warns(UserWarning, match="'crs' was not provided"):
        bare.to_file(path)
    with pytest.raises(parcel_file.BadParcelFile, match="không khai hệ tọa độ"):
        parcel_file.read_land(path, cleared_field="xong", srid=5899)


def test_several_layers_must_be_chosen_from(tmp_path):
    path = write(tmp_path / "luoi.gpkg", MIDDLE)
    geopandas.read_file(path).to_file(path, layer="hai", driver="GPKG")
    with pytest.raises(CommandError, match="2 lớp vùng"):
        run(path)
    assert run(path, layer="hai")["largest_m2"] == 1200


def test_what_if_changes_nothing_but_the_answer():
    land = Land(
        ids=["a", "b", "c"],
        area_m2=np.array([10.0, 1.0, 20.0]),
        cleared=np.array([True, False, True]),
        households=np.ones(3, dtype=np.intp),
        pairs=np.array([[0, 1], [1, 2]]),
    )
    assert land.clearing(np.array([False, True, False])).blocks().largest_m2 == 31
    assert land.blocks().largest_m2 == 20
