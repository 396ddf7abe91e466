"""Readers: five formats, the same features; hostile files get a code, never a traceback."""

import json
import struct
import zipfile
from pathlib import Path

import geopandas
import numpy as np
import pytest
import shapely

from geo import files
from geo.files import FileError, open_layer

SHARED = Path(__file__).parents[3] / "shared/data"
SQUARES = [shapely.box(522000 + 30 * n, 2381000, 522020 + 30 * n, 2381020) for n in range(5)]


@pytest.fixture
def frame():
    return geopandas.GeoDataFrame(
        {"to": [5] * 5, "thua": [f"{n}A" for n in range(5)], "ten": ["Phường Hải Hòa"] * 5},
        geometry=SQUARES,
        crs=5899,
    )


def zipped(folder, name="lop.zip"):
    path = folder / name
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for part in sorted(folder.glob("lop.*")):
            if part.suffix != ".zip":
                archive.write(part, part.name)
    return path


def read(path, size=2, **options):
    """Layer, all shapes, all values of the columns, all problems."""
    shapes, columns, problems = [], {}, []
    with open_layer(path, **options) as source:
        for chunk in source.chunks(size):
            assert len(chunk) <= size
            shapes += list(chunk.geometry)
            problems += chunk.problems
            for name, values in chunk.columns.items():
                columns.setdefault(name, []).extend(values)
        return source.layer, shapes, columns, problems


def code_of(path, **options):
    with pytest.raises(FileError) as caught:
        read(path, **options)
    assert caught.value.message[-1] in ".…", "a message is a sentence"
    return caught.value.code


def test_geopackage(tmp_path, frame):
    frame.to_file(tmp_path / "lop.gpkg")
    layer, shapes, columns, problems = read(tmp_path / "lop.gpkg")
    assert (layer.format, layer.srid, layer.count) == ("GeoPackage", 5899, 5)
    assert columns["thua"] == ["0A", "1A", "2A", "3A", "4A"]
    assert shapely.equals_exact(np.array(shapes), np.array(SQUARES)).all()
    assert problems == []


def test_zipped_shapefile_in_utf8(tmp_path, frame):
    frame.to_file(tmp_path / "lop.shp", encoding="utf-8")
    layer, _, columns, _ = read(zipped(tmp_path))
    assert (layer.format, layer.srid, layer.encoding) == ("Shapefile", 5899, "utf-8")
    assert columns["ten"][0] == "Phường Hải Hòa"


def test_shapefile_without_prj_declares_nothing(tmp_path, frame):
    frame.to_file(tmp_path / "lop.shp", encoding="utf-8")
    (tmp_path / "lop.prj").unlink()
    layer, *_ = read(zipped(tmp_path))
    assert (layer.srid, layer.crs_problem) == (None, None)


def test_geojson_is_wgs84(tmp_path, frame):
    frame.to_crs(4326).to_file(tmp_path / "lop.geojson")
    layer, shapes, columns, _ = read(tmp_path / "lop.geojson")
    assert (layer.format, layer.srid, layer.count) == ("GeoJSON", 4326, 5)
    assert columns["to"] == [5] * 5
    assert 107.9 < shapes[0].bounds[0] < 108


def test_geojson_with_features_before_the_crs_member(tmp_path):
    path = tmp_path / "lop.geojson"
    path.write_text(
        '{"type": "FeatureCollection", "features": [],'
        ' "crs": {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::5899"}}}'
    )
    assert read(path)[0].srid == 5899


def test_a_value_cut_by_the_block_is_read_whole(tmp_path, monkeypatch):
    monkeypatch.setattr(files.jsonlayer.Members, "_more", _by_seven)
    path = tmp_path / "lop.geojson"
    ring = [[107.91, 21.51], [107.92, 21.51], [107.92, 21.52], [107.91, 21.51]]
    feature = {
        "type": "Feature",
        "properties": {"thua": 1234567},
        "geometry": {"type": "Polygon", "coordinates": [ring]},
    }
    path.write_text(json.dumps({"type": "FeatureCollection", "features": [feature] * 3}))
    _, _, columns, _ = read(path)
    assert columns["thua"] == [1234567] * 3


def _by_seven(self):
    block = self._file.read(7)
    self._ended = not block
    self._buffer = self._buffer[self._at :] + block
    self._at = 0
    return bool(block)


def test_esri_json_groups_holes_with_their_ring(tmp_path):
    outer = [[0, 0], [0, 10], [10, 10], [10, 0], [0, 0]]
    hole = [[2, 2], [4, 2], [4, 4], [2, 4], [2, 2]]
    other = [[20, 0], [20, 5], [25, 5], [25, 0], [20, 0]]
    content = {
        "geometryType": "esriGeometryPolygon",
        "spatialReference": {"wkid": 5899},
        "features": [{"attributes": {"to": 1}, "geometry": {"rings": [outer, other, hole]}}],
    }
    path = tmp_path / "lop.json"
    path.write_text(json.dumps(content))
    layer, shapes, columns, problems = read(path)
    assert (layer.format, layer.srid) == ("Esri JSON", 5899)
    assert shapes[0].area == 100 - 4 + 25
    assert columns == {"to": [1]}
    assert problems == []


KML = """<?xml version="1.0" encoding="UTF-8"?>
<kml xmlns="http://www.opengis.net/kml/2.2"><Document><Folder>
<Placemark><name>5/85</name><ExtendedData><SchemaData><SimpleData name="to">5</SimpleData>
</SchemaData><Data name="thua"><value>85</value></Data></ExtendedData>
<Polygon><outerBoundaryIs><LinearRing><coordinates>
107.97,21.53,0 107.98,21.53,0 107.98,21.54,0 107.97,21.53,0
</coordinates></LinearRing></outerBoundaryIs></Polygon></Placemark>
<Placemark><name>điểm</name><Point><coordinates>107.97,21.53</coordinates></Point></Placemark>
</Folder></Document></kml>"""


def test_kml(tmp_path):
    path = tmp_path / "lop.kml"
    path.write_text(KML, encoding="utf-8")
    layer, shapes, columns, problems = read(path, size=10)
    assert (layer.format, layer.srid, layer.count) == ("KML", 4326, 2)
    assert columns["to"][0] == "5"
    assert columns["thua"][0] == "85"
    assert shapes[0].is_valid
    assert [(problem.row, problem.code) for problem in problems] == [(2, "not_polygon")]


def test_several_layers_are_asked_about(tmp_path, frame):
    frame.to_file(tmp_path / "lop.gpkg", layer="thua_dat")
    frame.to_file(tmp_path / "lop.gpkg", layer="nha")
    assert code_of(tmp_path / "lop.gpkg") == "layer_choice"
    assert read(tmp_path / "lop.gpkg", layer="nha")[0].name == "nha"
    assert code_of(tmp_path / "lop.gpkg", layer="khac") == "layer_unknown"


def test_a_shape_that_is_broken_in_the_file_is_said_and_the_others_are_read():
    ring = [(0.0, 0.0), (10.0, 0.0), (10.0, 10.0), (0.0, 10.0)]
    points = b"".join(struct.pack("<dd", *point) for point in ring)
    unclosed = struct.pack("<BIII", 1, 3, 1, len(ring)) + points
    blobs = np.array([shapely.to_wkb(SQUARES[0]), unclosed], dtype=object)
    shapes, problems = files.vector._shapes(blobs, 1)
    assert shapes[0].area == 400
    assert shapes[1] is None
    assert [(problem.row, problem.code) for problem in problems] == [(2, "geometry_unreadable")]


# -- hostile ------------------------------------------------------------------------------------


def hostile_zip(path, members):
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return path


@pytest.mark.parametrize("name", ["../thua.shp", "/etc/thua.shp", "a/../../b.shp", "c:\\x.shp"])
def test_a_zip_that_climbs_out_is_refused(tmp_path, name):
    path = hostile_zip(tmp_path / "x.zip", {name: "x"})
    assert code_of(path) == "zip_unsafe_name"
    assert not (tmp_path.parent / "thua.shp").exists()


def test_a_zip_bomb_is_refused_before_it_bursts(tmp_path):
    path = hostile_zip(tmp_path / "x.zip", {"a.shp": b"\0" * 64 * 1024**2})
    assert path.stat().st_size < 100_000
    assert code_of(path) == "zip_bomb"


def test_a_zip_that_lies_about_a_size_is_refused(tmp_path):
    path = hostile_zip(tmp_path / "x.zip", {"a.geojson": b"x" * 5000})
    data = bytearray(path.read_bytes())
    at = data.index(b"PK\x01\x02") + 24
    data[at : at + 4] = struct.pack("<I", 10)
    path.write_bytes(data)
    assert code_of(path) in {"zip_bomb", "zip_damaged"}


def test_a_zip_of_many_members_is_refused(tmp_path):
    path = hostile_zip(tmp_path / "x.zip", {f"{n}.txt": "" for n in range(1001)})
    assert code_of(path) == "zip_too_many"


def test_a_zip_with_two_layers_is_refused(tmp_path):
    path = hostile_zip(tmp_path / "x.zip", {"a.geojson": "{}", "b.geojson": "{}"})
    assert code_of(path) == "zip_several"


def test_a_link_in_a_zip_is_refused(tmp_path):
    info = zipfile.ZipInfo("a.shp")
    info.external_attr = 0o120777 << 16
    path = tmp_path / "x.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(info, "/etc/passwd")
    assert code_of(path) == "zip_link"


@pytest.mark.parametrize("share", [0.02, 0.3, 0.6, 0.95])
@pytest.mark.parametrize("name", ["lop.gpkg", "lop.geojson", "lop.kml", "lop.zip"])
def test_a_file_cut_short_is_refused(tmp_path, frame, name, share):
    many = geopandas.GeoDataFrame(
        {"to": range(300), "ten": ["x" * 100] * 300}, geometry=[SQUARES[0]] * 300, crs=5899
    )
    path = tmp_path / name
    if name == "lop.kml":
        path.write_text(KML, encoding="utf-8")
    elif name == "lop.zip":
        many.to_file(tmp_path / "lop.shp")
        path = zipped(tmp_path)
    else:
        (many.to_crs(4326) if name == "lop.geojson" else many).to_file(path)
    whole = path.read_bytes()
    path.write_bytes(whole[: int(len(whole) * share)])
    assert code_of(path) in {"unreadable", "truncated", "zip_damaged", "json_broken"}


@pytest.mark.parametrize("suffix", [".shp", ".shx", ".dbf"])
def test_a_shapefile_with_a_short_part_is_refused(tmp_path, frame, suffix):
    frame.to_file(tmp_path / "lop.shp")
    part = tmp_path / f"lop{suffix}"
    part.write_bytes(part.read_bytes()[:-20])
    assert code_of(zipped(tmp_path)) in {"truncated", "shapefile_damaged"}


def test_a_shapefile_without_its_table_is_refused(tmp_path, frame):
    frame.to_file(tmp_path / "lop.shp")
    (tmp_path / "lop.dbf").unlink()
    assert code_of(zipped(tmp_path)) == "shapefile_incomplete"


def test_two_gigabytes_of_nothing_are_refused_at_once(tmp_path):
    path = tmp_path / "lop.gpkg"
    with path.open("wb") as file:
        file.truncate(2 * 1024**3)
    assert code_of(path) == "unknown_format"


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "file_empty"),
        ("xin chào", "unknown_format"),
        ("[1, 2]", "json_not_object"),
        ("{" * 100_000, "json_broken"),
        ('{"features": ' + "[" * 100_000, "json_too_deep"),
        ('{"type": "FeatureCollection", "features": [NaN]}', "json_broken"),
        ('{"type": "FeatureCollection", "features": []} còn nữa', "json_broken"),
        ('{"type": "FeatureCollection", "features": [', "truncated"),
        (
            '{"type": "FeatureCollection", "features": [{"id": 1' + "0" * 5000 + "}]}",
            "json_broken",
        ),
        ('{"type": "Topology"}', "geojson_type"),
        ("<html></html>", "not_kml"),
        ("<kml><Placemark>", "truncated"),
        ("<kml><a></b></kml>", "xml_broken"),
        ('<!DOCTYPE k [<!ENTITY a "b">]><kml>&a;</kml>', "xml_entities"),
        ("<kml>" + "<a>" * 1000, "xml_too_deep"),
        ("SQLite format 3\0", "unreadable"),
    ],
)
def test_nonsense_is_refused_with_a_code(tmp_path, text, code):
    path = tmp_path / "tệp lạ.dat"
    path.write_text(text, encoding="utf-8")
    assert code_of(path) == code


def test_bytes_that_are_no_utf8_are_refused(tmp_path):
    path = tmp_path / "lop.geojson"
    path.write_bytes(b'{"type": "FeatureCollection", "features": [{"a": "\xff"}]}')
    assert code_of(path) == "bad_text"


def test_one_endless_value_is_refused_in_bounded_memory(tmp_path, monkeypatch):
    monkeypatch.setattr("geo.files.jsonstream.MAX_VALUE", 1024**2)
    path = tmp_path / "lop.geojson"
    path.write_text('{"features": ["' + "a" * 4 * 1024**2)
    assert code_of(path) == "json_too_big"


def test_the_tcvn3_shapefile_is_recognised_and_its_crs_is_missing():
    path = SHARED / "parcels/thua_dat_tcvn3_khong_prj.zip"
    if not path.exists():
        pytest.skip("needs ../shared/data, which is not here")
    layer, _, columns, _ = read(path, size=1000)
    assert (layer.srid, layer.encoding, layer.encoding_guessed) == (None, "tcvn3", True)
    assert columns["chu_sd"][0] == "Lê Văn Đạo (minh họa 001)"
